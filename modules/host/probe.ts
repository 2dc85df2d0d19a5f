import type { TimerId, Timers } from "core/clock";
import type { Backoff } from "host/backoff";
import type { Channel } from "host/channel";
import type { Question } from "host/question";
import { NetworkCode } from "host/service-messages";

export interface ProbeOptions {
	readonly timers: Timers;
	/** Of its own, apart from that of the link. */
	readonly question: Question;
	readonly backoff: Backoff;
	/** How long a connection must stand between two echoes. */
	readonly stableMs: number;
	readonly echoTimeoutMs: number;
	/** The host is known to answer echoes; else that the connection stands has to do. */
	readonly echoes: () => boolean;
	/** @returns an MQTT channel that begins to connect; what it tells comes to the methods below */
	readonly open: () => Channel;
	/** MQTT works again: `take` it. */
	readonly onStable: () => void;
}

/**
 * Looks from time to time whether MQTT works again while the backup channel is in use: connects, asks for an echo, waits, asks
 * again. It does not sign on, for new keys would make those in use worthless.
 */
export class Probe {
	readonly #options: ProbeOptions;
	#channel: Channel | undefined;
	#timer: TimerId = 0;
	#stable = false;
	#active = false;

	constructor(options: ProbeOptions) {
		this.#options = options;
	}

	/** Begins to look, after a pause. */
	start(): void {
		this.stop();
		this.#active = true;
		this.#timer = this.#options.timers.set(() => this.#connect(), this.#options.backoff.next());
	}

	stop(): void {
		this.#options.timers.clear(this.#timer);
		this.#options.question.stop();
		this.#channel?.close();
		this.#channel = undefined;
		this.#stable = false;
		this.#active = false;
	}

	/** It looks, or has found. */
	get active(): boolean {
		return this.#active;
	}

	/** The connection that is being looked at. */
	get channel(): Channel | undefined {
		return this.#channel;
	}

	/** Hands the stable connection over. */
	take(): Channel | undefined {
		const channel = this.#stable ? this.#channel : undefined;
		if (channel !== undefined) this.#channel = undefined;
		this.stop();
		return channel;
	}

	/** @returns false when it is no answer to a question of the probe */
	reply(channel: Channel, attempt: number, payload: Uint8Array): boolean {
		return this.#options.question.reply(channel, attempt, payload);
	}

	/** Its channel is ready. */
	ready(): void {
		this.#ask(() => {
			const { timers, stableMs } = this.#options;
			this.#timer = timers.set(() => this.#askAgain(), stableMs);
		});
	}

	/** Its channel is over. */
	gone(): void {
		this.#channel = undefined;
		this.start();
	}

	#connect(): void {
		this.#channel = this.#options.open();
	}

	#askAgain(): void {
		this.#ask(() => {
			this.#stable = true;
			this.#options.onStable();
		});
	}

	#ask(answered: () => void): void {
		const { question, echoTimeoutMs, echoes } = this.#options;
		if (this.#channel === undefined) return;
		if (!echoes()) answered();
		else
			question.ask(this.#channel, NetworkCode.Echo, echoTimeoutMs, (yes) => {
				if (yes) answered();
				else this.start();
			});
	}
}
