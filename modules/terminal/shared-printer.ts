import type { Printer, PrinterStatus, PrintLine, PrintOutcome } from "core/devices";
import { Fault } from "core/fault";

/** One printer for slips and reports: while one prints, it is not ready for the other. */
export class SharedPrinter implements Printer {
	readonly #printer: Printer;
	#busy = false;

	constructor(printer: Printer) {
		this.#printer = printer;
	}

	get status(): PrinterStatus {
		const { status } = this.#printer;
		return this.#busy ? { ...status, ready: false } : status;
	}

	print(lines: readonly PrintLine[], done: (outcome: PrintOutcome) => void): void {
		if (this.#busy) throw new Fault("io.busy");
		this.#printer.print(lines, (outcome) => {
			this.#busy = false;
			done(outcome);
		});
		this.#busy = true;
	}
}
