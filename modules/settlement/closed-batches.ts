import {
	closedMax,
	leftOpenMax,
	nothingClosed,
	unsettledMax,
	type ClosedBatch,
	type ClosedRecord,
} from "settlement/records";

/** A batch that is not settled, and its smallest transaction number. */
export interface UnsettledBatch {
	readonly batch: number;
	readonly firstNumber: number;
}

/**
 * Which transactions are settled: never written for each, but derived from the batches that are closed. Older batches than
 * the record holds are known by a floor.
 */
export class ClosedBatches {
	#record: ClosedRecord = nothingClosed;
	#leftOpen: readonly number[] = [];

	/** Closed batches, newest last, as many as one record holds. */
	get batches(): readonly ClosedBatch[] {
		return this.#record.batches;
	}

	/** Transactions that were open when their batch was closed: whatever becomes of them, they were in no settlement. */
	get leftOpen(): readonly number[] {
		return this.#leftOpen;
	}

	restore(record: ClosedRecord): void {
		this.#record = record;
	}

	restoreLeftOpen(numbers: readonly number[]): void {
		this.#leftOpen = numbers;
	}

	/** The batch of this transaction is closed. A batch number that the host gives out again is another batch. */
	isClosed(batch: number, number: number): boolean {
		const { floor, unsettled, batches } = this.#record;
		if (number <= floor && !unsettled.includes(batch)) return true;
		return batches.some((closed) => closed.batch === batch && number <= closed.lastNumber);
	}

	wasLeftOpen(number: number): boolean {
		return this.#leftOpen.includes(number);
	}

	/**
	 * The record with one more batch.
	 * @param others batches that stay unsettled, in order of their first number
	 */
	with(closed: ClosedBatch, others: readonly UnsettledBatch[]): ClosedRecord {
		const all = [...this.#record.batches, closed];
		const dropped = all.slice(0, -closedMax);
		let { floor } = this.#record;
		for (const { lastNumber } of dropped) floor = Math.max(floor, lastNumber);
		// What the list of exceptions cannot name must stay above the floor.
		const beyond = others[unsettledMax];
		if (beyond !== undefined) floor = Math.min(floor, beyond.firstNumber - 1);
		const unsettled = others.slice(0, unsettledMax).filter((each) => each.firstNumber <= floor);
		return {
			floor,
			unsettled: unsettled.map(({ batch }) => batch),
			batches: all.slice(-closedMax),
		};
	}

	/** Numbers with some more that are left open; the oldest are forgotten first. */
	withLeftOpen(numbers: readonly number[]): readonly number[] {
		const known = this.#leftOpen.filter((number) => !numbers.includes(number));
		return [...known, ...numbers].slice(-leftOpenMax);
	}
}
