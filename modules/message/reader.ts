import { asciiText, hexDigit } from "core/bytes";
import { Fault } from "core/fault";
import { FieldType, fieldMax, type Dialect, type Field } from "message/dialect";
import { pairValue, unpackDigits } from "message/digits";
import { follow } from "message/follow";
import { absent, makePlan, type Plan } from "message/plan";
import { refuse } from "message/refusal";
import { TextHead } from "message/text-head";

const mtiLength = 2;
const bitmapLength = 8;
const { fromCharCode } = String;
/** Stands for "no message": MTI 0 and empty bitmaps. */
const emptyHead = new Uint8Array(mtiLength + 2 * bitmapLength);
/** Layouts that a reader keeps: more than the kinds of replies that a terminal gets. */
const planCount = 16;

/**
 * Reads one message after the other. `parse` checks everything once; after it the accessors cannot meet bad content.
 * The bytes are not copied: they must stay as they are while the reader is used.
 */
export class MessageReader {
	readonly #fields: readonly (Field | undefined)[];
	readonly #byteLimit: number;
	/** Offset of each anchor of `Plan`, the first field's in front. */
	readonly #anchors = new Uint16Array(fieldMax + 1);
	/** Digits or bytes of the variable field that ends at the next anchor. */
	readonly #counts = new Uint16Array(fieldMax + 1);
	/** Undefined where the head is packed, as it is on the way that must be short. */
	readonly #textHead: TextHead | undefined;
	/** Layouts that were met of late, at most `planCount`. */
	readonly #plans: Plan[] = [];
	#nextPlace = 0;
	readonly #emptyPlan: Plan;
	/** Of the message before, which most often is like the next one. */
	#recent: Plan;
	#plan: Plan;
	/** MTI and bitmaps, packed: the message itself or what `#textHead` made of it. */
	#head: Uint8Array = emptyHead;
	#bytes: Uint8Array = emptyHead;

	constructor(dialect: Dialect) {
		this.#fields = dialect.fields;
		this.#byteLimit = dialect.byteLimit;
		if (dialect.asciiMti || dialect.hexBitmap) this.#textHead = new TextHead(dialect);
		this.#emptyPlan = this.#recent = this.#plan = makePlan(dialect.fields, [0, 0, 0, 0]);
	}

	/**
	 * Takes a whole message, from the MTI on. After a Fault the reader is empty.
	 * @throws Fault, a = field (0: the message itself, 1: bitmap), b = offset:
	 * "message.length" a length that lies, too long, or trailing bytes · "message.bitmap" cut short, or 64 beside a second bitmap ·
	 * "message.field" a field that the dialect does not know · "message.value" content that does not fit the type
	 */
	parse(bytes: Uint8Array): void {
		this.#head = emptyHead;
		this.#plan = this.#emptyPlan;
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
		const first = (head[2]! << 24) | (head[3]! << 16) | (head[4]! << 8) | head[5]!;
		const second = (head[6]! << 24) | (head[7]! << 16) | (head[8]! << 8) | head[9]!;
		if (first < 0 && textHead === undefined) offset = checkSecondBitmap(bytes);
		let plan = this.#recent;
		if (first < 0 || first !== plan.first || second !== plan.second)
			plan = this.#planOf(head, first, second);
		if (!follow(plan, bytes, offset, this.#anchors, this.#counts))
			refuse(this.#fields, bytes, plan.words, offset);
		this.#bytes = bytes;
		this.#head = head;
		this.#plan = plan;
	}

	/** Packed: 0x0210. 0 before the first message. */
	get mti(): number {
		return (this.#head[0]! << 8) | this.#head[1]!;
	}

	/** @param field any number; what the dialect does not know is not there */
	has(field: number): boolean {
		return (this.#plan.anchor[field] ?? absent) !== absent;
	}

	/** Value of a fixed n field of up to 15 digits. @throws Fault "message.field" when it is absent */
	number(field: number): number {
		let at = this.#offset(field);
		const format = this.#fields[field]!;
		const bytes = this.#bytes;
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
		const offset = this.#offset(field);
		const format = this.#fields[field]!;
		const type = format.type;
		if (type !== FieldType.Digits && type !== FieldType.Track) throw new Fault("bug", 412);
		const count = this.#count(field, format);
		if (!format.packed) return asciiText(this.#bytes, offset, offset + count);
		return unpackDigits(this.#bytes, offset, count, format.padLeft ? count & 1 : 0);
	}

	/**
	 * Text of an an or ans field, one character for each byte (Latin-1); of a fixed one without the spaces at its end.
	 * @throws Fault "message.field" when it is absent
	 */
	text(field: number): string {
		let at = this.#offset(field);
		const format = this.#fields[field]!;
		const type = format.type;
		if (type !== FieldType.Alphanumeric && type !== FieldType.Special) throw new Fault("bug", 413);
		const bytes = this.#bytes;
		let end = at + this.#count(field, format);
		if (!format.variable) while (end > at && bytes[end - 1] === 0x20) end--;
		let text = "";
		while (at + 1 < end) {
			text += fromCharCode(bytes[at]!, bytes[at + 1]!);
			at += 2;
		}
		return at < end ? text + fromCharCode(bytes[at]!) : text;
	}

	/** Copy of the content of a b field. @throws Fault "message.field" when it is absent */
	bytes(field: number): Uint8Array {
		const start = this.#offset(field);
		const format = this.#fields[field]!;
		if (format.type !== FieldType.Binary) throw new Fault("bug", 414);
		const count = this.#count(field, format);
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
		return this.has(macField) ? bytes.subarray(0, this.#offset(macField)) : bytes;
	}

	/** Where the content of a field stands. @throws Fault "message.field" when it is absent */
	#offset(field: number): number {
		const plan = this.#plan;
		const anchor = plan.anchor[field] ?? absent;
		if (anchor === absent) throw new Fault("message.field", field);
		return this.#anchors[anchor]! + plan.distance[field]!;
	}

	/** Digits, characters or bytes of a field that is there. */
	#count(field: number, format: Field): number {
		return format.variable ? this.#counts[this.#plan.anchor[field]!]! : format.length;
	}

	/** The layout of these bitmaps; one that was not met of late is made, in the place of the one made first. */
	#planOf(head: Uint8Array, first: number, second: number): Plan {
		const third = first < 0 ? wordAt(head, 10) : 0;
		const fourth = first < 0 ? wordAt(head, 14) : 0;
		for (const plan of this.#plans)
			if (
				plan.first === first &&
				plan.second === second &&
				plan.words[2] === third &&
				plan.words[3] === fourth
			)
				return (this.#recent = plan);
		const plan = makePlan(this.#fields, [first, second, third, fourth]);
		this.#plans[this.#nextPlace] = plan;
		this.#nextPlace = (this.#nextPlace + 1) % planCount;
		return (this.#recent = plan);
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

function hexByte(bytes: Uint8Array, offset: number): number {
	return (hexDigit(bytes[offset]!) << 4) | hexDigit(bytes[offset + 1]!);
}
