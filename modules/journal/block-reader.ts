import { crcOfRange, crcOfWord } from "journal/checksum";
import type { BlockHead } from "journal/head";
import { blockSeed, copyForm, longForm, payloadLimit, RecordView, shortHead } from "journal/record";
import { alignUp, half, word } from "journal/words";

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

function extension(shape: number): number {
	return shape < longForm ? 0 : shape === longForm ? 4 : 12;
}
