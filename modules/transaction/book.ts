import type { Clock } from "core/clock";
import { Fault } from "core/fault";
import { limits } from "core/limits";
import { LogCode, type Log } from "core/log";
import { Mark, type JournalRecord } from "journal/journal";
import { Counters, type JournalPort } from "transaction/counters";
import { TransactionIndex } from "transaction/index";
import {
	decodeCounters,
	decodeIntent,
	decodeReceipt,
	decodeState,
	encodeIntent,
	encodeReceipt,
	encodeState,
	RecordKind,
} from "transaction/records";
import {
	fresh,
	ofCard,
	receiptAfter,
	withoutCard,
	type Details,
	type Draft,
} from "transaction/draft";
import { Links, type Tally } from "transaction/links";
import { isOpen, mayTake, next, type Input, type State } from "transaction/states";
import { ReceiptState, type Intent, type Transaction } from "transaction/transaction";

export type { Details, Draft } from "transaction/draft";

/** Changes without an intent that are kept while the journal is read. */
const earlyMax = 64;

/**
 * The transactions of this terminal. Every change is on flash before it is visible here (G2): each method
 * appends first and changes memory second, so a power cut between the two loses nothing.
 */
export class Book {
	readonly counters: Counters;
	readonly #journal: JournalPort;
	readonly #clock: Clock;
	readonly #log: Log;
	readonly #live = new Map<number, Transaction>();
	readonly #index: TransactionIndex;
	/** Changes whose intent has not come yet: damage makes the journal find a copy of it later. */
	#early: JournalRecord[] = [];
	#unreadable = 0;
	readonly #links: Links;
	/** Of transactions from this number on all links are known: a boot visits only the newest. */
	#linksFrom = 0;
	/** Trimming looks at everything, so it is done once for several that came. */
	#trimAbove: number = limits.closedInMemory;

	/** @param indexed transactions that are found by STAN and state without reading flash; see TransactionIndex */
	constructor(
		journal: JournalPort,
		clock: Clock,
		log: Log,
		indexed: number = limits.transactionsIndexed,
	) {
		this.#journal = journal;
		this.#clock = clock;
		this.#log = log;
		this.#index = new TransactionIndex(indexed);
		this.#links = new Links(Math.min(indexed, limits.linksInMemory));
		this.counters = new Counters(journal);
	}

	/** Records that this firmware could not read; they stay on flash and are reported. */
	get unreadable(): number {
		return this.#unreadable + this.#early.length;
	}

	/** Takes over one record at boot, oldest first; the same record twice changes nothing. */
	restore(record: JournalRecord): void {
		if (record.subject === 0) this.#restoreCounters(record);
		else if (record.kind === RecordKind.Intent) this.#restoreIntent(record);
		else this.#restoreChange(record);
		this.#trim();
	}

	/** Takes note of a record that boot left out, newest first: for questions by STAN and state. */
	learn({ subject, kind, payload }: JournalRecord): void {
		const intent = kind === RecordKind.Intent ? decodeIntent(subject, payload) : undefined;
		if (intent !== undefined) {
			this.#index.noteIntent(subject, intent.stan);
			const state = this.#index.stateOf(subject);
			if (state !== undefined && !this.#links.has(subject))
				this.#links.note({ ...fresh(intent), state });
		}
		const change = kind === RecordKind.State ? decodeState(payload) : undefined;
		if (change !== undefined) this.#index.noteOlderState(subject, change.state);
	}

	get(number: number): Transaction | undefined {
		return this.#live.get(number);
	}

	/**
	 * A transaction from memory, else from flash (for a question about an old one). Undefined when neither has it.
	 */
	lookUp(number: number): Transaction | undefined {
		const known = this.#live.get(number);
		if (known !== undefined || number < 1) return known;
		const scratch = new Book(this.#journal, this.#clock, this.#log, 1);
		this.#journal.visitSubject(number, (record) => scratch.restore(record));
		return scratch.get(number);
	}

	/**
	 * The newest transaction with this STAN among the last thousand, or undefined. Flash is read for one that is not in
	 * memory any more, and, once in a boot, when none is found before idle time has read everything.
	 * @param stan 1 to 999999
	 * @param batch only of this batch
	 */
	findByStan(stan: number, batch?: number): Transaction | undefined {
		const found = this.#newestWith(stan, batch);
		if (found !== undefined) return found;
		this.#journal.readRest();
		return this.#newestWith(stan, batch);
	}

	#newestWith(stan: number, batch: number | undefined): Transaction | undefined {
		for (const number of this.#index.withStan(stan)) {
			const found = this.lookUp(number);
			if (found !== undefined && (batch === undefined || found.batch === batch)) return found;
		}
		return undefined;
	}

	/** Numbers of the last thousand transactions that are in this state, oldest first. Reads no flash. */
	inState(state: State): number[] {
		return this.#index.inState(state);
	}

	/** A boot has visited only transactions from this number on, and older ones that are open; 0: everything is known by now. */
	visitedFrom(number: number): void {
		this.#linksFrom = number;
	}

	/**
	 * What voids, refunds, completions and tips of this transaction add up to. About one that is older than what has been
	 * visited since the boot the whole journal is read once, which may take seconds.
	 */
	tallyOf(number: number): Tally {
		// What belongs to an original is newer than it.
		if (number < this.#linksFrom) this.#learnLinks();
		return this.#links.tallyOf(number);
	}

	/** The same from memory alone: of an old transaction something may be missing. */
	knownTallyOf(number: number): Tally {
		return this.#links.tallyOf(number);
	}

	/**
	 * Whether slips that are due may stand further back than what is in memory. Slips print oldest first, so one that is
	 * out before the oldest due one proves that there is none.
	 */
	mayMissSlips(): boolean {
		const due = this.slipDue()?.number ?? Number.POSITIVE_INFINITY;
		for (const t of this.#live.values()) {
			if (t.receiptState > ReceiptState.Due && t.number < due) return false;
		}
		return true;
	}

	/** Open transactions, oldest first. */
	open(): Transaction[] {
		const open: Transaction[] = [];
		for (const t of this.#live.values()) if (isOpen(t.state)) open.push(t);
		return open.sort(byNumber);
	}

	/** All that are in memory, oldest first. */
	all(): Transaction[] {
		return [...this.#live.values()].sort(byNumber);
	}

	/** The oldest transaction whose slip is due, or undefined. */
	slipDue(): Transaction | undefined {
		let oldest: Transaction | undefined;
		for (const t of this.#live.values()) {
			const due = t.receiptState === ReceiptState.Due;
			if (due && (oldest === undefined || t.number < oldest.number)) oldest = t;
		}
		return oldest;
	}

	/** Slips that are due. */
	slipsDue(): number {
		let count = 0;
		for (const t of this.#live.values()) if (t.receiptState === ReceiptState.Due) count++;
		return count;
	}

	/** The newest transaction, or undefined. */
	newest(): Transaction | undefined {
		let newest: Transaction | undefined;
		for (const t of this.#live.values())
			if (newest === undefined || t.number > newest.number) newest = t;
		return newest;
	}

	/** Room for one more transaction and for closing all open ones. */
	canOpen(): boolean {
		return this.#journal.canOpen();
	}

	/** The next STAN that no open transaction carries. */
	nextStan(): number {
		return this.counters.nextStan((stan) => this.#stanInUse(stan));
	}

	/**
	 * Writes the intent; on return it is durable and in state Opened.
	 * @throws Fault "journal.full" when there is no room (see `canOpen`, asked before the card is read), "stan.none"
	 */
	begin(draft: Draft): Transaction {
		const { kind, amountMinor, currency, card } = draft;
		const intent: Intent = {
			number: this.counters.nextNumber(),
			kind,
			stan: this.nextStan(),
			batch: this.counters.batch,
			amountMinor,
			currency,
			...(card === undefined ? withoutCard(draft) : ofCard(card)),
			openedMs: this.#clock.wallMs() ?? 0,
			partialAllowed: draft.partialAllowed ?? false,
			original: draft.original,
		};
		this.#journal.append(intent.number, RecordKind.Intent, encodeIntent(intent), Mark.Open);
		const transaction = fresh(intent);
		this.#live.set(intent.number, transaction);
		this.#index.noteIntent(intent.number, intent.stan);
		this.#links.note(transaction);
		this.#trim();
		return transaction;
	}

	/**
	 * Moves a transaction on. Durable on return.
	 * @returns the transaction as it is now; unchanged, with an event, when the input has no meaning in its state
	 */
	advance(number: number, input: Input, details: Details = {}): Transaction {
		const before = this.#must(number);
		const state = mayTake(before.kind, input) ? next(before.state, input) : undefined;
		if (state === undefined) {
			this.#log.event(LogCode.IllegalTransition, before.state, input);
			return before;
		}
		const after: Transaction = {
			...before,
			state,
			reason: details.reason ?? before.reason,
			responseCode: details.responseCode ?? before.responseCode,
			rrn: details.rrn ?? before.rrn,
			authCode: details.authCode ?? before.authCode,
			approvedMinor: details.approvedMinor ?? before.approvedMinor,
			attemptCount: 0,
			receiptState: receiptAfter(before.kind, state, before.receiptState),
		};
		const payload = encodeState({ ...after, atMs: this.#clock.wallMs() ?? 0 });
		// What was closed and has to be acted upon again must be carried again.
		const reopened = isOpen(state) && !isOpen(before.state);
		const mark = reopened ? Mark.Open : isOpen(state) ? Mark.More : Mark.Close;
		this.#journal.append(number, RecordKind.State, payload, mark);
		this.#live.set(number, after);
		this.#index.noteState(number, state);
		this.#links.note(after);
		this.#trim();
		this.#log.event(LogCode.StateChanged, number, state);
		return after;
	}

	/** Journals the state of the slip. @param reprint this print is a marked duplicate */
	receipt(number: number, receiptState: ReceiptState, reprint = false): Transaction {
		const before = this.#must(number);
		const reprintCount = Math.min(before.reprintCount + (reprint ? 1 : 0), 255);
		const payload = encodeReceipt({ receiptState, reprintCount });
		this.#journal.append(number, RecordKind.Receipt, payload, Mark.More);
		const after: Transaction = { ...before, receiptState, reprintCount };
		this.#live.set(number, after);
		return after;
	}

	/** One more send of what is due went unanswered. In memory only: it steers the pause, never the fate. */
	unanswered(number: number): void {
		const before = this.#must(number);
		this.#live.set(number, { ...before, attemptCount: before.attemptCount + 1 });
	}

	#must(number: number): Transaction {
		const transaction = this.#live.get(number);
		if (transaction === undefined) throw new Fault("bug", 10, number);
		return transaction;
	}

	#stanInUse(stan: number): boolean {
		for (const t of this.#live.values()) if (t.stan === stan && isOpen(t.state)) return true;
		return false;
	}

	/** Forgets the oldest closed ones in memory (not on flash) whose slip is out. */
	#trim(): void {
		if (this.#live.size <= this.#trimAbove) return;
		let surplus = this.#live.size - limits.closedInMemory;
		for (const t of this.#live.values()) if (!mayForget(t)) surplus--;
		for (const t of this.#live.values()) {
			if (surplus <= 0) break;
			if (!mayForget(t)) continue;
			this.#live.delete(t.number);
			surplus--;
		}
		this.#trimAbove = this.#live.size + trimEvery;
	}

	/** Of a transaction that a boot did not visit the records alone tell; what is in memory is newer. */
	#learnLinks(): void {
		const intents = new Map<number, Transaction>();
		// First whoever waits for what the boot left unread: afterwards nothing counts as unread any more.
		this.#journal.readRest();
		this.#journal.visitAll(({ subject, kind, payload }) => {
			if (subject === 0 || this.#live.has(subject)) return;
			if (kind === RecordKind.Intent) {
				const intent = decodeIntent(subject, payload);
				if (intent?.original !== undefined) intents.set(subject, fresh(intent));
			} else if (kind === RecordKind.State) {
				const intent = intents.get(subject);
				const change = intent && decodeState(payload);
				if (change !== undefined) this.#links.note({ ...intent!, ...change });
			}
		});
		this.#linksFrom = 0;
	}

	#restoreCounters(record: JournalRecord): void {
		const counters =
			record.kind === RecordKind.Counters ? decodeCounters(record.payload) : undefined;
		if (counters === undefined) this.#unreadable++;
		else this.counters.restore(counters);
	}

	#restoreIntent(record: JournalRecord): void {
		const intent = decodeIntent(record.subject, record.payload);
		if (intent === undefined) {
			this.#unreadable++;
			return;
		}
		this.counters.seen(intent.number, intent.stan);
		this.#index.noteIntent(intent.number, intent.stan);
		if (this.#live.has(intent.number)) return;
		this.#live.set(intent.number, fresh(intent));
		this.#links.note(fresh(intent));
		const mine = this.#early.filter(({ subject }) => subject === intent.number);
		if (mine.length === 0) return;
		this.#early = this.#early.filter(({ subject }) => subject !== intent.number);
		for (const change of mine) this.#restoreChange(change);
	}

	#restoreChange(record: JournalRecord): void {
		const before = this.#live.get(record.subject);
		if (before === undefined) {
			if (this.#early.length < earlyMax) this.#early.push(record);
			else this.#unreadable++;
			return;
		}
		if (record.kind === RecordKind.State) {
			const change = decodeState(record.payload);
			if (change === undefined) this.#unreadable++;
			else {
				const receiptState = receiptAfter(before.kind, change.state, before.receiptState);
				const { atMs: _atMs, ...known } = change;
				const after = { ...before, ...known, receiptState };
				this.#live.set(record.subject, after);
				this.#index.noteState(record.subject, change.state);
				this.#links.note(after);
			}
		} else if (record.kind === RecordKind.Receipt) {
			const change = decodeReceipt(record.payload);
			if (change === undefined) this.#unreadable++;
			else this.#live.set(record.subject, { ...before, ...change });
		} else this.#unreadable++;
	}
}

/** So many more than after the last trimming may be in memory. */
const trimEvery = 16;

function byNumber(a: Transaction, b: Transaction): number {
	return a.number - b.number;
}

function mayForget({ state, receiptState }: Transaction): boolean {
	const wanted = receiptState === ReceiptState.Due || receiptState === ReceiptState.Printing;
	return !isOpen(state) && !wanted;
}
