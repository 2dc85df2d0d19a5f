import type { Clock, Timers } from "core/clock";
import type { Serial } from "core/io";
import type { SerialWriter } from "core/serial-writer";
import type { CounterBoard } from "modem/counters";
import type { ModemFamily } from "modem/family";

export interface ChannelEvents {
	/** A line that answers no command. @returns true when it was known */
	unsolicited(line: string): boolean;
	/** The line is in step: after `synchronize`, or after a command that went wrong. */
	synchronized(): void;
	/** The module does not answer any more. */
	silent(): void;
	/** The module echoes, so it has forgotten its settings. */
	echoed(): void;
	/** A line was not understood or too long; it is counted. */
	noise(): void;
}

export interface ChannelOptions {
	readonly family: ModemFamily;
	readonly serial: Serial;
	readonly writer: SerialWriter;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly counters: CounterBoard;
	readonly events: ChannelEvents;
}
