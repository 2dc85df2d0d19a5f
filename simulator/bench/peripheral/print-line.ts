import iconv from "iconv-lite";
import type { PrintStyle } from "./print-style";

export const lineColumns = 32;

const codePages: Readonly<Record<number, string>> = {
	0: "cp437",
	2: "cp850",
	16: "cp1252",
	17: "cp866",
	19: "cp858",
};

/** The line that is being composed: characters wait here until a line feed or until it is full. */
export class LineBuffer {
	#text = "";
	#columns = 0;
	#height = 1;
	#bold = false;
	#lead = -1;

	get empty(): boolean {
		return this.#text === "";
	}

	get height(): number {
		return this.#height;
	}

	get bold(): boolean {
		return this.#bold;
	}

	clear(): void {
		this.#text = "";
		this.#columns = 0;
		this.#height = 1;
		this.#bold = false;
	}

	/**
	 * Adds one byte of text.
	 * @returns false when the character does not fit any more: print and offer the byte again
	 */
	add(byte: number, style: PrintStyle): boolean {
		if (this.#lead >= 0) return this.#addPair(byte, style);
		if (style.chinese && byte >= 0x81 && byte <= 0xfe) {
			if (this.#columns + 2 * style.width > lineColumns) return false;
			this.#lead = byte;
			return true;
		}
		const page = codePages[style.codePage] ?? "cp437";
		const text = byte < 0x80 ? String.fromCharCode(byte) : iconv.decode(Buffer.of(byte), page);
		return this.#put(text, 1, style);
	}

	/** To the next multiple of eight columns. */
	tab(style: PrintStyle): void {
		const next = Math.min(lineColumns, (Math.floor(this.#columns / 8) + 1) * 8);
		while (this.#columns < next && this.#put(" ", 1, style));
	}

	/** The line as it looks on paper. */
	render(align: PrintStyle["align"]): string {
		const free = Math.max(0, lineColumns - this.#columns);
		const indent = align === "left" ? 0 : align === "right" ? free : free >> 1;
		return (" ".repeat(indent) + this.#text).trimEnd();
	}

	#addPair(byte: number, style: PrintStyle): boolean {
		const pair = Buffer.of(this.#lead, byte);
		this.#lead = -1;
		return this.#put(iconv.decode(pair, "gbk"), 2, style);
	}

	#put(text: string, columns: number, style: PrintStyle): boolean {
		const width = columns * style.width;
		if (this.#columns + width > lineColumns) return false;
		this.#text += text;
		this.#columns += width;
		this.#height = Math.max(this.#height, style.height);
		this.#bold ||= style.bold;
		return true;
	}
}
