import { Fault } from "core/fault";

const lengthMax = 0xffff;

/**
 * Walks the data objects of a BER-TLV template (ISO 8825-1 as in EMV Book 3, annex B): tags of 1 to 3 bytes,
 * lengths of 1 to 3 bytes, 00 and FF between objects skipped. A tag can therefore not begin with FF.
 * A constructed object is walked by a reader of its own: `new TlvReader(reader.value)`.
 */
export class TlvReader {
	readonly #bytes: Uint8Array;
	#end = 0;
	#tag = 0;
	#tagOffset = 0;
	#valueOffset = 0;

	/** @param bytes not copied; must stay as they are */
	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	/**
	 * Goes to the next object. @returns false at the end
	 * @throws Fault "message.tlv" (a = tag or 0, b = offset) where no object can be read
	 */
	next(): boolean {
		const bytes = this.#bytes;
		let at = this.#end;
		while (bytes[at] === 0 || bytes[at] === 0xff) at++;
		if (at >= bytes.length) return false;
		this.#tagOffset = at;
		let byte = bytes[at++]!;
		let tag = byte;
		if ((byte & 0x1f) === 0x1f)
			do {
				if (at === bytes.length || at - this.#tagOffset === 3)
					throw new Fault("message.tlv", 0, this.#tagOffset);
				byte = bytes[at++]!;
				tag = tag * 256 + byte;
			} while ((byte & 0x80) !== 0);
		this.#tag = tag;
		this.#valueOffset = this.#readLength(at);
		return true;
	}

	/** Tag of the current object as one number: 0x9f36. */
	get tag(): number {
		return this.#tag;
	}

	/** Content of the current object: a view. */
	get value(): Uint8Array {
		return this.#bytes.subarray(this.#valueOffset, this.#end);
	}

	/** Tag, length and content of the current object: a view. */
	get object(): Uint8Array {
		return this.#bytes.subarray(this.#tagOffset, this.#end);
	}

	/** Reads the length, sets the end. @returns offset of the content */
	#readLength(offset: number): number {
		const bytes = this.#bytes;
		let at = offset;
		let length = bytes[at++] ?? 0x80; // 80, the indefinite length, is refused below
		if (length >= 0x80) {
			const count = length - 0x80;
			if (count === 0 || count > 2 || at + count > bytes.length)
				throw new Fault("message.tlv", this.#tag, offset);
			length = bytes[at++]!;
			if (count === 2) length = length * 256 + bytes[at++]!;
		}
		if (at + length > bytes.length) throw new Fault("message.tlv", this.#tag, offset);
		this.#end = at + length;
		return at;
	}
}

/** Collects data objects, in the order in which they are added. */
export class TlvWriter {
	readonly #bytes: Uint8Array;
	#end = 0;

	/** @param byteLimit room for all objects */
	constructor(byteLimit: number) {
		this.#bytes = new Uint8Array(byteLimit);
	}

	/**
	 * @param tag 1 to 3 bytes as one number: 0x9f36
	 * @param value at most 65,535 bytes; copied
	 * @throws Fault "message.tlv" (a = tag, b = offset) when the tag is none or there is no room; then nothing is added
	 */
	add(tag: number, value: Uint8Array): this {
		const tagCount = tagLength(tag);
		const length = value.length;
		const lengthCount = length < 0x80 ? 1 : length < 0x100 ? 2 : 3;
		const end = this.#end + tagCount + lengthCount + length;
		if (tagCount === 0 || length > lengthMax || end > this.#bytes.length)
			throw new Fault("message.tlv", tag, this.#end);
		const bytes = this.#bytes;
		let at = this.#end;
		for (let shift = 8 * (tagCount - 1); shift >= 0; shift -= 8) bytes[at++] = tag >> shift;
		if (lengthCount > 1) bytes[at++] = 0x7f + lengthCount;
		if (lengthCount === 3) bytes[at++] = length >> 8;
		bytes[at++] = length;
		bytes.set(value, at);
		this.#end = end;
		return this;
	}

	/** @returns a new array with all objects */
	finish(): Uint8Array {
		return this.#bytes.slice(0, this.#end);
	}
}

/** @returns 1 to 3, or 0 where `tag` cannot be read back */
function tagLength(tag: number): number {
	if (!(tag > 0 && tag <= 0xffffff && tag % 1 === 0)) return 0;
	const count = tag < 0x100 ? 1 : tag < 0x10000 ? 2 : 3;
	const first = tag >> (8 * (count - 1));
	if (first === 0xff) return 0;
	if (count === 1) return (first & 0x1f) === 0x1f ? 0 : 1;
	if ((first & 0x1f) !== 0x1f || (tag & 0x80) !== 0) return 0;
	return count === 3 && (tag & 0x8000) === 0 ? 0 : count;
}

/**
 * Content of the first object with this tag on the top level: a view, undefined when there is none.
 * @throws Fault "message.tlv" when what stands before it cannot be read
 */
export function findTag(bytes: Uint8Array, tag: number): Uint8Array | undefined {
	const reader = new TlvReader(bytes);
	while (reader.next()) if (reader.tag === tag) return reader.value;
	return undefined;
}

/**
 * Only the objects with these tags, unchanged and in the order of `bytes`; what is missing is left out.
 * @throws Fault "message.tlv"
 */
export function subset(bytes: Uint8Array, tags: readonly number[]): Uint8Array {
	const result = new Uint8Array(bytes.length);
	let end = 0;
	const reader = new TlvReader(bytes);
	while (reader.next())
		if (tags.includes(reader.tag)) {
			result.set(reader.object, end);
			end += reader.object.length;
		}
	return result.slice(0, end);
}
