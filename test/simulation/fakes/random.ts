/** A small seeded generator (xorshift128 with a splitmix start): the same numbers on every engine. */
export class Random {
	#a: number;
	#b: number;
	#c: number;
	#d: number;

	/** @param seed any integer */
	constructor(seed: number) {
		let state = seed | 0;
		const part = (): number => {
			state = (state + 0x9e3779b9) | 0;
			let z = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
			z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
			return z ^ (z >>> 16);
		};
		this.#a = part();
		this.#b = part();
		this.#c = part();
		this.#d = part() | 1;
	}

	/** Unsigned 32 bits. */
	word(): number {
		let t = this.#d;
		const s = this.#a;
		this.#d = this.#c;
		this.#c = this.#b;
		this.#b = s;
		t ^= t << 11;
		t ^= t >>> 8;
		this.#a = t ^ s ^ (s >>> 19);
		return this.#a >>> 0;
	}

	/** 0 to limit - 1. */
	below(limit: number): number {
		return this.word() % limit;
	}

	byte(): number {
		return this.word() >>> 24;
	}

	/** True once in `n`. */
	oneIn(n: number): boolean {
		return this.below(n) === 0;
	}

	fill(target: Uint8Array): Uint8Array {
		for (let i = 0; i < target.length; i++) target[i] = this.byte();
		return target;
	}
}
