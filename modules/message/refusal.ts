import { Fault } from "core/fault";
import { contentBits } from "message/content";
import type { Field } from "message/dialect";
import { pairValue } from "message/digits";
import { fieldsOf, type Words } from "message/plan";

/**
 * Goes field by field through a message that the reader did not take, and says what is wrong with it.
 * @param fields the dialect's, by number
 * @param words of the bitmaps, as in `Plan`
 * @param start offset of the first field
 * @throws Fault always, as `MessageReader.parse`
 */
export function refuse(
	fields: readonly (Field | undefined)[],
	bytes: Uint8Array,
	words: Words,
	start: number,
): never {
	let offset = start;
	for (const field of fieldsOf(words)) {
		const format = fields[field];
		if (format === undefined) throw new Fault("message.field", field, offset);
		offset = format.variable
			? passVariable(bytes, field, format, offset)
			: passFixed(bytes, field, format, offset);
	}
	if (offset !== bytes.length) throw new Fault("message.length", 0, offset);
	throw new Fault("bug", 415);
}

/** @returns offset behind the field */
function passFixed(bytes: Uint8Array, field: number, format: Field, offset: number): number {
	const end = offset + format.byteLength;
	if (end > bytes.length) throw new Fault("message.length", field, offset);
	checkContent(bytes, field, format, offset, end);
	const { padMask } = format;
	if (padMask !== 0) checkPadding(bytes, field, padMask, format.padLeft ? offset : end - 1);
	return end;
}

/** @returns offset behind the field */
function passVariable(bytes: Uint8Array, field: number, format: Field, offset: number): number {
	const { packed, prefixBytes } = format;
	const count = format.asciiPrefix
		? asciiNumber(bytes, offset, prefixBytes)
		: packedNumber(bytes, offset, prefixBytes);
	if (!(count <= format.length)) throw new Fault("message.length", field, offset);
	const start = offset + prefixBytes;
	const end = start + (format.hexText ? 2 * count : packed ? (count + 1) >> 1 : count);
	if (end > bytes.length) throw new Fault("message.length", field, start);
	if (packed && count % 2 !== 0) checkPadding(bytes, field, 0x0f, end - 1);
	checkContent(bytes, field, format, start, end);
	return end;
}

/** NaN where a byte is no digit or beyond the end. */
function asciiNumber(bytes: Uint8Array, offset: number, digitCount: number): number {
	let value = 0;
	for (let at = offset; at < offset + digitCount; at++) {
		const digit = (bytes[at] ?? 0) - 0x30;
		value = digit >= 0 && digit <= 9 ? value * 10 + digit : NaN;
	}
	return value;
}

/** As `asciiNumber`, two digits to a byte. */
function packedNumber(bytes: Uint8Array, offset: number, byteCount: number): number {
	let value = 0;
	for (let at = offset; at < offset + byteCount; at++) {
		const pair = pairValue[bytes[at] ?? 255]!;
		value = pair === 255 ? NaN : value * 100 + pair;
	}
	return value;
}

/** Throws for the first byte that does not fit, if there is one. */
function checkContent(
	bytes: Uint8Array,
	field: number,
	{ contentBit }: Field,
	start: number,
	end: number,
): void {
	if (contentBit === 0) return;
	for (let at = start; at < end; at++)
		if ((contentBits[bytes[at]!]! & contentBit) === 0) throw new Fault("message.value", field, at);
}

/** The nibble that fills up an odd digit count must be zero. @param at byte with that nibble */
function checkPadding(bytes: Uint8Array, field: number, padMask: number, at: number): void {
	if ((bytes[at]! & padMask) !== 0) throw new Fault("message.value", field, at);
}
