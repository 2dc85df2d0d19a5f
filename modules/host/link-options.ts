import type { Ciphers, KeyStore } from "core/ciphers";
import type { Clock, Timers } from "core/clock";
import type { Network } from "core/devices";
import type { Entropy } from "core/entropy";
import type { Log } from "core/log";
import type { Parameters } from "core/parameters";
import type { TerminalConfig } from "core/platform";
import type { NoticeSink } from "host/notice-desk";
import type { SwitchRules } from "host/switch-rules";

/** States of the link; `exchange` works in Up alone. */
export const LinkState = Object.freeze({
	Down: 0,
	Connecting: 1,
	SigningOn: 2,
	Up: 3,
	/** Waits for what is in flight; then new keys, the other channel, or the end. */
	Draining: 4,
} as const);
export type LinkState = (typeof LinkState)[keyof typeof LinkState];

/** Deadlines and limits of the link. */
export interface HostLinkLimits {
	/** Socket, CONNECT and SUBSCRIBE together. */
	readonly connectTimeoutMs: number;
	/** Reply to one 0800; the first two tries wait a quarter and a half of it. */
	readonly signOnTimeoutMs: number;
	readonly keepAliveMs: number;
	readonly backoffBaseMs: number;
	readonly backoffCapMs: number;
	/** Requests that may wait for their reply at the same time, over MQTT and over the backup channel. */
	readonly inFlight: number;
	readonly backupInFlight: number;
	/** One 0820. */
	readonly echoTimeoutMs: number;
	/** Quiet time after which a host that has not answered an echo yet is asked for one. */
	readonly firstEchoMs: number;
	/** Between polls for notices over the backup channel. */
	readonly pollMs: number;
	/** Unanswered sign-ons in a row after which a connection is given up, over MQTT and over the backup channel. */
	readonly silentSignOns: number;
	readonly backupSilentSignOns: number;
}

export const hostLinkLimits: HostLinkLimits = Object.freeze({
	connectTimeoutMs: 20_000,
	signOnTimeoutMs: 20_000,
	keepAliveMs: 120_000,
	backoffBaseMs: 1000,
	backoffCapMs: 60_000,
	inFlight: 8,
	backupInFlight: 3,
	echoTimeoutMs: 10_000,
	firstEchoMs: 10_000,
	pollMs: 900_000,
	silentSignOns: 8,
	backupSilentSignOns: 2,
});

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
	/** @returns a fresh attempt number, 1 to 0xffff, durable before it is returned */
	readonly nextAttempt: () => number;
	/** Batch that was last known, 0 when none. */
	readonly batch: number;
	/** Called after each change, also from inside `networkChanged`. */
	readonly onState: (state: LinkState) => void;
	/** The host gave another batch at sign-on; called before Up. */
	readonly onBatch: (batch: number) => void;
	/**
	 * The host's clock differs from ours by more than ten seconds, told at sign-on, before Up. That a request is dead after its
	 * life holds only while the two agree, so the terminal takes the host's time. Absent: nothing is told.
	 */
	readonly onHostTime?: (wallMs: number) => void;
	/** Takes the acquirer's notices; absent: none is answered. */
	readonly notices?: NoticeSink;
	/** Asked for at each use. */
	readonly parameters?: () => Parameters;
	readonly limits?: Partial<HostLinkLimits>;
	readonly rules?: Partial<SwitchRules>;
}
