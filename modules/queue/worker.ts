import type { CardRead } from "core/card";
import type { TimerId } from "core/clock";
import { limits } from "core/limits";
import { LogCode } from "core/log";
import { hostLinkLimits, LinkState, type HostOutcome, type HostRequest } from "host/link";
import { askChip } from "queue/chip";
import {
	decideForward,
	decideRequest,
	decideReversal,
	isNoOriginal,
	type RequestDecision,
} from "queue/decide";
import { Courier } from "queue/courier";
import { byUrgency, isDue, isRepeated, isScriptDue } from "queue/due";
import type { HostJob } from "queue/job";
import { Pauses } from "queue/pauses";
import { resumeAll } from "queue/resume";
import { decodeSealedCard, type SealedCard } from "queue/sealed-card";
import type { WorkerOptions } from "queue/worker-options";
import { Kind, kindTraits } from "transaction/kinds";
import { Input, State } from "transaction/states";
import { ReceiptState, type Transaction } from "transaction/transaction";

export type { HostJob } from "queue/job";
export type { WorkerOptions } from "queue/worker-options";

/** In place of a transaction's number. */
const theJob = -1;

interface Customer {
	readonly number: number;
	/** Undefined for kinds that read none. */
	readonly card: CardRead | undefined;
	readonly sinceMs: number;
	/** What was tried on behalf of this customer before the request: one reversal, one script result. */
	reversalTried: boolean;
	scriptTried: boolean;
}

/**
 * The one worker that talks to the host about money. Order: reversal due, script results, waiting customer, advices and
 * stored sales, jobs. Reversals and the customer's request go alone; advices and stored sales go several at a time, in the order of
 * their numbers. What it decides is journalled by the book before anybody hears of it.
 */
export class Worker {
	readonly #o: WorkerOptions;
	readonly #pauses: Pauses;
	readonly #courier: Courier;
	readonly #windowMax: number;
	/** Grows by one with each answer, falls to one when there is none: a host that is deaf is not asked seven times. */
	#window = 1;
	#customer: Customer | undefined;
	/** What is under way beside which nothing is begun: the number of a transaction, `job`, or 0. */
	#alone = 0;
	/** Advices and stored sales that are under way. */
	readonly #inFlight = new Set<number>();
	readonly #jobs: HostJob[] = [];
	#timer: TimerId | undefined;
	/** Ticks when the request was handed over; absent: in an earlier boot, that is before tick 0. */
	readonly #sentMs = new Map<number, number>();

	constructor(options: WorkerOptions) {
		this.#o = options;
		this.#pauses = new Pauses(options.clock, options.entropy);
		this.#courier = new Courier(options, this.#pauses);
		this.#windowMax = options.window ?? hostLinkLimits.inFlight - 1;
	}

	/** An exchange is under way or a customer waits: not the time for slow flash work. */
	get active(): boolean {
		return this.#alone !== 0 || this.#inFlight.size > 0 || this.#customer !== undefined;
	}

	/** Pause until the next repeat of this transaction, or 0. */
	pauseMs(number: number): number {
		return this.#pauses.pauseMs(number);
	}

	/** Adds a job; those that were added earlier come first. */
	addJob(job: HostJob): void {
		this.#jobs.push(job);
		this.wake();
	}

	/** A job may be ready now. */
	wake(): void {
		this.#schedule(0);
	}

	/** Closes rightly what a power cut left open, and begins to work. */
	resume(): void {
		resumeAll(this.#o.book, this.#o.log);
		this.#schedule(0);
	}

	/** A customer waits for this transaction, which is in state Opened, or an advice in AdviceDue. At most one at a time. */
	serve(transaction: Transaction, card?: CardRead): void {
		const sinceMs = this.#o.clock.ticksMs();
		const { number } = transaction;
		this.#customer = { number, card, sinceMs, reversalTried: false, scriptTried: false };
		this.#schedule(0);
	}

	/** The link changed: pauses are over when it came up. */
	linkChanged(): void {
		if (this.#o.link.state === LinkState.Up) {
			this.#pauses.clear();
			this.#window = 1;
		}
		this.#schedule(0);
	}

	#schedule(delayMs: number): void {
		if (this.#timer !== undefined) this.#o.timers.clear(this.#timer);
		this.#timer = this.#o.timers.set(() => {
			this.#timer = undefined;
			this.#pump();
		}, delayMs);
	}

	#pump(): void {
		if (this.#alone !== 0) return;
		if (this.#o.link.state !== LinkState.Up) {
			this.#waitForLink();
			return;
		}
		const open = this.#o.book.open();
		if (this.#customer !== undefined) this.#serveCustomer(this.#customer, open);
		else this.#sendDue(open);
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

	#withoutLink({ number, card }: Customer): void {
		const { book, store } = this.#o;
		const transaction = book.get(number);
		if (transaction?.state === State.Opened) {
			const stored =
				transaction.kind === Kind.Sale && card !== undefined && store(transaction, card);
			book.advance(number, stored ? Input.Store : Input.Abandon);
		}
		this.#customerDone(number);
	}

	/** Once before each customer one reversal is tried, whatever its pause, and one script result. */
	#serveCustomer(customer: Customer, open: readonly Transaction[]): void {
		const { book, parameters } = this.#o;
		const due = open.find((t) => t.state === State.ReversalDue);
		if (due !== undefined && !customer.reversalTried) {
			customer.reversalTried = true;
			this.#sendReversal(due);
			return;
		}
		const script = open.find((t) => isScriptDue(t) && !this.#inFlight.has(t.number));
		if (script !== undefined && !customer.scriptTried) {
			customer.scriptTried = true;
			if (this.#repeat(script)) this.#alone = script.number;
			return;
		}
		// What is handed over without room would be in doubt; what is in flight ends within its deadline.
		if (this.#o.link.room === 0) {
			this.#schedule(limits.idleMs);
			return;
		}
		const transaction = book.get(customer.number);
		const blocked = due !== undefined && due.attemptCount > 0 && parameters().reversalBlock === 1;
		if (transaction?.state === State.AdviceDue) this.#sendAdvice(customer, transaction);
		else if (blocked) {
			book.advance(customer.number, Input.Abandon);
			this.#customerDone(customer.number);
		} else this.#sendRequest(customer);
	}

	#sendDue(open: readonly Transaction[]): void {
		const reversal = open.find((t) => t.state === State.ReversalDue && this.#isReady(t));
		if (reversal !== undefined) {
			this.#sendReversal(reversal);
			return;
		}
		const ready = open.filter((t) => isRepeated(t) && this.#isReady(t));
		ready.sort(byUrgency);
		for (const transaction of ready) {
			if (this.#inFlight.size >= this.#window) return;
			if (!this.#hasRoom()) {
				this.#schedule(limits.idleMs);
				return;
			}
			if (!this.#repeat(transaction)) return;
		}
		if (ready.length === 0 && this.#inFlight.size === 0) this.#startJob();
		// Nothing can be sent now: the shortest pause wakes.
		const pauseMs = this.#pauses.shortestMs(open.filter(isDue).map(({ number }) => number));
		if (this.#alone === 0 && pauseMs > 0) this.#schedule(pauseMs);
	}

	/** The link takes one more, and one besides for a customer who comes meanwhile. */
	#hasRoom(): boolean {
		return this.#o.link.room > (this.#inFlight.size > 0 ? 1 : 0);
	}

	#isReady({ number }: Transaction): boolean {
		return this.pauseMs(number) === 0 && !this.#inFlight.has(number);
	}

	#startJob(): void {
		const job = this.#jobs.find((candidate) => candidate.ready());
		if (job === undefined) return;
		this.#alone = theJob;
		job.step(() => {
			this.#free(theJob);
			this.#schedule(0);
		});
	}

	#sendRequest(customer: Customer): void {
		const { book, clock, parameters } = this.#o;
		// Durable before the first byte leaves: a Sending without an outcome is a reversal due.
		const transaction = book.advance(customer.number, Input.Send);
		this.#sentMs.set(customer.number, clock.ticksMs());
		const request = {
			message: "request",
			transaction,
			...(customer.card === undefined ? {} : { card: customer.card }),
			timeoutMs: parameters().replyTimeoutMs,
		} as const;
		const attempt = this.#courier.hand(request, (outcome) =>
			this.#requestAnswered(customer, outcome),
		);
		// What could not be handed over is in doubt all the same: the record says Sending, and a reversal is cheap.
		if (attempt === undefined || attempt === 0)
			this.#requestAnswered(customer, { kind: "no-reply" });
		else this.#alone = customer.number;
	}

	#requestAnswered(customer: Customer, outcome: HostOutcome): void {
		const { book, chip, log } = this.#o;
		const { kind } = book.get(customer.number)!;
		const delivery = kindTraits[kind].delivery === "inquiry" ? "inquiry" : "once";
		const decision = decideRequest(outcome, delivery);
		const question = { card: customer.card, outcome, decision, binding: delivery === "once" };
		askChip(chip, log, question, (counts, scriptResults) =>
			this.#courier.decide(() => this.#conclude(customer, outcome, counts, scriptResults)),
		);
	}

	#conclude(
		customer: Customer,
		outcome: HostOutcome,
		{ input, ...details }: RequestDecision,
		scriptResults: Uint8Array,
	): void {
		const after = this.#o.book.advance(customer.number, input, details);
		if (input === Input.Doubt) this.#pauses.again(after.number);
		if (scriptResults.length > 0) this.#o.onScripts(after, scriptResults);
		this.#free(after.number);
		const balance = outcome.kind === "reply" ? outcome.balance : undefined;
		this.#customerDone(after.number, balance);
	}

	/** The customer waits for one answer to an advice; without it the advice goes on by itself. */
	#sendAdvice(customer: Customer, transaction: Transaction): void {
		const { number } = customer;
		const card = this.#cardOf(transaction);
		const request: HostRequest = {
			message: "request",
			transaction,
			...(card === undefined ? {} : { card }),
			timeoutMs: this.#o.parameters().replyTimeoutMs,
		};
		const attempt = this.#courier.hand(request, (outcome) => {
			this.#repeatAnswered(transaction, outcome);
			this.#free(number);
			this.#customerDone(number);
		});
		// Also where its card data is gone: no message can be made of it.
		if (attempt === undefined) this.#o.book.advance(number, Input.Decline);
		if (attempt === undefined || attempt === 0) this.#customerDone(number);
		else this.#alone = number;
	}

	/** Tells what the customer may be told now. A slip that has to wait for the host's answer is due at once when there is none. */
	#customerDone(number: number, balance = ""): void {
		const { book } = this.#o;
		const transaction = book.get(number);
		this.#customer = undefined;
		this.#settled(number);
		if (transaction === undefined) return;
		const waits =
			transaction.state === State.AdviceDue && transaction.receiptState === ReceiptState.None;
		const after = waits ? book.receipt(number, ReceiptState.Due) : transaction;
		this.#o.onCustomer(after, balance);
		this.#o.onChanged();
	}

	#sendReversal(transaction: Transaction): void {
		const { number } = transaction;
		const sentMs = this.#sentMs.get(number) ?? 0;
		const lifeWasOver = this.#o.clock.ticksMs() - sentMs >= limits.requestLifeMs;
		const common = { message: "reversal", transaction, timeoutMs: limits.repeatTimeoutMs } as const;
		const attempt = this.#courier.hand(common, (outcome) => {
			const decision = decideReversal(outcome, lifeWasOver);
			this.#courier.finish(
				number,
				decision,
				outcome,
				Input.ReversalAccepted,
				Input.ReversalRefused,
			);
			if (decision === "again" && isNoOriginal(outcome))
				this.#pauses.atLeastUntil(number, sentMs + limits.requestLifeMs);
			this.#free(number);
			this.#settled(number);
		});
		if (attempt === undefined) this.#impossible(number, Input.ReversalRefused);
		else if (attempt === 0) this.#schedule(limits.idleMs);
		else this.#alone = number;
	}

	/** Sends a stored sale or an advice. @returns whether it is under way */
	#repeat(transaction: Transaction): boolean {
		const { number, state } = transaction;
		const refused = state === State.AdviceDue ? Input.Decline : Input.ForwardRefused;
		const card = this.#cardOf(transaction);
		if (card === undefined && kindTraits[transaction.kind].card) {
			// The card data is gone (damaged flash): the host can never be asked. Closed as refused, listed, raised.
			this.#o.log.event(LogCode.JournalDamage, number, 1);
			this.#impossible(number, refused);
			return false;
		}
		const request: HostRequest = {
			message: state === State.AdviceDue ? "request" : "stored-sale",
			transaction,
			...(card === undefined ? {} : { card }),
			timeoutMs: limits.repeatTimeoutMs,
		};
		const attempt = this.#courier.hand(request, (outcome) => {
			this.#repeatAnswered(transaction, outcome);
			this.#inFlight.delete(number);
			this.#free(number);
			this.#settled(number);
		});
		if (attempt === undefined) this.#impossible(number, refused);
		// Nothing left, so no attempt is used up. The link's next change wakes the worker sooner.
		else if (attempt === 0) this.#schedule(limits.idleMs);
		else this.#inFlight.add(number);
		return attempt !== undefined && attempt !== 0;
	}

	#repeatAnswered({ number, kind, state }: Transaction, outcome: HostOutcome): void {
		const advice = state === State.AdviceDue;
		const decision = decideForward(outcome);
		this.#courier.finish(
			number,
			decision,
			outcome,
			advice ? Input.Approve : Input.ForwardAccepted,
			advice ? Input.Decline : Input.ForwardRefused,
		);
		if (decision !== "again" && kindTraits[kind].card) this.#o.vault.release(number);
		this.#window = outcome.kind === "reply" ? Math.min(this.#window + 1, this.#windowMax) : 1;
	}

	#free(alone: number): void {
		if (this.#alone === alone) this.#alone = 0;
	}

	/** No message can be made of this record: a person has to look. It must not stop the others. */
	#impossible(number: number, refused: Input): void {
		this.#o.book.advance(number, refused);
		this.#settled(number);
	}

	#cardOf({ number, kind }: Transaction): SealedCard | undefined {
		if (!kindTraits[kind].card) return undefined;
		const bytes = this.#o.vault.get(number);
		return bytes === undefined ? undefined : decodeSealedCard(bytes);
	}

	/** Something ended: what is closed needs no memory, and the next one may go. */
	#settled(number: number): void {
		const transaction = this.#o.book.get(number);
		if (transaction === undefined || !isDue(transaction)) {
			this.#sentMs.delete(number);
			this.#pauses.forget(number);
		}
		this.#o.onChanged();
		this.#schedule(0);
	}
}
