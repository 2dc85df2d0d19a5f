import { hexDigit } from "core/bytes";
import { Fault } from "core/fault";
import type { DialectTraits } from "message/dialect";

const mtiLength = 2;
const bitmapLength = 8;
const hexCharacters = "0123456789ABCDEF";

/**
 * MTI and bitmaps of a dialect in which one of them stands in characters. Reader and writer work with the packed form
 * alone; this one translates.
 */
export class TextHead {
	/** MTI (2 bytes) and two bitmaps (8 each), packed; the second is good where the first one's highest bit is set. */
	readonly packed = new Uint8Array(mtiLength + 2 * bitmapLength);
	readonly #asciiMti: boolean;
	readonly #hexBitmap: boolean;
	readonly #mtiBytes: number;
	readonly #bitmapBytes: number;

	constructor({ asciiMti, hexBitmap }: DialectTraits) {
		this.#asciiMti = asciiMti;
		this.#hexBitmap = hexBitmap;
		this.#mtiBytes = asciiMti ? 2 * mtiLength : mtiLength;
		this.#bitmapBytes = hexBitmap ? 2 * bitmapLength : bitmapLength;
	}

	/** Bytes of MTI and two bitmaps on the wire. */
	get byteLength(): number {
		return this.#mtiBytes + 2 * this.#bitmapBytes;
	}

	/**
	 * Fills `packed` from a message.
	 * @returns offset of the first field
	 * @throws Fault "message.bitmap" (a = 1) cut short or no hex, (a = 64) field 64 beside a second bitmap ·
	 * "message.value" (a = 0) the MTI; b = offset
	 */
	read(bytes: Uint8Array): number {
		const mtiBytes = this.#mtiBytes;
		let end = mtiBytes + this.#bitmapBytes;
		if (bytes.length < end) throw new Fault("message.bitmap", 1, bytes.length);
		this.#take(bytes, 0, 0, mtiLength, this.#asciiMti);
		for (let i = 0; i < 2 * mtiLength; i++)
			if (this.#nibble(i) > 9) throw new Fault("message.value", 0, 0);
		this.#take(bytes, mtiBytes, mtiLength, bitmapLength, this.#hexBitmap);
		if (this.packed[mtiLength]! < 0x80) return end;
		if ((this.packed[mtiLength + bitmapLength - 1]! & 1) !== 0)
			throw new Fault("message.bitmap", 64, mtiBytes);
		end += this.#bitmapBytes;
		if (bytes.length < end) throw new Fault("message.bitmap", 1, bytes.length);
		const start = end - this.#bitmapBytes;
		this.#take(bytes, start, mtiLength + bitmapLength, bitmapLength, this.#hexBitmap);
		return end;
	}

	/**
	 * Writes `packed` so that it ends where a head with two bitmaps at `base` would.
	 * @param target at least `byteLength` bytes from `base` on
	 * @returns offset of the MTI
	 */
	write(target: Uint8Array, base: number): number {
		const second = this.packed[mtiLength]! > 0x7f;
		const start = second ? base : base + this.#bitmapBytes;
		let at = this.#put(target, start, 0, mtiLength, this.#asciiMti);
		at = this.#put(target, at, mtiLength, bitmapLength, this.#hexBitmap);
		if (second) this.#put(target, at, mtiLength + bitmapLength, bitmapLength, this.#hexBitmap);
		return start;
	}

	#nibble(index: number): number {
		const byte = this.packed[index >> 1]!;
		return (index & 1) === 0 ? byte >> 4 : byte & 15;
	}

	#take(bytes: Uint8Array, offset: number, index: number, count: number, characters: boolean) {
		for (let i = 0; i < count; i++) {
			if (!characters) {
				this.packed[index + i] = bytes[offset + i]!;
				continue;
			}
			const at = offset + 2 * i;
			const high = hexDigit(bytes[at]!);
			const low = hexDigit(bytes[at + 1]!);
			if (high < 0 || low < 0)
				throw new Fault(index === 0 ? "message.value" : "message.bitmap", index === 0 ? 0 : 1, at);
			this.packed[index + i] = (high << 4) | low;
		}
	}

	/** @returns the offset behind it */
	#put(target: Uint8Array, offset: number, index: number, count: number, characters: boolean) {
		let at = offset;
		for (let i = index; i < index + count; i++) {
			const byte = this.packed[i]!;
			if (characters) {
				target[at++] = hexCharacters.charCodeAt(byte >> 4);
				target[at++] = hexCharacters.charCodeAt(byte & 15);
			} else target[at++] = byte;
		}
		return at;
	}
}
