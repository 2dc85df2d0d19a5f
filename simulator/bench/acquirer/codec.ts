/**
 * ISO 8583 as the page docs/host-protocol.md describes it: packed BCD, primary bitmap, no length or header.
 * Written for the host side alone; the terminal has its own.
 */

/** What a field holds: packed digits, printable ASCII, or bytes. */
type Content = "digits" | "text" | "bytes";

interface FieldFormat {
	readonly content: Content;
	/** Digits, characters or bytes: exactly (fixed) or at most (variable). */
	readonly length: number;
	/** A two-byte BCD length stands before the value (LLL). */
	readonly variable: boolean;
	/** Side of the zero nibble of an odd digit count. */
	readonly pad: "left" | "right";
}

/** A message; digits and text as strings, bytes as Buffer. */
export interface Message {
	readonly mti: string;
	readonly fields: Readonly<Record<number, string | Buffer>>;
}

/** A message that breaks the dialect. Holds numbers and reasons, never content. */
export class CodecError extends Error {
	/** Number of the field, 0 for MTI and bitmap. */
	readonly field: number;
	/** Byte offset in the message; of the value's start when encoding it is -1. */
	readonly offset: number;

	constructor(field: number, offset: number, reason: string) {
		super(`field ${field} at offset ${offset}: ${reason}`);
		this.name = "CodecError";
		this.field = field;
		this.offset = offset;
	}
}

/** Largest message that is read or written, in bytes. */
export const messageBytesMax = 1024;

function fixed(content: Content, length: number, pad: "left" | "right" = "right"): FieldFormat {
	return { content, length, variable: false, pad };
}

function variable(content: Content, lengthMax: number): FieldFormat {
	return { content, length: lengthMax, variable: true, pad: "right" };
}

const formats: Readonly<Record<number, FieldFormat>> = Object.freeze({
	3: fixed("digits", 6),
	4: fixed("digits", 12),
	7: fixed("digits", 10),
	11: fixed("digits", 6),
	12: fixed("digits", 6),
	13: fixed("digits", 4),
	22: fixed("digits", 3, "right"),
	23: fixed("digits", 3, "left"),
	25: fixed("digits", 2),
	37: fixed("text", 12),
	38: fixed("text", 6),
	39: fixed("text", 2),
	41: fixed("text", 8),
	42: fixed("text", 15),
	48: variable("digits", 322),
	49: fixed("text", 3),
	54: variable("text", 20),
	55: variable("bytes", 255),
	57: variable("bytes", 255),
	60: variable("digits", 30),
	61: variable("digits", 29),
	62: variable("bytes", 512),
	63: variable("text", 163),
	64: fixed("bytes", 8),
});

/** Clear card data and PIN blocks: defined by ISO 8583, forbidden on this link. */
const forbidden: readonly number[] = Object.freeze([2, 14, 35, 36, 45, 52]);

class Reader {
	readonly #bytes: Buffer;
	offset = 0;

	constructor(bytes: Buffer) {
		this.#bytes = bytes;
	}

	get left(): number {
		return this.#bytes.length - this.offset;
	}

	take(count: number, field: number): Buffer {
		if (count > this.left)
			throw new CodecError(field, this.offset, `needs ${count} bytes, ${this.left} are left`);
		const start = this.offset;
		this.offset += count;
		return this.#bytes.subarray(start, this.offset);
	}

	/** @returns `count` digits; a pad nibble must be zero. */
	digits(count: number, pad: "left" | "right", field: number): string {
		const start = this.offset;
		const nibbles = this.take(Math.ceil(count / 2), field).toString("hex");
		if (!/^\d*$/.test(nibbles)) throw new CodecError(field, start, "not BCD");
		if (count % 2 === 0) return nibbles;
		const padding = pad === "left" ? nibbles.at(0) : nibbles.at(-1);
		if (padding !== "0") throw new CodecError(field, start, "pad nibble is not zero");
		return pad === "left" ? nibbles.slice(1) : nibbles.slice(0, -1);
	}

	value(format: FieldFormat, field: number): string | Buffer {
		const start = this.offset;
		const length = format.variable ? Number(this.digits(4, "left", field)) : format.length;
		if (length > format.length)
			throw new CodecError(field, start, `length ${length} is over ${format.length}`);
		if (format.content === "digits") return this.digits(length, format.pad, field);
		const bytes = this.take(length, field);
		if (format.content === "bytes") return Buffer.from(bytes);
		const text = bytes.toString("latin1");
		if (!/^[ -~]*$/.test(text)) throw new CodecError(field, start, "not printable ASCII");
		return text;
	}
}

function formatOf(field: number, offset: number): FieldFormat {
	if (forbidden.includes(field)) throw new CodecError(field, offset, "clear card data");
	const format = formats[field];
	if (format === undefined) throw new CodecError(field, offset, "not in this dialect");
	return format;
}

/**
 * Reads a message; every byte must belong to it.
 * @throws CodecError with field and offset
 */
export function decode(bytes: Buffer): Message {
	if (bytes.length > messageBytesMax)
		throw new CodecError(0, 0, `${bytes.length} bytes are over ${messageBytesMax}`);
	const reader = new Reader(bytes);
	const mti = reader.digits(4, "left", 0);
	const bitmap = reader.take(8, 0);
	const fields: Record<number, string | Buffer> = {};
	for (let field = 1; field <= 64; field++) {
		if ((bitmap.readUInt8((field - 1) >> 3) & (0x80 >> ((field - 1) & 7))) === 0) continue;
		fields[field] = reader.value(formatOf(field, reader.offset), field);
	}
	if (reader.left > 0) throw new CodecError(0, reader.offset, `${reader.left} bytes too many`);
	return { mti, fields };
}

function packDigits(digits: string, pad: "left" | "right"): Buffer {
	const odd = digits.length % 2 === 1;
	return Buffer.from(odd ? (pad === "left" ? `0${digits}` : `${digits}0`) : digits, "hex");
}

function packValue(field: number, value: string | Buffer): Buffer {
	const format = formatOf(field, -1);
	const fail = (reason: string): never => {
		throw new CodecError(field, -1, reason);
	};
	if ((format.content === "bytes") !== Buffer.isBuffer(value)) return fail("wrong type");
	const padded =
		typeof value === "string" && format.content === "text" && !format.variable
			? value.padEnd(format.length, " ")
			: value;
	if (format.variable ? padded.length > format.length : padded.length !== format.length)
		return fail(`length ${padded.length}, wanted ${format.length}`);
	const head = format.variable
		? packDigits(String(padded.length).padStart(4, "0"), "left")
		: Buffer.alloc(0);
	if (Buffer.isBuffer(padded)) return Buffer.concat([head, padded]);
	if (format.content === "digits") {
		if (!/^\d*$/.test(padded)) return fail("not digits");
		return Buffer.concat([head, packDigits(padded, format.pad)]);
	}
	if (!/^[ -~]*$/.test(padded)) return fail("not printable ASCII");
	return Buffer.concat([head, Buffer.from(padded, "latin1")]);
}

/**
 * The inverse of `decode`; fixed texts are padded with spaces on the right.
 * @throws CodecError for a value that the field cannot hold (offset -1)
 */
export function encode(message: Message): Buffer {
	if (!/^\d{4}$/.test(message.mti)) throw new CodecError(0, -1, "MTI is not four digits");
	const bitmap = Buffer.alloc(8);
	const parts: Buffer[] = [];
	const numbers = Object.keys(message.fields).map(Number);
	for (const field of numbers.sort((a, b) => a - b)) {
		const value = message.fields[field];
		if (value === undefined) continue;
		parts.push(packValue(field, value));
		const index = (field - 1) >> 3;
		bitmap.writeUInt8(bitmap.readUInt8(index) | (0x80 >> ((field - 1) & 7)), index);
	}
	return Buffer.concat([Buffer.from(message.mti, "hex"), bitmap, ...parts]);
}

/** Digits or text of a field; "" when the message has none (or it holds bytes). */
export function text(message: Message, field: number): string {
	const value = message.fields[field];
	return typeof value === "string" ? value : "";
}

/** Bytes of a field; undefined when the message has none (or it holds text). */
export function bytesOf(message: Message, field: number): Buffer | undefined {
	const value = message.fields[field];
	return Buffer.isBuffer(value) ? value : undefined;
}
