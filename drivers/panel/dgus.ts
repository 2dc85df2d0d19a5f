import type { PanelKey } from "core/devices";

/**
 * Frames of DWIN displays (DGUS II, serial protocol without CRC):
 *
 *   5A A5  length  82 address(2) data         write words, terminal to panel
 *   5A A5  06      83 20 00 01 00 key         a key was pressed
 *   5A A5  03      82 4F 4B                   "written", from panels that acknowledge
 *
 * The length counts what follows it; an address counts words of two bytes.
 */

export const lineCount = 4;
export const lineColumns = 20;

const headFirst = 0x5a;
const headSecond = 0xa5;
const writeCommand = 0x82;
const readCommand = 0x83;
const keyAddress = 0x2000;
const firstLineAddress = 0x1000;
const lineDistance = 0x10;
/** Longest frame from the panel that can make sense, by its length byte. */
const lengthMax = 16;

/** @param line 0 to 3 @param text exactly 20 bytes */
export function writeLine(line: number, text: Uint8Array): Uint8Array {
	const address = firstLineAddress + line * lineDistance;
	const frame = new Uint8Array(6 + text.length);
	frame.set([headFirst, headSecond, 3 + text.length, writeCommand, address >> 8, address & 0xff]);
	frame.set(text, 6);
	return frame;
}

function keyFrom(code: number): PanelKey | undefined {
	if (code >= 0x30 && code <= 0x39) return String(code - 0x30) as PanelKey;
	switch (code) {
		case 0x3a:
			return "00";
		case 0x2e:
			return ".";
		case 0x0d:
			return "enter";
		case 0x1b:
			return "cancel";
		case 0x08:
			return "clear";
		case 0x3f:
			return "query";
		case 0x52:
			return "reprint";
		case 0x4d:
			return "menu";
		default:
			return undefined;
	}
}

/**
 * Cuts what comes from the panel into keys. Holds at most 18 bytes; a frame that cannot be costs one byte
 * and the search goes on behind it. Never throws.
 */
export class KeyParser {
	#held: number[] = [];
	#noiseBytes = 0;

	/** Bytes that were part of no frame, or of one that means nothing, since the start. */
	get noiseBytes(): number {
		return this.#noiseBytes;
	}

	/** Bytes of a frame that is not complete yet. */
	get pending(): number {
		return this.#held.length;
	}

	/** @returns the keys that `bytes` completes, in order */
	push(bytes: Uint8Array): PanelKey[] {
		const keys: PanelKey[] = [];
		for (const byte of bytes) {
			this.#held.push(byte);
			this.#scan(keys);
		}
		return keys;
	}

	/**
	 * The rest of the started frame will not come: drops its first byte.
	 * @returns keys that stand behind it
	 */
	giveUp(): PanelKey[] {
		const keys: PanelKey[] = [];
		if (this.#held.length === 0) return keys;
		this.#drop(1);
		this.#scan(keys);
		return keys;
	}

	#scan(keys: PanelKey[]): void {
		for (;;) {
			const [first, second, length] = this.#held;
			if (first === undefined) return;
			const wrong =
				first !== headFirst ||
				(second !== undefined && second !== headSecond) ||
				(length !== undefined && (length < 3 || length > lengthMax));
			if (wrong) {
				this.#drop(1);
				continue;
			}
			if (length === undefined || this.#held.length < 3 + length) return;
			if (this.#take(this.#held.slice(0, 3 + length), keys)) this.#held.splice(0, 3 + length);
			// It may have swallowed the start of the next: the search goes on inside.
			else this.#drop(1);
		}
	}

	/** @returns false for a frame that means nothing */
	#take(frame: readonly number[], keys: PanelKey[]): boolean {
		const [, , length, command, high, low, words, keyHigh, keyLow] = frame;
		if (command === writeCommand && length === 3) return true;
		const address = high! * 256 + low!;
		const isKey = command === readCommand && length === 6 && address === keyAddress && words === 1;
		const key = isKey && keyHigh === 0 ? keyFrom(keyLow!) : undefined;
		if (key !== undefined) keys.push(key);
		return key !== undefined;
	}

	#drop(count: number): void {
		this.#held.splice(0, count);
		this.#noiseBytes += count;
	}
}
