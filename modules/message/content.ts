/** What a field holds. */
export const FieldType = Object.freeze({
	/** n: decimal digits. */
	Digits: 1,
	/** z: track data, digits and the separator "=". */
	Track: 2,
	/** an: letters, digits and spaces. */
	Alphanumeric: 3,
	/** ans: any byte from 0x20 on but 0x7f; hosts put GBK text into such fields. */
	Special: 4,
	/** b: bytes. */
	Binary: 5,
} as const);
export type FieldType = (typeof FieldType)[keyof typeof FieldType];

/**
 * `contentBits` of a character. Of text the reader is as strict as the writer, but for GBK in ans.
 * The bit of b, where any byte is good, is free and stands for the digits of hex.
 */
export const characterMask = Object.freeze({
	digit: 0x40,
	/** Digits and "=". */
	track: 0x80,
	/** ans without what is not ASCII. */
	special: 0x01,
	alphanumeric: 1 << FieldType.Alphanumeric,
	hex: 1 << FieldType.Binary,
} as const);

/**
 * What a byte may be: `1 << type` where it may stand in a field of this type (n and z: packed), and the bits of
 * `characterMask`. One look-up a byte keeps the checking cheap on the device.
 */
export const contentBits = makeContentBits();

function makeContentBits(): Uint8Array {
	const bits = new Uint8Array(256);
	for (let byte = 0; byte < 256; byte++) {
		let sum = 0;
		if (byte >> 4 <= 9 && (byte & 15) <= 9) sum |= 1 << FieldType.Digits;
		if (isTrackNibble(byte >> 4) && isTrackNibble(byte & 15)) sum |= 1 << FieldType.Track;
		if (isAlphanumeric(byte)) sum |= characterMask.alphanumeric;
		if (byte >= 0x20 && byte !== 0x7f) {
			sum |= 1 << FieldType.Special;
			if (byte < 0x80) sum |= characterMask.special;
		}
		if (isHexDigit(byte)) sum |= characterMask.hex;
		if (isDigit(byte)) sum |= characterMask.digit;
		if (isDigit(byte) || byte === 0x3d) sum |= characterMask.track;
		bits[byte] = sum;
	}
	return bits;
}

function isTrackNibble(nibble: number): boolean {
	return nibble <= 9 || nibble === 0xd;
}

function isDigit(byte: number): boolean {
	return byte >= 0x30 && byte <= 0x39;
}

function isHexDigit(byte: number): boolean {
	return isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}

function isAlphanumeric(byte: number): boolean {
	const letter = byte | 0x20;
	return byte === 0x20 || isDigit(byte) || (letter >= 0x61 && letter <= 0x7a && byte >= 0x41);
}
