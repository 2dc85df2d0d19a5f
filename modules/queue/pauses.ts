import type { Clock } from "core/clock";
import type { Entropy } from "core/entropy";
import { backoffMs } from "queue/backoff";

/** When each transaction may be sent again. In memory only: it steers the pause, never the fate. */
export class Pauses {
	readonly #clock: Clock;
	readonly #entropy: Entropy;
	readonly #notBeforeMs = new Map<number, number>();
	/** Tries since the link came up last, by transaction. */
	readonly #tries = new Map<number, number>();

	constructor(clock: Clock, entropy: Entropy) {
		this.#clock = clock;
		this.#entropy = entropy;
	}

	/** Milliseconds until this transaction may be sent again, 0 when it may be now. */
	pauseMs(number: number): number {
		return Math.max(0, (this.#notBeforeMs.get(number) ?? 0) - this.#clock.ticksMs());
	}

	/** The shortest pause of these that is not over, 0 when there is none. */
	shortestMs(numbers: readonly number[]): number {
		const pauses = numbers.map((number) => this.pauseMs(number)).filter((ms) => ms > 0);
		return pauses.length === 0 ? 0 : Math.min(...pauses);
	}

	/** The same again later: the pause grows from try to try, with full jitter. */
	again(number: number): void {
		const tries = (this.#tries.get(number) ?? 0) + 1;
		this.#tries.set(number, tries);
		this.#notBeforeMs.set(number, this.#clock.ticksMs() + backoffMs(tries, this.#entropy));
	}

	/** Not before these ticks either. */
	atLeastUntil(number: number, ticksMs: number): void {
		this.#notBeforeMs.set(number, Math.max(this.#notBeforeMs.get(number) ?? 0, ticksMs));
	}

	/** The link came up: pauses are over, for a connect failure used up no attempt. */
	clear(): void {
		this.#notBeforeMs.clear();
	}

	/** The case is over. */
	forget(number: number): void {
		this.#notBeforeMs.delete(number);
		this.#tries.delete(number);
	}
}
