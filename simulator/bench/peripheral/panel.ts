import iconv from "iconv-lite";
import { Peripheral } from "./peripheral";
import type { PeripheralOptions } from "./peripheral";

export type BenchKey =
	| "0"
	| "1"
	| "2"
	| "3"
	| "4"
	| "5"
	| "6"
	| "7"
	| "8"
	| "9"
	| "00"
	| "."
	| "enter"
	| "cancel"
	| "clear"
	| "query"
	| "reprint"
	| "menu";

export interface PanelOptions extends PeripheralOptions {
	/** What the display shows has changed. */
	readonly onChange?: (lines: readonly string[]) => void;
}

const keyCodes: Readonly<Record<string, number>> = {
	"00": 0x3a,
	".": 0x2e,
	enter: 0x0d,
	cancel: 0x1b,
	clear: 0x08,
	query: 0x3f,
	reprint: 0x52,
	menu: 0x4d,
};
const wakeUs = 100_000;
const textStart = 0x1000;
const lineWords = 0x10;
const lineCount = 4;
const lineBytes = 20;

/** Serial display with keys, in the frames of DWIN's DGUS. */
export class PanelDevice extends Peripheral {
	readonly #onChange: ((lines: readonly string[]) => void) | undefined;
	readonly #memory = Buffer.alloc(lineCount * lineWords * 2, 0x20);
	#pending: Buffer = Buffer.alloc(0);
	#awake = false;
	#badFrames = 0;

	constructor(options: PanelOptions = {}) {
		super("panel", options);
		this.#onChange = options.onChange;
	}

	/** The four lines as a person sees them, without trailing spaces. */
	get lines(): string[] {
		return Array.from({ length: lineCount }, (_, i) => {
			const start = i * lineWords * 2;
			const bytes = this.#memory.subarray(start, start + lineBytes);
			return iconv.decode(bytes, "gbk").replaceAll("\0", " ").trimEnd();
		});
	}

	/** Bytes or frames that made no sense so far. */
	get badFrames(): number {
		return this.#badFrames;
	}

	/** Presses a key. */
	press(key: BenchKey): void {
		const code = keyCodes[key] ?? key.charCodeAt(0);
		this.note(`key ${key}`);
		if (this.#awake)
			this.transmit(Buffer.from([0x5a, 0xa5, 0x06, 0x83, 0x20, 0x00, 0x01, 0x00, code]));
	}

	/** Presses the keys of an amount such as "12.50", then nothing. */
	type(digits: string): void {
		for (const key of digits) this.press(key as BenchKey);
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
		this.#pending = Buffer.alloc(0);
		this.#memory.fill(0x20);
		this.#onChange?.(this.lines);
	}

	protected override hear(bytes: Uint8Array): void {
		if (!this.#awake) return;
		this.#pending = Buffer.concat([this.#pending, bytes]);
		let changed = false;
		for (let frame = this.#nextFrame(); frame !== undefined; frame = this.#nextFrame())
			changed = this.#write(frame) || changed;
		if (!changed) return;
		this.note(`shows ${JSON.stringify(this.lines)}`);
		this.#onChange?.(this.lines);
	}

	/** Cuts the next whole frame, from its command byte on, off what waits. */
	#nextFrame(): Buffer | undefined {
		for (;;) {
			const start = this.#pending.indexOf(0x5a);
			if (start !== 0) {
				if (this.#pending.length > 0) this.#badFrames++;
				this.#pending = start < 0 ? Buffer.alloc(0) : this.#pending.subarray(start);
			}
			if (this.#pending.length < 3) return undefined;
			if (this.#pending[1] !== 0xa5) {
				this.#pending = this.#pending.subarray(1);
				this.#badFrames++;
				continue;
			}
			const end = 3 + this.#pending[2]!;
			if (this.#pending.length < end) return undefined;
			const frame = this.#pending.subarray(3, end);
			this.#pending = this.#pending.subarray(end);
			return frame;
		}
	}

	#write(frame: Buffer): boolean {
		const offset = frame.length < 3 ? -1 : (frame.readUInt16BE(1) - textStart) * 2;
		const data = frame.subarray(3);
		if (frame[0] !== 0x82 || offset < 0 || offset + data.length > this.#memory.length) {
			this.#badFrames++;
			return false;
		}
		data.copy(this.#memory, offset);
		return data.length > 0;
	}
}
