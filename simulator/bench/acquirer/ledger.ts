/** The host's books in memory: entries by terminal, batch and STAN, and how far each terminal's batch is. */
import { GrowingEntry, kindOfEntry, netAmountMinor, openCount, sum, type Entry } from "./entry";
import type { LedgerRecord, OriginalPlace, RecordKind } from "./records";

/** Sums over a terminal. */
export interface Totals {
	/** Postings that move money and are not reversed. */
	readonly count: number;
	/** Net: what adds less what takes away, minor units. */
	readonly amountMinor: number;
	/** Approved online sales, reversed ones too. */
	readonly sales: number;
	/** Stored sales that were forwarded. */
	readonly forwards: number;
	readonly voids: number;
	readonly refunds: number;
	readonly preauths: number;
	/** Completions, asked for and told. */
	readonly completions: number;
	readonly reversals: number;
	readonly declines: number;
	readonly tombstones: number;
	/** Repeats that came and were not posted again. */
	readonly repeats: number;
	/** Entries that stand posted more than once: money taken twice. */
	readonly doubled: number;
}

/** How a batch is doing at the end of its day. */
export interface BatchState {
	/** The newest 0500's record. */
	readonly settlement: LedgerRecord | undefined;
	/** Uploaded details by STAN. */
	readonly details: ReadonlyMap<string, LedgerRecord>;
	readonly close: LedgerRecord | undefined;
}

interface GrowingBatch extends BatchState {
	settlement: LedgerRecord | undefined;
	readonly details: Map<string, LedgerRecord>;
	close: LedgerRecord | undefined;
}

export const firstBatch = "000001";

export class Ledger {
	readonly #entries = new Map<string, GrowingEntry>();
	readonly #records: LedgerRecord[] = [];
	readonly #open = new Map<string, string>();
	readonly #batches = new Map<string, GrowingBatch>();
	/** Place of an original → keys of the entries that name it. */
	readonly #followers = new Map<string, Set<string>>();
	readonly #byRrn = new Map<string, Set<string>>();
	readonly #byBatch = new Map<string, Set<string>>();

	/** Enters a record that is durable. */
	take(record: LedgerRecord): void {
		this.#records.push(record);
		if (record.stan === "" || record.kind === "detail") this.#takeBatch(record);
		else this.#takeEntry(record);
	}

	entry(terminal: string, batch: string, stan: string): Entry | undefined {
		return this.#entries.get(keyOf({ terminal, batch, stan }));
	}

	/** Entries whose postings name this one as their original. */
	followers(place: OriginalPlace): readonly Entry[] {
		return this.#entriesOf(this.#followers.get(keyOf(place)));
	}

	/** Entries that were answered with this RRN. */
	byRrn(rrn: string): readonly Entry[] {
		return this.#entriesOf(this.#byRrn.get(rrn));
	}

	/** Entries of one batch, in the order of their first record. */
	ofBatch(terminal: string, batch: string): readonly Entry[] {
		return this.#entriesOf(this.#byBatch.get(`${terminal}/${batch}`));
	}

	/** Every entry, in the order of its first record. */
	list(terminal?: string): readonly Entry[] {
		const all = [...this.#entries.values()];
		return terminal === undefined ? all : all.filter((entry) => entry.terminal === terminal);
	}

	/** Every record, oldest first. */
	records(): readonly LedgerRecord[] {
		return this.#records;
	}

	/** The terminal's open batch, six digits. */
	batch(terminal: string): string {
		return this.#open.get(terminal) ?? firstBatch;
	}

	/** What was settled, uploaded and closed; undefined for a batch that nothing of it is known. */
	batchState(terminal: string, batch: string): BatchState | undefined {
		return this.#batches.get(`${terminal}/${batch}`);
	}

	/** Sums over one terminal, or over all. */
	totals(terminal?: string): Totals {
		const entries = this.list(terminal);
		const records = this.#records.filter(
			(record) => terminal === undefined || record.terminal === terminal,
		);
		const count = (...kinds: readonly RecordKind[]): number =>
			records.filter(({ kind }) => kinds.includes(kind)).length;
		const money = entries.filter((entry) => (kindOfEntry(entry)?.sign ?? 0) !== 0);
		return {
			count: sum(money.map(openCount)),
			amountMinor: sum(entries.map(netAmountMinor)),
			sales: count("sale"),
			forwards: count("stored"),
			voids: count("void", "preauth-void", "completion-void"),
			refunds: count("refund"),
			preauths: count("preauth"),
			completions: count("completion", "completion-advice"),
			reversals: count("reversal"),
			declines: count("declined"),
			tombstones: count("tombstone"),
			repeats: count("repeat"),
			doubled: entries.filter((entry) => openCount(entry) > 1).length,
		};
	}

	#entriesOf(keys: ReadonlySet<string> | undefined): readonly Entry[] {
		return [...(keys ?? [])].flatMap((key) => this.#entries.get(key) ?? []);
	}

	#takeEntry(record: LedgerRecord): void {
		const key = keyOf(record);
		const entry = this.#entries.get(key) ?? new GrowingEntry(record);
		this.#entries.set(key, entry);
		addTo(this.#byBatch, `${record.terminal}/${record.batch}`, key);
		const posted = entry.posted.length;
		entry.take(record);
		if (entry.posted.length === posted) return;
		addTo(this.#byRrn, record.rrn, key);
		if (record.original !== undefined) addTo(this.#followers, keyOf(record.original), key);
	}

	#takeBatch(record: LedgerRecord): void {
		if (record.kind === "batch") {
			this.#open.set(record.terminal, record.batch);
			return;
		}
		const key = `${record.terminal}/${record.batch}`;
		const state = this.#batches.get(key) ?? {
			settlement: undefined,
			details: new Map<string, LedgerRecord>(),
			close: undefined,
		};
		this.#batches.set(key, state);
		if (record.kind === "settlement") state.settlement = record;
		else if (record.kind === "detail") state.details.set(record.stan, record);
		else if (record.kind === "close") state.close = record;
	}
}

/** The batch after this one, six digits; 999999 is followed by 000001. */
export function nextBatch(batch: string): string {
	return String((Number(batch) % 999_999) + 1).padStart(6, "0");
}

function keyOf({ terminal, batch, stan }: OriginalPlace): string {
	return `${terminal}/${batch}/${stan}`;
}

function addTo(index: Map<string, Set<string>>, key: string, value: string): void {
	const values = index.get(key) ?? new Set();
	index.set(key, values.add(value));
}
