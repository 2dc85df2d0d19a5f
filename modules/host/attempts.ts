import type { TimerId, Timers } from "core/clock";
import type { HostOutcome } from "host/exchange";
import type { Expected } from "host/matching";

/** A request that may have left and has no outcome yet. */
export interface Attempt {
	readonly number: number;
	readonly expected: Expected;
	/** MAC key that the request was signed with. */
	readonly mak: Uint8Array;
	readonly done: (outcome: HostOutcome) => void;
}

const noReply: HostOutcome = Object.freeze({ kind: "no-reply" });

/** The attempts that are open. Each gets exactly one outcome. */
export class Attempts {
	readonly #timers: Timers;
	#open: { readonly attempt: Attempt; readonly timer: TimerId }[] = [];

	constructor(timers: Timers) {
		this.#timers = timers;
	}

	get size(): number {
		return this.#open.length;
	}

	find(number: number): Attempt | undefined {
		return this.#open.find(({ attempt }) => attempt.number === number)?.attempt;
	}

	/** Opens an attempt; after `timeoutMs` it has no reply. */
	add(attempt: Attempt, timeoutMs: number): void {
		const timer = this.#timers.set(() => this.settle(attempt, noReply), timeoutMs);
		this.#open.push({ attempt, timer });
	}

	/** Closes an attempt with its outcome; one that is closed already is left alone. */
	settle(attempt: Attempt, outcome: HostOutcome): void {
		const index = this.#open.findIndex((entry) => entry.attempt === attempt);
		const entry = this.#open[index];
		if (entry === undefined) return;
		this.#open.splice(index, 1);
		this.#timers.clear(entry.timer);
		attempt.done(outcome);
	}

	/** The connection is gone: no reply will come for any. Outcomes follow on a timer, in order. */
	abandonAll(): void {
		for (const { attempt, timer } of this.#open) {
			this.#timers.clear(timer);
			this.#timers.set(() => attempt.done(noReply), 0);
		}
		this.#open = [];
	}
}
