import { asciiText, hexDigit } from "core/bytes";
import { Fault } from "core/fault";
import { contentBits } from "message/content";
import { FieldType, fieldMax, type Dialect, type Field } from "message/dialect";
import { pairValue, unpackDigits } from "message/digits";
import { TextHead } from "message/text-head";

const mtiLength = 2;
const bitmapLength = 8;
const { clz32 } = Math;
const { fromCharCode } = String;
/** Stands for "no message": MTI 0 and empty bitmaps. */
const emptyHead = new Uint8Array(mtiLength + 2 * bitmapLength);

/**
 * Reads one message after the other. `parse` checks everything once and notes where each field stands; after it
 * the accessors cannot meet bad content. The bytes are not copied: they must stay as they are while the reader is used.
 */
export class MessageReader {
	readonly #fields: readonly (Field | undefined)[];
	readonly #byteLimit: number;
	/** Offset of the content; good where the bitmap has the field. */
	readonly #offsets = new Uint16Array(fieldMax + 1);
	/** Digits or bytes of a variable field; good where the bitmap has the field. */
	readonly #counts = new Uint16Array(fieldMax + 1);
	/** Undefined where the head is packed, as it is on the way that must be short. */
	readonly #textHead: TextHead | undefined;
	/** MTI and bitmaps, packed: the message itself or what `#textHead` made of it. */
	#head: Uint8Array = emptyHead;
	#bytes: Uint8Array = emptyHead;

	constructor(dialect: Dialect) {
		this.#fields = dialect.fields;
		this.#byteLimit = dialect.byteLimit;
		if (dialect.asciiMti || dialect.hexBitmap) this.#textHead = new TextHead(dialect);
	}

	/**
	 * Takes a whole message, from the MTI on. After a Fault the reader is empty.
	 * @throws Fault, a = field (0: the message itself, 1: bitmap), b = offset:
	 * "message.length" a length that lies, too long, or trailing bytes · "message.bitmap" cut short, or 64 beside a second bitmap ·
	 * "message.field" a field that the dialect does not know · "message.value" content that does not fit the type
	 */
	parse(bytes: Uint8Array): void {
		this.#head = emptyHead;
		const length = bytes.length;
		if (length > this.#byteLimit) throw new Fault("message.length", 0, this.#byteLimit);
		const textHead = this.#textHead;
		let head = bytes;
		let offset = mtiLength + bitmapLength;
		if (textHead !== undefined) {
			offset = textHead.read(bytes);
			head = textHead.packed;
		} else if (length < offset) throw new Fault("message.bitmap", 1, length);
		else if (pairValue[bytes[0]!] === 255 || pairValue[bytes[1]!] === 255)
			throw new Fault("message.value", 0, 0);
		const second = head[mtiLength]! > 0x7f;
		if (second && textHead === undefined) offset = checkSecondBitmap(bytes);
		offset = this.#takeFields(bytes, wordAt(head, 2) & 0x7fffffff, 1, offset);
		offset = this.#takeFields(bytes, wordAt(head, 6), 33, offset);
		if (second) {
			offset = this.#takeFields(bytes, wordAt(head, 10), 65, offset);
			offset = this.#takeFields(bytes, wordAt(head, 14), 97, offset);
		}
		if (offset !== length) throw new Fault("message.length", 0, offset);
		this.#bytes = bytes;
		this.#head = head;
	}

	/** Packed: 0x0210. 0 before the first message. */
	get mti(): number {
		return (this.#head[0]! << 8) | this.#head[1]!;
	}

	/** @param field any number; what the dialect does not know is not there */
	has(field: number): boolean {
		const format = this.#fields[field];
		const head = this.#head;
		return (
			format !== undefined &&
			(head[format.headIndex]! & format.headBit) !== 0 &&
			(field <= 64 || head[mtiLength]! > 0x7f)
		);
	}

	/** Value of a fixed n field of up to 15 digits. @throws Fault "message.field" when it is absent */
	number(field: number): number {
		const format = this.#format(field);
		const bytes = this.#bytes;
		let at = this.#offsets[field]!;
		const end = at + format.byteLength;
		let value = 0;
		if (format.valueLimit === 0) {
			if (format.asciiValueLimit === 0) throw new Fault("bug", 411);
			while (at < end) value = value * 10 + (bytes[at++]! & 15);
			return value;
		}
		while (at < end) {
			value = value * 100 + pairValue[bytes[at]!]!;
			at++;
		}
		return value / format.valueScale;
	}

	/** Digits of an n or z field, padding removed; the separator of z is "=". @throws Fault "message.field" when it is absent */
	digits(field: number): string {
		const format = this.#format(field);
		const type = format.type;
		if (type !== FieldType.Digits && type !== FieldType.Track) throw new Fault("bug", 412);
		const count = format.prefixBytes === 0 ? format.length : this.#counts[field]!;
		const offset = this.#offsets[field]!;
		if (!format.packed) return asciiText(this.#bytes, offset, offset + count);
		return unpackDigits(this.#bytes, offset, count, format.padLeft ? count & 1 : 0);
	}

	/**
	 * Text of an an or ans field, one character for each byte (Latin-1); of a fixed one without the spaces at its end.
	 * @throws Fault "message.field" when it is absent
	 */
	text(field: number): string {
		const format = this.#format(field);
		const type = format.type;
		if (type !== FieldType.Alphanumeric && type !== FieldType.Special) throw new Fault("bug", 413);
		const bytes = this.#bytes;
		let at = this.#offsets[field]!;
		let end = at + format.byteLength;
		if (format.prefixBytes !== 0) end = at + this.#counts[field]!;
		else while (end > at && bytes[end - 1] === 0x20) end--;
		let text = "";
		while (at < end) text += fromCharCode(bytes[at++]!);
		return text;
	}

	/** Copy of the content of a b field. @throws Fault "message.field" when it is absent */
	bytes(field: number): Uint8Array {
		const format = this.#format(field);
		if (format.type !== FieldType.Binary) throw new Fault("bug", 414);
		const start = this.#offsets[field]!;
		const count = format.prefixBytes === 0 ? format.length : this.#counts[field]!;
		if (!format.hexText) return this.#bytes.slice(start, start + count);
		const content = new Uint8Array(count);
		for (let i = 0; i < count; i++) content[i] = hexByte(this.#bytes, start + 2 * i);
		return content;
	}

	/** What the MAC is over: all before the MAC field; all of it where there is none. A view. */
	get macBody(): Uint8Array {
		const head = this.#head;
		if (head === emptyHead) return head.subarray(0, 0);
		const bytes = this.#bytes;
		const macField = head[mtiLength]! < 0x80 ? 64 : 128;
		return this.has(macField) ? bytes.subarray(0, this.#offsets[macField]) : bytes;
	}

	#format(field: number): Field {
		const format = this.#fields[field];
		const head = this.#head;
		if (
			format === undefined ||
			(head[format.headIndex]! & format.headBit) === 0 ||
			(field > 64 && head[mtiLength]! < 0x80)
		)
			throw new Fault("message.field", field);
		return format;
	}

	/**
	 * Checks and notes the fields of 32 bits of a bitmap. The hot loop: it is written out, and its variables
	 * stand in front, for XS pays for each call and for each declaration in each round, and for each comparison with 0.
	 * @param base field of the highest bit
	 * @returns the offset behind the last one
	 */
	#takeFields(bytes: Uint8Array, word: number, base: number, start: number): number {
		const fields = this.#fields;
		const offsets = this.#offsets;
		const bits = contentBits;
		const length = bytes.length;
		let rest = word;
		let offset = start;
		let field: number;
		let at: number;
		let end: number;
		let good: number;
		let format: Field | undefined;
		while (rest) {
			field = base + clz32(rest);
			format = fields[field];
			if (format === undefined) throw new Fault("message.field", field, offset);
			rest ^= format.wordBit;
			if (format.variable) {
				end = this.#takeLength(bytes, field, format, offset);
				offset += format.prefixBytes;
			} else end = offset + format.byteLength;
			if (end > length) throw new Fault("message.length", field, offset);
			offsets[field] = offset;
			good = format.contentMask;
			if (good) {
				at = offset;
				while (at + 3 < end) {
					good &=
						bits[bytes[at]!]! &
						bits[bytes[at + 1]!]! &
						bits[bytes[at + 2]!]! &
						bits[bytes[at + 3]!]!;
					at += 4;
				}
				if (at + 1 < end) {
					good &= bits[bytes[at]!]! & bits[bytes[at + 1]!]!;
					at += 2;
				}
				if (at < end) good &= bits[bytes[at]!]!;
				if (!good) refuseContent(bytes, field, format, offset, end);
			} else if (format.padMask) checkPadded(bytes, field, format, offset);
			offset = end;
		}
		return offset;
	}

	/** Checks and notes LL or LLL at `offset`. @returns the offset behind the content */
	#takeLength(bytes: Uint8Array, field: number, format: Field, offset: number): number {
		// Beyond the end and where a nibble is no digit the value is above every limit.
		let count = pairValue[bytes[offset] ?? 255]!;
		let end = offset + 1;
		if (format.prefixBytes === 2) {
			const low = pairValue[bytes[end++] ?? 255]!;
			count = low === 255 ? 9999 : count * 100 + low;
		}
		if (count > format.shortWayLimit) return this.#takeOtherLength(bytes, field, format, offset);
		this.#counts[field] = count;
		if (!format.packed) return end + count;
		end += (count + 1) >> 1;
		if ((count & 1) !== 0 && end <= bytes.length) checkPadding(bytes, field, 0x0f, end - 1);
		return end;
	}

	/** As `#takeLength` for a length in ASCII or a content in hex; refuses all that is too long. */
	#takeOtherLength(bytes: Uint8Array, field: number, format: Field, offset: number): number {
		const count = format.asciiPrefix
			? asciiNumber(bytes, offset, format.prefixBytes)
			: packedNumber(bytes, offset, format.prefixBytes);
		if (!(count <= format.length)) throw new Fault("message.length", field, offset);
		this.#counts[field] = count;
		const contentBytes = format.hexText ? 2 * count : format.packed ? (count + 1) >> 1 : count;
		const end = offset + format.prefixBytes + contentBytes;
		if (format.packed && (count & 1) !== 0 && end <= bytes.length)
			checkPadding(bytes, field, 0x0f, end - 1);
		return end;
	}
}

/** 32 bits of a bitmap. */
function wordAt(head: Uint8Array, at: number): number {
	return (head[at]! << 24) | (head[at + 1]! << 16) | (head[at + 2]! << 8) | head[at + 3]!;
}

/** @returns offset of the first field */
function checkSecondBitmap(bytes: Uint8Array): number {
	const end = mtiLength + 2 * bitmapLength;
	// With a second bitmap the MAC is field 128; a field 64 would leave what follows it unprotected.
	if ((bytes[mtiLength + bitmapLength - 1]! & 1) !== 0)
		throw new Fault("message.bitmap", 64, mtiLength);
	if (bytes.length < end) throw new Fault("message.bitmap", 1, bytes.length);
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

function hexByte(bytes: Uint8Array, offset: number): number {
	return (hexDigit(bytes[offset]!) << 4) | hexDigit(bytes[offset + 1]!);
}

/** Throws for the first byte that does not fit, if there is one. */
function refuseContent(
	bytes: Uint8Array,
	field: number,
	format: Field,
	start: number,
	end: number,
): void {
	for (let at = start; at < end; at++)
		if ((contentBits[bytes[at]!]! & format.contentBit) === 0)
			throw new Fault("message.value", field, at);
}

/** Digits of a fixed odd count. */
function checkPadded(bytes: Uint8Array, field: number, format: Field, offset: number): void {
	const end = offset + format.byteLength;
	refuseContent(bytes, field, format, offset, end);
	checkPadding(bytes, field, format.padMask, format.padLeft ? offset : end - 1);
}

/** The nibble that fills up an odd digit count must be zero. @param at byte with that nibble */
function checkPadding(bytes: Uint8Array, field: number, padMask: number, at: number): void {
	if ((bytes[at]! & padMask) !== 0) throw new Fault("message.value", field, at);
}
