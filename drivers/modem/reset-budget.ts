const dayMs = 86_400_000;
const firstDelayMs = 1_000;
const lastDelayMs = 1_800_000;

/** Restarts a day that the module's flash is said to bear (EC200U hardware notes). */
export const resetsPerDay = 30;

/**
 * How soon and how often the module may be restarted: exponentially later while nothing gets better, and at
 * most `resetsPerDay` times within 24 hours.
 */
export class ResetBudget {
	readonly #resets: number[] = [];
	#failures = 0;

	/** Notes a failure. @returns how long to wait before the next try, 1 s to 30 min */
	nextDelayMs(): number {
		const delayMs = Math.min(lastDelayMs, firstDelayMs * 2 ** Math.min(this.#failures, 20));
		this.#failures++;
		return delayMs;
	}

	/** The module worked for a while: the next failure is a first one. */
	succeeded(): void {
		this.#failures = 0;
	}

	/** Takes one restart out of the budget. @returns false when none is left today */
	take(nowMs: number): boolean {
		while (this.#resets.length > 0 && nowMs - this.#resets[0]! >= dayMs) this.#resets.shift();
		if (this.#resets.length >= resetsPerDay) return false;
		this.#resets.push(nowMs);
		return true;
	}
}
