import type { TimerId, Timers } from "core/clock";

/** What the link wants to do as soon as nothing is in flight; a higher one replaces a lower one. */
export const Intention = Object.freeze({ None: 0, Keys: 1, Return: 2, SignOff: 3 } as const);
export type Intention = (typeof Intention)[keyof typeof Intention];

export interface IntentionsOptions {
	readonly timers: Timers;
	/** Longest wait for a moment without a request in flight. */
	readonly idleWaitMs: number;
	/** Nothing is in flight. */
	readonly isIdle: () => boolean;
	/** It was waited for long enough: take no more requests. */
	readonly onDrain: () => void;
	/** Nothing is in flight: do it. */
	readonly onDue: (intention: Intention) => void;
}

/** Waits for a moment without a request in flight, and makes one when none comes. */
export class Intentions {
	readonly #options: IntentionsOptions;
	#intention: Intention = Intention.None;
	#timer: TimerId = 0;

	constructor(options: IntentionsOptions) {
		this.#options = options;
	}

	get current(): Intention {
		return this.#intention;
	}

	/** From now on the link wants this; a sign-off does not wait for a moment, it makes one. */
	want(intention: Intention): void {
		if (intention <= this.#intention) return;
		const { timers, idleWaitMs, onDrain } = this.#options;
		this.forget();
		this.#intention = intention;
		const waitMs = intention === Intention.SignOff ? 0 : idleWaitMs;
		this.#timer = timers.set(() => {
			if (!this.#options.isIdle()) onDrain();
		}, waitMs);
		this.look();
	}

	/** A request is over, or may be: is this the moment? */
	look(): void {
		const intention = this.#intention;
		if (intention === Intention.None || !this.#options.isIdle()) return;
		this.forget();
		this.#options.onDue(intention);
	}

	forget(): void {
		this.#options.timers.clear(this.#timer);
		this.#intention = Intention.None;
	}
}
