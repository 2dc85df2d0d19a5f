import type { Clock, TimerId, Timers } from "core/clock";
import { LogCode, type Log } from "core/log";
import type { Channel } from "host/channel";
import { matchFields, type Expected } from "host/matching";
import type { NetworkCode, ServiceMessages } from "host/service-messages";
import type { MessageReader } from "message/reader";

export interface QuestionOptions {
	readonly clock: Clock;
	readonly timers: Timers;
	readonly log: Log;
	readonly messages: ServiceMessages;
	readonly reader: MessageReader;
	readonly nextStan: () => number;
	readonly nextAttempt: () => number;
	readonly batch: () => number;
}

/** One 0820 at a time and its 0830: does the host answer? */
export class Question {
	readonly #options: QuestionOptions;
	#channel: Channel | undefined;
	#attempt = 0;
	#expected: Expected | undefined;
	#done: ((answered: boolean) => void) | undefined;
	#timer: TimerId = 0;

	constructor(options: QuestionOptions) {
		this.#options = options;
	}

	get asking(): boolean {
		return this.#done !== undefined;
	}

	/**
	 * Asks over a channel; one that is being asked is forgotten. `done` is called once, never from inside: false after
	 * `timeoutMs`, or sooner when no answer can come.
	 */
	ask(
		channel: Channel,
		code: NetworkCode,
		timeoutMs: number,
		done: (answered: boolean) => void,
	): void {
		this.stop();
		this.#done = done;
		// What could not be sent waits as long: the next try is then not in vain.
		this.#send(channel, code);
		this.#timer = this.#options.timers.set(() => this.#finish(false), timeoutMs);
	}

	stop(): void {
		this.#options.timers.clear(this.#timer);
		if (this.#attempt > 0) this.#channel?.over(this.#attempt);
		this.#channel = undefined;
		this.#attempt = 0;
		this.#done = undefined;
	}

	/** @returns false when no question of this attempt waits on this channel */
	reply(channel: Channel, attempt: number, payload: Uint8Array): boolean {
		if (!this.#waits(channel, attempt) || this.#expected === undefined) return false;
		const { reader, log } = this.#options;
		const match = matchFields(reader, payload, this.#expected);
		if (match === "match") this.#finish(true);
		else {
			const foreign = match.kind === "foreign";
			log.event(foreign ? LogCode.ForeignReply : LogCode.BadMessage, attempt, match.field);
		}
		return true;
	}

	/** No answer to this attempt can come. @returns as `reply` */
	lost(channel: Channel, attempt: number): boolean {
		if (!this.#waits(channel, attempt)) return false;
		this.#finish(false);
		return true;
	}

	#waits(channel: Channel, attempt: number): boolean {
		return this.#attempt > 0 && channel === this.#channel && attempt === this.#attempt;
	}

	#send(channel: Channel, code: NetworkCode): void {
		const { clock, messages, nextStan, nextAttempt, batch } = this.#options;
		const nowMs = clock.wallMs();
		if (nowMs === undefined) return;
		try {
			const stan = nextStan();
			const attempt = nextAttempt();
			if (!channel.send(attempt, messages.network(code, stan, batch(), nowMs), 0)) return;
			this.#attempt = attempt;
			this.#channel = channel;
			this.#expected = messages.networkReply(stan, batch());
		} catch {
			// Flash that gives no number: as if nobody had answered.
		}
	}

	#finish(answered: boolean): void {
		const done = this.#done;
		this.stop();
		done?.(answered);
	}
}
