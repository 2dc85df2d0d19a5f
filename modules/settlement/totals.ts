import type { BatchRow, BatchView } from "settlement/batch-view";
import { kindTraits, type Kind } from "transaction/kinds";
import { isPosted } from "transaction/states";

/** What a batch adds up to. Debit adds to the merchant's money, credit takes from it. */
export interface BatchTotals {
	readonly debitMinor: number;
	readonly debitCount: number;
	readonly creditMinor: number;
	readonly creditCount: number;
}

export const noTotals: BatchTotals = Object.freeze({
	debitMinor: 0,
	debitCount: 0,
	creditMinor: 0,
	creditCount: 0,
});

/** Count and amount of one kind of transaction, for the report. */
export interface KindTotal {
	readonly kind: Kind;
	readonly count: number;
	readonly amountMinor: number;
}

/** Whether a row belongs to what is settled. */
export type Member = (row: BatchRow) => boolean;

/** The transaction moves money of the batch, and it stands. */
export function isCounted(row: Pick<BatchRow, "kind" | "state">): boolean {
	return isPosted(row.state) && kindTraits[row.kind].sign !== 0;
}

/** Totals of the rows that belong to it. */
export function totalsOf(view: BatchView, member: Member): BatchTotals {
	let debitMinor = 0;
	let debitCount = 0;
	let creditMinor = 0;
	let creditCount = 0;
	view.visit(1, (row) => {
		if (!isCounted(row) || !member(row)) return true;
		if (kindTraits[row.kind].sign > 0) {
			debitMinor += row.amountMinor;
			debitCount++;
		} else {
			creditMinor += row.amountMinor;
			creditCount++;
		}
		return true;
	});
	return { debitMinor, debitCount, creditMinor, creditCount };
}

/** The same by kind, in order of kind. */
export function totalsByKind(view: BatchView, member: Member): KindTotal[] {
	const byKind = new Map<Kind, { count: number; amountMinor: number }>();
	view.visit(1, (row) => {
		if (!isCounted(row) || !member(row)) return true;
		const sum = byKind.get(row.kind) ?? { count: 0, amountMinor: 0 };
		sum.count++;
		sum.amountMinor += row.amountMinor;
		byKind.set(row.kind, sum);
		return true;
	});
	return [...byKind.entries()]
		.map(([kind, { count, amountMinor }]) => ({ kind, count, amountMinor }))
		.sort((a, b) => a.kind - b.kind);
}

export function sameTotals(a: BatchTotals, b: BatchTotals): boolean {
	return (
		a.debitMinor === b.debitMinor &&
		a.debitCount === b.debitCount &&
		a.creditMinor === b.creditMinor &&
		a.creditCount === b.creditCount
	);
}

/** What the totals give the merchant. */
export function netMinor(totals: BatchTotals): number {
	return totals.debitMinor - totals.creditMinor;
}
