import type { TimerId, Timers } from "core/clock";
import type { Channel } from "host/channel";
import type { HostOutcome } from "host/exchange";
import type { Expected } from "host/matching";

/** A request that may have left and has no outcome yet. */
export interface Attempt {
	readonly number: number;
	/** The one way over which its reply can come. */
	readonly channel: Channel;
	readonly expected: Expected;
	/** MAC key that the request was signed with. */
	readonly mak: Uint8Array;
	readonly done: (outcome: HostOutcome) => void;
}

export const noReply: HostOutcome = Object.freeze({ kind: "no-reply" });

/** The attempts that are open. Each gets exactly one outcome. */
export class Attempts {
	readonly #timers: Timers;
	readonly #onSettled: (byDeadline: boolean) => void;
	#open: { readonly attempt: Attempt; readonly timer: TimerId }[] = [];

	/** @param onSettled an attempt has its outcome, and whoever waited for it was told */
	constructor(timers: Timers, onSettled: (byDeadline: boolean) => void) {
		this.#timers = timers;
		this.#onSettled = onSettled;
	}

	get size(): number {
		return this.#open.length;
	}

	/** The open attempt of this number that waits on this channel. */
	find(channel: Channel, number: number): Attempt | undefined {
		const isIt = ({ attempt }: { attempt: Attempt }): boolean =>
			attempt.number === number && attempt.channel === channel;
		return this.#open.find(isIt)?.attempt;
	}

	/** Opens an attempt; after `timeoutMs` it has no reply. */
	add(attempt: Attempt, timeoutMs: number): void {
		const timer = this.#timers.set(() => this.settle(attempt, noReply, true), timeoutMs);
		this.#open.push({ attempt, timer });
	}

	/** Closes an attempt with its outcome; one that is closed already is left alone. */
	settle(attempt: Attempt, outcome: HostOutcome, byDeadline = false): void {
		const index = this.#open.findIndex((entry) => entry.attempt === attempt);
		const entry = this.#open[index];
		if (entry === undefined) return;
		this.#open.splice(index, 1);
		this.#timers.clear(entry.timer);
		attempt.channel.over(attempt.number);
		attempt.done(outcome);
		this.#onSettled(byDeadline);
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
