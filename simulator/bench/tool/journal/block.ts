/** Records in a block, modules/journal/SPEC.md sections 3 and 4. */
import { crc32 } from "node:zlib";
import { align } from "./head";
import type { Head } from "./head";

/** Where a record was written first; the same for all its copies. */
export interface Identity {
	readonly sequence: number;
	readonly offset: number;
}

export type Mark = "internal" | "open" | "more" | "close";

export interface FlashRecord {
	readonly head: Head;
	readonly offset: number;
	/** Offset behind the payload, without padding. */
	readonly end: number;
	readonly mark: Mark;
	readonly kind: number;
	readonly subject: number;
	readonly copy: boolean;
	readonly identity: Identity;
	readonly payload: Buffer;
	readonly paddingOk: boolean;
}

/** A stretch of a block in which no record can be read. */
export interface Gap {
	readonly from: number;
	readonly to: number;
}

export interface BlockContent {
	readonly records: readonly FlashRecord[];
	/** Passed over between records. */
	readonly gaps: readonly Gap[];
	/** Behind the last record that can be read, padding included; the first record's place when there is none. */
	readonly end: number;
}

const marks: readonly Mark[] = Object.freeze(["internal", "open", "more", "close"]);
const headLength = 8;
export const payloadMax = 320;
const formNumber = 30;
const formCopy = 31;

/** @param bytes the block @param end where it ends: decided by its successor, or its length */
export function readBlock(bytes: Buffer, head: Head, end: number): BlockContent {
	const records: FlashRecord[] = [];
	const gaps: Gap[] = [];
	let at = head.firstRecord;
	let readTo = at;
	while (at + headLength <= end) {
		const record = recordAt(bytes, head, at, end);
		if (record === undefined) at += head.alignment;
		else {
			if (at > readTo) gaps.push({ from: readTo, to: at });
			records.push(record);
			at = align(record.end, head.alignment);
			readTo = at;
		}
	}
	return { records, gaps, end: readTo };
}

function recordAt(bytes: Buffer, head: Head, offset: number, end: number): FlashRecord | undefined {
	const raw = bytes.readUInt32LE(offset);
	const length = raw & 0x1ff;
	if (length > payloadMax) return undefined;
	const form = (raw >>> 11) & 31;
	const extension = form === formNumber ? 4 : form === formCopy ? 12 : 0;
	const payloadAt = offset + headLength + extension;
	const recordEnd = payloadAt + length;
	if (recordEnd > end) return undefined;
	const wordCrc = crcOfWord(head, offset, raw & 0xffffff);
	if ((wordCrc & 0xff) !== raw >>> 24) return undefined;
	const crc = crc32(bytes.subarray(offset + headLength, recordEnd), wordCrc);
	if (crc !== bytes.readUInt32LE(offset + 4)) return undefined;
	const copy = form === formCopy;
	const identity = copy
		? { sequence: bytes.readUInt32LE(offset + 12), offset: bytes.readUInt16LE(offset + 16) }
		: { sequence: head.sequence, offset };
	return {
		head,
		offset,
		end: recordEnd,
		mark: marks[(raw >>> 9) & 3]!,
		kind: (raw >>> 16) & 0xff,
		subject: form < formNumber ? head.base + form : bytes.readUInt32LE(offset + headLength),
		copy,
		identity,
		payload: bytes.subarray(payloadAt, recordEnd),
		paddingOk: bytes
			.subarray(recordEnd, align(recordEnd, head.alignment))
			.every((byte) => byte === 0xff),
	};
}

function crcOfWord(head: Head, offset: number, word: number): number {
	const seed = Buffer.alloc(8);
	seed.writeUInt32LE(head.sequence, 0);
	seed.writeUInt32LE(head.base, 4);
	const wordBytes = Buffer.alloc(4);
	wordBytes.writeUInt32LE(word, 0);
	return crc32(wordBytes, (crc32(seed) ^ offset) >>> 0);
}

export function identityKey(identity: Identity): string {
	return `${identity.sequence}:${identity.offset}`;
}

/** Order in which records were written first. */
export function byIdentity(a: FlashRecord, b: FlashRecord): number {
	return a.identity.sequence - b.identity.sequence || a.identity.offset - b.identity.offset;
}
