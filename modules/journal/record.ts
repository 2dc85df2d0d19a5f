/** Records and how they are encoded, SPEC.md section 3. Nothing here reads or writes flash. */
import { crc32 } from "core/crc";
import { crcOfRange, crcOfWord } from "journal/checksum";
import { putWord } from "journal/words";

export const payloadLimit = 320;
/** Largest record at any alignment: 8 head, 12 extension, 320 payload, padded to 32. */
export const recordLimit = 352;
export const shortHead = 8;

/** Forms of the subject in a record's head; below them it is the distance to the block's base. */
export const longForm = 30;
export const copyForm = 31;

/** Kinds of internal records (mark 0). */
export const Internal = Object.freeze({ Seal: 1, Floor: 2 } as const);

/** CRC over sequence and base, with which every record's CRC of a block begins. */
export function blockSeed(sequence: number, base: number): number {
	const bytes = new Uint8Array(8);
	putWord(bytes, 0, sequence);
	putWord(bytes, 4, base);
	return crc32(bytes);
}

/** One record as it was found; the same object is used again for the next one. */
export class RecordView {
	offset = 0;
	/** With padding, bytes. */
	size = 0;
	/** 0 internal, else a Mark. */
	mark = 0;
	kind = 0;
	subject = 0;
	isCopy = false;
	/** Where this record was written first: block sequence and offset. */
	idSequence = 0;
	idOffset = 0;
	/** Payload range in the block's bytes. */
	start = 0;
	end = 0;
}

/** What goes into a record, apart from its place. */
export interface RecordContent {
	readonly subject: number;
	readonly kind: number;
	readonly mark: number;
	readonly payload: Uint8Array;
	/** Of a copy: where the record was written first. 0, 0 for a record that is new. */
	readonly idSequence: number;
	readonly idOffset: number;
}

/** Encodes records for one block, each for its place, in a buffer that is used again. */
export class RecordEncoder {
	readonly bytes = new Uint8Array(recordLimit);
	readonly #words = new Int32Array(this.bytes.buffer);
	#seed = 0;
	#base = 0;
	#alignment = 4;
	#limit = 0;

	/** From here on for another block. @param limit its length, bytes */
	enter(sequence: number, base: number, alignment: number, limit: number): void {
		this.#seed = blockSeed(sequence, base);
		this.#base = base;
		this.#alignment = alignment;
		this.#limit = limit;
	}

	/**
	 * Encodes a record for the place at `offset` of the block into the beginning of `bytes`.
	 * @returns its length, padded, or 0 when it does not fit there
	 */
	encode(content: RecordContent, offset: number): number {
		const { subject, payload } = content;
		const { length } = payload;
		let shape = subject - this.#base;
		let start = shortHead;
		if (content.idSequence !== 0) {
			shape = copyForm;
			start = 20;
		} else if (shape < 0 || shape >= longForm || subject === 0) {
			shape = longForm;
			start = 12;
		}
		const end = start + length;
		const size = (end + this.#alignment - 1) & -this.#alignment;
		if (offset + size > this.#limit) return 0;
		const bytes = this.bytes;
		const words = this.#words;
		const head = length | (content.mark << 9) | (shape << 11) | (content.kind << 16);
		const check = crcOfWord(head, this.#seed ^ offset);
		words[0] = head | (check << 24);
		if (start > shortHead) words[2] = subject;
		if (start > 12) {
			words[3] = content.idSequence;
			words[4] = content.idOffset;
		}
		if (length < 64 || (payload.byteOffset & 3) !== 0) bytes.set(payload, start);
		else this.#copyByWords(payload, start);
		if (end < size) bytes.fill(0xff, end, size);
		words[1] = crcOfRange(words, bytes, shortHead, end, check);
		return size;
	}

	/** A native copy is metered by the element. */
	#copyByWords(payload: Uint8Array, start: number): void {
		const { length, byteOffset } = payload;
		this.#words.set(new Int32Array(payload.buffer, byteOffset, length >> 2), start >> 2);
		for (let i = length & -4; i < length; i++) this.bytes[start + i] = payload[i]!;
	}
}
