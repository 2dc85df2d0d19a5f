/** Seams between the board and what hangs on its wires. Everything runs on the board's virtual time. */

/** Virtual time of the bench: the same for board, peripherals and acquirer. */
export interface Scheduler {
	/** Microseconds of virtual time since the bench was made. Survives power cuts of the terminal. */
	nowUs(): number;
	/** Runs `action` at now + `delayUs` (never from inside `after`). @returns a function that cancels it */
	after(delayUs: number, action: () => void): () => void;
	/** Unix ms that belongs to `nowUs()`. */
	wallMs(): number;
	/**
	 * Something outside virtual time (a real socket) just did or is about to do something: virtual time may
	 * not run ahead of real time until it has been quiet for the grace period.
	 */
	busy(): void;
}

/** The far end of a UART as the peripheral sees it. The wire takes the time that the baud rate needs. */
export interface Wire {
	/** Queues bytes towards the terminal; they arrive in order, one after the other, at line speed. */
	send(bytes: Uint8Array): void;
}

/** A peripheral at the far end of a UART. */
export interface SerialDevice {
	/** Called once before anything else. */
	plug(wire: Wire, scheduler: Scheduler): void;
	/** Bytes that have just arrived from the terminal, one or more. */
	receive(bytes: Uint8Array): void;
	/** Supply voltage comes or goes with the terminal's. All volatile state is lost when it goes. */
	power(on: boolean): void;
}
