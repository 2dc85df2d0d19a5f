const dayMs = 86_400_000;
const firstRetryMs = 1_000;
const lastRetryMs = 30_000;
const firstSpacingMs = 60_000;
const lastSpacingMs = 1_800_000;

/** Restarts a day that the module's flash is said to bear (EC200U hardware notes). */
export const resetsPerDay = 30;

/**
 * How soon to try again, and whether with a restart of the module. Trying again is cheap and soon, so that a network
 * that heals is found; a restart wears the module out, so restarts come exponentially later while nothing gets
 * better, and at most `resetsPerDay` within 24 hours.
 */
export class ResetBudget {
	readonly #resets: number[] = [];
	#failures = 0;
	#idleResets = 0;

	/** Notes a failure. @returns how long to wait before the next try, 1 to 30 s */
	retryDelayMs(): number {
		const delayMs = Math.min(lastRetryMs, firstRetryMs * 2 ** Math.min(this.#failures, 10));
		this.#failures++;
		return delayMs;
	}

	/** The modem worked for a while: the next failure is a first one. */
	succeeded(): void {
		this.#failures = 0;
		this.#idleResets = 0;
	}

	/** Takes one restart out of the budget. @returns false when it is too soon or none is left today */
	take(nowMs: number): boolean {
		while (this.#resets.length > 0 && nowMs - this.#resets[0]! >= dayMs) this.#resets.shift();
		if (this.#resets.length >= resetsPerDay) return false;
		const last = this.#resets[this.#resets.length - 1];
		if (last !== undefined && this.#idleResets > 0) {
			const spacingMs = firstSpacingMs * 2 ** Math.min(this.#idleResets - 1, 10);
			if (nowMs - last < Math.min(lastSpacingMs, spacingMs)) return false;
		}
		this.#resets.push(nowMs);
		this.#idleResets++;
		return true;
	}
}
