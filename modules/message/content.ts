import { FieldType, type FieldType as Type } from "message/dialect";

/** `contentBits` of a character that may be written into a field; the reader is as strict but for GBK in ans. */
export const characterMask = Object.freeze({
	digit: 0x40,
	/** Digits and "=". */
	track: 0x80,
	/** ans without what is not ASCII. */
	special: 0x01,
	alphanumeric: 1 << FieldType.Alphanumeric,
} as const);

/**
 * What a byte may be: `1 << type` where it may stand in a field of this type, and the bits of `characterMask`.
 * One look-up a byte keeps the checking cheap on the device.
 */
export const contentBits = makeContentBits();

function makeContentBits(): Uint8Array {
	const bits = new Uint8Array(256);
	for (let byte = 0; byte < 256; byte++) {
		let sum = 0;
		for (const type of Object.values(FieldType)) if (fits(byte, type)) sum |= 1 << type;
		const digit = byte >= 0x30 && byte <= 0x39;
		if (digit) sum |= characterMask.digit;
		if (digit || byte === 0x3d) sum |= characterMask.track;
		if (byte < 0x80 && fits(byte, FieldType.Special)) sum |= characterMask.special;
		bits[byte] = sum;
	}
	return bits;
}

function fits(byte: number, type: Type): boolean {
	switch (type) {
		case FieldType.Digits:
			return byte >> 4 <= 9 && (byte & 15) <= 9;
		case FieldType.Track:
			return isTrackNibble(byte >> 4) && isTrackNibble(byte & 15);
		case FieldType.Alphanumeric:
			return (
				byte === 0x20 ||
				(byte >= 0x30 && byte <= 0x39) ||
				(byte >= 0x41 && byte <= 0x5a) ||
				(byte >= 0x61 && byte <= 0x7a)
			);
		case FieldType.Special:
			return byte >= 0x20 && byte !== 0x7f;
		case FieldType.Binary:
			return true;
	}
}

function isTrackNibble(nibble: number): boolean {
	return nibble <= 9 || nibble === 0xd;
}
