import { asciiText } from "core/bytes";
import { Fault, assert } from "core/fault";
import { contentBits } from "message/content";
import { pairValue, unpackDigits } from "message/digits";
import { FieldType, fieldMax, type Dialect, type FieldFormat } from "message/dialect";

const mtiLength = 2;
const bitmapLength = 8;

/**
 * Reads one message after the other. `parse` checks everything once and notes where each field stands; after it
 * the accessors cannot meet bad content. The bytes are not copied: they must stay as they are while the reader is used.
 */
export class MessageReader {
	readonly #fields: readonly (FieldFormat | undefined)[];
	readonly #byteLimit: number;
	/** Offset of the content, 0: absent. */
	readonly #offsets = new Uint16Array(fieldMax + 1);
	/** Digits or bytes of the content. */
	readonly #counts = new Uint16Array(fieldMax + 1);
	#bytes: Uint8Array = new Uint8Array(0);
	#mti = 0;
	#macOffset = 0;

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
		this.#bytes = bytes;
		this.#mti = 0;
		this.#offsets.fill(0);
		try {
			this.#parse(bytes);
		} catch (fault) {
			this.#offsets.fill(0);
			this.#mti = 0;
			this.#bytes = new Uint8Array(0);
			throw fault;
		}
	}

	/** Packed: 0x0210. 0 before the first message. */
	get mti(): number {
		return this.#mti;
	}

	has(field: number): boolean {
		return this.#offsets[field]! > 0;
	}

	/** Value of an n field of up to 15 digits. @throws Fault "message.field" when it is absent */
	number(field: number): number {
		const format = this.#format(field);
		assert(format.type === FieldType.Digits, 411);
		const count = this.#counts[field]!;
		assert(count < 16, 412);
		const bytes = this.#bytes;
		let offset = this.#offsets[field]!;
		const end = offset + ((count + 1) >> 1);
		let value = 0;
		while (offset < end) value = value * 100 + pairValue[bytes[offset++]!]!;
		return (count & 1) !== 0 && !format.padLeft ? value / 10 : value;
	}

	/** Digits of an n or z field, padding removed; the separator of z is "D". @throws Fault "message.field" when it is absent */
	digits(field: number): string {
		const format = this.#format(field);
		assert(format.type <= FieldType.Track, 413);
		const count = this.#counts[field]!;
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
		assert(type === FieldType.Alphanumeric || type === FieldType.Special, 414);
		const start = this.#offsets[field]!;
		let end = start + this.#counts[field]!;
		if (format.prefixBytes === 0) while (end > start && this.#bytes[end - 1] === 0x20) end--;
		return asciiText(this.#bytes, start, end);
	}

	/** Copy of the content of a b field. @throws Fault "message.field" when it is absent */
	bytes(field: number): Uint8Array {
		const format = this.#format(field);
		assert(format.type === FieldType.Binary, 415);
		const start = this.#offsets[field]!;
		return this.#bytes.slice(start, start + this.#counts[field]!);
	}

	/** What the MAC is over: all before the MAC field; all of it where there is none. A view. */
	get macBody(): Uint8Array {
		return this.#bytes.subarray(0, this.#macOffset);
	}

	#format(field: number): FieldFormat {
		const format = this.#fields[field];
		if (format === undefined || !this.has(field)) throw new Fault("message.field", field);
		return format;
	}

	#parse(bytes: Uint8Array): void {
		if (bytes.length > this.#byteLimit) throw new Fault("message.length", 0, this.#byteLimit);
		let offset = mtiLength + bitmapLength;
		if (bytes.length < offset) throw new Fault("message.bitmap", 1, bytes.length);
		if (pairValue[bytes[0]!] === 255 || pairValue[bytes[1]!] === 255)
			throw new Fault("message.value", 0, 0);
		const second = (bytes[mtiLength]! & 0x80) !== 0;
		if (second) {
			if ((bytes[mtiLength + 7]! & 1) !== 0) throw new Fault("message.bitmap", 64, mtiLength);
			offset += bitmapLength;
			if (bytes.length < offset) throw new Fault("message.bitmap", 1, bytes.length);
		}
		const wordEnd = offset;
		for (let at = mtiLength, base = 1; at < wordEnd; at += 4, base += 32) {
			let word =
				(bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
			if (base === 1) word &= 0x7fffffff;
			while (word !== 0) {
				const bit = Math.clz32(word);
				word &= ~(0x80000000 >>> bit);
				offset = this.#take(bytes, base + bit, offset);
			}
		}
		if (offset !== bytes.length) throw new Fault("message.length", 0, offset);
		const macOffset = this.#offsets[second ? 128 : 64]!;
		this.#macOffset = macOffset > 0 ? macOffset : offset;
		this.#mti = (bytes[0]! << 8) | bytes[1]!;
	}

	/** Checks one field and notes it. @returns the offset behind it */
	#take(bytes: Uint8Array, field: number, offset: number): number {
		const format = this.#fields[field];
		if (format === undefined) throw new Fault("message.field", field, offset);
		let count = format.length;
		const prefixBytes = format.prefixBytes;
		if (prefixBytes !== 0) {
			const limit = count;
			if (offset + prefixBytes > bytes.length) throw new Fault("message.length", field, offset);
			count = pairValue[bytes[offset++]!]!;
			if (prefixBytes === 2) count = count * 100 + pairValue[bytes[offset++]!]!;
			// A nibble that is no digit counts 255: above the limit but for the second byte of LLL.
			if (count > limit || pairValue[bytes[offset - 1]!] === 255)
				throw new Fault("message.length", field, offset - prefixBytes);
		}
		const type = format.type;
		const end = offset + (type <= FieldType.Track ? (count + 1) >> 1 : count);
		if (end > bytes.length) throw new Fault("message.length", field, offset);
		if (type !== FieldType.Binary) checkContent(bytes, field, format, count, offset, end);
		this.#offsets[field] = offset;
		this.#counts[field] = count;
		return end;
	}
}

function checkContent(
	bytes: Uint8Array,
	field: number,
	format: FieldFormat,
	count: number,
	offset: number,
	end: number,
): void {
	const mask = 1 << format.type;
	let at = offset;
	while (at < end && (contentBits[bytes[at]!]! & mask) !== 0) at++;
	if (at < end) throw new Fault("message.value", field, at);
	if (format.type > FieldType.Track || (count & 1) === 0) return;
	at = format.padLeft ? offset : end - 1;
	const pad = format.padLeft ? bytes[at]! >> 4 : bytes[at]! & 15;
	if (pad !== 0) throw new Fault("message.value", field, at);
}
