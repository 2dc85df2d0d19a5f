import type { Printer, PrintLine, PrintOutcome } from "core/devices";
import { Fault } from "core/fault";
import { LogCode, type Log } from "core/log";
import type { TerminalConfig } from "core/platform";
import { slipOf } from "receipt/layout";
import type { Book } from "transaction/book";
import { ReceiptState, type Transaction } from "transaction/transaction";

export interface IssuerOptions {
	readonly book: Book;
	readonly printer: Printer;
	readonly config: TerminalConfig;
	readonly log: Log;
	readonly onChanged: () => void;
}

/**
 * Issues slips: one at a time, oldest first. A slip is journalled as printing before the first byte goes to
 * the printer, and as printed only when the printer has proved it. A printer fault never undoes an approval.
 */
export class ReceiptIssuer {
	readonly #o: IssuerOptions;
	#printing = 0;

	constructor(options: IssuerOptions) {
		this.#o = options;
	}

	/** A slip is on its way to paper. */
	get active(): boolean {
		return this.#printing !== 0;
	}

	/** Prints the next due slip if the printer can. Call when a slip is due or the printer changed. */
	kick(): void {
		if (this.#printing !== 0 || !this.#o.printer.status.ready) return;
		const due = this.#o.book.slipDue();
		if (due !== undefined) this.#start(due, false);
	}

	/**
	 * Prints a marked duplicate on demand.
	 * @returns false when the printer is busy or not ready
	 */
	reprint(transaction: Transaction): boolean {
		if (this.#printing !== 0 || !this.#o.printer.status.ready) return false;
		this.#start(transaction, true);
		return true;
	}

	#start(transaction: Transaction, reprint: boolean): void {
		const { book, printer, config } = this.#o;
		const { number } = transaction;
		const before = transaction.receiptState;
		book.receipt(number, ReceiptState.Printing, reprint);
		this.#printing = number;
		const lines: PrintLine[] = [
			...slipOf(transaction, config, { copy: "merchant", reprint }),
			{ text: "- - - - - - - - - - - - - - - -", align: "center" },
			...slipOf(transaction, config, { copy: "cardholder", reprint }),
		];
		try {
			printer.print(lines, (outcome) => this.#finished(number, outcome, before));
		} catch (error) {
			if (!(error instanceof Fault)) throw error;
			this.#finished(number, "not-started", before);
		}
	}

	#finished(number: number, outcome: PrintOutcome, before: ReceiptState): void {
		this.#printing = 0;
		this.#o.book.receipt(number, stateAfter(outcome, before));
		if (outcome !== "printed") this.#o.log.event(LogCode.PrinterFault, number);
		this.#o.onChanged();
	}
}

/** What did not start leaves the slip as it was: due, or out already when this was a reprint. */
function stateAfter(outcome: PrintOutcome, before: ReceiptState): ReceiptState {
	if (outcome === "printed") return ReceiptState.Printed;
	return outcome === "uncertain" ? ReceiptState.Uncertain : before;
}
