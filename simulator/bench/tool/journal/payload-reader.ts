/** Bytes of a payload from first to last; numbers are big-endian. */

export class ShortPayload extends Error {}

export class PayloadReader {
	readonly #bytes: Buffer;
	#at = 0;

	constructor(bytes: Buffer) {
		this.#bytes = bytes;
	}

	/** @param size bytes, 1 to 6 */
	number(size: number): number {
		return this.#take(size).readUIntBE(0, size);
	}

	block(): Buffer {
		return this.#take(this.number(1));
	}

	/** Printable ASCII; anything else becomes "?". */
	text(): string {
		return this.block()
			.toString("latin1")
			.replace(/[^ -~]/g, "?");
	}

	get over(): boolean {
		return this.#at === this.#bytes.length;
	}

	#take(size: number): Buffer {
		if (this.#at + size > this.#bytes.length) throw new ShortPayload();
		this.#at += size;
		return this.#bytes.subarray(this.#at - size, this.#at);
	}
}
