import { toHex } from "core/bytes";
import { contentBits } from "message/content";

/**
 * Content of one field into a buffer with room for it. Each gives false where a character does not fit; what stands in the buffer
 * is then of no use. A character above 0xff has no bits: undefined counts as 0.
 */

/**
 * Two digits to a byte; of an odd number the zero nibble is in front or behind.
 * @param mask bit of `contentBits` that each character must have
 */
export function putPacked(
	buffer: Uint8Array,
	offset: number,
	digits: string,
	padLeft: boolean,
	mask: number,
): boolean {
	const count = digits.length;
	let good = mask;
	let at = offset;
	let i = 0;
	if ((count & 1) !== 0 && padLeft) {
		const low = digits.charCodeAt(i++);
		good &= contentBits[low]!;
		buffer[at++] = low & 15;
	}
	while (i + 1 < count) {
		const high = digits.charCodeAt(i);
		const low = digits.charCodeAt(i + 1);
		good &= contentBits[high]! & contentBits[low]!;
		buffer[at] = (high << 4) | (low & 15); // the array keeps the low 8 bits
		at++;
		i += 2;
	}
	if (i < count) {
		const high = digits.charCodeAt(i);
		good &= contentBits[high]!;
		buffer[at] = high << 4;
	}
	return good !== 0;
}

/**
 * A character to a byte.
 * @param length filled up with spaces to this one
 * @param mask as of `putPacked`
 */
export function putText(
	buffer: Uint8Array,
	offset: number,
	text: string,
	length: number,
	mask: number,
): boolean {
	const count = text.length;
	let good = mask;
	let i = 0;
	while (i < count) {
		const code = text.charCodeAt(i);
		good &= contentBits[code]!;
		buffer[offset + i] = code;
		i++;
	}
	while (i < length) buffer[offset + i++] = 0x20;
	return good !== 0;
}

/** Each byte as two hex characters in upper case. */
export function putHex(buffer: Uint8Array, offset: number, bytes: Uint8Array): void {
	const text = toHex(bytes).toUpperCase();
	for (let i = 0; i < text.length; i++) buffer[offset + i] = text.charCodeAt(i);
}
