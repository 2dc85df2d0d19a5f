import { FieldType, type FieldType as Type } from "message/dialect";

/**
 * Which bytes may stand in a field: for each byte one bit by field type, `1 << type`.
 * One look-up a byte keeps the checking of a reply cheap on the device.
 */
export const contentBits = makeContentBits();

function makeContentBits(): Uint8Array {
	const bits = new Uint8Array(256);
	for (let byte = 0; byte < 256; byte++)
		for (const type of Object.values(FieldType))
			if (fits(byte, type)) bits[byte] = bits[byte]! | (1 << type);
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
