import type { Printer, PrintOutcome } from "core/devices";
import { Fault } from "core/fault";
import { LogCode, type Log } from "core/log";
import type { TerminalConfig } from "core/platform";
import type { BatchView } from "settlement/batch-view";
import { findDifferences } from "settlement/differences";
import { settlementReport } from "settlement/report";
import type { SettlementStore } from "settlement/store";
import type { Book } from "transaction/book";
import { ReceiptState } from "transaction/transaction";

export interface ReportPrinterOptions {
	readonly store: SettlementStore;
	readonly view: BatchView;
	readonly book: Pick<Book, "open">;
	readonly printer: Printer;
	readonly config: TerminalConfig;
	readonly log: Log;
	readonly onChanged: () => void;
}

/**
 * Prints the report of the last settlement, once, as soon as the printer can; its state is journalled like that of a slip. The batch is
 * closed already: whatever the printer does changes nothing about it.
 */
export class ReportPrinter {
	readonly #o: ReportPrinterOptions;
	#printing = false;

	constructor(options: ReportPrinterOptions) {
		this.#o = options;
	}

	/** A report is on its way to paper. */
	get active(): boolean {
		return this.#printing;
	}

	/** After a boot: what was being printed then is uncertain. */
	resume(): void {
		const { report } = this.#o.store;
		if (report?.state === ReceiptState.Printing)
			this.#become(ReceiptState.Uncertain, report.reprintCount);
	}

	/** Prints a report that is due, if the printer can. */
	kick(): void {
		if (this.#o.store.report?.state === ReceiptState.Due && this.#mayPrint()) this.#start(false);
	}

	/** Prints a marked duplicate on demand. @returns false when there is none, or the printer is busy or not ready */
	reprint(): boolean {
		const { report } = this.#o.store;
		if (report === undefined || report.state === ReceiptState.Due || !this.#mayPrint())
			return false;
		return this.#start(true);
	}

	#mayPrint(): boolean {
		return !this.#printing && this.#o.view.complete && this.#o.printer.status.ready;
	}

	#start(reprint: boolean): boolean {
		const { store, view, book, printer, config } = this.#o;
		const { result, report } = store;
		if (result === undefined || report === undefined) return false;
		const before = report.state;
		if (!this.#become(ReceiptState.Printing, report.reprintCount + (reprint ? 1 : 0))) return false;
		const own = store.differences.filter(({ batch }) => batch === result.batch);
		const differences = findDifferences(own, view);
		const open = book
			.open()
			.filter(({ batch, number }) => batch === result.batch && store.closed.wasLeftOpen(number));
		this.#printing = true;
		try {
			printer.print(settlementReport({ result, differences, open, reprint }, config), (outcome) =>
				this.#finished(outcome, before),
			);
		} catch (error) {
			if (!(error instanceof Fault)) throw error;
			this.#finished("not-started", before);
		}
		return true;
	}

	#finished(outcome: PrintOutcome, before: ReceiptState): void {
		this.#printing = false;
		if (outcome !== "printed") this.#o.log.event(LogCode.PrinterFault, 0);
		const after =
			outcome === "printed"
				? ReceiptState.Printed
				: outcome === "uncertain"
					? ReceiptState.Uncertain
					: before;
		this.#become(after, this.#o.store.report?.reprintCount ?? 0);
	}

	/** @returns false when flash would not take it */
	#become(state: ReceiptState, reprintCount: number): boolean {
		const { store, log, onChanged } = this.#o;
		const { report } = store;
		if (report === undefined) return false;
		try {
			store.putReport({ ...report, state, reprintCount: Math.min(reprintCount, 255) });
		} catch (error) {
			if (!(error instanceof Fault)) throw error;
			log.event(LogCode.JournalDamage, 0, 3);
			return false;
		}
		onChanged();
		return true;
	}
}
