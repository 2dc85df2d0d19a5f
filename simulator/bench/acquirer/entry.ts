/** All that the host knows under one terminal, batch and STAN, and what it is worth. */
import { isKindName, kindNamed, type RequestKind } from "./kinds";
import type { LedgerRecord } from "./records";

export interface Entry {
	readonly terminal: string;
	readonly batch: string;
	readonly stan: string;
	/** Postings, oldest first; more than one only on a host that is not idempotent. */
	readonly posted: readonly LedgerRecord[];
	readonly reversed: readonly LedgerRecord[];
	/** The newest refusal. */
	readonly declined: LedgerRecord | undefined;
	readonly tombstone: LedgerRecord | undefined;
	/** Repeats that were recognised. */
	readonly repeats: number;
}

/** An entry that records are added to. */
export class GrowingEntry implements Entry {
	readonly terminal: string;
	readonly batch: string;
	readonly stan: string;
	readonly posted: LedgerRecord[] = [];
	readonly reversed: LedgerRecord[] = [];
	declined: LedgerRecord | undefined;
	tombstone: LedgerRecord | undefined;
	repeats = 0;

	constructor({ terminal, batch, stan }: LedgerRecord) {
		this.terminal = terminal;
		this.batch = batch;
		this.stan = stan;
	}

	take(record: LedgerRecord): void {
		if (isPosting(record)) this.posted.push(record);
		else if (record.kind === "reversal") this.reversed.push(record);
		else if (record.kind === "declined") this.declined = record;
		else if (record.kind === "tombstone") this.tombstone = record;
		else if (record.kind === "repeat") this.repeats++;
	}
}

/** Something was done for good; an inquiry does nothing. */
function isPosting({ kind }: LedgerRecord): boolean {
	return isKindName(kind) && kindNamed(kind).delivery !== "inquiry";
}

/** Kind of what is posted; undefined where nothing was ever. */
export function kindOfEntry(entry: Entry): RequestKind | undefined {
	const first = entry.posted[0];
	return first !== undefined && isKindName(first.kind) ? kindNamed(first.kind) : undefined;
}

/** Postings of the entry that no reversal has taken back. */
export function openCount(entry: Entry): number {
	return entry.posted.length - entry.reversed.length;
}

/** Amount that stands posted, whichever way the money goes. */
export function openAmountMinor(entry: Entry): number {
	const amount = (record: LedgerRecord): number => record.amountMinor;
	return sum(entry.posted.map(amount)) - sum(entry.reversed.map(amount));
}

/** What the entry adds to the merchant's money: negative for voids and refunds, 0 for what moves none. */
export function netAmountMinor(entry: Entry): number {
	// Not -0 for what moves nothing.
	return (kindOfEntry(entry)?.sign ?? 0) * openAmountMinor(entry) || 0;
}

export function sum(numbers: readonly number[]): number {
	return numbers.reduce((total, one) => total + one, 0);
}
