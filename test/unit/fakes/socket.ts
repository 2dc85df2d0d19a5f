import { Fault } from "core/fault";
import type { Socket, SocketConstructor, SocketOptions } from "core/io";

/** A socket whose far end is the test. Nothing happens until the test says so. */
export class FakeSocket implements Socket {
	readonly options: SocketOptions;
	/** Every write as it came. */
	readonly writes: Uint8Array[] = [];
	closed = false;
	/** Bytes that still fit. */
	room = 4096;
	/** Thrown by the next write in place of taking anything. */
	failure: Error | undefined;
	#incoming: Uint8Array[] = [];

	constructor(options: SocketOptions) {
		this.options = options;
	}

	read(byteLength?: number): Uint8Array | undefined {
		const first = this.#incoming[0];
		if (first === undefined) return undefined;
		if (byteLength === undefined || byteLength >= first.length) {
			this.#incoming.shift();
			return first;
		}
		this.#incoming[0] = first.subarray(byteLength);
		return first.subarray(0, byteLength);
	}

	write(bytes: Uint8Array): number {
		if (this.closed) throw new Fault("io.closed");
		if (this.failure !== undefined) throw this.failure;
		if (bytes.length > this.room) throw new Fault("io.busy", this.room, bytes.length);
		this.room -= bytes.length;
		this.writes.push(bytes);
		return this.room;
	}

	close(): void {
		this.closed = true;
	}

	/** The connection opens, or room comes back. */
	writable(room = 4096): void {
		this.room = room;
		this.options.onWritable?.(room);
	}

	/** Bytes arrive, each array as one chunk. */
	receive(...chunks: readonly Uint8Array[]): void {
		this.#incoming.push(...chunks);
		let count = 0;
		for (const chunk of chunks) count += chunk.length;
		this.options.onReadable?.(count);
	}

	/** Bytes arrive one by one. */
	receiveSlowly(bytes: Uint8Array): void {
		for (const byte of bytes) this.receive(Uint8Array.of(byte));
	}

	/** The connection fails or ends. */
	fail(): void {
		this.options.onError?.();
	}

	/** Takes what was written since the last call. */
	take(): Uint8Array[] {
		return this.writes.splice(0);
	}
}

/** A socket class and the sockets that were made of it, newest last. */
export interface FakeSockets {
	readonly Socket: SocketConstructor;
	readonly made: FakeSocket[];
	readonly last: FakeSocket;
}

export function fakeSockets(): FakeSockets {
	const made: FakeSocket[] = [];
	class Made extends FakeSocket {
		constructor(options: SocketOptions) {
			super(options);
			made.push(this);
		}
	}
	return {
		Socket: Made,
		made,
		get last() {
			const socket = made[made.length - 1];
			if (socket === undefined) throw new Error("no socket was made");
			return socket;
		},
	};
}
