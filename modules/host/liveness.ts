import type { Clock, TimerId, Timers } from "core/clock";
import type { Channel } from "host/channel";
import type { Question } from "host/question";
import { NetworkCode } from "host/service-messages";

export interface LivenessOptions {
	readonly clock: Clock;
	readonly timers: Timers;
	readonly question: Question;
	/** Quiet time before an echo is asked for; 0: only when a request got no reply. */
	readonly echoMs: () => number;
	/** Quiet time before the very first one. */
	readonly firstEchoMs: number;
	readonly echoTimeoutMs: number;
	/** Several in a row went unanswered by a host that does answer echoes. */
	readonly onDeaf: () => void;
}

const silentLimit = 2;
const switchedOffMs = 600_000;

/**
 * Finds out whether the host lives, not only the broker (0820 with 301). It asks when the host was quiet for long, and at once when a
 * request got no reply. A host that has never answered an echo may not know it: it is not called deaf.
 */
export class Liveness {
	readonly #options: LivenessOptions;
	#channel: Channel | undefined;
	#timer: TimerId = 0;
	#heardMs = 0;
	#silent = 0;
	/** This host has answered an echo in this boot. */
	#proven = false;

	constructor(options: LivenessOptions) {
		this.#options = options;
	}

	/** This host is known to answer echoes. */
	get proven(): boolean {
		return this.#proven;
	}

	/** The link is up over this channel. */
	start(channel: Channel): void {
		this.stop();
		this.#channel = channel;
		this.heard();
		this.#later();
	}

	stop(): void {
		if (this.#channel !== undefined) this.#options.question.stop();
		this.#channel = undefined;
		this.#options.timers.clear(this.#timer);
	}

	/** The host has said something that fits. */
	heard(): void {
		this.#heardMs = this.#options.clock.ticksMs();
		this.#silent = 0;
	}

	/** A request got no reply: is anybody there? */
	suspect(): void {
		if (this.#channel !== undefined && !this.#options.question.asking) this.#ask();
	}

	/** Quiet time that is allowed now. */
	get #quietMs(): number {
		const { echoMs, firstEchoMs } = this.#options;
		const usualMs = echoMs();
		return this.#proven || usualMs === 0 ? usualMs : firstEchoMs;
	}

	#later(): void {
		const { timers, clock } = this.#options;
		const waitedMs = clock.ticksMs() - this.#heardMs;
		timers.clear(this.#timer);
		// Switched off by the acquirer: looked at again, for it may be switched on.
		const waitMs = this.#quietMs === 0 ? switchedOffMs : Math.max(0, this.#quietMs - waitedMs);
		this.#timer = timers.set(() => this.#look(), waitMs);
	}

	#look(): void {
		const { clock, question } = this.#options;
		const waitedMs = clock.ticksMs() - this.#heardMs;
		const due = this.#quietMs > 0 && waitedMs >= this.#quietMs;
		if (due && !question.asking) this.#ask();
		else this.#later();
	}

	#ask(): void {
		const { question, echoTimeoutMs, timers } = this.#options;
		const channel = this.#channel;
		if (channel === undefined) return;
		timers.clear(this.#timer);
		question.ask(channel, NetworkCode.Echo, echoTimeoutMs, (answered) => {
			if (answered) {
				this.#proven = true;
				this.heard();
				this.#later();
			} else this.#unanswered();
		});
	}

	#unanswered(): void {
		if (++this.#silent < silentLimit) this.#ask();
		else if (this.#proven) this.#options.onDeaf();
		else {
			this.#silent = 0;
			this.#timer = this.#options.timers.set(
				() => this.#look(),
				this.#options.echoMs() || switchedOffMs,
			);
		}
	}
}
