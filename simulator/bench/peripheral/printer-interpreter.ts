import { nextCommand } from "./escpos";
import type { EscPosCommand } from "./escpos";
import { charDots } from "./print-head";
import type { PrintHead } from "./print-head";
import { applyStyle } from "./print-style";
import type { PrinterInput } from "./printer-input";
import { paperStatus } from "./printer-status";
import type { PrinterCondition } from "./printer-status";

export interface InterpreterHost {
	readonly head: PrintHead;
	readonly input: PrinterInput;
	transmit(bytes: Uint8Array): void;
	note(text: string): void;
	condition(): PrinterCondition;
	/** Online, and the mechanics stand still. */
	canMove(): boolean;
	/** Automatic status back, on or off. */
	setAutomatic(on: boolean): void;
}

/** A command that does not fit the buffer is no command. */
const commandLimit = 3900;

/** Carries out the commands in the input buffer, one after the other. */
export class PrinterInterpreter {
	readonly #host: InterpreterHost;
	/** Bytes of an image that are still to come, and what to do then. */
	#swallow = 0;
	#afterImage: (() => void) | undefined;
	#qr = "";
	#qrSize = 3;
	#unknown = 0;

	constructor(host: InterpreterHost) {
		this.#host = host;
	}

	/** Commands that the printer does not know. */
	get unknownCommands(): number {
		return this.#unknown;
	}

	/** As ESC @. */
	initialise(): void {
		this.#host.head.initialise();
		this.#afterImage = undefined;
		this.#qr = "";
	}

	/** As DLE ENQ 2: all that waits is gone. */
	clear(): void {
		this.#host.input.clear();
		this.#host.head.line.clear();
		this.#afterImage = undefined;
	}

	/** Interprets until something moves, the input is used up or the printer is offline. */
	work(): void {
		while (this.#host.canMove()) {
			if (this.#afterImage !== undefined) {
				if (!this.#takeImage(this.#afterImage)) break;
				continue;
			}
			const command = nextCommand(this.#host.input.bytes);
			if (command === undefined) {
				if (this.#host.input.bytes.length < commandLimit) break;
				this.#unknown++;
				this.#host.input.consume(1);
				continue;
			}
			this.#host.input.consume(command.length - this.#execute(command));
			if (command.rest > 0 && this.#afterImage === undefined) this.#skip(command.rest);
		}
		const flow = this.#host.input.flow();
		if (flow !== undefined) this.#host.transmit(Buffer.of(flow));
	}

	/** @returns bytes of the command that have to be interpreted again */
	#execute(command: EscPosCommand): number {
		const n = command.data[0] ?? 0;
		const head = this.#host.head;
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
				this.initialise();
				this.#host.setAutomatic(false);
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
			if (n === 1 || n === 49) this.#host.transmit(Buffer.of(paperStatus(this.#host.condition())));
			if (n === 2 || n === 50) this.#host.transmit(Buffer.of(0));
		} else if (command.name === "GS a") {
			this.#host.setAutomatic(n !== 0);
		} else if (command.name === "GS ( H") {
			this.#processId(command.data.subarray(2));
		} else if (command.name === "GS I") {
			this.#host.transmit(Buffer.of(0x02));
		} else if (command.name === "unknown") {
			this.#unknown++;
			this.#host.note(`unknown command ${command.data.toString("hex")}`);
		}
	}

	/** GS ( H: fn m d1 d2 d3 d4. */
	#processId(data: Buffer): void {
		const id = data.subarray(2);
		if (data[0] !== 0x30 || data[1] !== 0x30 || id.length !== 4) return;
		if (id.some((byte) => byte < 0x20 || byte > 0x7e)) return;
		this.#host.note(`process id ${id.toString("latin1")} answered`);
		this.#host.transmit(Buffer.concat([Buffer.of(0x37, 0x22), id, Buffer.of(0)]));
	}

	/** Image data may be longer than the buffer: they are taken as they come, then the image is printed. */
	#image(byteCount: number, dots: number): void {
		this.#swallow = byteCount;
		this.#afterImage = () => this.#host.head.printMark("image", `[image ${byteCount} bytes]`, dots);
	}

	#skip(byteCount: number): void {
		this.#swallow = byteCount;
		this.#afterImage = () => undefined;
	}

	/** @returns false when more bytes have to come */
	#takeImage(then: () => void): boolean {
		const count = Math.min(this.#swallow, this.#host.input.bytes.length);
		this.#swallow -= count;
		this.#host.input.consume(count);
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
			this.#host.head.printMark("qr", `[QR ${this.#qr}]`, modules * this.#qrSize);
		}
	}
}
