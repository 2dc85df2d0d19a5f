import { Fault, type FaultCode } from "core/fault";
import { characterMask } from "message/content";
import { FieldType, fieldMax, type Dialect, type Field } from "message/dialect";
import { packedPair } from "message/digits";
import { putHex, putPacked, putText } from "message/put";
import { TextHead } from "message/text-head";

/** Packed MTI and two bitmaps: the data stand behind it, the head is put in front at the end. */
const packedHeadLength = 18;
/** Above any field number: nothing more goes in. */
const finished = fieldMax + 1;

/**
 * Builds one message after the other; no strings in between, and no copy at the end: what is handed out is a view of the sheet
 * that it was written on, and nothing is ever written there again. (Its `buffer` is also that of its neighbours.) Making an array
 * for each message would be most of the work on some engines.
 * Fields go in ascending order. After a Fault the message is lost: only `begin` goes on.
 *
 * Faults: "message.field" the dialect does not know it · "message.length" content or message too long
 * (or a fixed field not exact) · "message.value" content does not fit the type · "bug" wrong order or wrong
 * method for the type. a = field, b = offset in the data; never content.
 */
export class MessageWriter {
	readonly #fields: readonly (Field | undefined)[];
	readonly #byteLimit: number;
	readonly #textHead: TextHead | undefined;
	readonly #headLength: number;
	/** Room for two messages of the greatest length, so for many of the usual one. A new one is taken when less than one is left. */
	#buffer: Uint8Array<ArrayBuffer>;
	/** Of the sheet, or of the packed head of `#textHead`. */
	#view: DataView;
	/** Where the head of the message stands if it has two bitmaps, and where the message must end. */
	#base = 0;
	#limit = 0;
	/** Bits of fields 1 to 32, 33 to 64, 65 to 96, 97 to 128, highest first. */
	#bits1 = 0;
	#bits33 = 0;
	#bits65 = 0;
	#bits97 = 0;
	#mti = 0;
	#last: number = finished;
	#end = packedHeadLength;

	constructor(dialect: Dialect) {
		this.#fields = dialect.fields;
		this.#byteLimit = dialect.byteLimit;
		if (dialect.asciiMti || dialect.hexBitmap) this.#textHead = new TextHead(dialect);
		this.#headLength = this.#textHead?.byteLength ?? packedHeadLength;
		this.#buffer = new Uint8Array(2 * dialect.byteLimit);
		// The head is made packed: in place where it stays so.
		this.#view = new DataView((this.#textHead?.packed ?? this.#buffer).buffer);
	}

	/** Starts a message. @param mti packed: 0x0200 */
	begin(mti: number): this {
		if (!(mti >= 0 && mti <= 0x9999)) throw new Fault("bug", 401);
		this.#bits1 = this.#bits33 = this.#bits65 = this.#bits97 = 0;
		this.#mti = mti;
		this.#last = 1;
		if (this.#base > this.#byteLimit) this.#takeSheet();
		this.#limit = this.#base + this.#byteLimit;
		this.#end = this.#base + this.#headLength;
		return this;
	}

	/** A fixed n field of up to 15 digits, zero padded on the left. @param value integer, 0 or more */
	number(field: number, value: number): this {
		const format = this.#open(field);
		if (!(value >= 0 && value < format.valueLimit && value % 1 === 0)) {
			return this.#asciiNumber(field, format, value);
		}
		const start = this.#end;
		const end = start + format.byteLength;
		if (end > this.#limit) throw this.#lost("message.length", field);
		const buffer = this.#buffer;
		let rest = value * format.valueScale;
		let at = end;
		while (rest !== 0) {
			const pair = rest % 100;
			rest = (rest - pair) / 100;
			buffer[--at] = packedPair[pair]!;
		}
		while (at > start) buffer[--at] = 0;
		this.#end = end;
		return this;
	}

	/**
	 * An n or z field, fixed or variable.
	 * @param digits exactly as many as a fixed field has; in z also the separator "="
	 */
	digits(field: number, digits: string): this {
		const format = this.#open(field);
		if (!format.packed) return this.#asciiDigits(field, format, digits);
		const count = digits.length;
		const offset = this.#prefix(field, format, count, (count + 1) >> 1);
		const mask = format.type === FieldType.Track ? characterMask.track : characterMask.digit;
		if (!putPacked(this.#buffer, offset, digits, format.padLeft, mask))
			throw this.#lost("message.value", field);
		this.#end = offset + ((count + 1) >> 1);
		return this;
	}

	/** An an or ans field; a fixed one is padded with spaces. @param text ASCII */
	text(field: number, text: string): this {
		const format = this.#open(field);
		const type = format.type;
		if (type !== FieldType.Alphanumeric && type !== FieldType.Special)
			throw this.#lost("bug", field);
		const count = text.length;
		if (count > format.length) throw this.#lost("message.length", field);
		const length = format.prefixBytes === 0 ? format.length : count;
		const offset = this.#prefix(field, format, length, length);
		const mask = type === FieldType.Special ? characterMask.special : characterMask.alphanumeric;
		if (!putText(this.#buffer, offset, text, length, mask))
			throw this.#lost("message.value", field);
		this.#end = offset + length;
		return this;
	}

	/**
	 * A b field. Also, for what is the same in each message (terminal, merchant), the ready content of any other field:
	 * ASCII of an and ans and of n and z in ASCII, an even number of packed digits of n and z. Such content is not looked at.
	 * @param bytes exactly as many as a fixed field has; copied
	 */
	bytes(field: number, bytes: Uint8Array): this {
		const format = this.#open(field);
		const length = bytes.length;
		let offset = this.#end;
		if (length !== format.readyLength) {
			if (format.hexText) return this.#hexBytes(field, format, bytes);
			offset = this.#prefix(field, format, format.packed ? 2 * length : length, length);
		} else if (offset + length > this.#limit) throw this.#lost("message.length", field);
		this.#buffer.set(bytes, offset);
		this.#end = offset + length;
		return this;
	}

	/** @returns the whole message, a view that is never written to again */
	finish(): Uint8Array {
		if (this.#last === finished) throw new Fault("bug", 405);
		return this.#handOut(this.#putHead());
	}

	/**
	 * Sets the bit of the MAC field (64, or 128 where there is a second bitmap), calls `mac` over all that stands
	 * before that field and appends its 8 bytes.
	 * @param mac gets a view that is only good during the call
	 * @returns the whole message, a view that is never written to again
	 */
	finishWithMac(mac: (body: Uint8Array) => Uint8Array): Uint8Array {
		const field = this.#last > 64 ? 128 : 64;
		const format = this.#open(field);
		const start = this.#putHead();
		const code = mac(this.#buffer.subarray(start, this.#end));
		if (code.length !== 8) throw new Fault("bug", 406);
		if (format.hexText) this.#hexBytes(field, format, code);
		else {
			const bodyEnd = this.#prefix(field, format, 8, 8);
			this.#buffer.set(code, bodyEnd);
			this.#end = bodyEnd + 8;
		}
		return this.#handOut(start);
	}

	/** Checks the order and sets the field's bit. */
	#open(field: number): Field {
		const format = this.#fields[field];
		if (!(field > this.#last) || format === undefined)
			throw this.#lost(format === undefined ? "message.field" : "bug", field);
		if (field <= 32) this.#bits1 |= format.wordBit;
		else if (field <= 64) this.#bits33 |= format.wordBit;
		else if (field <= 96) this.#bits65 |= format.wordBit;
		else this.#bits97 |= format.wordBit;
		this.#last = field;
		return format;
	}

	/** Gives up the message. @returns the fault to throw */
	#lost(code: FaultCode, field: number): Fault {
		this.#last = finished;
		return new Fault(code, field, this.#end - this.#base);
	}

	/**
	 * Checks count and room, writes LL or LLL.
	 * @param count digits or bytes
	 * @returns offset of the content
	 */
	#prefix(field: number, format: Field, count: number, byteLength: number): number {
		const start = this.#end;
		const prefixBytes = format.prefixBytes;
		const offset = start + prefixBytes;
		const limit = format.shortWayLimit;
		if (count > limit || offset + byteLength > this.#limit)
			return this.#otherPrefix(field, format, count, byteLength);
		if (prefixBytes === 0) {
			if (count !== limit) throw this.#lost("message.length", field);
			return offset;
		}
		const low = count % 100;
		this.#buffer[offset - 1] = packedPair[low]!;
		if (prefixBytes === 2) this.#buffer[start] = packedPair[(count - low) / 100]!;
		return offset;
	}

	/** As `#prefix` for a length in ASCII or a content in hex; refuses all that is too long. */
	#otherPrefix(field: number, format: Field, count: number, byteLength: number): number {
		const { prefixBytes, asciiPrefix } = format;
		const start = this.#end;
		const offset = start + prefixBytes;
		if (count > format.length || offset + byteLength > this.#limit)
			throw this.#lost("message.length", field);
		const base = asciiPrefix ? 10 : 100;
		let rest = count;
		for (let at = offset - 1; at >= start; at--) {
			const digits = rest % base;
			this.#buffer[at] = asciiPrefix ? 0x30 + digits : packedPair[digits]!;
			rest = (rest - digits) / base;
		}
		return offset;
	}

	/** `number` in ASCII; refuses what `number` cannot take. */
	#asciiNumber(field: number, format: Field, value: number): this {
		const valueLimit = format.valueLimit + format.asciiValueLimit;
		if (valueLimit === 0) throw this.#lost("bug", field);
		if (!(value >= 0 && value < format.asciiValueLimit && value % 1 === 0))
			throw this.#lost("message.value", field);
		return this.#asciiDigits(field, format, String(value).padStart(format.length, "0"));
	}

	#asciiDigits(field: number, format: Field, digits: string): this {
		const { type } = format;
		if (type !== FieldType.Digits && type !== FieldType.Track) throw this.#lost("bug", field);
		const offset = this.#prefix(field, format, digits.length, digits.length);
		if (!putText(this.#buffer, offset, digits, digits.length, format.contentBit))
			throw this.#lost("message.value", field);
		this.#end = offset + digits.length;
		return this;
	}

	/** A b field as hex, upper case. */
	#hexBytes(field: number, format: Field, bytes: Uint8Array): this {
		const length = 2 * bytes.length;
		const offset = this.#prefix(field, format, bytes.length, length);
		putHex(this.#buffer, offset, bytes);
		this.#end = offset + length;
		return this;
	}

	/** Puts MTI and bitmaps in front of the data. @returns the offset of the MTI */
	#putHead(): number {
		const textHead = this.#textHead;
		const second = this.#last > 64;
		const start = textHead === undefined ? (second ? this.#base : this.#base + 8) : 0;
		const view = this.#view;
		view.setUint16(start, this.#mti);
		view.setInt32(start + 2, second ? this.#bits1 | 0x80000000 : this.#bits1);
		view.setInt32(start + 6, this.#bits33);
		if (second) {
			view.setInt32(start + 10, this.#bits65);
			view.setInt32(start + 14, this.#bits97);
		}
		return textHead === undefined ? start : textHead.write(this.#buffer, this.#base);
	}

	/** Ends the message; the next one stands behind it. */
	#handOut(start: number): Uint8Array {
		const end = this.#end;
		this.#last = finished;
		this.#base = end;
		return new Uint8Array(this.#buffer.buffer, start, end - start);
	}

	#takeSheet(): void {
		this.#buffer = new Uint8Array(2 * this.#byteLimit);
		if (this.#textHead === undefined) this.#view = new DataView(this.#buffer.buffer);
		this.#base = 0;
	}
}
