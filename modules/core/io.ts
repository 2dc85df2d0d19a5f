/**
 * The two IO classes that drivers and the host link are given, in the words of ECMA-419 (sections 9 and 12).
 * Callbacks come in through the options, are captured at construction and never called from inside a method.
 */

/** Options of a serial port. Unknown members (pins, device names) belong to the platform and pass through. */
export interface SerialOptions {
	/** Bits per second, 8N1. */
	readonly baud: number;
	/** At least `count` bytes can be read. */
	readonly onReadable?: (count: number) => void;
	/** `count` bytes can be written now. Called once after opening as well. */
	readonly onWritable?: (count: number) => void;
	/** The port is gone; only `close` remains. */
	readonly onError?: () => void;
}

export interface Serial {
	/** All bytes that are there, or undefined. Bytes that were overrun in the FIFO are silently missing. */
	read(): Uint8Array | undefined;
	/** Writes all of `bytes` or throws Fault "io.busy" and writes nothing. See `onWritable` for the room. */
	write(bytes: Uint8Array): void;
	/** Twice is fine. */
	close(): void;
}

export type SerialConstructor = new (options: SerialOptions) => Serial;

/** How a driver is told about its port: the class and its fixed options, `new port.io({...port, ...callbacks})`. */
export interface SerialPort {
	readonly io: SerialConstructor;
	readonly baud: number;
}

/** What the far end of a connection has to prove before a byte of the owner leaves: TLS 1.2. */
export interface SocketTls {
	/**
	 * One or two certificates (core/certificate): the server's chain must end in one of them, for the host name that
	 * is connected to. Two while the acquirer changes from one to the next; the order does not matter.
	 */
	readonly pins: readonly string[];
}

export const pinLimit = 2;

/** Options of a TCP client socket. The modem, Wi-Fi and the simulators offer the same class. */
export interface SocketOptions {
	/** Host name or address; the carrier resolves it. */
	readonly host: string;
	/** 1 to 65535. */
	readonly port: number;
	/**
	 * TLS with pinned certificates; in clear when absent. A class that has no TLS throws Fault "io.tls", and never
	 * connects in clear. The first `onWritable` then means that the far end has proved itself.
	 */
	readonly tls?: SocketTls | undefined;
	readonly onReadable?: (count: number) => void;
	/** First call: the connection is open. `count` bytes can be written now. */
	readonly onWritable?: (count: number) => void;
	/** The connection failed or ended, after all received data was delivered; only `close` remains. */
	readonly onError?: () => void;
}

export interface Socket {
	/** At most `byteLength` bytes (all that are there when absent), or undefined when there are none. */
	read(byteLength?: number): Uint8Array | undefined;
	/**
	 * Hands over all of `bytes` (from here on they may have left) or throws Fault "io.busy" and takes nothing.
	 * @returns bytes that can still be written
	 */
	write(bytes: Uint8Array): number;
	/** Twice is fine. */
	close(): void;
}

export type SocketConstructor = new (options: SocketOptions) => Socket;
