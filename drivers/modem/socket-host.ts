import type { Clock } from "core/clock";
import type { CounterBoard } from "modem/counters";
import type { ModemFamily } from "modem/family";
import type { ModemSocket } from "modem/modem-socket";
import type { PinStore } from "modem/pin-store";

/** What a socket needs of its modem. */
export interface SocketHost {
	readonly family: ModemFamily;
	readonly clock: Clock;
	readonly counters: CounterBoard;
	/** Undefined: the family has no TLS. */
	readonly pins: PinStore | undefined;
	/** The module knows the time. */
	timeKnown(): boolean;
	/** @returns a free socket number, or -1 when the modem is down or all are taken */
	attach(socket: ModemSocket): number;
	/** Asks for `deliver` and `next` soon; never calls them from inside. */
	wake(): void;
	/** An open ended. @param error of the module, 0 when the network works */
	openEnded(error: number): void;
	/** The module does not close the socket: only a restart frees it. */
	stuck(): void;
}
