import { Fault } from "core/fault";

/** 0 to 99 → packed byte. */
export const packedPair = Uint8Array.from(
	{ length: 100 },
	(_, value) => value + 6 * Math.floor(value / 10),
);

/** Packed byte → 0 to 99, or 255 where a nibble is no digit. */
export const pairValue = makePairValue();

function makePairValue(): Uint8Array {
	const table = new Uint8Array(256).fill(255);
	for (let value = 0; value < 100; value++) table[packedPair[value]!] = value;
	return table;
}

/**
 * Text of packed digits; the track separator is "=".
 * @param skipNibbles 1 where the first nibble is padding
 */
export function unpackDigits(
	bytes: Uint8Array,
	offset: number,
	digitCount: number,
	skipNibbles: number,
): string {
	let text = "";
	for (let nibble = skipNibbles; nibble < digitCount + skipNibbles; nibble++) {
		const byte = bytes[offset + (nibble >> 1)]!;
		// 0x30 + 0xd is "=".
		text += String.fromCharCode(0x30 + ((nibble & 1) === 0 ? byte >> 4 : byte & 15));
	}
	return text;
}

/**
 * A number as a part of a field, zero filled on the left.
 * @param field named by the fault
 * @throws Fault "message.value" where `value` has more digits or is no integer from 0 on
 */
export function paddedDigits(field: number, value: number, digits: number): string {
	if (!(value >= 0 && value < 10 ** digits && value % 1 === 0))
		throw new Fault("message.value", field);
	return String(value).padStart(digits, "0");
}

/** The text is empty or holds decimal digits alone. */
export function isDigits(text: string): boolean {
	return /^[0-9]*$/.test(text);
}
