import { randomBelow, type Entropy } from "core/entropy";

/** Exponential backoff with full jitter: each wait is uniform from 0 to base, 2 base, 4 base … cap. */
export class Backoff {
	readonly #entropy: Entropy;
	readonly #baseMs: number;
	readonly #capMs: number;
	#limitMs: number;

	/** @param capMs largest wait, at least `baseMs` */
	constructor(entropy: Entropy, baseMs: number, capMs: number) {
		this.#entropy = entropy;
		this.#baseMs = baseMs;
		this.#capMs = capMs;
		this.#limitMs = baseMs;
	}

	/** @returns the next wait in ms */
	next(): number {
		const limitMs = this.#limitMs;
		this.#limitMs = Math.min(2 * limitMs, this.#capMs);
		return randomBelow(this.#entropy, limitMs + 1);
	}

	/** A wait for what will not heal by itself soon: one to two caps, and the steps go on from the cap. */
	slow(): number {
		this.#limitMs = this.#capMs;
		return this.#capMs + randomBelow(this.#entropy, this.#capMs + 1);
	}

	reset(): void {
		this.#limitMs = this.#baseMs;
	}
}
