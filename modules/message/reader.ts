import { Fault } from "core/fault";
import { contentBits } from "message/content";
import { FieldType, fieldMax, type Dialect, type Field } from "message/dialect";
import { pairValue, unpackDigits } from "message/digits";

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
	#bytes: Uint8Array = emptyHead;

	constructor(dialect: Dialect) {
		this.#fields = dialect.fields;
		this.#byteLimit = dialect.byteLimit;
	}

	/**
	 * Takes a whole message, from the MTI on. After a Fault the reader is empty.
	 * @throws Fault, a = field (0: the message itself, 1: bitmap), b = offset:
	 * "message.length" a length that lies, too long, or trailing bytes · "message.bitmap" cut short, or 64 beside a second bitmap ·
	 * "message.field" a field that the dialect does not know · "message.value" content that does not fit the type
	 */
	parse(bytes: Uint8Array): void {
		this.#bytes = emptyHead;
		let offset = this.#checkHead(bytes);
		const second = offset > mtiLength + bitmapLength;
		const view = new DataView(bytes.buffer, bytes.byteOffset);
		offset = this.#takeFields(bytes, view.getInt32(2) & 0x7fffffff, 1, offset);
		offset = this.#takeFields(bytes, view.getInt32(6), 33, offset);
		if (second) {
			offset = this.#takeFields(bytes, view.getInt32(10), 65, offset);
			offset = this.#takeFields(bytes, view.getInt32(14), 97, offset);
		}
		if (offset !== bytes.length) throw new Fault("message.length", 0, offset);
		this.#bytes = bytes;
	}

	/** Packed: 0x0210. 0 before the first message. */
	get mti(): number {
		return (this.#bytes[0]! << 8) | this.#bytes[1]!;
	}

	/** @param field any number; what the dialect does not know is not there */
	has(field: number): boolean {
		const format = this.#fields[field];
		const bytes = this.#bytes;
		return (
			format !== undefined &&
			(bytes[format.headIndex]! & format.headBit) !== 0 &&
			(field <= 64 || bytes[mtiLength]! > 0x7f)
		);
	}

	/** Value of a fixed n field of up to 15 digits. @throws Fault "message.field" when it is absent */
	number(field: number): number {
		const format = this.#format(field);
		if (format.valueLimit === 0) throw new Fault("bug", 411);
		const bytes = this.#bytes;
		let at = this.#offsets[field]!;
		const end = at + format.byteLength;
		let value = 0;
		while (at < end) {
			value = value * 100 + pairValue[bytes[at]!]!;
			at++;
		}
		return value / format.valueScale;
	}

	/** Digits of an n or z field, padding removed; the separator of z is "=". @throws Fault "message.field" when it is absent */
	digits(field: number): string {
		const format = this.#format(field);
		if (!format.packed) throw new Fault("bug", 412);
		const count = format.prefixBytes === 0 ? format.length : this.#counts[field]!;
		const skip = format.padLeft ? count & 1 : 0;
		return unpackDigits(this.#bytes, this.#offsets[field]!, count, skip);
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
		return this.#bytes.slice(start, start + count);
	}

	/** What the MAC is over: all before the MAC field; all of it where there is none. A view. */
	get macBody(): Uint8Array {
		const bytes = this.#bytes;
		if (bytes === emptyHead) return bytes.subarray(0, 0);
		const macField = bytes[mtiLength]! < 0x80 ? 64 : 128;
		return this.has(macField) ? bytes.subarray(0, this.#offsets[macField]) : bytes;
	}

	#format(field: number): Field {
		const format = this.#fields[field];
		const bytes = this.#bytes;
		if (
			format === undefined ||
			(bytes[format.headIndex]! & format.headBit) === 0 ||
			(field > 64 && bytes[mtiLength]! < 0x80)
		)
			throw new Fault("message.field", field);
		return format;
	}

	/** MTI and bitmaps. @returns offset of the first field */
	#checkHead(bytes: Uint8Array): number {
		const length = bytes.length;
		if (length > this.#byteLimit) throw new Fault("message.length", 0, this.#byteLimit);
		const end = mtiLength + bitmapLength;
		if (length < end) throw new Fault("message.bitmap", 1, length);
		if (pairValue[bytes[0]!] === 255 || pairValue[bytes[1]!] === 255)
			throw new Fault("message.value", 0, 0);
		if (bytes[mtiLength]! < 0x80) return end;
		// With a second bitmap the MAC is field 128; a field 64 would leave what follows it unprotected.
		if ((bytes[end - 1]! & 1) !== 0) throw new Fault("message.bitmap", 64, mtiLength);
		if (length < end + bitmapLength) throw new Fault("message.bitmap", 1, length);
		return end + bitmapLength;
	}

	/**
	 * Checks and notes the fields of 32 bits of a bitmap. The hot loop: it is written out, and its variables
	 * stand in front, for XS pays for each call and for each declaration in each round.
	 * @param base field of the highest bit
	 * @returns the offset behind the last one
	 */
	#takeFields(bytes: Uint8Array, word: number, base: number, start: number): number {
		const fields = this.#fields;
		const length = bytes.length;
		let rest = word;
		let offset = start;
		let field: number;
		let at: number;
		let end: number;
		let good: number;
		let format: Field | undefined;
		while (rest !== 0) {
			field = base + clz32(rest);
			format = fields[field];
			if (format === undefined) throw new Fault("message.field", field, offset);
			rest ^= format.wordBit;
			if (format.prefixBytes === 0) end = offset + format.byteLength;
			else {
				end = this.#takeLength(bytes, field, format, offset);
				offset += format.prefixBytes;
			}
			if (end > length) throw new Fault("message.length", field, offset);
			this.#offsets[field] = offset;
			good = format.contentMask;
			if (good !== 0) {
				at = offset;
				while (at + 3 < end) {
					good &=
						contentBits[bytes[at]!]! &
						contentBits[bytes[at + 1]!]! &
						contentBits[bytes[at + 2]!]! &
						contentBits[bytes[at + 3]!]!;
					at += 4;
				}
				if (at + 1 < end) {
					good &= contentBits[bytes[at]!]! & contentBits[bytes[at + 1]!]!;
					at += 2;
				}
				if (at < end) good &= contentBits[bytes[at]!]!;
				if (good === 0) refuseContent(bytes, field, format, offset, end);
			} else if (format.padMask !== 0) checkPadded(bytes, field, format, offset);
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
		if (count > format.length) throw new Fault("message.length", field, offset);
		this.#counts[field] = count;
		if (!format.packed) return end + count;
		end += (count + 1) >> 1;
		if ((count & 1) !== 0 && end <= bytes.length) checkPadding(bytes, field, 0x0f, end - 1);
		return end;
	}
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
		if ((contentBits[bytes[at]!]! & (1 << format.type)) === 0)
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
