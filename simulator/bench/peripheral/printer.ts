import { nextCommand } from "./escpos";
import type { EscPosCommand } from "./escpos";
import type { PaperLine, Slip } from "./paper";
import { Peripheral } from "./peripheral";
import type { PeripheralOptions } from "./peripheral";
import { PrintHead, charDots, lineDots } from "./print-head";
import { applyStyle } from "./print-style";
import { PrinterInput } from "./printer-input";
import type { RealTime } from "./printer-input";
import { automaticStatus, isOffline, paperStatus, realTimeStatus } from "./printer-status";
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
/** A command that does not fit the buffer is no command. */
const commandLimit = 3900;

/** A 58 mm receipt printer with a cutter. Paper comes out in virtual time. */
export class PrinterDevice extends Peripheral {
	readonly #head: PrintHead;
	readonly #input = new PrinterInput((command) => this.#realTime(command));
	#awake = false;
	#resuming: (() => void) | undefined;
	/** Bytes of an image that are still to come, and what to do then. */
	#swallow = 0;
	#afterImage: (() => void) | undefined;
	#qr = "";
	#qrSize = 3;
	#automatic = false;
	#lastAutomatic = "";
	#coverOpen = false;
	#jammed = false;
	#firstByteAtUs: number | undefined;
	#unknown = 0;

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
				this.#work();
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
		return this.#unknown;
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
		this.#initialise();
		this.#firstByteAtUs = undefined;
	}

	protected override hear(bytes: Uint8Array): void {
		if (!this.#awake) return;
		if (this.#input.push(bytes) > 0) this.#firstByteAtUs ??= this.nowUs;
		this.#work();
	}

	#realTime(command: RealTime): void {
		if (command.kind === 0x04) {
			this.transmit(Buffer.of(realTimeStatus(command.n, this.condition)));
			return;
		}
		this.note(`DLE ENQ ${command.n}`);
		if (command.n === 2) {
			this.#input.clear();
			this.#head.line.clear();
			this.#afterImage = undefined;
		}
	}

	/** Interprets until something moves, the input is used up or the printer is offline. */
	#work(): void {
		while (!this.#head.busy && this.#resuming === undefined && !isOffline(this.condition)) {
			if (this.#afterImage !== undefined) {
				if (!this.#takeImage(this.#afterImage)) break;
				continue;
			}
			const command = nextCommand(this.#input.bytes);
			if (command === undefined) {
				if (this.#input.bytes.length < commandLimit) break;
				this.#unknown++;
				this.#input.consume(1);
				continue;
			}
			this.#input.consume(command.length - this.#execute(command));
			if (command.rest > 0 && this.#afterImage === undefined) this.#skip(command.rest);
		}
		const flow = this.#input.flow();
		if (flow !== undefined) this.transmit(Buffer.of(flow));
	}

	/** @returns bytes of the command that have to be interpreted again */
	#execute(command: EscPosCommand): number {
		const n = command.data[0] ?? 0;
		const head = this.#head;
		if (applyStyle(command, head.style)) return 0;
		switch (command.name) {
			case "text":
				return head.compose(command.data);
			case "LF":
				head.printLine();
				break;
			case "HT":
				head.line.tab(head.style);
				break;
			case "CAN":
				head.line.clear();
				break;
			case "ESC @":
				this.#initialise();
				break;
			case "ESC d":
				head.feedLines(n);
				break;
			case "ESC J":
				head.feedDots(n);
				break;
			case "GS V":
				head.cut(n >= 65 ? (command.data[1] ?? 0) : undefined);
				break;
			case "ESC i":
			case "ESC m":
				head.cut(undefined);
				break;
			case "GS ( k":
				this.#symbol(command.data.subarray(2));
				break;
			case "GS k":
				head.printMark("barcode", "[barcode]", 80);
				break;
			case "GS v":
				this.#image(command.rest, command.data.readUInt16LE(4));
				break;
			case "ESC *":
			case "GS ( L":
			case "GS 8 L":
				this.#image(command.rest, charDots);
				break;
			default:
				this.#answer(command);
		}
		return 0;
	}

	/** Commands that ask something; all others change nothing that can be seen here. */
	#answer(command: EscPosCommand): void {
		const n = command.data[0] ?? 0;
		if (command.name === "GS r") {
			if (n === 1 || n === 49) this.transmit(Buffer.of(paperStatus(this.condition)));
			if (n === 2 || n === 50) this.transmit(Buffer.of(0));
		} else if (command.name === "GS a") {
			this.#automatic = n !== 0;
			this.#lastAutomatic = "";
			this.#reportAutomatic();
		} else if (command.name === "GS ( H") {
			this.#processId(command.data.subarray(2));
		} else if (command.name === "GS I") {
			this.transmit(Buffer.of(0x02));
		} else if (command.name === "unknown") {
			this.#unknown++;
			this.note(`unknown command ${command.data.toString("hex")}`);
		}
	}

	/** GS ( H: fn m d1 d2 d3 d4. */
	#processId(data: Buffer): void {
		const id = data.subarray(2);
		if (data[0] !== 0x30 || data[1] !== 0x30 || id.length !== 4) return;
		if (id.some((byte) => byte < 0x20 || byte > 0x7e)) return;
		this.note(`process id ${id.toString("latin1")} answered`);
		this.transmit(Buffer.concat([Buffer.of(0x37, 0x22), id, Buffer.of(0)]));
	}

	/** Image data may be longer than the buffer: they are taken as they come, then the image is printed. */
	#image(byteCount: number, dots: number): void {
		this.#swallow = byteCount;
		this.#afterImage = () => this.#head.printMark("image", `[image ${byteCount} bytes]`, dots);
	}

	#skip(byteCount: number): void {
		this.#swallow = byteCount;
		this.#afterImage = () => undefined;
	}

	/** @returns false when more bytes have to come */
	#takeImage(then: () => void): boolean {
		const count = Math.min(this.#swallow, this.#input.bytes.length);
		this.#swallow -= count;
		this.#input.consume(count);
		if (this.#swallow > 0) return false;
		this.#afterImage = undefined;
		then();
		return true;
	}

	/** GS ( k: cn fn m data. */
	#symbol(data: Buffer): void {
		const rest = data.subarray(3);
		if (data[0] !== 0x31) return;
		if (data[1] === 0x43) this.#qrSize = Math.min(16, Math.max(1, data[2] ?? 3));
		else if (data[1] === 0x50) this.#qr = rest.toString("utf8");
		else if (data[1] === 0x51 && this.#qr !== "") {
			const modules = 21 + 4 * Math.ceil(this.#qr.length / 16);
			this.#head.printMark("qr", `[QR ${this.#qr}]`, modules * this.#qrSize);
		}
	}

	#initialise(): void {
		this.#head.initialise();
		this.#afterImage = undefined;
		this.#qr = "";
		this.#automatic = false;
	}

	/** Paper, cover or jam has changed: tell, and go on after a moment when all is well again. */
	#changed(): void {
		this.#reportAutomatic();
		this.#resuming?.();
		this.#resuming = undefined;
		if (!this.powered || isOffline(this.condition)) return;
		this.#resuming = this.later(resumeUs, () => {
			this.#resuming = undefined;
			this.#work();
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
