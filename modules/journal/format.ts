/**
 * The bytes on flash: block heads and records. SPEC.md beside this file says the same for other languages.
 * Nothing here reads or writes flash.
 */
import { crc32 } from "core/crc";
import { crcOfRange, crcOfWord } from "journal/checksum";

export const formatVersion = 1;
/** First three bytes of a block of the journal and of the vault: "HFJ", "HFV". */
export const journalMagic = 0x4a4648;
export const vaultMagic = 0x564648;

export const headLength = 32;
export const payloadLimit = 320;
/** Largest record at any alignment: 8 head, 12 extension, 320 payload, padded to 32. */
export const recordLimit = 352;
const shortHead = 8;

/** Forms of the subject in a record's head; below them it is the distance to the block's base. */
const longForm = 30;
const copyForm = 31;

/** Kinds of internal records (mark 0). */
export const Internal = Object.freeze({ Seal: 1, Floor: 2 } as const);

/** What 32 bytes at the start of a block turned out to be. */
export const HeadState = Object.freeze({
	/** Not a head of ours. */
	None: 0,
	Valid: 1,
	/** Valid after one wrong bit was put right. */
	Repaired: 2,
	/** A head of ours, of another format version or block length. */
	Foreign: 3,
	/** Begins like a head of ours, but is damaged. */
	Broken: 4,
} as const);
export type HeadState = (typeof HeadState)[keyof typeof HeadState];

/** The fixed part of a block head. */
export class BlockHead {
	alignment = 4;
	liveCount = 0;
	/** Opened while mounting: until something new is appended it holds only copies. */
	atBoot = false;
	sequence = 0;
	floor = 0;
	base = 0;
	eraseCount = 0;
	/** Where the block before ends, in bytes; decided once, when this block was opened. */
	predecessorEnd = 0;
	/** This sequence less the predecessor's; 0 when there is none. */
	predecessorDelta = 0;

	/**
	 * Takes over the head in `bytes` (at least 32).
	 * @param blockLength the flash's, in bytes
	 */
	parse(bytes: Uint8Array, magic: number, blockLength: number): HeadState {
		const wrongBits = bitCount((word(bytes, 0) & 0xffffff) ^ magic);
		if (wrongBits > 1) return HeadState.None;
		if (isSound(bytes, magic)) return this.#take(bytes, blockLength, HeadState.Valid);
		const copy = bytes.slice(0, headLength);
		for (let bit = 0; bit < headLength * 8; bit++) {
			copy[bit >> 3]! ^= 1 << (bit & 7);
			if (isSound(copy, magic)) return this.#take(copy, blockLength, HeadState.Repaired);
			copy[bit >> 3]! ^= 1 << (bit & 7);
		}
		return HeadState.Broken;
	}

	#take(bytes: Uint8Array, blockLength: number, state: HeadState): HeadState {
		const geometry = bytes[4]!;
		if (bytes[3] !== formatVersion || 1 << (geometry >> 4) !== blockLength)
			return HeadState.Foreign;
		this.alignment = 1 << (geometry & 15);
		this.liveCount = bytes[5]!;
		this.atBoot = (bytes[6]! & 1) !== 0;
		this.sequence = word(bytes, 8);
		this.floor = word(bytes, 12);
		this.base = word(bytes, 16);
		this.eraseCount = word(bytes, 20);
		this.predecessorEnd = half(bytes, 24);
		this.predecessorDelta = half(bytes, 26);
		return state;
	}

	/** Where the records of this block begin. */
	get start(): number {
		return alignUp(headBytes(this.liveCount), this.alignment);
	}

	/** Writes the fixed part into `target`; `liveCount` entries and their CRC follow it. */
	encode(target: Uint8Array, magic: number, blockLength: number): void {
		putWord(target, 0, magic | (formatVersion << 24));
		target[4] = (log2(blockLength) << 4) | log2(this.alignment);
		target[5] = this.liveCount;
		putHalf(target, 6, this.atBoot ? 1 : 0);
		putWord(target, 8, this.sequence);
		putWord(target, 12, this.floor);
		putWord(target, 16, this.base);
		putWord(target, 20, this.eraseCount);
		putHalf(target, 24, this.predecessorEnd);
		putHalf(target, 26, this.predecessorDelta);
		putWord(target, 28, crc32(target, 0, 28));
	}
}

/** Bytes of a head with `liveCount` entries, before padding. */
export function headBytes(liveCount: number): number {
	return liveCount === 0 ? headLength : headLength + 8 * liveCount + 4;
}

function isSound(bytes: Uint8Array, magic: number): boolean {
	return (word(bytes, 0) & 0xffffff) === magic && crc32(bytes, 0, 28) === word(bytes, 28);
}

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
		bytes.set(payload, start);
		if (end < size) bytes.fill(0xff, end, size);
		words[1] = crcOfRange(words, bytes, shortHead, end, check);
		return size;
	}
}

function extension(shape: number): number {
	return shape < longForm ? 0 : shape === longForm ? 4 : 12;
}

/** Reads records out of the bytes of one block. */
export class BlockReader {
	readonly record = new RecordView();
	readonly #bytes: Uint8Array;
	readonly #words: Int32Array;
	readonly #alignment: number;
	readonly #sequence: number;
	readonly #base: number;
	readonly #seed: number;
	/** Where the first record stands. */
	readonly start: number;

	/** @param bytes the whole block, as it was read once; its buffer's beginning */
	constructor(bytes: Uint8Array, head: BlockHead) {
		this.#bytes = bytes;
		this.#words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
		this.start = head.start;
		this.#alignment = head.alignment;
		this.#sequence = head.sequence;
		this.#base = head.base;
		this.#seed = blockSeed(head.sequence, head.base);
	}

	/** Whether a whole, undamaged record stands at `offset`; then `record` tells of it. */
	parse(offset: number, limit: number): boolean {
		return this.#parseHead(offset, limit) && this.#verify();
	}

	/** As `parse`, for the record's head alone: its content may be damaged. */
	#parseHead(offset: number, limit: number): boolean {
		const bytes = this.#bytes;
		if (offset + shortHead > limit) return false;
		const b1 = bytes[offset + 1]!;
		const length = bytes[offset]! | ((b1 & 1) << 8);
		if (length > payloadLimit) return false;
		const shape = b1 >> 3;
		const start = offset + shortHead + extension(shape);
		const size = alignUp(start + length - offset, this.#alignment);
		if (offset + size > limit) return false;
		const head = this.#words[offset >> 2]!;
		if ((crcOfWord(head & 0xffffff, this.#seed ^ offset) & 0xff) !== head >>> 24) return false;
		const record = this.record;
		record.offset = offset;
		record.size = size;
		record.mark = (b1 >> 1) & 3;
		record.kind = bytes[offset + 2]!;
		record.start = start;
		record.end = start + length;
		record.isCopy = shape === copyForm;
		record.subject = shape < longForm ? this.#base + shape : word(bytes, offset + shortHead);
		record.idSequence = record.isCopy ? word(bytes, offset + 12) : this.#sequence;
		record.idOffset = record.isCopy ? half(bytes, offset + 16) : offset;
		return true;
	}

	/** Checks the content of `record`, whose head has been parsed. */
	#verify(): boolean {
		const { offset, end } = this.record;
		const words = this.#words;
		const at = offset >> 2;
		const check = crcOfWord(words[at]! & 0xffffff, this.#seed ^ offset);
		return crcOfRange(words, this.#bytes, offset + shortHead, end, check) === words[at + 1];
	}

	/** Whether the eight bytes at `offset` read as erased. For reports: no record is judged by it. */
	isBlank(offset: number): boolean {
		const words = this.#words;
		return words[offset >> 2] === -1 && words[(offset >> 2) + 1] === -1;
	}

	/** A copy of the payload of `record`. */
	payload(): Uint8Array {
		return this.#bytes.slice(this.record.start, this.record.end);
	}

	/**
	 * Goes over the records from `start` to `end`. A bad one hides at most itself: after it the next place
	 * where a whole record stands is looked for.
	 * @param onRecord told of each; `record` is valid during the call
	 * @param onGap told of each range in which no record could be read
	 */
	walk(
		start: number,
		end: number,
		onRecord: (record: RecordView) => void,
		onGap: (from: number, to: number) => void,
	): void {
		let at = start;
		while (at < end) {
			if (this.parse(at, end)) {
				at += this.record.size;
				onRecord(this.record);
			} else {
				const next = this.#resync(at, end);
				onGap(at, next);
				at = next;
			}
		}
	}

	#resync(offset: number, end: number): number {
		// The length in a damaged head is not trusted: it could lead past a whole record.
		for (let at = offset + this.#alignment; at < end; at += this.#alignment)
			if (this.parse(at, end)) return at;
		return end;
	}
}

export function alignUp(length: number, alignment: number): number {
	return (length + alignment - 1) & -alignment;
}

export function word(bytes: Uint8Array, at: number): number {
	return (
		(bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
	);
}

export function putWord(bytes: Uint8Array, at: number, value: number): void {
	bytes[at] = value;
	bytes[at + 1] = value >>> 8;
	bytes[at + 2] = value >>> 16;
	bytes[at + 3] = value >>> 24;
}

function half(bytes: Uint8Array, at: number): number {
	return bytes[at]! | (bytes[at + 1]! << 8);
}

function putHalf(bytes: Uint8Array, at: number, value: number): void {
	bytes[at] = value;
	bytes[at + 1] = value >>> 8;
}

function log2(value: number): number {
	return 31 - Math.clz32(value);
}

function bitCount(value: number): number {
	let count = 0;
	for (let rest = value; rest !== 0; rest &= rest - 1) count++;
	return count;
}
