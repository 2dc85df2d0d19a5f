import type { PaperLine, Slip } from "./paper";
import { Peripheral } from "./peripheral";
import type { PeripheralOptions } from "./peripheral";
import { PrintHead, lineDots } from "./print-head";
import { PrinterInput } from "./printer-input";
import type { RealTime } from "./printer-input";
import { PrinterInterpreter } from "./printer-interpreter";
import { automaticStatus, isOffline, realTimeStatus } from "./printer-status";
import type { PrinterCondition } from "./printer-status";

export interface PrinterOptions extends PeripheralOptions {
	/** Text lines of normal height that the roll has; 5000 when absent. */
	readonly paperLines?: number;
	readonly onLine?: (line: PaperLine) => void;
	readonly onCut?: (slip: Slip) => void;
}

const wakeUs = 300_000;
const resumeUs = 500_000;
const lowLines = 20;
const paperLinesDefault = 5000;

/** A 58 mm receipt printer with a cutter. Paper comes out in virtual time. */
export class PrinterDevice extends Peripheral {
	readonly #head: PrintHead;
	readonly #interpreter: PrinterInterpreter;
	readonly #input = new PrinterInput((command) => this.#realTime(command));
	#awake = false;
	#resuming: (() => void) | undefined;
	#automatic = false;
	#lastAutomatic = "";
	#coverOpen = false;
	#jammed = false;
	#firstByteAtUs: number | undefined;

	constructor(options: PrinterOptions = {}) {
		super("printer", options);
		const { paperLines = paperLinesDefault, onLine, onCut } = options;
		this.#head = new PrintHead(paperLines * lineDots, {
			nowUs: () => this.nowUs,
			later: (delayUs, action) => this.later(delayUs, action),
			note: (text) => this.note(text),
			onLine: (line) => onLine?.(line),
			onCut: (slip) => {
				this.#firstByteAtUs = undefined;
				onCut?.(slip);
			},
			onIdle: () => {
				this.#reportAutomatic();
				this.#interpreter.work();
			},
		});
		this.#interpreter = new PrinterInterpreter({
			head: this.#head,
			input: this.#input,
			transmit: (bytes) => this.transmit(bytes),
			note: (text) => this.note(text),
			condition: () => this.condition,
			canMove: () => !this.#head.busy && this.#resuming === undefined && !isOffline(this.condition),
			setAutomatic: (on) => {
				this.#automatic = on;
				this.#lastAutomatic = "";
				this.#reportAutomatic();
			},
		});
	}

	/** All that was ever printed, oldest slip first. Survives power cuts: it is paper. */
	get slips(): readonly Slip[] {
		return this.#head.paper.slips;
	}

	/** Normal text lines that the roll still has. */
	get paperLines(): number {
		return Math.floor(this.#head.paper.leftDots / lineDots);
	}

	/** Virtual time of the first byte to print since the last cut; undefined when none came. */
	get firstByteAtUs(): number | undefined {
		return this.#firstByteAtUs;
	}

	/** Bytes lost because they came to a full buffer. */
	get lostBytes(): number {
		return this.#input.lost;
	}

	/** Commands that the printer does not know. */
	get unknownCommands(): number {
		return this.#interpreter.unknownCommands;
	}

	get condition(): PrinterCondition {
		const lines = this.paperLines;
		return {
			paperEnd: lines < 1,
			paperLow: lines < lowLines,
			coverOpen: this.#coverOpen,
			jammed: this.#jammed,
		};
	}

	takePaperOut(): void {
		this.note("paper taken out");
		this.#head.paper.refill(0);
		this.#changed();
	}

	/** @param lines of normal text on the new roll */
	refill(lines = paperLinesDefault): void {
		this.note(`paper put in, ${lines} lines`);
		this.#head.paper.refill(lines * lineDots);
		this.#changed();
	}

	openCover(): void {
		this.note("cover opened");
		this.#coverOpen = true;
		this.#changed();
	}

	closeCover(): void {
		this.note("cover closed");
		this.#coverOpen = false;
		this.#changed();
	}

	jam(): void {
		this.note("jammed");
		this.#jammed = true;
		this.#changed();
	}

	clearJam(): void {
		this.note("jam cleared");
		this.#jammed = false;
		this.#changed();
	}

	/** A person tears off what hangs out. */
	tear(): void {
		this.#head.paper.cut();
	}

	/** Sends any bytes, as a disturbed line would. */
	sendRaw(bytes: Uint8Array): void {
		this.transmit(bytes);
	}

	protected override start(): void {
		this.later(wakeUs, () => (this.#awake = true));
	}

	protected override stop(): void {
		this.#awake = false;
		this.#head.stop();
		this.#resuming = undefined;
		this.#input.reset();
		this.#interpreter.initialise();
		this.#automatic = false;
		this.#firstByteAtUs = undefined;
	}

	protected override hear(bytes: Uint8Array): void {
		if (!this.#awake) return;
		if (this.#input.push(bytes) > 0) this.#firstByteAtUs ??= this.nowUs;
		this.#interpreter.work();
	}

	#realTime(command: RealTime): void {
		if (command.kind === 0x04) {
			this.transmit(Buffer.of(realTimeStatus(command.n, this.condition)));
			return;
		}
		this.note(`DLE ENQ ${command.n}`);
		if (command.n === 2) {
			this.#interpreter.clear();
		}
	}

	/** Paper, cover or jam has changed: tell, and go on after a moment when all is well again. */
	#changed(): void {
		this.#reportAutomatic();
		this.#resuming?.();
		this.#resuming = undefined;
		if (!this.powered || isOffline(this.condition)) return;
		this.#resuming = this.later(resumeUs, () => {
			this.#resuming = undefined;
			this.#interpreter.work();
		});
	}

	#reportAutomatic(): void {
		if (!this.#automatic) return;
		const status = automaticStatus(this.condition);
		if (status.toString("hex") === this.#lastAutomatic) return;
		this.#lastAutomatic = status.toString("hex");
		this.transmit(status);
	}
}
