import { EntryMode } from "core/card";
import type {
	CardOutcome,
	CardReader,
	CardRequest,
	ChipOutcome,
	HostAnswer,
	Panel,
	Printer,
	PrinterStatus,
	PrintLine,
	PrintOutcome,
} from "core/devices";
import { Fault } from "core/fault";
import type { Serial, SerialOptions, SerialPort } from "core/io";
import type { Random } from "test/simulation/fakes/random";
import type { Faults } from "test/simulation/faults";
import type { Power } from "test/simulation/power";
import type { Scheduler } from "test/simulation/scheduler";

/** What the devices of one boot share. */
export interface DeviceParts {
	readonly scheduler: Scheduler;
	readonly faults: Faults;
	readonly power: Power;
	readonly random: Random;
	/** Runs firmware code that a device calls, in this boot only. */
	readonly guard: (run: () => void) => void;
}

/** A reader whose customer is played by the cashier's script. */
export class SimulatedReader implements CardReader {
	readonly ready = true;
	/** What a card is awaited for. */
	waits: CardRequest | undefined;
	awaitsHost = false;
	#done: ((outcome: CardOutcome) => void) | undefined;
	readonly #p: DeviceParts;
	readonly #onActive: (request: CardRequest) => void;
	readonly #onRefused: (amountMinor: number) => void;
	#amountMinor = 0;

	/** @param onRefused the chip of the sale with this amount does not agree to an approval */
	constructor(
		parts: DeviceParts,
		onActive: (request: CardRequest) => void,
		onRefused: (amountMinor: number) => void,
	) {
		this.#p = parts;
		this.#onActive = onActive;
		this.#onRefused = onRefused;
	}

	activate(request: CardRequest, done: (outcome: CardOutcome) => void): void {
		this.#p.power.check();
		if (this.#done !== undefined) throw new Fault("io.busy");
		this.#done = done;
		this.awaitsHost = false;
		this.waits = request;
		this.#amountMinor = request.amountMinor;
		this.#p.scheduler.after(request.timeoutMs, () => {
			if (this.#done === done) this.outcome({ kind: "timeout" });
		});
		this.#p.scheduler.after(1, () => this.#onActive(request));
	}

	cancel(): void {
		if (this.#done !== undefined)
			this.#p.scheduler.after(20, () => this.outcome({ kind: "cancelled" }));
	}

	/** The chip agrees with the host, or has reasons of its own. */
	complete(answer: HostAnswer, done: (outcome: ChipOutcome) => void): void {
		this.#p.power.check();
		if (!this.awaitsHost) throw new Fault("io.busy");
		this.awaitsHost = false;
		const { faults, random } = this.#p;
		const refuses = faults.hit("chipRefuses");
		if (refuses) this.#onRefused(this.#amountMinor);
		const agrees = answer.responseCode === "00" ? "approved" : "declined";
		const kind = !refuses ? agrees : random.oneIn(2) ? "declined" : "failed";
		const nothing = new Uint8Array(0);
		this.#p.scheduler.after(this.#p.random.below(2000), () =>
			this.#p.guard(() => done({ kind, cryptogram: nothing, scriptResults: nothing })),
		);
	}

	/** What became of the wait; without one it is nothing. */
	outcome(outcome: CardOutcome): void {
		const done = this.#done;
		if (done === undefined) return;
		this.#done = this.waits = undefined;
		this.awaitsHost = outcome.kind === "card" && outcome.card.entryMode === EntryMode.Chip;
		this.#p.guard(() => done(outcome));
	}
}

/** One slip as it lies on the counter. */
export interface Slip {
	readonly lines: readonly string[];
	/** What the printer reported; "cut" when the terminal lost its power first. */
	outcome: PrintOutcome | "cut";
}

/** The sale that a slip is about, by its amount. */
export function amountOn(slip: Slip): number {
	const line = slip.lines.find((text) => text.startsWith("RMB "));
	return line === undefined ? 0 : Math.round(Number(line.slice(4)) * 100);
}

/** What a slip calls itself: 凭证号 and batch, "000123/000042". */
export function traceOn(slip: Slip): string {
	const digits = (label: string): string => {
		const line = slip.lines.find((text) => text.startsWith(label));
		return /(\d{6})\s*$/.exec(line ?? "")?.[1] ?? "";
	};
	return `${digits("批次号")}/${digits("凭证号")}`;
}

/** Paper outlives the terminal: it is there before and after a power cut. */
export class Paper {
	readonly slips: Slip[] = [];
	out = false;
}

export class SimulatedPrinter implements Printer {
	#busy = false;
	readonly #p: DeviceParts;
	readonly #paper: Paper;
	readonly #onSlip: (slip: Slip) => void;

	constructor(parts: DeviceParts, paper: Paper, onSlip: (slip: Slip) => void) {
		this.#p = parts;
		this.#paper = paper;
		this.#onSlip = onSlip;
	}

	get status(): PrinterStatus {
		const paperOut = this.#paper.out;
		return {
			present: true,
			ready: !paperOut,
			paperOut,
			paperLow: false,
			coverOpen: false,
			error: false,
		};
	}

	print(lines: readonly PrintLine[], done: (outcome: PrintOutcome) => void): void {
		const { power, scheduler, random, faults } = this.#p;
		power.check();
		if (this.#busy) throw new Fault("io.busy");
		this.#busy = true;
		const slip: Slip = { lines: lines.map((line) => line.text), outcome: "cut" };
		power.output(() => {
			this.#paper.slips.push(slip);
			this.#onSlip(slip);
		});
		const lost = faults.hit("printerPower");
		const outcome = lost ? (random.oneIn(3) ? "not-started" : "uncertain") : "printed";
		scheduler.after(500 + random.below(2500), () => {
			this.#p.guard(() => {
				this.#busy = false;
				slip.outcome = this.#paper.out && outcome === "printed" ? "uncertain" : outcome;
				this.#onSlip(slip);
				done(slip.outcome);
			});
		});
	}
}

export class SimulatedPanel implements Panel {
	readonly #power: Power;
	readonly #onShown: (lines: readonly string[]) => void;

	constructor(power: Power, onShown: (lines: readonly string[]) => void) {
		this.#power = power;
		this.#onShown = onShown;
	}

	show(lines: readonly string[]): void {
		this.#power.output(() => this.#onShown(lines));
	}
}

/** The technician's cable. */
export class SimulatedConsole {
	readonly port: SerialPort;
	#options: SerialOptions | undefined;
	#typed: Uint8Array | undefined;
	readonly #p: DeviceParts;

	constructor(parts: DeviceParts, watch: (bytes: Uint8Array) => void) {
		this.#p = parts;
		const open = (options: SerialOptions): Serial => {
			this.#options = options;
			this.#later(() => options.onWritable?.(4096));
			return {
				read: () => {
					const bytes = this.#typed;
					this.#typed = undefined;
					return bytes;
				},
				write: (bytes) => {
					watch(bytes);
					this.#later(() => options.onWritable?.(4096));
				},
				close: () => {},
			};
		};
		const io = class {
			constructor(options: SerialOptions) {
				return open(options);
			}
		} as SerialPort["io"];
		this.port = { io, baud: 115_200 };
	}

	type(text: string): void {
		this.#typed = Uint8Array.from(text, (char) => char.charCodeAt(0));
		const count = this.#typed.length;
		this.#p.guard(() => this.#options?.onReadable?.(count));
	}

	#later(run: () => void): void {
		this.#p.scheduler.after(1, () => this.#p.guard(run));
	}
}

/** A port with nothing on it: the drivers stand above these interfaces. */
export const emptyPort: SerialPort = Object.freeze({
	io: class {
		constructor() {
			throw new Error("no driver runs in the simulation");
		}
	} as unknown as SerialPort["io"],
	baud: 115_200,
});
