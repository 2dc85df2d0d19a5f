/** What settlements say of a transaction (docs/settlement.md). */
export interface BatchFact {
	/**
	 * open: its batch is not closed · settled · uncompared: closed, and the host did not know the batch · left-open: it was open
	 * when its batch was closed
	 */
	readonly standing: "open" | "settled" | "uncompared" | "left-open";
	/** long: the host alone has it · short: the terminal alone has it · amount: the host has another amount */
	readonly difference: "long" | "short" | "amount" | undefined;
	/** As the host has it, where it differs; minor units, negative for a credit. */
	readonly hostMinor: number;
}

export const openBatch: BatchFact = Object.freeze({
	standing: "open",
	difference: undefined,
	hostMinor: 0,
});
