import type { Entropy } from "core/entropy";

/** Bytes of a small generator: the same for the same seed. */
export class FakeEntropy implements Entropy {
	#state: number;

	/** @param seed 1 to 2^31-1 */
	constructor(seed = 1) {
		this.#state = seed;
	}

	fill(target: Uint8Array): void {
		for (let i = 0; i < target.length; i++) {
			this.#state = (Math.imul(this.#state, 1_103_515_245) + 12_345) & 0x7fffffff;
			target[i] = this.#state >> 16;
		}
	}
}
