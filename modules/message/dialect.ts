/** How the content of a field is coded. */
export const FieldType = Object.freeze({
	/** n: decimal digits, two to a byte. */
	Digits: 1,
	/** z: track data, digits and the separator "=", two to a byte. */
	Track: 2,
	/** an: letters, digits and spaces. */
	Alphanumeric: 3,
	/** ans: any byte from 0x20 on but 0x7f; hosts put GBK text into such fields. */
	Special: 4,
	/** b: bytes. */
	Binary: 5,
} as const);
export type FieldType = (typeof FieldType)[keyof typeof FieldType];

/** One row of a dialect's table. */
export interface FieldFormat {
	readonly type: FieldType;
	/** Digits (n, z) or bytes; exact for a fixed field, the most for a variable one. */
	readonly length: number;
	/** 0: fixed length. 1: LL, 2: LLL in front of the content, packed, in digits or bytes. */
	readonly prefixBytes: 0 | 1 | 2;
	/** Where the zero nibble of an odd digit count stands. */
	readonly padLeft: boolean;
}

/** A row with what follows from it, worked out once: it keeps the work for each message small. */
export interface Field extends FieldFormat {
	/** Two digits to a byte. */
	readonly packed: boolean;
	/** Bytes of a fixed field, 0 for a variable one. */
	readonly byteLength: number;
	/** Bit in `contentBits`; 0 where any byte will do and where `padMask` asks for a closer look. */
	readonly contentMask: number;
	/** First value that a fixed n field of up to 15 digits cannot hold, 0 for all others. */
	readonly valueLimit: number;
	/** 10 where a zero nibble follows the digits, else 1. */
	readonly valueScale: number;
	/** Zero nibble of an odd fixed digit count: 0xf0, 0x0f, or 0 where there is none. */
	readonly padMask: number;
	/** Bit in the 32-bit word of the bitmap. */
	readonly wordBit: number;
	/** Byte of the message with the field's bit in the bitmap, and that bit. */
	readonly headIndex: number;
	readonly headBit: number;
}

/** A dialect of ISO 8583: nothing but data. Packed MTI, 8-byte bitmaps. */
export interface Dialect {
	readonly name: string;
	/** Index is the field number, 2 to 128; undefined: the dialect does not know the field. */
	readonly fields: readonly (Field | undefined)[];
	/** Longest message in bytes, without carrier framing. */
	readonly byteLimit: number;
}

/** Highest field number that bitmaps can carry. */
export const fieldMax = 128;

/** A field of fixed length, in digits or bytes. */
export function fixed(type: FieldType, length: number, padLeft = false): FieldFormat {
	return { type, length, prefixBytes: 0, padLeft };
}

/** LLVAR. @param length most digits or bytes, up to 99 */
export function llvar(type: FieldType, length: number): FieldFormat {
	return { type, length, prefixBytes: 1, padLeft: false };
}

/** LLLVAR. @param length most digits or bytes, up to 999 */
export function lllvar(type: FieldType, length: number): FieldFormat {
	return { type, length, prefixBytes: 2, padLeft: false };
}

/**
 * Makes a frozen dialect.
 * @param rows formats by field number
 * @param base dialect whose fields are taken over where `rows` has none
 */
export function makeDialect(
	name: string,
	byteLimit: number,
	rows: Readonly<Record<number, FieldFormat>>,
	base?: Dialect,
): Dialect {
	const fields: (Field | undefined)[] = [];
	for (let number = 0; number <= fieldMax; number++) {
		const row = rows[number];
		fields.push(row === undefined ? base?.fields[number] : makeField(number, row));
	}
	return Object.freeze({ name, byteLimit, fields: Object.freeze(fields) });
}

function makeField(number: number, row: FieldFormat): Field {
	const { type, length, prefixBytes, padLeft } = row;
	const isFixed = prefixBytes === 0;
	const packed = type === FieldType.Digits || type === FieldType.Track;
	const hasValue = isFixed && type === FieldType.Digits && length <= 15;
	const padMask = !isFixed || !packed || length % 2 === 0 ? 0 : padLeft ? 0xf0 : 0x0f;
	return Object.freeze({
		type,
		length,
		prefixBytes,
		padLeft,
		packed,
		byteLength: !isFixed ? 0 : packed ? (length + 1) >> 1 : length,
		contentMask: type === FieldType.Binary || padMask !== 0 ? 0 : 1 << type,
		valueLimit: hasValue ? 10 ** length : 0,
		valueScale: length % 2 === 0 || padLeft ? 1 : 10,
		padMask,
		headIndex: 2 + ((number - 1) >> 3),
		headBit: 0x80 >> ((number - 1) & 7),
		wordBit: 0x80000000 >>> ((number - 1) & 31),
	});
}
