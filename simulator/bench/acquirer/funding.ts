/** From a closed batch to the notice that says what became of its money. */
import { localDay } from "./host-time";
import type { Ledger } from "./ledger";
import type { SettlementNotice } from "./notice-content";
import type { Funding } from "./options";
import type { LedgerRecord } from "./records";
import { totalsOf } from "./totals";

/** Fees of a batch, rounded down. @param feeRate 1/10000 */
function feesOf(debitMinor: number, feeRate: number): number {
	return Math.floor((debitMinor * feeRate) / 10_000);
}

/**
 * The notice about a whole batch. A batch that adds less than it takes has no net amount to tell.
 * @param payMs when the money is paid, held or returned, Unix ms
 */
export function fundingNotice(
	ledger: Ledger,
	terminal: string,
	batch: string,
	funding: Omit<Funding, "delayMs">,
	payMs: number,
): SettlementNotice {
	const { debitMinor, creditMinor } = totalsOf(ledger, terminal, batch);
	const feesMinor = feesOf(debitMinor, funding.feeRate ?? 0);
	const netMinor = debitMinor - creditMinor - feesMinor;
	const { outcome, reason } = funding;
	return {
		kind: "settlement",
		batch,
		outcome,
		date: localDay(payMs),
		...(reason === undefined ? {} : { reason }),
		...(netMinor < 0 ? {} : { netMinor, feesMinor }),
		reference: `S${localDay(payMs)}${batch}`,
	};
}

/** Batches of the terminals that are closed; each has one `close` record. */
export function closedBatches(ledger: Ledger): readonly LedgerRecord[] {
	return ledger.records().filter(({ kind }) => kind === "close");
}
