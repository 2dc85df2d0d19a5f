import type { Clock, TimerId, Timers } from "core/clock";
import type { Channel } from "host/channel";
import { NetworkCode, noticeMti, type ServiceMessages } from "host/service-messages";
import type { MessageReader } from "message/reader";

export interface PollOptions {
	readonly clock: Clock;
	readonly timers: Timers;
	readonly messages: ServiceMessages;
	readonly reader: MessageReader;
	readonly nextStan: () => number;
	readonly nextAttempt: () => number;
	readonly batch: () => number;
	/** Between polls. */
	readonly pollMs: number;
	/** Silence that ends a poll. */
	readonly timeoutMs: number;
	/** @returns the answer to a notice, undefined where none is due */
	readonly onNotice: (payload: Uint8Array) => Uint8Array | undefined;
}

/** Notices that one connection may bring. */
const noticeLimit = 8;

/** Fetches notices over the backup channel, where the host cannot begin to speak: 0820 with 900. */
export class Poll {
	readonly #options: PollOptions;
	#channel: Channel | undefined;
	#attempt = 0;
	#count = 0;
	#next: TimerId = 0;
	#deadline: TimerId = 0;

	constructor(options: PollOptions) {
		this.#options = options;
	}

	/** Polls now and from time to time, until `stop`. */
	start(channel: Channel): void {
		this.stop();
		this.#channel = channel;
		this.#next = this.#options.timers.set(() => this.now(), 0);
	}

	stop(): void {
		this.#end();
		this.#options.timers.clear(this.#next);
		this.#channel = undefined;
	}

	/** Polls now, unless it does so already. */
	now(): void {
		const { timers, clock, messages, nextStan, nextAttempt, batch, pollMs } = this.#options;
		const nowMs = clock.wallMs();
		if (this.#channel === undefined || this.#attempt > 0) return;
		timers.clear(this.#next);
		this.#next = timers.set(() => this.now(), pollMs);
		if (nowMs === undefined) return;
		try {
			const message = messages.network(NetworkCode.Poll, nextStan(), batch(), nowMs);
			const attempt = nextAttempt();
			if (!this.#channel.send(attempt, message, 0)) return;
			this.#attempt = attempt;
			this.#count = 0;
			this.#wait();
		} catch {
			// Flash that gives no number: next time.
		}
	}

	/** @returns false when no poll of this attempt waits */
	reply(attempt: number, payload: Uint8Array): boolean {
		if (this.#attempt === 0 || attempt !== this.#attempt) return false;
		const answer = isNotice(this.#options.reader, payload)
			? this.#options.onNotice(payload)
			: undefined;
		const goesOn = answer !== undefined && this.#channel?.send(attempt, answer, 0) === true;
		if (goesOn && ++this.#count < noticeLimit) this.#wait();
		else this.#end();
		return true;
	}

	/** @returns as `reply` */
	lost(attempt: number): boolean {
		if (this.#attempt === 0 || attempt !== this.#attempt) return false;
		this.#end();
		return true;
	}

	#wait(): void {
		const { timers, timeoutMs } = this.#options;
		timers.clear(this.#deadline);
		this.#deadline = timers.set(() => this.#end(), timeoutMs);
	}

	#end(): void {
		this.#options.timers.clear(this.#deadline);
		if (this.#attempt > 0) this.#channel?.over(this.#attempt);
		this.#attempt = 0;
	}
}

function isNotice(reader: MessageReader, payload: Uint8Array): boolean {
	try {
		reader.parse(payload);
		return reader.mti === noticeMti;
	} catch {
		return false;
	}
}
