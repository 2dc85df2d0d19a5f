import type { Clock, Timers } from "core/clock";
import type { Log } from "core/log";
import type { CounterBoard } from "modem/counters";
import type { ModemFamily } from "modem/family";

/** What the bring-up needs of the modem around it. */
export interface BringUpHost {
	readonly family: ModemFamily;
	readonly apn: string;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly log: Log;
	readonly counters: CounterBoard;
	/** The hardware way to restart; without it a command does it. */
	readonly hardReset: (() => void) | undefined;
	/** Starts to call the module, see AtChannel.synchronize. */
	synchronize(forMs: number): void;
	/** Asks for `next` soon. */
	wake(): void;
	/** Something that people or the owner look at has changed. */
	changed(): void;
	/** All sockets are dead. */
	lost(): void;
	/** @param wallMs unix milliseconds */
	timeKnown(wallMs: number): void;
}
