/**
 * What the host has posted, by terminal, batch and STAN. Append-only: a line of JSON for each record, durable
 * (fsync) before `append` returns, so that a killed host has lost nothing that it answered.
 */
import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";

/** `repeat`: a posted message came again and was not posted again. `batch`: the terminal's current batch. */
export type RecordKind =
	"sale" | "stored" | "declined" | "reversal" | "tombstone" | "repeat" | "batch";

/** One line of the ledger. Never holds more of a card than first six and last four. */
export interface LedgerRecord {
	readonly kind: RecordKind;
	/** Unix ms on the host's clock. */
	readonly ms: number;
	/** DE41. */
	readonly terminal: string;
	/** 60.2, six digits. */
	readonly batch: string;
	/** DE11, six digits; "" for `batch`. */
	readonly stan: string;
	readonly amountMinor: number;
	/** "" where no card was read. */
	readonly maskedPan: string;
	/** DE39 of the answer. */
	readonly code: string;
	/** DE37. */
	readonly rrn: string;
	/** DE38, "" when none was given. */
	readonly authCode: string;
}

/** All that is known under one terminal, batch and STAN. */
export interface Entry {
	readonly terminal: string;
	readonly batch: string;
	readonly stan: string;
	/** Sales and stored sales, oldest first; more than one only on a host that is not idempotent. */
	readonly posted: readonly LedgerRecord[];
	readonly reversed: readonly LedgerRecord[];
	/** The newest refusal. */
	readonly declined: LedgerRecord | undefined;
	readonly tombstone: LedgerRecord | undefined;
	/** Repeats that were recognised. */
	readonly repeats: number;
}

/** Sums over a terminal. */
export interface Totals {
	/** Posted and not reversed. */
	readonly count: number;
	readonly amountMinor: number;
	readonly sales: number;
	readonly forwards: number;
	readonly reversals: number;
	readonly declines: number;
	readonly tombstones: number;
	/** Repeats that came and were not posted again. */
	readonly repeats: number;
	/** Entries that stand posted more than once: money taken twice. */
	readonly doubled: number;
}

/** Where the lines go: a file, or nowhere. */
interface Store {
	append(line: string): void;
	close(): void;
}

interface Growing extends Entry {
	readonly posted: LedgerRecord[];
	readonly reversed: LedgerRecord[];
	declined: LedgerRecord | undefined;
	tombstone: LedgerRecord | undefined;
	repeats: number;
}

export const firstBatch = "000001";

export class Ledger {
	readonly #entries = new Map<string, Growing>();
	readonly #records: LedgerRecord[] = [];
	readonly #batches = new Map<string, string>();
	readonly #store: Store;

	/**
	 * Opens and reads a ledger.
	 * @param path file, made when missing; undefined keeps all in memory
	 * @throws Error with path and line when the file is not a ledger. Half a last line (the host was killed
	 * while it wrote, and had not answered) is cut off.
	 */
	constructor(path?: string) {
		this.#store =
			path === undefined ? memoryStore : fileStore(path, (record) => this.#take(record));
	}

	/** Returns when the record is durable. @throws Error of the file system: then nothing was posted */
	append(record: LedgerRecord): void {
		this.#store.append(`${JSON.stringify(record)}\n`);
		this.#take(record);
	}

	close(): void {
		this.#store.close();
	}

	entry(terminal: string, batch: string, stan: string): Entry | undefined {
		return this.#entries.get(keyOf(terminal, batch, stan));
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

	/** The terminal's current batch, six digits. */
	batch(terminal: string): string {
		return this.#batches.get(terminal) ?? firstBatch;
	}

	/** Sums over one terminal, or over all. */
	totals(terminal?: string): Totals {
		const entries = this.list(terminal);
		const records =
			terminal === undefined
				? this.#records
				: this.#records.filter((record) => record.terminal === terminal);
		const count = (kind: RecordKind): number => records.filter((r) => r.kind === kind).length;
		return {
			count: sum(entries.map(openCount)),
			amountMinor: sum(entries.map(netAmountMinor)),
			sales: count("sale"),
			forwards: count("stored"),
			reversals: count("reversal"),
			declines: count("declined"),
			tombstones: count("tombstone"),
			repeats: count("repeat"),
			doubled: entries.filter((entry) => openCount(entry) > 1).length,
		};
	}

	#take(record: LedgerRecord): void {
		this.#records.push(record);
		if (record.kind === "batch") {
			this.#batches.set(record.terminal, record.batch);
			return;
		}
		const key = keyOf(record.terminal, record.batch, record.stan);
		const entry = this.#entries.get(key) ?? emptyEntry(record);
		this.#entries.set(key, entry);
		if (record.kind === "sale" || record.kind === "stored") entry.posted.push(record);
		else if (record.kind === "reversal") entry.reversed.push(record);
		else if (record.kind === "declined") entry.declined = record;
		else if (record.kind === "tombstone") entry.tombstone = record;
		else entry.repeats++;
	}
}

/** Postings of the entry that no reversal has taken back. */
export function openCount(entry: Entry): number {
	return entry.posted.length - entry.reversed.length;
}

/** What the entry adds to the merchant's money. */
export function netAmountMinor(entry: Entry): number {
	const amount = (record: LedgerRecord): number => record.amountMinor;
	return sum(entry.posted.map(amount)) - sum(entry.reversed.map(amount));
}

function sum(numbers: readonly number[]): number {
	return numbers.reduce((total, one) => total + one, 0);
}

function keyOf(terminal: string, batch: string, stan: string): string {
	return `${terminal}/${batch}/${stan}`;
}

function emptyEntry({ terminal, batch, stan }: LedgerRecord): Growing {
	return {
		terminal,
		batch,
		stan,
		posted: [],
		reversed: [],
		declined: undefined,
		tombstone: undefined,
		repeats: 0,
	};
}

const memoryStore: Store = Object.freeze({ append: () => undefined, close: () => undefined });

function fileStore(path: string, take: (record: LedgerRecord) => void): Store {
	const descriptor = openSync(path, "a+");
	let sizeBytes = 0;
	try {
		const bytes = readFileSync(descriptor);
		const wholeBytes = bytes.lastIndexOf(0x0a) + 1;
		const lines = bytes.toString("utf8", 0, wholeBytes).split("\n").slice(0, -1);
		lines.forEach((line, index) => take(parseRecord(line, `${path} line ${index + 1}`)));
		if (wholeBytes < bytes.length) ftruncateSync(descriptor, wholeBytes);
		sizeBytes = wholeBytes;
	} catch (error) {
		closeSync(descriptor);
		throw error;
	}
	return {
		append: (line) => {
			const bytes = Buffer.from(line, "utf8");
			try {
				for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
				fsyncSync(descriptor);
			} catch (error) {
				// A full disk must not leave half a line for the next record to follow.
				ftruncateSync(descriptor, sizeBytes);
				throw error;
			}
			sizeBytes += bytes.length;
		},
		close: () => closeSync(descriptor),
	};
}

const kinds: readonly string[] = Object.freeze([
	"sale",
	"stored",
	"declined",
	"reversal",
	"tombstone",
	"repeat",
	"batch",
]);

function parseRecord(line: string, where: string): LedgerRecord {
	const value = parseJson(line);
	const texts = ["kind", "terminal", "batch", "stan", "maskedPan", "code", "rrn", "authCode"];
	const numbers = ["ms", "amountMinor"];
	const good =
		texts.every((name) => typeof value[name] === "string") &&
		numbers.every((name) => Number.isSafeInteger(value[name])) &&
		kinds.includes(String(value["kind"]));
	if (!good) throw new Error(`${where}: not a ledger record`);
	return value as unknown as LedgerRecord;
}

function parseJson(line: string): Readonly<Record<string, unknown>> {
	try {
		const value: unknown = JSON.parse(line);
		return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
	} catch {
		return {};
	}
}
