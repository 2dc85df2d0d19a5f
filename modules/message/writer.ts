import { Fault, assert } from "core/fault";
import { contentBits } from "message/content";
import { nibbleOf, packedPair } from "message/digits";
import { FieldType, fieldMax, type Dialect, type FieldFormat } from "message/dialect";

/** MTI and two bitmaps: the data stand behind it, the head is put in front at the end. */
const headLength = 18;
/** Above any field number: nothing more goes in. */
const finished = fieldMax + 1;
const powersOfTen = Object.freeze(Array.from({ length: 16 }, (_, i) => 10 ** i));

/**
 * Builds one message after the other in a buffer of its own; no strings in between.
 * Fields go in ascending order. A field that throws leaves the message as it was before.
 *
 * Faults: "message.field" the dialect does not know it · "message.length" content or message too long
 * (or a fixed field not exact) · "message.value" content does not fit the type · "bug" wrong order or wrong
 * method for the type. a = field, b = offset in the data; never content.
 */
export class MessageWriter {
	readonly #fields: readonly (FieldFormat | undefined)[];
	readonly #buffer: Uint8Array;
	readonly #bitmap = new Uint8Array(16);
	#mti = 0;
	#last: number = finished;
	#end = headLength;

	constructor(dialect: Dialect) {
		this.#fields = dialect.fields;
		this.#buffer = new Uint8Array(dialect.byteLimit);
	}

	/** Starts a message. @param mti packed: 0x0200 */
	begin(mti: number): this {
		assert(mti >= 0 && mti <= 0x9999, 401);
		this.#bitmap.fill(0);
		this.#mti = mti;
		this.#last = 1;
		this.#end = headLength;
		return this;
	}

	/** A fixed n field of up to 15 digits, zero padded on the left. @param value integer, 0 or more */
	number(field: number, value: number): this {
		const format = this.#open(field);
		const digitCount = format.length;
		assert(format.type === FieldType.Digits && format.prefixBytes === 0 && digitCount < 16, 402);
		if (!(value >= 0 && value < powersOfTen[digitCount]! && value % 1 === 0))
			throw new Fault("message.value", field, this.#end);
		const end = this.#room(field, (digitCount + 1) >> 1);
		const buffer = this.#buffer;
		let rest = (digitCount & 1) !== 0 && !format.padLeft ? value * 10 : value;
		for (let i = end - 1, start = this.#end; i >= start; i--) {
			const pair = rest % 100;
			buffer[i] = packedPair[pair]!;
			rest = (rest - pair) / 100;
		}
		return this.#close(field, end);
	}

	/**
	 * An n or z field, fixed or variable.
	 * @param digits exactly as many as a fixed field has; in z also "D" (or "=")
	 */
	digits(field: number, digits: string): this {
		const format = this.#open(field);
		assert(format.type <= FieldType.Track, 403);
		const count = digits.length;
		this.#checkLength(field, format, count);
		let at = this.#end + format.prefixBytes;
		const end = this.#room(field, format.prefixBytes + ((count + 1) >> 1));
		const buffer = this.#buffer;
		const track = format.type === FieldType.Track;
		let i = 0;
		if ((count & 1) !== 0 && format.padLeft)
			buffer[at++] = this.#nibble(field, digits.charCodeAt(i++), track);
		for (; i + 1 < count; i += 2) {
			const high = digits.charCodeAt(i) - 0x30;
			const low = digits.charCodeAt(i + 1) - 0x30;
			buffer[at++] =
				high >= 0 && high <= 9 && low >= 0 && low <= 9
					? (high << 4) | low
					: (this.#nibble(field, high + 0x30, track) << 4) | this.#nibble(field, low + 0x30, track);
		}
		if (i < count) buffer[at] = this.#nibble(field, digits.charCodeAt(i), track) << 4;
		this.#prefix(format, count);
		return this.#close(field, end);
	}

	/** An an or ans field; a fixed one is padded with spaces. @param text ASCII */
	text(field: number, text: string): this {
		const format = this.#open(field);
		const type = format.type;
		assert(type === FieldType.Alphanumeric || type === FieldType.Special, 404);
		const count = text.length;
		const length = format.prefixBytes === 0 ? format.length : count;
		if (count > format.length) throw new Fault("message.length", field, this.#end);
		let at = this.#end + format.prefixBytes;
		const end = this.#room(field, format.prefixBytes + length);
		const buffer = this.#buffer;
		const mask = 1 << type;
		for (let i = 0; i < count; i++) {
			const code = text.charCodeAt(i);
			if (code > 0x7e || (contentBits[code]! & mask) === 0)
				throw new Fault("message.value", field, at);
			buffer[at++] = code;
		}
		if (at < end) buffer.fill(0x20, at, end);
		this.#prefix(format, length);
		return this.#close(field, end);
	}

	/** A b field. @param bytes exactly as many as a fixed field has; copied */
	bytes(field: number, bytes: Uint8Array): this {
		const format = this.#open(field);
		assert(format.type === FieldType.Binary, 405);
		const count = bytes.length;
		this.#checkLength(field, format, count);
		const end = this.#room(field, format.prefixBytes + count);
		this.#buffer.set(bytes, this.#end + format.prefixBytes);
		this.#prefix(format, count);
		return this.#close(field, end);
	}

	/** @returns a new array: the whole message */
	finish(): Uint8Array {
		assert(this.#last < finished, 409);
		const start = this.#putHead();
		this.#last = finished;
		return this.#buffer.slice(start, this.#end);
	}

	/**
	 * Sets the bit of the MAC field (64, or 128 where there is a second bitmap), calls `mac` over all that stands
	 * before that field and appends its 8 bytes.
	 * @param mac gets a view that is only good during the call
	 * @returns a new array: the whole message
	 */
	finishWithMac(mac: (body: Uint8Array) => Uint8Array): Uint8Array {
		const field = this.#last > 64 ? 128 : 64;
		const format = this.#open(field);
		assert(format.type === FieldType.Binary && format.length === 8, 406);
		const end = this.#room(field, 8);
		const bodyEnd = this.#end;
		this.#close(field, end);
		const start = this.#putHead();
		const code = mac(this.#buffer.subarray(start, bodyEnd));
		assert(code.length === 8, 407);
		this.#buffer.set(code, bodyEnd);
		this.#last = finished;
		return this.#buffer.slice(start, end);
	}

	#open(field: number): FieldFormat {
		assert(field > this.#last, 408);
		const format = this.#fields[field];
		if (format === undefined) throw new Fault("message.field", field, this.#end);
		return format;
	}

	/** @returns the offset behind `byteCount` more bytes */
	#room(field: number, byteCount: number): number {
		const end = this.#end + byteCount;
		if (end > this.#buffer.length) throw new Fault("message.length", field, this.#end);
		return end;
	}

	#close(field: number, end: number): this {
		const bit = field - 1;
		const index = bit >> 3;
		this.#bitmap[index] = this.#bitmap[index]! | (0x80 >> (bit & 7));
		this.#last = field;
		this.#end = end;
		return this;
	}

	#checkLength(field: number, format: FieldFormat, count: number): void {
		if (format.prefixBytes === 0 ? count !== format.length : count > format.length)
			throw new Fault("message.length", field, this.#end);
	}

	#prefix(format: FieldFormat, count: number): void {
		if (format.prefixBytes === 0) return;
		const low = count % 100;
		if (format.prefixBytes === 2) {
			this.#buffer[this.#end] = packedPair[(count - low) / 100]!;
			this.#buffer[this.#end + 1] = packedPair[low]!;
		} else this.#buffer[this.#end] = packedPair[low]!;
	}

	#nibble(field: number, code: number, track: boolean): number {
		const nibble = nibbleOf(code, track);
		if (nibble < 0) throw new Fault("message.value", field, this.#end);
		return nibble;
	}

	/** Puts MTI and bitmaps in front of the data. @returns the offset of the MTI */
	#putHead(): number {
		const buffer = this.#buffer;
		const bitmap = this.#bitmap;
		const second = this.#last > 64;
		const start = second ? 0 : 8;
		buffer[start] = this.#mti >> 8;
		buffer[start + 1] = this.#mti & 0xff;
		if (second) bitmap[0] = bitmap[0]! | 0x80;
		buffer.set(second ? bitmap : bitmap.subarray(0, 8), start + 2);
		return start;
	}
}
