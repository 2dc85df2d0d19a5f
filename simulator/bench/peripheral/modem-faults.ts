/** What may go wrong once, with the next command that it fits. */
export type ModemFault =
	/** No prompt after QISEND: the command has got lost. */
	| "drop-prompt"
	/** The data are not taken. */
	| "send-fail"
	/** The next command is answered ERROR. */
	| "error"
	/** The answer comes twelve seconds late. */
	| "late"
	/** The next command is never answered. */
	| "no-answer"
	/** Noise in front of the answer. */
	| "noise"
	/** The modem restarts in the middle of a QIRD answer. */
	| "reset-in-read";

/** Faults that wait for their command, in the order given. */
export class ModemFaults {
	readonly #waiting: ModemFault[] = [];

	add(fault: ModemFault, count: number): void {
		for (let i = 0; i < count; i++) this.#waiting.push(fault);
	}

	/** Uses the fault up if it is one of these and the first that waits. */
	take(...faults: readonly ModemFault[]): ModemFault | undefined {
		const first = this.#waiting[0];
		if (first === undefined || !faults.includes(first)) return undefined;
		return this.#waiting.shift();
	}
}
