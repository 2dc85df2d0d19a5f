/** Sums of a batch as field 48 of 0500 and 0510 tells them, and where books and uploaded details differ. */
import { kindOfEntry, openAmountMinor, openCount, sum, type Entry } from "./entry";
import { kinds } from "./kinds";
import type { Ledger } from "./ledger";
import type { LedgerRecord } from "./records";

export interface BatchTotals {
	/** What adds to the merchant's money. */
	readonly debitMinor: number;
	readonly debitCount: number;
	/** What takes away. */
	readonly creditMinor: number;
	readonly creditCount: number;
}

/** Verdict in field 48: 0 in a request. */
export const verdicts = Object.freeze({ none: "0", balanced: "1", differs: "2" } as const);

/** One line of field 62 of the last 0330. */
export interface Difference {
	/** L: the host has it and the terminal not. S: the other way round. A: the amounts differ. */
	readonly kind: "L" | "S" | "A";
	readonly stan: string;
	readonly hostMinor: number;
	/** 0 debit, 1 credit. */
	readonly sign: "0" | "1";
}

/** Most differences that one answer holds. */
export const differencesMax = 20;

/** What the books have of a batch; what was reversed counts nowhere. */
export function totalsOf(ledger: Ledger, terminal: string, batch: string): BatchTotals {
	const entries = postedOf(ledger, terminal, batch);
	const debits = entries.filter((entry) => kindOfEntry(entry)?.sign === 1);
	const credits = entries.filter((entry) => kindOfEntry(entry)?.sign === -1);
	return {
		debitMinor: sum(debits.map(openAmountMinor)),
		debitCount: sum(debits.map(openCount)),
		creditMinor: sum(credits.map(openAmountMinor)),
		creditCount: sum(credits.map(openCount)),
	};
}

/** 62 digits; the half for foreign cards is zeros. */
export function field48Of(totals: BatchTotals, verdict: string): string {
	const amount = (minor: number): string => String(minor).padStart(12, "0");
	const count = (number: number): string => String(number % 1000).padStart(3, "0");
	const { debitMinor, debitCount, creditMinor, creditCount } = totals;
	const own = amount(debitMinor) + count(debitCount) + amount(creditMinor) + count(creditCount);
	return own + verdict + "0".repeat(30) + verdict;
}

/** The terminal's sums are the books'. @param field48 of the 0500, 62 digits; the verdict in it does not matter */
export function isBalanced(totals: BatchTotals, field48: string): boolean {
	const wanted = field48Of(totals, verdicts.none);
	return wanted.slice(0, 30) === field48.slice(0, 30) && /^0*$/.test(field48.slice(31, 61));
}

/** Everything that stands in one of the two alone or with another amount, in order of STAN. */
export function differencesOf(
	ledger: Ledger,
	terminal: string,
	batch: string,
): readonly Difference[] {
	const books = new Map(postedOf(ledger, terminal, batch).map((entry) => [entry.stan, entry]));
	const details = ledger.batchState(terminal, batch)?.details ?? new Map<string, LedgerRecord>();
	const stans = [...new Set([...books.keys(), ...details.keys()])].sort();
	return stans.flatMap((stan) => differenceOf(stan, books.get(stan), details.get(stan)) ?? []);
}

function differenceOf(
	stan: string,
	entry: Entry | undefined,
	detail: LedgerRecord | undefined,
): Difference | undefined {
	const hostMinor = entry === undefined ? 0 : openAmountMinor(entry);
	const sign = entry !== undefined ? signOf(entry) : detail?.data === "1" ? "1" : "0";
	if (detail === undefined) return { kind: "L", stan, hostMinor, sign };
	if (entry === undefined)
		return movesMoney(detail) ? { kind: "S", stan, hostMinor, sign } : undefined;
	const same = detail.amountMinor === hostMinor && detail.data === sign;
	return same ? undefined : { kind: "A", stan, hostMinor, sign };
}

/** Field 62: 20 characters for each difference, as many as fit. */
export function field62Of(differences: readonly Difference[]): Buffer {
	const lines = differences
		.slice(0, differencesMax)
		.map(
			({ kind, stan, hostMinor, sign }) => kind + stan + String(hostMinor).padStart(12, "0") + sign,
		);
	return Buffer.from(lines.join(""), "latin1");
}

function postedOf(ledger: Ledger, terminal: string, batch: string): readonly Entry[] {
	return ledger
		.ofBatch(terminal, batch)
		.filter((entry) => openCount(entry) > 0 && kindOfEntry(entry)?.sign !== 0);
}

function signOf(entry: Entry): "0" | "1" {
	return kindOfEntry(entry)?.sign === -1 ? "1" : "0";
}

/** A pre-authorisation that is uploaded too is no difference. @param detail `type` is 60.1 */
function movesMoney(detail: LedgerRecord): boolean {
	const kind = kinds.find((one) => one.types.includes(detail.type ?? ""));
	return kind === undefined || kind.sign !== 0;
}
