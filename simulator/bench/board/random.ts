import { createHash } from "node:crypto";

/** Repeatable random numbers (sfc32). Streams of different names are independent of each other. */
export class Random {
	#a: number;
	#b: number;
	#c: number;
	#count = 1;

	/** Same seed and same name: same numbers. */
	constructor(seed: number, stream: string) {
		const digest = createHash("sha256").update(`${seed}/${stream}`).digest();
		this.#a = digest.readInt32LE(0);
		this.#b = digest.readInt32LE(4);
		this.#c = digest.readInt32LE(8);
	}

	/** An unsigned 32-bit number. */
	next(): number {
		const sum = (this.#a + this.#b + this.#count) | 0;
		this.#count = (this.#count + 1) | 0;
		this.#a = this.#b ^ (this.#b >>> 9);
		this.#b = (this.#c + (this.#c << 3)) | 0;
		this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
		return sum >>> 0;
	}

	/** An integer in [0, limit). */
	below(limit: number): number {
		return Math.floor((this.next() / 2 ** 32) * limit);
	}

	/** In [0, 1). */
	fraction(): number {
		return this.next() / 2 ** 32;
	}

	bytes(length: number): Uint8Array {
		return Uint8Array.from({ length }, () => this.next() >>> 24);
	}
}
