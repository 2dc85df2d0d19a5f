import { asciiText } from "core/bytes";

/** Packed byte → 0 to 99, or 255 where a nibble is no digit. */
export const pairValue = makePairValue();

function makePairValue(): Uint8Array {
	const table = new Uint8Array(256).fill(255);
	for (let value = 0; value < 100; value++) table[packPair(value)] = value;
	return table;
}

/** Two digits in a byte. @param value 0 to 99 */
function packPair(value: number): number {
	return value + 6 * Math.floor(value / 10);
}

/** 0 to 99 → packed byte. */
export const packedPair = makePackedPair();

function makePackedPair(): Uint8Array {
	const table = new Uint8Array(100);
	for (let value = 0; value < 100; value++) table[value] = packPair(value);
	return table;
}

/** Nibble of a digit or of the track separator ("D", "d" or "="), or -1. */
export function nibbleOf(code: number, track: boolean): number {
	if (code >= 0x30 && code <= 0x39) return code - 0x30;
	return track && (code === 0x44 || code === 0x64 || code === 0x3d) ? 0xd : -1;
}

const nibbleChars = "0123456789ABCDEF";

/** Digits of packed bytes. @param skipNibbles 1 where the first nibble is padding */
export function unpackDigits(
	bytes: Uint8Array,
	offset: number,
	digitCount: number,
	skipNibbles: number,
): string {
	const codes = new Uint8Array(digitCount);
	for (let i = 0; i < digitCount; i++) {
		const nibble = i + skipNibbles;
		const byte = bytes[offset + (nibble >> 1)]!;
		codes[i] = nibbleChars.charCodeAt((nibble & 1) === 0 ? byte >> 4 : byte & 15);
	}
	return asciiText(codes);
}
