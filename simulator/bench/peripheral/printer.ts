import { nextCommand } from "./escpos";
import type { EscPosCommand } from "./escpos";
import { Paper } from "./paper";
import type { PaperLine, Slip } from "./paper";
import { Peripheral } from "./peripheral";
import type { PeripheralOptions } from "./peripheral";
import { LineBuffer, initialStyle } from "./print-line";
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
const cutUs = 300_000;
/** 50 mm/s at 8 dots per mm. */
const dotUs = 2_500;
const charDots = 24;
const gapDots = 6;
const lineDots = charDots + gapDots;
const cutterDots = 96;
const lowLines = 20;
const paperLinesDefault = 5000;

/** A 58 mm receipt printer with a cutter. Paper comes out in virtual time. */
export class PrinterDevice extends Peripheral {
	readonly #paper: Paper;
	readonly #onLine: ((line: PaperLine) => void) | undefined;
	readonly #onCut: ((slip: Slip) => void) | undefined;
	readonly #input = new PrinterInput((command) => this.#realTime(command));
	readonly #line = new LineBuffer();
	#style = initialStyle();
	#awake = false;
	#busy = false;
	#resuming: (() => void) | undefined;
	#swallow = 0;
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
		this.#paper = new Paper((options.paperLines ?? paperLinesDefault) * lineDots);
		this.#onLine = options.onLine;
		this.#onCut = options.onCut;
	}

	/** All that was ever printed, oldest slip first. Survives power cuts: it is paper. */
	get slips(): readonly Slip[] {
		return this.#paper.slips;
	}

	/** Normal text lines that the roll still has. */
	get paperLines(): number {
		return Math.floor(this.#paper.leftDots / lineDots);
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
		this.#paper.refill(0);
		this.#changed();
	}

	/** @param lines of normal text on the new roll */
	refill(lines = paperLinesDefault): void {
		this.note(`paper put in, ${lines} lines`);
		this.#paper.refill(lines * lineDots);
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
		this.#paper.cut();
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
		this.#busy = false;
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
			this.#line.clear();
			this.#swallow = 0;
		}
	}

	/** Interprets until something moves, the input is used up or the printer is offline. */
	#work(): void {
		while (!this.#busy && this.#resuming === undefined && !isOffline(this.condition)) {
			if (this.#swallow > 0) {
				const count = Math.min(this.#swallow, this.#input.bytes.length);
				if (count === 0) break;
				this.#swallow -= count;
				this.#input.consume(count);
				continue;
			}
			const command = nextCommand(this.#input.bytes);
			if (command === undefined) break;
			this.#input.consume(command.length - this.#execute(command));
			this.#swallow = command.rest;
		}
		const flow = this.#input.flow();
		if (flow !== undefined) this.transmit(Buffer.of(flow));
	}

	/** @returns bytes of the command that have to be interpreted again */
	#execute(command: EscPosCommand): number {
		const n = command.data[0] ?? 0;
		const style = this.#style;
		switch (command.name) {
			case "text":
				return this.#compose(command.data);
			case "LF":
				this.#printLine();
				break;
			case "HT":
				this.#line.tab(style);
				break;
			case "CAN":
				this.#line.clear();
				break;
			case "ESC @":
				this.#initialise();
				break;
			case "ESC t":
				style.codePage = n;
				break;
			case "ESC a":
				style.align = n % 48 === 1 ? "center" : n % 48 === 2 ? "right" : "left";
				break;
			case "ESC E":
			case "ESC G":
				style.bold = (n & 1) === 1;
				break;
			case "ESC !":
				style.bold = (n & 0x08) !== 0;
				style.height = (n & 0x10) !== 0 ? 2 : 1;
				style.width = (n & 0x20) !== 0 ? 2 : 1;
				break;
			case "GS !":
				style.width = ((n >> 4) & 7) + 1;
				style.height = (n & 7) + 1;
				break;
			case "FS &":
				style.chinese = true;
				break;
			case "FS .":
				style.chinese = false;
				break;
			case "ESC d":
				this.#feedLines(n);
				break;
			case "ESC J":
				this.#feedDots(n);
				break;
			case "GS V":
				this.#cut(n >= 65 ? cutterDots + (command.data[1] ?? 0) : 0);
				break;
			case "ESC i":
			case "ESC m":
				this.#cut(0);
				break;
			case "GS ( k":
				this.#symbol(command.data.subarray(2));
				break;
			case "GS k":
				this.#printMark("barcode", "[barcode]", 80);
				break;
			case "GS v":
				this.#printMark("image", `[image ${command.rest} bytes]`, command.data.readUInt16LE(4));
				break;
			case "ESC *":
			case "GS ( L":
			case "GS 8 L":
				this.#printMark("image", `[image ${command.rest} bytes]`, charDots);
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

	#compose(bytes: Buffer): number {
		for (const [i, byte] of bytes.entries()) {
			if (this.#line.add(byte, this.#style)) continue;
			this.#printLine();
			return bytes.length - i;
		}
		return 0;
	}

	#printLine(): void {
		const dots = charDots * this.#line.height + gapDots;
		this.#put(this.#line.render(this.#style.align), "text", this.#line.bold, this.#line.height);
		this.#line.clear();
		this.#move(dots);
	}

	#printMark(kind: PaperLine["kind"], text: string, dots: number): void {
		this.#put(text, kind, false, 1);
		this.#move(Math.max(1, dots));
	}

	#feedLines(count: number): void {
		let dots = count * lineDots;
		if (!this.#line.empty) {
			dots += charDots * (this.#line.height - 1);
			this.#put(this.#line.render(this.#style.align), "text", this.#line.bold, this.#line.height);
			this.#line.clear();
			for (let i = 1; i < count; i++) this.#put("", "text", false, 1);
		} else for (let i = 0; i < count; i++) this.#put("", "text", false, 1);
		this.#move(dots);
	}

	#feedDots(dots: number): void {
		if (!this.#line.empty) this.#printLine();
		else this.#move(dots);
	}

	#put(text: string, kind: PaperLine["kind"], bold: boolean, height: number): void {
		const line = { text, atUs: this.nowUs, bold, height, kind };
		this.#paper.put(line);
		this.note(`paper: ${text}`);
		this.#onLine?.(line);
	}

	#move(dots: number): void {
		this.#paper.advance(dots);
		this.#during(dots * dotUs, () => undefined);
	}

	#cut(feedDots: number): void {
		if (!this.#line.empty) this.#put(this.#line.render(this.#style.align), "text", false, 1);
		this.#line.clear();
		this.#paper.advance(feedDots);
		this.#during(feedDots * dotUs + cutUs, () => {
			const slip = this.#paper.slips.at(-1);
			const whole = slip !== undefined && !slip.cut;
			this.#paper.cut();
			this.#firstByteAtUs = undefined;
			this.note("cut");
			if (whole) this.#onCut?.(slip);
		});
	}

	#during(delayUs: number, then: () => void): void {
		this.#busy = true;
		this.later(delayUs, () => {
			this.#busy = false;
			then();
			this.#reportAutomatic();
			this.#work();
		});
	}

	/** GS ( k: cn fn m data. */
	#symbol(data: Buffer): void {
		const rest = data.subarray(3);
		if (data[0] !== 0x31) return;
		if (data[1] === 0x43) this.#qrSize = Math.min(16, Math.max(1, data[2] ?? 3));
		else if (data[1] === 0x50) this.#qr = rest.toString("utf8");
		else if (data[1] === 0x51 && this.#qr !== "") {
			const modules = 21 + 4 * Math.ceil(this.#qr.length / 16);
			this.#printMark("qr", `[QR ${this.#qr}]`, modules * this.#qrSize);
		}
	}

	#initialise(): void {
		this.#style = initialStyle();
		this.#line.clear();
		this.#swallow = 0;
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
