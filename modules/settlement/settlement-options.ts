import type { Clock, Timers } from "core/clock";
import type { Entropy } from "core/entropy";
import type { Log } from "core/log";
import type { Parameters } from "core/parameters";
import type { HostLink } from "host/link";
import type { BatchView } from "settlement/batch-view";
import type { Step } from "settlement/steps";
import type { SettlementStore } from "settlement/store";
import type { Book } from "transaction/book";

/**
 * Why a settlement does not begin. running: it has begun already · keys: the host has never given a batch · reading: flash has not
 * been read completely since boot · flash: nothing can be written
 */
export type SettlementRefusal = "running" | "keys" | "reading" | "flash";

/** Why no card is taken. settling: a batch is with the host · settle-first: no room for more that is not settled */
export type SettlementHold = "settling" | "settle-first";

/**
 * What a settlement waits for. reading: flash has not been read completely since boot · open: reversals, stored sales and
 * advices · sale: the cashier is busy · host: its answer · pause: it was put off and begins again by itself
 */
export type SettlementWait = "reading" | "open" | "sale" | "network" | "host" | "pause";

/** Where a settlement stands, for display and console. */
export interface SettlementProgress {
	readonly step: Step;
	readonly batch: number;
	readonly wait: SettlementWait | undefined;
	/** Transactions that have to be reversed or forwarded first. */
	readonly openCount: number;
	/** Details that the host has, and all of them. */
	readonly uploaded: number;
	readonly total: number;
	/** Field 39 with which the host refused the last one, "" when it did not. */
	readonly refusal: string;
	/** It was found at boot: a power cut had interrupted it. */
	readonly resumed: boolean;
}

export interface SettlementOptions {
	readonly store: SettlementStore;
	readonly view: BatchView;
	readonly book: Pick<Book, "open" | "nextStan" | "counters">;
	readonly link: Pick<HostLink, "state" | "settle" | "signOn">;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly entropy: Entropy;
	readonly log: Log;
	/** ISO 4217 as a number. */
	readonly currency: number;
	readonly utcOffsetMinutes: number;
	readonly parameters: () => Pick<Parameters, "batchCountMax" | "settlementMinute">;
	/** A sale is between its amount and its result, or the worker is talking to the host. */
	readonly busy: () => boolean;
	/** The journal is about to drop what it holds of this transaction, for want of room. */
	readonly endangers: (number: number) => boolean;
	/** Step, progress or result changed. */
	readonly onChanged: () => void;
}
