import type { SerialDevice } from "./device";
import type { PortName } from "./protocol";
import type { BenchScheduler } from "./scheduler";
import type { BoardStorage } from "./storage";

export interface BoardOptions {
	/** The firmware as one script: `buildFirmware()`. */
	readonly firmware: string;
	readonly storage: BoardStorage;
	/** TerminalConfig, as core/platform has it. */
	readonly config: Readonly<Record<string, unknown>>;
	readonly scheduler: BenchScheduler;
	/** Of the board's randomness: entropy, tearing, the cut of serial pieces. */
	readonly seed: number;
	/** What hangs on the serial ports; a port that is left out is silent. */
	readonly devices: Readonly<Partial<Record<PortName, SerialDevice>>>;
	/** Engine steps in a millisecond of virtual time: an assumption about the device. Default 4000. */
	readonly computePerMs?: number;
	/** From power or reset to the first line of the firmware, ms. Default 250. */
	readonly bootMs?: number;
	/** Flash write alignment in bytes. Default 16. */
	readonly writeAlignment?: number;
	/** A turn that costs more virtual time than this is a crash. Default 5000. */
	readonly watchdogMs?: number;
	readonly onEvent?: (event: BoardEvent) => void;
	/** Every byte on every wire. */
	readonly onCapture?: (capture: Capture) => void;
}

export type BoardEvent =
	| { readonly kind: "power"; readonly on: boolean }
	/** The firmware asked for it. */
	| { readonly kind: "restart" }
	/** An exception left the firmware, or the engine gave up; the watchdog restarts it after a second. */
	| { readonly kind: "crash"; readonly reason: string }
	| { readonly kind: "overrun"; readonly port: PortName; readonly lostBytes: number }
	/** The firmware's `print`, or a word of the engine itself. */
	| { readonly kind: "print"; readonly text: string };

export interface Capture {
	readonly port: PortName;
	readonly direction: "to-terminal" | "from-terminal";
	readonly bytes: Uint8Array;
	/** When the device sent it, or had received it. */
	readonly timeUs: number;
}

export interface BoardCounters {
	boots: number;
	restarts: number;
	crashes: number;
	powerCuts: number;
	turns: number;
	/** Engine steps in all. */
	compute: number;
	longestTurnUs: number;
}
