/** Answers on their way out: now, or when their time has come. */
import type { AcquirerClock } from "./options";

/** Most answers that wait for their time. */
const waitingMax = 1000;

export class Outbox {
	readonly #clock: AcquirerClock;
	readonly #waiting = new Set<() => void>();

	constructor(clock: AcquirerClock) {
		this.#clock = clock;
	}

	/** @returns false when too many wait: then it is never sent */
	send(delayMs: number, send: () => void): boolean {
		if (delayMs === 0) {
			send();
			return true;
		}
		if (this.#waiting.size >= waitingMax) return false;
		const cancel = this.#clock.after(delayMs, () => {
			this.#waiting.delete(cancel);
			send();
		});
		this.#waiting.add(cancel);
		return true;
	}

	/** What waits is never sent. */
	clear(): void {
		for (const cancel of this.#waiting) cancel();
		this.#waiting.clear();
	}
}
