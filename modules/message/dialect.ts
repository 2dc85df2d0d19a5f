import { characterMask, FieldType } from "message/content";
import type { MacName } from "message/mac";

export { FieldType };

/** One row of a dialect's table. Its four columns do not depend on each other. */
export interface FieldFormat {
	readonly type: FieldType;
	/** Digits (n, z), characters or bytes; exact for a fixed field, the most for a variable one. */
	readonly length: number;
	/** 0: fixed length. 2: LL, 3: LLL in front of the content, counting what `length` counts. */
	readonly prefixDigits: 0 | 2 | 3;
	/** Packed digits only: where the zero nibble of an odd count stands. */
	readonly padLeft: boolean;
	/** Digits one to a byte in ASCII and not two packed; the bytes of b as pairs of hex characters. */
	readonly asciiContent: boolean;
	/** Digits of the length one to a byte in ASCII and not packed. */
	readonly asciiPrefix: boolean;
}

/** A row with what follows from it, worked out once: it keeps the work for each message small. */
export interface Field extends FieldFormat {
	/** LLVAR or LLLVAR. */
	readonly variable: boolean;
	/** Bytes of LL or LLL. */
	readonly prefixBytes: number;
	/** Two digits to a byte. */
	readonly packed: boolean;
	/** A b field whose bytes stand as hex. */
	readonly hexText: boolean;
	/** Bytes of a fixed field, 0 for a variable one. */
	readonly byteLength: number;
	/** Bytes that the writer takes over as they are, -1 where it cannot (variable, or as hex). */
	readonly readyLength: number;
	/** `length`; -1 where prefix or content is not what the short way through the writer expects. */
	readonly shortWayLimit: number;
	/** Bit in `contentBits` that each byte must have, 0 where any byte will do. */
	readonly contentBit: number;
	/** First value that a packed fixed n field of up to 15 digits cannot hold, 0 for all others. */
	readonly valueLimit: number;
	/** The same for one in ASCII. */
	readonly asciiValueLimit: number;
	/** 10 where a zero nibble follows the digits, else 1. */
	readonly valueScale: number;
	/** Zero nibble of an odd fixed digit count: 0xf0, 0x0f, or 0 where there is none. */
	readonly padMask: number;
	/** Bit in the 32-bit word of the bitmap. */
	readonly wordBit: number;
}

/** What a dialect does not say field by field. */
export interface DialectTraits {
	/** MTI as four ASCII digits and not packed. */
	readonly asciiMti: boolean;
	/** Each bitmap as 16 hex characters and not as 8 bytes. */
	readonly hexBitmap: boolean;
	/** A message that is sent again says so in its MTI: 0401, 0221. */
	readonly repeatMti: boolean;
	/** What field 64 (128) is worked out by. */
	readonly mac: MacName;
}

/** A dialect of ISO 8583: nothing but data. */
export interface Dialect extends DialectTraits {
	readonly name: string;
	/** Index is the field number, 2 to 128; undefined: the dialect does not know the field. */
	readonly fields: readonly (Field | undefined)[];
	/** Longest message in bytes, without carrier framing. */
	readonly byteLimit: number;
}

/** Highest field number that bitmaps can carry. */
export const fieldMax = 128;

const packedTraits: DialectTraits = Object.freeze({
	asciiMti: false,
	hexBitmap: false,
	repeatMti: false,
	mac: "unionpay-ecb",
});

/** A field of fixed length, in digits or bytes; packed. */
export function fixed(type: FieldType, length: number, padLeft = false): FieldFormat {
	return {
		type,
		length,
		prefixDigits: 0,
		padLeft,
		asciiContent: false,
		asciiPrefix: false,
	};
}

/** LLVAR, packed. @param length most digits or bytes, up to 99 */
export function llvar(type: FieldType, length: number): FieldFormat {
	return { ...fixed(type, length), prefixDigits: 2 };
}

/** LLLVAR, packed. @param length most digits or bytes, up to 999 */
export function lllvar(type: FieldType, length: number): FieldFormat {
	return { ...fixed(type, length), prefixDigits: 3 };
}

/**
 * Makes a frozen dialect.
 * @param rows formats by field number
 * @param base dialect whose fields are taken over where `rows` has none, and whose traits hold where `traits` says nothing
 */
export function makeDialect(
	name: string,
	byteLimit: number,
	rows: Readonly<Record<number, FieldFormat>>,
	base?: Dialect,
	traits: Partial<DialectTraits> = {},
): Dialect {
	const fields: (Field | undefined)[] = [];
	for (let number = 0; number <= fieldMax; number++) {
		const row = rows[number];
		fields.push(row === undefined ? base?.fields[number] : makeField(number, row));
	}
	const { asciiMti, hexBitmap, repeatMti, mac } = { ...packedTraits, ...base, ...traits };
	return Object.freeze({
		name,
		byteLimit,
		fields: Object.freeze(fields),
		asciiMti,
		hexBitmap,
		repeatMti,
		mac,
	});
}

function makeField(number: number, row: FieldFormat): Field {
	const { type, length, prefixDigits, padLeft, asciiContent, asciiPrefix } = row;
	const isFixed = prefixDigits === 0;
	const packed = !asciiContent && (type === FieldType.Digits || type === FieldType.Track);
	const hexText = asciiContent && type === FieldType.Binary;
	const byteLength = packed ? (length + 1) >> 1 : hexText ? 2 * length : length;
	const padMask = isFixed && packed && length % 2 !== 0 ? (padLeft ? 0xf0 : 0x0f) : 0;
	const contentBit = contentBitOf(type, asciiContent);
	return Object.freeze({
		type,
		length,
		prefixDigits,
		padLeft,
		asciiContent,
		asciiPrefix,
		variable: !isFixed,
		prefixBytes: asciiPrefix ? prefixDigits : (prefixDigits + 1) >> 1,
		packed,
		hexText,
		byteLength: isFixed ? byteLength : 0,
		readyLength: isFixed && !hexText ? byteLength : -1,
		shortWayLimit: !isFixed && (asciiPrefix || hexText) ? -1 : length,
		contentBit,
		padMask,
		...valueColumns(row),
		wordBit: 0x80000000 >>> ((number - 1) & 31),
	});
}

/** What concerns fields whose content is taken as a number. */
function valueColumns({ type, length, prefixDigits, padLeft, asciiContent }: FieldFormat) {
	const hasValue = prefixDigits === 0 && type === FieldType.Digits && length <= 15;
	const limit = hasValue ? 10 ** length : 0;
	return {
		valueLimit: asciiContent ? 0 : limit,
		asciiValueLimit: asciiContent ? limit : 0,
		valueScale: asciiContent || length % 2 === 0 || padLeft ? 1 : 10,
	};
}

function contentBitOf(type: FieldType, asciiContent: boolean): number {
	if (type === FieldType.Binary) return asciiContent ? characterMask.hex : 0;
	if (asciiContent && type === FieldType.Digits) return characterMask.digit;
	if (asciiContent && type === FieldType.Track) return characterMask.track;
	return 1 << type;
}
