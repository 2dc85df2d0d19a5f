import type { CardRead } from "core/card";
import type { Clock, TimerId, Timers } from "core/clock";
import type { Entropy } from "core/entropy";
import { limits } from "core/limits";
import { Fault } from "core/fault";
import { LogCode, type Log } from "core/log";
import { LinkState, type HostLink, type HostOutcome, type HostRequest } from "host/link";
import type { Vault } from "journal/vault";
import { backoffMs } from "queue/backoff";
import { decodeSealedCard } from "queue/sealed-card";
import { decideForward, decideReversal, decideSale } from "queue/decide";
import type { Book } from "transaction/book";
import { Input, State } from "transaction/states";
import { ReceiptState, ReversalReason, type Transaction } from "transaction/transaction";

export interface WorkerOptions {
	readonly book: Book;
	readonly vault: Pick<Vault, "get" | "release">;
	readonly link: Pick<HostLink, "state" | "exchange">;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly entropy: Entropy;
	readonly log: Log;
	/** The customer's link did not come up in time: store the sale (true) or abandon it. */
	readonly store: (transaction: Transaction, card: CardRead) => boolean;
	/** The waiting customer's transaction has reached a state that can be shown. */
	readonly onCustomer: (transaction: Transaction) => void;
	/** Something was decided: a slip may be due. */
	readonly onChanged: () => void;
}

interface Customer {
	readonly number: number;
	readonly card: CardRead;
	readonly sinceMs: number;
	/** One reversal was tried on behalf of this customer; the next step is the sale. */
	reversalTried: boolean;
}

/**
 * The one worker that talks to the host about money. Order: reversal due, waiting customer, stored sales.
 * One exchange at a time; what it decides is journalled by the book before anybody hears of it.
 */
export class Worker {
	readonly #o: WorkerOptions;
	#customer: Customer | undefined;
	#busy = false;
	#timer: TimerId | undefined;
	/** Not before these ticks: the pause after an unanswered repeat, by transaction. */
	readonly #notBeforeMs = new Map<number, number>();
	/** Ticks when the request was handed over; absent: in an earlier boot, that is before tick 0. */
	readonly #sentMs = new Map<number, number>();

	constructor(options: WorkerOptions) {
		this.#o = options;
	}

	/** An exchange is under way or a customer waits: not the time for slow flash work. */
	get active(): boolean {
		return this.#busy || this.#customer !== undefined;
	}

	/** Pause until the next repeat of this transaction, or 0. */
	pauseMs(number: number): number {
		return Math.max(0, (this.#notBeforeMs.get(number) ?? 0) - this.#o.clock.ticksMs());
	}

	/**
	 * Closes rightly what a power cut left open. A request that may have left is in doubt, and doubt is reversed;
	 * what never left is abandoned; a slip that was being printed is uncertain.
	 */
	resume(): void {
		for (const transaction of this.#o.book.all()) {
			try {
				this.#resumeOne(transaction);
			} catch (error) {
				// Flash that cannot be written: it stays as it is and listed; a restart loop would help nobody.
				if (!(error instanceof Fault)) throw error;
				this.#o.log.event(LogCode.JournalDamage, transaction.number, 2);
			}
		}
		this.#schedule(0);
	}

	/** A customer waits for this transaction, which is in state Opened. At most one at a time. */
	serve(transaction: Transaction, card: CardRead): void {
		const sinceMs = this.#o.clock.ticksMs();
		this.#customer = { number: transaction.number, card, sinceMs, reversalTried: false };
		this.#schedule(0);
	}

	/** The link changed: pauses are over when it came up (a connect failure used up no attempt). */
	linkChanged(): void {
		if (this.#o.link.state === LinkState.Up) this.#notBeforeMs.clear();
		this.#schedule(0);
	}

	#resumeOne({ number, state, receiptState }: Transaction): void {
		const { book } = this.#o;
		if (state === State.Opened) book.advance(number, Input.Abandon);
		if (state === State.Sending)
			book.advance(number, Input.Doubt, { reason: ReversalReason.NoReply });
		if (receiptState === ReceiptState.Printing) book.receipt(number, ReceiptState.Uncertain);
	}

	#schedule(delayMs: number): void {
		if (this.#timer !== undefined) this.#o.timers.clear(this.#timer);
		this.#timer = this.#o.timers.set(() => {
			this.#timer = undefined;
			this.#pump();
		}, delayMs);
	}

	#pump(): void {
		if (this.#busy) return;
		if (this.#o.link.state !== LinkState.Up) {
			this.#waitForLink();
			return;
		}
		const open = this.#o.book.open();
		if (this.#customer !== undefined) {
			const due = open.find((t) => t.state === State.ReversalDue);
			if (due !== undefined && !this.#customer.reversalTried) {
				this.#customer.reversalTried = true;
				this.#sendReversal(due);
			} else this.#sendSale(this.#customer);
			return;
		}
		this.#sendDue(open);
	}

	/** A link that is coming up is worth a customer's short patience; one that is down is not. The link's own state change wakes the rest. */
	#waitForLink(): void {
		const customer = this.#customer;
		if (customer === undefined) return;
		const waitedMs = this.#o.clock.ticksMs() - customer.sinceMs;
		const coming = this.#o.link.state !== LinkState.Down;
		if (coming && waitedMs < limits.linkWaitMs) this.#schedule(limits.linkWaitMs - waitedMs);
		else this.#withoutLink(customer);
	}

	#withoutLink(customer: Customer): void {
		const { book, store } = this.#o;
		const transaction = book.get(customer.number);
		this.#customer = undefined;
		if (transaction === undefined || transaction.state !== State.Opened) return;
		const stored = store(transaction, customer.card);
		const after = book.advance(customer.number, stored ? Input.Store : Input.Abandon);
		this.#o.onCustomer(after);
		this.#o.onChanged();
	}

	#sendDue(open: readonly Transaction[]): void {
		const wanted = open.filter(
			(t) => t.state === State.ReversalDue || t.state === State.StoredOffline,
		);
		// Reversals first; among equals the oldest first.
		wanted.sort((a, b) => a.state - b.state || a.number - b.number);
		const ready = wanted.find((t) => this.pauseMs(t.number) === 0);
		if (ready === undefined) {
			const pauses = wanted.map((t) => this.pauseMs(t.number));
			if (pauses.length > 0) this.#schedule(Math.min(...pauses));
		} else if (ready.state === State.ReversalDue) this.#sendReversal(ready);
		else this.#forward(ready);
	}

	#sendSale(customer: Customer): void {
		const { book, clock } = this.#o;
		// Durable before the first byte leaves: a Sending without an outcome is a reversal due.
		const transaction = book.advance(customer.number, Input.Send);
		this.#sentMs.set(customer.number, clock.ticksMs());
		const card = { ksn: customer.card.ksn, ciphertext: customer.card.ciphertext };
		const request = {
			message: "sale",
			transaction,
			card,
			timeoutMs: limits.replyTimeoutMs,
		} as const;
		const attempt = this.#hand(request, (outcome) => this.#saleAnswered(customer, outcome));
		// What could not be handed over is in doubt all the same: the record says Sending, and a reversal is cheap.
		if (attempt === undefined || attempt === 0) this.#saleAnswered(customer, { kind: "no-reply" });
		else this.#busy = true;
	}

	#saleAnswered(customer: Customer, outcome: HostOutcome): void {
		const { input, ...details } = decideSale(outcome);
		const after = this.#o.book.advance(customer.number, input, details);
		this.#customer = undefined;
		if (input === Input.Doubt) this.#again(customer.number);
		this.#done(after.number);
		this.#o.onCustomer(after);
		this.#o.onChanged();
	}

	#sendReversal(transaction: Transaction): void {
		const { number } = transaction;
		const sentMs = this.#sentMs.get(number) ?? 0;
		const lifeWasOver = this.#o.clock.ticksMs() - sentMs >= limits.requestLifeMs;
		this.#exchange("reversal", transaction, undefined, (outcome) => {
			const decision = decideReversal(outcome, lifeWasOver);
			this.#finish(number, decision, outcome, Input.ReversalAccepted, Input.ReversalRefused);
			if (decision === "again" && isNoOriginal(outcome)) this.#pauseUntilLifeIsOver(number, sentMs);
		});
	}

	#pauseUntilLifeIsOver(number: number, sentMs: number): void {
		const overMs = sentMs + limits.requestLifeMs;
		this.#notBeforeMs.set(number, Math.max(this.#notBeforeMs.get(number) ?? 0, overMs));
	}

	#forward(transaction: Transaction): void {
		const { number } = transaction;
		const sealed = this.#o.vault.get(number);
		const card = sealed === undefined ? undefined : decodeSealedCard(sealed);
		if (card === undefined) {
			// The card data is gone (damaged flash): the host can never be asked. Parked, listed, raised.
			this.#o.book.advance(number, Input.ForwardRefused);
			this.#o.log.event(LogCode.JournalDamage, number, 1);
			this.#done(number);
			return;
		}
		this.#exchange("stored-sale", transaction, card, (outcome) => {
			const decision = decideForward(outcome);
			this.#finish(number, decision, outcome, Input.ForwardAccepted, Input.ForwardRefused);
			if (decision !== "again") this.#o.vault.release(number);
		});
	}

	#exchange(
		message: "reversal" | "stored-sale",
		transaction: Transaction,
		card: { readonly ksn: Uint8Array; readonly ciphertext: Uint8Array } | undefined,
		answered: (outcome: HostOutcome) => void,
	): void {
		const common = { message, transaction, timeoutMs: limits.repeatTimeoutMs };
		const request = card === undefined ? common : { ...common, card };
		const attempt = this.#hand(request, (outcome) => {
			answered(outcome);
			this.#done(transaction.number);
		});
		if (attempt === undefined) {
			// No message can be made of this record: a person has to look. It must not stop the others.
			const refused = message === "reversal" ? Input.ReversalRefused : Input.ForwardRefused;
			this.#o.book.advance(transaction.number, refused);
			this.#done(transaction.number);
		} else if (attempt === 0) {
			// Nothing left, so no attempt is used up. The link's next change wakes the worker sooner.
			this.#schedule(limits.idleMs);
		} else this.#busy = true;
	}

	/** @returns attempt number, 0 when nothing left, undefined when the message cannot be made */
	#hand(request: HostRequest, done: (outcome: HostOutcome) => void): number | undefined {
		try {
			return this.#o.link.exchange(request, (outcome) => this.#decide(() => done(outcome)));
		} catch (error) {
			if (!(error instanceof Fault)) throw error;
			this.#o.log.event(LogCode.BadMessage, error.a, error.b);
			// Flash that gives no number for the attempt says nothing about the record.
			return error.code.startsWith("message.") ? undefined : 0;
		}
	}

	/**
	 * The decision must get to flash whoever calls: a carrier would swallow the fault, and the worker would
	 * wait for ever. Flash that failed is tried once more; if it fails again the terminal restarts and recovers.
	 */
	#decide(run: () => void): void {
		try {
			run();
		} catch (error) {
			if (!(error instanceof Fault)) throw error;
			this.#o.log.event(LogCode.JournalDamage, error.a, 2);
			this.#o.timers.set(run, limits.idleMs);
		}
	}

	#finish(
		number: number,
		decision: "close" | "again" | "park",
		outcome: HostOutcome,
		accepted: Input,
		refused: Input,
	): void {
		const details =
			outcome.kind === "reply"
				? {
						responseCode: outcome.responseCode,
						...(outcome.rrn === "" ? {} : { rrn: outcome.rrn }),
					}
				: {};
		if (decision === "again") this.#again(number);
		else this.#o.book.advance(number, decision === "close" ? accepted : refused, details);
	}

	/** Unanswered or put off: the same again after a pause. Never given up, never deleted (G3). */
	#again(number: number): void {
		const { book, clock, entropy } = this.#o;
		book.unanswered(number);
		const attemptCount = book.get(number)?.attemptCount ?? 1;
		this.#notBeforeMs.set(number, clock.ticksMs() + backoffMs(attemptCount, entropy));
	}

	#done(number: number): void {
		this.#busy = false;
		const transaction = this.#o.book.get(number);
		const waits =
			transaction?.state === State.ReversalDue || transaction?.state === State.StoredOffline;
		if (!waits) {
			this.#sentMs.delete(number);
			this.#notBeforeMs.delete(number);
		}
		this.#o.onChanged();
		this.#schedule(0);
	}
}

function isNoOriginal(outcome: HostOutcome): boolean {
	return outcome.kind === "reply" && ["12", "25", "94"].includes(outcome.responseCode);
}
