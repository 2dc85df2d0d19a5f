import { EntryMode } from "core/card";
import type { JournalRecord } from "journal/journal";
import { Kind, kindTraits } from "transaction/kinds";
import { decodeIntent, decodeState, RecordKind } from "transaction/records";
import { State } from "transaction/states";

/** What a settlement has to know of one transaction. */
export interface BatchRow {
	readonly number: number;
	readonly stan: number;
	readonly batch: number;
	readonly kind: Kind;
	readonly state: State;
	/** What counts: of a partial approval the part. */
	readonly amountMinor: number;
	/** EntryMode. */
	readonly entryMode: number;
	/** Unix seconds, 0 while the clock was unknown. */
	readonly openedSeconds: number;
}

/** The transactions that the terminal holds, as many as a batch may have and more. */
export interface BatchView {
	/** Everything on flash has been read: only then totals may be trusted. */
	readonly complete: boolean;
	/** Largest number, 0 when there is none. */
	readonly last: number;
	/**
	 * Visits by rising number, from `from` on, until `visit` returns false.
	 * The row is good during the call only.
	 */
	visit(from: number, visit: (row: BatchRow) => boolean): void;
}

/** Rows that are kept: the journal holds 1,000 closed transactions, and open ones are never far behind them. */
const capacity = 1024;

/**
 * The newest 1,024 transactions in typed arrays, fed with the records of the journal: what a boot visits, each that is appended,
 * and what idle time reads back.
 */
export class BatchTable implements BatchView {
	complete = false;
	last = 0;
	readonly #numbers = new Uint32Array(capacity);
	readonly #stans = new Uint32Array(capacity);
	readonly #batches = new Uint32Array(capacity);
	readonly #amounts = new Float64Array(capacity);
	readonly #opened = new Uint32Array(capacity);
	readonly #kinds = new Uint8Array(capacity);
	readonly #entryModes = new Uint8Array(capacity);
	readonly #states = new Uint8Array(capacity);

	/** Takes over a record that is newer than all that came of its transaction; the same once more changes nothing. */
	restore({ subject, kind, payload }: JournalRecord): void {
		if (kind === RecordKind.Intent) this.#intent(subject, payload);
		else if (kind === RecordKind.State) this.#state(subject, payload, true);
	}

	/** Takes over a record that is older than all that came of its transaction. */
	learn({ subject, kind, payload }: JournalRecord): void {
		if (kind === RecordKind.Intent) this.#intent(subject, payload);
		else if (kind === RecordKind.State) this.#state(subject, payload, false);
	}

	visit(from: number, visit: (row: BatchRow) => boolean): void {
		const first = Math.max(from, this.last - capacity + 1, 1);
		const row = emptyRow();
		for (let number = first; number <= this.last; number++) {
			const at = number % capacity;
			const kind = this.#kinds[at]!;
			// What stands here was checked when it came; 0 is an intent or a state that has not come yet.
			if (this.#numbers[at] !== number || kind === 0 || this.#states[at] === 0) continue;
			row.number = number;
			row.stan = this.#stans[at]!;
			row.batch = this.#batches[at]!;
			row.amountMinor = this.#amounts[at]!;
			row.openedSeconds = this.#opened[at]!;
			row.kind = kind as Kind;
			row.state = this.#states[at] as State;
			row.entryMode = this.#entryModes[at]!;
			if (!visit(row)) return;
		}
	}

	#intent(number: number, payload: Uint8Array): void {
		if (!this.#place(number)) return;
		const at = number % capacity;
		const intent = this.#kinds[at] === 0 ? decodeIntent(number, payload) : undefined;
		if (intent === undefined) return;
		this.#stans[at] = intent.stan;
		this.#batches[at] = intent.batch;
		// A part that was approved may be known already.
		if (this.#amounts[at] === 0) this.#amounts[at] = intent.amountMinor;
		this.#opened[at] = Math.floor(intent.openedMs / 1000);
		this.#kinds[at] = intent.kind;
		this.#entryModes[at] = intent.entryMode;
		if (this.#states[at] === 0) this.#states[at] = State.Opened;
	}

	#state(number: number, payload: Uint8Array, isNewest: boolean): void {
		if (!this.#place(number)) return;
		const at = number % capacity;
		// Opened is what an intent alone says.
		const known = this.#states[at]! > State.Opened;
		const change = isNewest || !known ? decodeState(payload) : undefined;
		if (change === undefined) return;
		this.#states[at] = change.state;
		if (change.approvedMinor > 0) this.#amounts[at] = change.approvedMinor;
	}

	/** Makes room for a transaction. @returns false when it is older than what stands in its place */
	#place(number: number): boolean {
		const at = number % capacity;
		if (number < 1 || this.#numbers[at]! > number) return false;
		if (this.#numbers[at] === number) return true;
		this.#numbers[at] = number;
		this.#kinds[at] = this.#states[at] = this.#amounts[at] = 0;
		this.last = Math.max(this.last, number);
		return true;
	}
}

function emptyRow(): { -readonly [K in keyof BatchRow]: BatchRow[K] } {
	return {
		number: 0,
		stan: 0,
		batch: 0,
		kind: Kind.Sale,
		state: State.Opened,
		amountMinor: 0,
		entryMode: 0,
		openedSeconds: 0,
	};
}

/** 60.1 of the request that the host took: a stored sale goes under a type of its own. */
export function messageTypeOf({ kind, state, entryMode }: BatchRow): number {
	if (state !== State.Forwarded) return kindTraits[kind].messageType;
	return entryMode === EntryMode.Swipe ? 30 : 36;
}
