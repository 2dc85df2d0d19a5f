/** Netstrings ("LEN:BYTES,"), the frames between Node and the engine. */

/** One frame around the joined parts. */
export function encodeNetstring(...parts: readonly Uint8Array[]): Uint8Array {
	const length = parts.reduce((sum, part) => sum + part.length, 0);
	return Buffer.concat([Buffer.from(`${length}:`), ...parts, Buffer.from(",")]);
}

/** Cuts a byte stream into frames. */
export class NetstringReader {
	#rest: Buffer = Buffer.alloc(0);

	/**
	 * @returns the frames that `bytes` completes
	 * @throws Error when the stream is not netstrings
	 */
	push(bytes: Buffer): Buffer[] {
		this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
		const frames: Buffer[] = [];
		for (;;) {
			const colon = this.#rest.subarray(0, 10).indexOf(0x3a);
			if (colon < 0) {
				if (this.#rest.length >= 10) throw new Error("engine: no netstring");
				return frames;
			}
			const length = Number(this.#rest.toString("latin1", 0, colon));
			if (!Number.isInteger(length)) throw new Error("engine: bad netstring length");
			const end = colon + 1 + length;
			if (this.#rest.length <= end) return frames;
			if (this.#rest[end] !== 0x2c) throw new Error("engine: bad netstring end");
			frames.push(this.#rest.subarray(colon + 1, end));
			this.#rest = this.#rest.subarray(end + 1);
		}
	}
}
