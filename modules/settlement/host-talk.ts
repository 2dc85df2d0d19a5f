import type { Clock } from "core/clock";
import type { Entropy } from "core/entropy";
import { Fault } from "core/fault";
import { limits } from "core/limits";
import { LinkState, type HostLink, type HostOutcome, type SettlementRequest } from "host/link";
import { backoffMs } from "queue/backoff";

/** Unanswered sends in a row after which the settlement is put off. */
const silentMax = 3;
/** Answers 77 in a row after which the batch is taken as closed by the host: between them the terminal has signed on again. */
const mismatchMax = 2;

export interface HostTalkOptions {
	readonly link: Pick<HostLink, "state" | "settle">;
	readonly clock: Clock;
	readonly entropy: Entropy;
}

/** One exchange with the host at a time, and how long its silence and the lack of a link are borne. In memory only. */
export class HostTalk {
	readonly #o: HostTalkOptions;
	/** Identifies the exchange under way; an answer to an earlier one is of no use. 0: none. */
	#exchange = 0;
	#lastExchange = 0;
	#silent = 0;
	#mismatches = 0;
	/** Ticks before which nothing is sent. */
	#notBeforeMs = 0;
	/** Ticks since when a step waits for the link. */
	#withoutLinkMs: number | undefined;

	constructor(options: HostTalkOptions) {
		this.#o = options;
	}

	/** An answer is awaited. */
	get busy(): boolean {
		return this.#exchange !== 0;
	}

	/** Pause until the next send, ms. */
	get pauseMs(): number {
		return Math.max(0, this.#notBeforeMs - this.#o.clock.ticksMs());
	}

	/** Sends nothing for so long. */
	pause(ms: number): void {
		this.#notBeforeMs = this.#o.clock.ticksMs() + ms;
	}

	/** Another step: what was awaited is of no use any more. */
	stepped(): void {
		this.#exchange = 0;
		this.#silent = 0;
		this.#mismatches = 0;
	}

	/** Silence and pauses so far say nothing about what comes now. */
	refresh(): void {
		this.#silent = 0;
		this.#notBeforeMs = 0;
		this.#withoutLinkMs = undefined;
	}

	/** How much longer the lack of a link is borne, ms; with a link for ever. */
	patienceMs(): number {
		const { link, clock } = this.#o;
		if (link.state === LinkState.Up) {
			this.#withoutLinkMs = undefined;
			return Number.POSITIVE_INFINITY;
		}
		this.#withoutLinkMs ??= clock.ticksMs();
		return this.#withoutLinkMs + limits.settlementPatienceMs - clock.ticksMs();
	}

	/**
	 * Hands a request over; `done` is called at most once, and never for an exchange that was given up.
	 * @returns sent · none: surely nothing left · bad: no message can be made of it
	 * @throws Fault of a flash that gives no number for the attempt
	 */
	send(
		request: () => SettlementRequest,
		done: (outcome: HostOutcome) => void,
	): "sent" | "none" | "bad" {
		const exchange = ++this.#lastExchange;
		try {
			const attempt = this.#o.link.settle(request(), (outcome) => {
				if (exchange !== this.#exchange) return;
				this.#exchange = 0;
				done(outcome);
			});
			if (attempt === 0) return "none";
			this.#exchange = exchange;
			return "sent";
		} catch (error) {
			if (error instanceof Fault && error.code.startsWith("message.")) return "bad";
			throw error;
		}
	}

	/** Unanswered, or put off by the host. @returns false when that is enough, else a pause has begun */
	again(): boolean {
		if (++this.#silent >= silentMax) return false;
		this.pause(backoffMs(this.#silent, this.#o.entropy));
		return true;
	}

	/** The same for a step that cannot be put off. */
	againForEver(): void {
		this.pause(backoffMs(++this.#silent, this.#o.entropy));
	}

	/** The host has another batch open. @returns false when that is enough */
	mismatch(): boolean {
		return ++this.#mismatches < mismatchMax;
	}
}
