import { DifferenceKind } from "message/settlement-fields";
import type { SettlementStore } from "settlement/store";
import { Verdict } from "settlement/steps";
import type { Transaction } from "transaction/transaction";

/** What settlements say of one transaction; the shape is that of explain/batch-fact. */
export interface SettlementFact {
	readonly standing: "open" | "settled" | "uncompared" | "left-open";
	readonly difference: "long" | "short" | "amount" | undefined;
	readonly hostMinor: number;
}

const differences = Object.freeze({
	[DifferenceKind.Long]: "long",
	[DifferenceKind.Short]: "short",
	[DifferenceKind.Amount]: "amount",
} as const);

/** Looks a transaction up in what is closed and what differed. */
export function factOf(
	{ batch, stan, number }: Pick<Transaction, "batch" | "stan" | "number">,
	store: SettlementStore,
): SettlementFact {
	const { closed } = store;
	if (!closed.isClosed(batch, number))
		return { standing: "open", difference: undefined, hostMinor: 0 };
	const found = store.differences.find((each) => each.batch === batch && each.stan === stan);
	const hostMinor = found === undefined ? 0 : found.credit ? -found.amountMinor : found.amountMinor;
	const difference = found === undefined ? undefined : differences[found.kind];
	const own = closed.batches.find((each) => each.batch === batch && number <= each.lastNumber);
	const compared = own?.verdict !== Verdict.Unknown;
	const standing = closed.wasLeftOpen(number) ? "left-open" : compared ? "settled" : "uncompared";
	return { standing, difference, hostMinor };
}
