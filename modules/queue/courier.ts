import type { Timers } from "core/clock";
import { Fault } from "core/fault";
import { limits } from "core/limits";
import { LogCode, type Log } from "core/log";
import type { HostLink, HostOutcome, HostRequest } from "host/link";
import type { RepeatDecision } from "queue/decide";
import type { Pauses } from "queue/pauses";
import type { Book } from "transaction/book";
import type { Input } from "transaction/states";

interface CourierOptions {
	readonly book: Book;
	readonly link: Pick<HostLink, "exchange">;
	readonly timers: Timers;
	readonly log: Log;
}

/** Hands messages to the link, and takes what comes of them to the book. */
export class Courier {
	readonly #o: CourierOptions;
	readonly #pauses: Pauses;

	constructor(options: CourierOptions, pauses: Pauses) {
		this.#o = options;
		this.#pauses = pauses;
	}

	/** @returns attempt number, 0 when nothing left, undefined when the message cannot be made */
	hand(request: HostRequest, done: (outcome: HostOutcome) => void): number | undefined {
		try {
			return this.#o.link.exchange(request, (outcome) => this.decide(() => done(outcome)));
		} catch (error) {
			if (!(error instanceof Fault)) throw error;
			this.#o.log.event(LogCode.BadMessage, error.a, error.b);
			// Flash that gives no number for the attempt says nothing about the record.
			return error.code.startsWith("message.") ? undefined : 0;
		}
	}

	/** Records what an answer to a repeat means. */
	finish(
		number: number,
		decision: RepeatDecision,
		outcome: HostOutcome,
		accepted: Input,
		refused: Input,
	): void {
		const details =
			outcome.kind === "reply"
				? {
						responseCode: outcome.responseCode,
						...(outcome.rrn === "" ? {} : { rrn: outcome.rrn }),
						...(outcome.authCode === "" ? {} : { authCode: outcome.authCode }),
					}
				: {};
		if (decision === "again") this.#again(number, outcome);
		else this.#o.book.advance(number, decision === "close" ? accepted : refused, details);
	}

	/** Unanswered or put off: the same again after a pause. Never given up, never deleted (G3). */
	#again(number: number, outcome: HostOutcome): void {
		if (outcome.kind !== "reply") this.#o.book.unanswered(number);
		this.#pauses.again(number);
	}

	/**
	 * The decision must get to flash whoever calls: a carrier would swallow the fault, and the worker would
	 * wait for ever. Flash that failed is tried once more; if it fails again the terminal restarts and recovers.
	 */
	decide(run: () => void): void {
		try {
			run();
		} catch (error) {
			if (!(error instanceof Fault)) throw error;
			this.#o.log.event(LogCode.JournalDamage, error.a, 2);
			this.#o.timers.set(run, limits.idleMs);
		}
	}
}
