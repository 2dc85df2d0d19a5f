/**
 * Cuts the bytes of a modem into lines, prompts and raw blocks (3GPP TS 27.007 5.1, vendor socket commands).
 *
 *   Line ──LF──▶ sink.line(text) ──n > 0──▶ Raw(n) ──▶ Tail ──▶ sink.raw ──▶ Line
 *    │                                                   └─ other bytes ──▶ sink.broken ──▶ Line
 *    ├─ ">" at a line start while a prompt is expected ──▶ sink.prompt
 *    └─ line above the limit ──▶ Skip ──LF──▶ Line
 *
 * A length header switches to Raw before the next byte is looked at, so payload is never taken for a line.
 * The tail that must follow a raw block finds lost bytes: without it the block would borrow them from the
 * "\r\n" behind it and the stream would be corrupted in silence.
 */
export interface AtSink {
	/**
	 * A line: trimmed, not empty, at most `lineByteLimit` characters.
	 * @returns how many raw bytes follow it, 0 for none
	 */
	line(text: string): number;
	/** The module waits for payload. Only while a prompt is expected. */
	prompt(): void;
	/** A whole raw block with the right tail. The array belongs to the sink. */
	raw(bytes: Uint8Array): void;
	/** A raw block lost bytes: what it held is worthless, what follows may be its rest. */
	broken(): void;
	/** A line above the limit was dropped. */
	overlong(): void;
}

export const lineByteLimit = 1024;

const Mode = Object.freeze({ Line: 0, Skip: 1, Raw: 2, Tail: 3 } as const);
type Mode = (typeof Mode)[keyof typeof Mode];

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const DEL = 0x7f;
const PROMPT = 0x3e;

/** Arguments of one call: they all lie on the engine's small stack. */
const charsPerCall = 32;

export class AtParser {
	readonly #sink: AtSink;
	readonly #tail: Uint8Array;
	readonly #line = new Uint8Array(lineByteLimit);
	#lineLength = 0;
	#raw: Uint8Array;
	#rawLength = 0;
	#tailLength = 0;
	#mode: Mode = Mode.Line;
	#promptExpected = false;

	/** @param tail bytes that follow every raw block, at least one */
	constructor(sink: AtSink, tail: Uint8Array) {
		this.#sink = sink;
		this.#tail = tail;
		this.#raw = new Uint8Array(0);
	}

	/** Forgets what was begun: the next byte starts a line. No prompt is expected. */
	reset(): void {
		this.#mode = Mode.Line;
		this.#lineLength = 0;
		this.#raw = new Uint8Array(0);
		this.#promptExpected = false;
	}

	/** From here on ">" at a line start is a prompt (once). `false` takes it back. */
	expectPrompt(expected: boolean): void {
		this.#promptExpected = expected;
	}

	/** Takes any bytes in any pieces. Never throws, unless the sink does. */
	feed(bytes: Uint8Array): void {
		let at = 0;
		while (at < bytes.length) {
			switch (this.#mode) {
				case Mode.Line:
					at = this.#feedLine(bytes, at);
					break;
				case Mode.Skip:
					at = this.#feedSkip(bytes, at);
					break;
				case Mode.Raw:
					at = this.#feedRaw(bytes, at);
					break;
				case Mode.Tail:
					at = this.#feedTail(bytes, at);
					break;
			}
		}
	}

	#feedLine(bytes: Uint8Array, start: number): number {
		let at = start;
		if (this.#promptExpected && this.#lineLength === 0) {
			while (at < bytes.length && bytes[at]! <= SPACE) at++;
			if (at === bytes.length) return at;
			if (bytes[at] === PROMPT) {
				this.#promptExpected = false;
				this.#sink.prompt();
				return at + 1;
			}
		}
		const found = bytes.indexOf(LF, at);
		const end = found < 0 ? bytes.length : found;
		if (this.#lineLength + end - at > lineByteLimit) {
			this.#lineLength = 0;
			this.#mode = Mode.Skip;
			this.#sink.overlong();
			return end;
		}
		if (end > at) {
			this.#line.set(bytes.subarray(at, end), this.#lineLength);
			this.#lineLength += end - at;
		}
		if (found < 0) return end;
		this.#endLine();
		return end + 1;
	}

	#feedSkip(bytes: Uint8Array, at: number): number {
		const found = bytes.indexOf(LF, at);
		if (found < 0) return bytes.length;
		this.#mode = Mode.Line;
		return found + 1;
	}

	#feedRaw(bytes: Uint8Array, at: number): number {
		const end = Math.min(bytes.length, at + this.#raw.length - this.#rawLength);
		if (end === at + 1) this.#raw[this.#rawLength] = bytes[at]!;
		else this.#raw.set(bytes.subarray(at, end), this.#rawLength);
		this.#rawLength += end - at;
		if (this.#rawLength === this.#raw.length) {
			this.#mode = Mode.Tail;
			this.#tailLength = 0;
		}
		return end;
	}

	#feedTail(bytes: Uint8Array, at: number): number {
		const good = bytes[at] === this.#tail[this.#tailLength];
		this.#tailLength++;
		if (good && this.#tailLength < this.#tail.length) return at + 1;
		const raw = this.#raw;
		this.#raw = new Uint8Array(0);
		this.#mode = Mode.Line;
		if (good) this.#sink.raw(raw);
		else this.#sink.broken();
		return at + 1;
	}

	/** A CR inside a line is where an LF got lost, or the end of an echo: both sides are lines. */
	#endLine(): void {
		const length = this.#lineLength;
		this.#lineLength = 0;
		let start = 0;
		let rawLength = 0;
		while (start < length) {
			if (rawLength > 0) {
				// The LF behind a length header is missing, and part of the block went as text.
				this.#sink.broken();
				return;
			}
			const found = this.#line.indexOf(CR, start);
			const end = found < 0 || found > length ? length : found;
			const text = this.#textOf(start, end);
			if (text.length > 0) rawLength = this.#sink.line(text);
			start = end + 1;
		}
		if (rawLength > 0) {
			this.#raw = new Uint8Array(rawLength);
			this.#rawLength = 0;
			this.#mode = Mode.Raw;
		}
	}

	/** Trimmed of blanks, control bytes and the 00/FF that a brown-out leaves on the line. */
	#textOf(from: number, to: number): string {
		let start = from;
		let end = to;
		while (start < end && isPadding(this.#line[start]!)) start++;
		while (end > start && isPadding(this.#line[end - 1]!)) end--;
		let text = "";
		for (let at = start; at < end; at += charsPerCall) {
			const piece = this.#line.subarray(at, Math.min(end, at + charsPerCall));
			text += String.fromCharCode.apply(undefined, piece as unknown as number[]);
		}
		return text;
	}
}

function isPadding(byte: number): boolean {
	return byte <= SPACE || byte >= DEL;
}
