/**
 * What the platforms on the Moddable SDK use of it, as its sources behave: its own typings lack some of it.
 * Only for the type check without the SDK; mcconfig takes the SDK's typings.
 */
declare module "timer" {
	class Timer {
		private constructor();
		static set(callback: (timer: Timer) => void, delayMs?: number): Timer;
		static clear(timer: Timer | undefined | null): void;
		private brand: boolean;
	}
	export default Timer;
}

declare module "time" {
	const Time: {
		/** Milliseconds that wrap around at 32 bits. */
		readonly ticks: number;
		delta(start: number, end?: number): number;
	};
	export default Time;
}

declare module "crypt" {
	/** BlockCipher and the others are there, but not in the SDK's typings: sdk/native-ciphers.ts declares them. */
	export class Digest {
		private brand: boolean;
	}
}

declare module "mc/config" {
	const config: Record<string, unknown>;
	export default config;
}

declare module "embedded:io/serial" {
	class Serial {
		constructor(options: {
			receive: number;
			transmit: number;
			port: number;
			baud: number;
			format?: "buffer";
			onReadable?: (count: number) => void;
			onWritable?: (count: number) => void;
		});
		read(): number | ArrayBuffer | undefined;
		write(bytes: Uint8Array): void;
		close(): void;
	}
	export default Serial;
}

declare module "embedded:io/socket/tcp" {
	class TCP {
		constructor(options: {
			address: string;
			port: number;
			nodelay?: boolean;
			onReadable?: (count: number) => void;
			onWritable?: (count: number) => void;
			onError?: () => void;
		});
		read(): number | ArrayBuffer;
		write(bytes: Uint8Array): void;
		close(): void;
	}
	export default TCP;
}

declare module "embedded:storage/flash" {
	class Flash {
		private constructor();
		read(target: Uint8Array, byteOffset: number): number;
		write(source: Uint8Array, byteOffset: number): void;
		eraseBlock(start: number, end?: number): void;
		status(): { readonly size: number; readonly blockLength: number };
	}
	const storage: { open(options: { path: string; mode?: "r" | "r+" }): Flash };
	export type { Flash };
	export default storage;
}

declare module "embedded:storage/key-value" {
	class Storage {
		private constructor();
		read(key: string): ArrayBuffer | string | number | bigint;
		write(key: string, value: Uint8Array): void;
	}
	const storage: { open(options: { path: string; format?: "buffer" }): Storage };
	export type { Storage };
	export default storage;
}

declare module "embedded:storage/files" {
	export class File {
		close(): void;
		read(target: Uint8Array, position: number): number;
		write(source: Uint8Array, position: number): void;
		status(): { readonly size: number };
		setSize(length: number): void;
		flush(): void;
	}
	export class Directory {
		openFile(options: { path: string; mode?: "r" | "r+" | "w" | "w+" }): File;
		openDirectory(options: { path: string }): Directory;
		move(from: string, to: string): void;
		status(path: string): { readonly mode: number };
		createDirectory(path: string): boolean;
	}
}
