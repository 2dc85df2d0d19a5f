import { Fault } from "core/fault";

/** Writes fixed-width big-endian numbers and short fields into a buffer of given size. */
export class ByteWriter {
	readonly #bytes: Uint8Array;
	#at = 0;

	/** @param byteLimit size of the buffer; writing beyond it is a bug */
	constructor(byteLimit: number) {
		this.#bytes = new Uint8Array(byteLimit);
	}

	/** @param width bytes, 1 to 6 @param value 0 to 2^(8*width)-1 */
	uint(value: number, width: number): this {
		if (this.#at + width > this.#bytes.length) throw new Fault("bug", 1, this.#at);
		let rest = value;
		for (let i = width - 1; i >= 0; i--) {
			this.#bytes[this.#at + i] = rest % 256;
			rest = Math.floor(rest / 256);
		}
		this.#at += width;
		return this;
	}

	/** Length in one byte, then the bytes (at most 255). */
	block(bytes: Uint8Array): this {
		if (bytes.length > 255 || this.#at + 1 + bytes.length > this.#bytes.length)
			throw new Fault("bug", 2, bytes.length);
		this.#bytes[this.#at] = bytes.length;
		this.#bytes.set(bytes, this.#at + 1);
		this.#at += 1 + bytes.length;
		return this;
	}

	/** What was written, as a new array. */
	done(): Uint8Array {
		return this.#bytes.slice(0, this.#at);
	}
}

/** Reads what ByteWriter wrote. Past the end numbers are 0, blocks empty, and `short` becomes true. */
export class ByteReader {
	readonly #bytes: Uint8Array;
	#at = 0;
	#short = false;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	/** Something was asked for that is not there. */
	get short(): boolean {
		return this.#short;
	}

	/** Everything was read: what later versions append is not there. */
	get over(): boolean {
		return this.#at >= this.#bytes.length;
	}

	uint(width: number): number {
		if (this.#at + width > this.#bytes.length) {
			this.#short = true;
			return 0;
		}
		let value = 0;
		for (let i = 0; i < width; i++) value = value * 256 + this.#bytes[this.#at + i]!;
		this.#at += width;
		return value;
	}

	block(): Uint8Array {
		const length = this.uint(1);
		if (this.#at + length > this.#bytes.length) {
			this.#short = true;
			return new Uint8Array(0);
		}
		const bytes = this.#bytes.slice(this.#at, this.#at + length);
		this.#at += length;
		return bytes;
	}
}
