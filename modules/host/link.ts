import type { Ciphers, KeyStore } from "core/ciphers";
import type { Clock, Timers } from "core/clock";
import type { Network } from "core/devices";
import type { Entropy } from "core/entropy";
import type { Log } from "core/log";
import type { TerminalConfig } from "core/platform";
import type { HostOutcome, HostRequest } from "host/exchange";

export type { HostOutcome, HostRequest } from "host/exchange";

/** States of the link; `exchange` works in Up alone. */
export const LinkState = Object.freeze({ Down: 0, Connecting: 1, SigningOn: 2, Up: 3 } as const);
export type LinkState = (typeof LinkState)[keyof typeof LinkState];

/** Deadlines and limits of the link. */
export interface HostLinkLimits {
	/** Socket, CONNECT and SUBSCRIBE together. */
	readonly connectTimeoutMs: number;
	/** One sign-on. */
	readonly signOnTimeoutMs: number;
	readonly keepAliveMs: number;
	readonly backoffBaseMs: number;
	readonly backoffCapMs: number;
	/** Requests that may wait for their reply at the same time. */
	readonly inFlight: number;
}

export interface HostLinkOptions {
	readonly config: TerminalConfig;
	readonly network: Network;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly entropy: Entropy;
	readonly ciphers: Ciphers;
	/** Holds the terminal master key, 16 bytes, under "tmk". */
	readonly keys: KeyStore;
	readonly log: Log;
	/** @returns a fresh STAN, 1 to 999999, durable before it is returned */
	readonly nextStan: () => number;
	/** @returns a fresh attempt number, 1 to 0xffffff, durable before it is returned */
	readonly nextAttempt: () => number;
	/** Batch that was last known, 0 when none. */
	readonly batch: number;
	readonly onState: (state: LinkState) => void;
	/** The host gave another batch at sign-on; called before Up. */
	readonly onBatch: (batch: number) => void;
	readonly limits?: Partial<HostLinkLimits>;
}

/** The terminal's link to the acquirer's host (docs/host-protocol.md, docs/mqtt-and-host-link.md). */
export class HostLink {
	#state: LinkState = LinkState.Down;
	#batch: number;

	constructor(options: HostLinkOptions) {
		this.#batch = options.batch;
	}

	get state(): LinkState {
		return this.#state;
	}

	/** Batch of new transactions, 0 while none is known. */
	get batch(): number {
		return this.#batch;
	}

	/** Requests that wait for their reply. */
	get inFlight(): number {
		return 0;
	}

	/** Carrier came or went: call on each change, and once to start. */
	networkChanged(): void {}

	/**
	 * Sends one request. Never changes the state of the link by itself.
	 * @returns the attempt's number (> 0) when the message was handed to the carrier: from now on it may have left, and
	 * `done` is called exactly once, within `timeoutMs`. 0: surely nothing left, and `done` is never called.
	 * @throws Fault "message.…" when the transaction cannot be put into a message: nothing left
	 */
	exchange(request: HostRequest, done: (outcome: HostOutcome) => void): number {
		void request;
		void done;
		return 0;
	}

	/** Ends the link for good. Waiting requests get "no-reply". */
	close(): void {}
}
