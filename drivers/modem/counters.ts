/** What the modem driver counts for the support bundle. Plain numbers since boot, they only grow. */
export interface ModemCounters {
	readonly bytesIn: number;
	readonly bytesOut: number;
	/** Commands whose reply did not come in time. */
	readonly timeouts: number;
	/** Payloads that were not sent because the prompt never came. */
	readonly missingPrompts: number;
	/** Reads that lost bytes on the line; each one closed its socket. */
	readonly brokenReads: number;
	/** Final results that belonged to no command. */
	readonly strayFinals: number;
	/** Lines that nothing understood. */
	readonly noise: number;
	/** Lines above the limit, dropped up to the next line end. */
	readonly overlongLines: number;
	/** Times that the modem restarted by itself. */
	readonly unexpectedResets: number;
	/** Times that this driver restarted the modem. */
	readonly resets: number;
	/** "SEND FAIL" answers: the module's buffer was full. */
	readonly sendRetries: number;
	/** Connections that could not be opened. */
	readonly openFailures: number;
	/** TLS connections that did not come about although host and port answer. */
	readonly tlsFailures: number;
	/** Certificates that were written to the module; each one wears its flash a little. */
	readonly pinUploads: number;
}

/** The writable side, for the parts of the driver. */
export type CounterBoard = { -readonly [K in keyof ModemCounters]: number };

export function makeCounters(): CounterBoard {
	return {
		bytesIn: 0,
		bytesOut: 0,
		timeouts: 0,
		missingPrompts: 0,
		brokenReads: 0,
		strayFinals: 0,
		noise: 0,
		overlongLines: 0,
		unexpectedResets: 0,
		resets: 0,
		sendRetries: 0,
		openFailures: 0,
		tlsFailures: 0,
		pinUploads: 0,
	};
}
