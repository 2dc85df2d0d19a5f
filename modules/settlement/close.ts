import type { BatchView } from "settlement/batch-view";
import type { SettlementStore } from "settlement/store";
import { totalsByKind, type Member } from "settlement/totals";
import { unsettledBatches } from "settlement/unsettled";
import { netMinor } from "settlement/totals";
import { ReceiptState, type Transaction } from "transaction/transaction";

export interface Closing {
	readonly store: SettlementStore;
	readonly view: BatchView;
	/** What belongs to the batch. */
	readonly member: Member;
	/** All open transactions. */
	readonly open: readonly Transaction[];
	/** Unix ms, 0 while the clock is unknown. */
	readonly closedMs: number;
}

/**
 * Closes the batch of the step in the terminal's books. What the report needs comes first, the record that makes the batch settled
 * last: cut at any place, all of it is done again, and done once it stays as it is.
 */
export function closeBatch({ store, view, member, open, closedMs }: Closing): void {
	const { batch, lastNumber, verdict, ours, host } = store.step;
	const done = store.closed.batches.some(
		(closed) => closed.batch === batch && closed.lastNumber === lastNumber,
	);
	if (done) return;
	const left = open.filter((t) => t.batch === batch && t.number <= lastNumber);
	if (left.length > 0) store.putLeftOpen(left.map(({ number }) => number));
	const kinds = totalsByKind(view, member);
	store.putResult({ batch, verdict, closedMs, ours, host, kinds });
	store.putReport({ batch, state: ReceiptState.Due, reprintCount: 0 });
	const count = ours.debitCount + ours.creditCount;
	const others = unsettledBatches(view, store.closed, false).filter((each) => each.batch !== batch);
	store.putClosed(
		{ batch, lastNumber, closedMs, verdict, count, netMinor: netMinor(ours) },
		others,
	);
}
