import { Fault } from "core/fault";
import type { Serial } from "core/io";

/**
 * A bounded queue in front of a serial port whose FIFO takes a few bytes at a time.
 * The owner forwards the port's `onWritable` to `writable`.
 */
export class SerialWriter {
	readonly #byteLimit: number;
	#parts: Uint8Array[] = [];
	#offset = 0;
	#pending = 0;
	#room = 0;

	/** @param byteLimit most bytes that may wait here */
	constructor(byteLimit: number) {
		this.#byteLimit = byteLimit;
	}

	/** Bytes that wait. */
	get pending(): number {
		return this.#pending;
	}

	/**
	 * Queues all of `bytes` and writes what fits now.
	 * @throws Fault "io.busy" when more than the limit would wait; then nothing is taken
	 */
	push(serial: Serial, bytes: Uint8Array): void {
		if (this.#pending + bytes.length > this.#byteLimit)
			throw new Fault("io.busy", this.#pending, this.#byteLimit);
		if (bytes.length === 0) return;
		this.#parts.push(bytes);
		this.#pending += bytes.length;
		this.#flush(serial);
	}

	/** The port says that `count` bytes can be written now. */
	writable(serial: Serial, count: number): void {
		this.#room = count;
		this.#flush(serial);
	}

	/** Forgets what waits, for a device that was reset. */
	clear(): void {
		this.#parts = [];
		this.#offset = 0;
		this.#pending = 0;
	}

	#flush(serial: Serial): void {
		while (this.#room > 0) {
			const part = this.#parts[0];
			if (part === undefined) return;
			const end = Math.min(part.length, this.#offset + this.#room);
			if (!took(serial, part.subarray(this.#offset, end))) {
				// The port has less room than it said: wait for its next word.
				this.#room = 0;
				return;
			}
			const count = end - this.#offset;
			this.#room -= count;
			this.#pending -= count;
			this.#offset = end;
			if (end === part.length) {
				this.#parts.shift();
				this.#offset = 0;
			}
		}
	}
}

function took(serial: Serial, bytes: Uint8Array): boolean {
	try {
		serial.write(bytes);
		return true;
	} catch (error) {
		if (error instanceof Fault && error.code === "io.busy") return false;
		throw error;
	}
}
