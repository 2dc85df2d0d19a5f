/** How the content of a field is coded. */
export const FieldType = Object.freeze({
	/** n: decimal digits, two to a byte. */
	Digits: 1,
	/** z: track data, digits and the separator D, two to a byte. */
	Track: 2,
	/** an: letters, digits and spaces. */
	Alphanumeric: 3,
	/** ans: any byte from 0x20 on but 0x7f; hosts put GBK text into such fields. */
	Special: 4,
	/** b: bytes. */
	Binary: 5,
} as const);
export type FieldType = (typeof FieldType)[keyof typeof FieldType];

/** One row of a dialect. */
export interface FieldFormat {
	readonly type: FieldType;
	/** Digits (n, z) or bytes; exact for a fixed field, the most for a variable one. */
	readonly length: number;
	/** 0: fixed length. 1: LL, 2: LLL in front of the content, packed, in digits or bytes. */
	readonly prefixBytes: 0 | 1 | 2;
	/** Where the zero nibble of an odd digit count stands. */
	readonly padLeft: boolean;
}

/** A dialect of ISO 8583: nothing but data. Packed MTI, 8-byte bitmaps. */
export interface Dialect {
	readonly name: string;
	/** Index is the field number, 2 to 128; undefined: the dialect does not know the field. */
	readonly fields: readonly (FieldFormat | undefined)[];
	/** Longest message in bytes, without carrier framing. */
	readonly byteLimit: number;
}

/** Highest field number that bitmaps can carry. */
export const fieldMax = 128;

/** A field of fixed length, in digits or bytes. */
export function fixed(type: FieldType, length: number, padLeft = false): FieldFormat {
	return Object.freeze({ type, length, prefixBytes: 0, padLeft });
}

/** LLVAR. @param length most digits or bytes, up to 99 */
export function llvar(type: FieldType, length: number): FieldFormat {
	return Object.freeze({ type, length, prefixBytes: 1, padLeft: false });
}

/** LLLVAR. @param length most digits or bytes, up to 999 */
export function lllvar(type: FieldType, length: number): FieldFormat {
	return Object.freeze({ type, length, prefixBytes: 2, padLeft: false });
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
	const fields: (FieldFormat | undefined)[] = [];
	for (let field = 0; field <= fieldMax; field++) fields.push(rows[field] ?? base?.fields[field]);
	return Object.freeze({ name, byteLimit, fields: Object.freeze(fields) });
}
