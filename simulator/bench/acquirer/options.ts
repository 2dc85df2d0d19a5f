/** What a host is told when it is made. */
import type { Habits } from "./decision";
import type { TerminalSetup } from "./keys";
import type { Outcome } from "./notice-content";
import type { TcpOptions } from "./tcp-channel";

/** Base derivation key of the bench's readers: the published test key, worth nothing. */
export const testBdk = Buffer.from("0123456789ABCDEFFEDCBA9876543210", "hex");

/** Time, if it is not the real one. */
export interface AcquirerClock {
	/** Unix ms. */
	readonly now: () => number;
	/** Runs `action` once, later. @returns a function that cancels it */
	readonly after: (delayMs: number, action: () => void) => () => void;
}

export interface AcquirerOptions extends Partial<AcquirerClock> {
	/** mqtt:// or mqtts://host:port, with user and password where the broker wants them. Undefined: no MQTT. */
	readonly mqttUrl?: string;
	/** For mqtts://: certificates that the broker's must chain to, PEM. The system's by default. */
	readonly mqttCa?: Buffer;
	/** Listens for terminals on plain TCP too. */
	readonly tcp?: TcpOptions;
	/** Tells terminals what became of a batch after it was closed. */
	readonly funding?: Funding;
	/** Folder of the ledger, made when missing. Undefined keeps the ledger in memory. */
	readonly ledgerFolder?: string;
	readonly terminals: readonly TerminalSetup[];
	/** Base derivation key of the readers, 16 bytes; `testBdk` by default. */
	readonly bdk?: Buffer;
	/** Each true by default. */
	readonly habits?: Partial<Habits>;
	/** Called at every message that comes or goes. */
	readonly onActivity?: () => void;
	/** Told of work that is not over yet, such as writing to the ledger: a bench keeps its time until then. */
	readonly hold?: (work: Promise<void>) => void;
	/** A scripted crash has happened; a program of its own dies here. */
	readonly onCrash?: () => void;
	/** One line, never with card data or keys. */
	readonly log?: (line: string) => void;
	/** Source of keys; the system's by default. */
	readonly random?: (byteCount: number) => Buffer;
}

/** How a closed batch is told to be paid, held or returned. */
export interface Funding {
	readonly outcome: Outcome;
	/** From the close of the batch to the notice, ms. */
	readonly delayMs: number;
	/** Four digits, for held and returned. */
	readonly reason?: string;
	/** In 1/10000 of what the batch adds. */
	readonly feeRate?: number;
}

/** What came and went since the object was made. */
export interface AcquirerCounters {
	readonly received: number;
	readonly answered: number;
	/** No answer was due: not a request of this protocol. */
	readonly dropped: number;
}

/** The system's time. */
export const realClock: AcquirerClock = Object.freeze({
	now: () => Date.now(),
	after: (delayMs: number, action: () => void) => {
		const timer = setTimeout(action, delayMs);
		return () => clearTimeout(timer);
	},
});
