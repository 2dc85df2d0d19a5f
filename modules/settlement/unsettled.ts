import type { BatchRow, BatchView } from "settlement/batch-view";
import type { ClosedBatches, UnsettledBatch } from "settlement/closed-batches";
import { isCounted } from "settlement/totals";
import { isOpen } from "transaction/states";

/** The row waits for a settlement, or may come to do so: its batch is not closed, and it counts or is open. */
export function isUnsettled(row: BatchRow, closed: ClosedBatches): boolean {
	return (isCounted(row) || isOpen(row.state)) && !closed.isClosed(row.batch, row.number);
}

/** Batches with something unsettled, in order of their first number. @param counted only what counts, not what is open */
export function unsettledBatches(
	view: BatchView,
	closed: ClosedBatches,
	counted: boolean,
): UnsettledBatch[] {
	const found: UnsettledBatch[] = [];
	view.visit(1, (row) => {
		const wanted = isUnsettled(row, closed) && (isCounted(row) || !counted);
		if (wanted && !found.some(({ batch }) => batch === row.batch))
			found.push({ batch: row.batch, firstNumber: row.number });
		return true;
	});
	return found;
}

/**
 * The oldest transaction that waits for a settlement. What is settled or came to nothing stays so, hence each search goes on
 * where the last one ended.
 */
export class OldestUnsettled {
	readonly #view: BatchView;
	readonly #closed: ClosedBatches;
	#from = 1;
	#complete = false;

	constructor(view: BatchView, closed: ClosedBatches) {
		this.#view = view;
		this.#closed = closed;
	}

	/** Its number, 0 when there is none. */
	find(): number {
		// While flash is being read older ones come to light.
		if (!this.#complete) this.#from = 1;
		this.#complete = this.#view.complete;
		let found = 0;
		this.#view.visit(this.#from, (row) => {
			if (isUnsettled(row, this.#closed)) found = row.number;
			return found === 0;
		});
		this.#from = found === 0 ? Math.max(1, this.#view.last) : found;
		return found;
	}
}
