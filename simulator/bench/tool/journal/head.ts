/** Heads of blocks, modules/journal/SPEC.md section 2. Written from the specification, shares no code with the firmware. */
import { crc32 } from "node:zlib";

export type ImageKind = "journal" | "vault";

export interface LiveEntry {
	readonly subject: number;
	/** 0 for an open subject. */
	readonly closedAt: number;
}

export interface Head {
	/** Number of the block in the image. */
	readonly block: number;
	readonly kind: ImageKind;
	readonly version: number;
	readonly blockLength: number;
	readonly alignment: number;
	readonly openedByBoot: boolean;
	readonly sequence: number;
	readonly floor: number;
	readonly base: number;
	readonly eraseCount: number;
	readonly predecessorEnd: number;
	readonly predecessorDelta: number;
	/** Offset of the first record in the block. */
	readonly firstRecord: number;
	/** undefined when the list is damaged. */
	readonly live: readonly LiveEntry[] | undefined;
	/** The bit (0 to 255) that was wrong, when there was one. */
	readonly repairedBit: number | undefined;
	/** The bit behind the fixed part that was wrong in the live list, when there was one. */
	readonly repairedListBit: number | undefined;
	/** Of the bytes behind the live list up to the first record one is not ff. */
	readonly paddingOk: boolean;
}

export const readerVersion = 1;
export const blockLengths: readonly number[] = Object.freeze([4096, 8192, 16384, 32768]);

const fixedLength = 32;
const entryLength = 8;
const magics: readonly { readonly kind: ImageKind; readonly bytes: Buffer }[] = Object.freeze([
	{ kind: "journal", bytes: Buffer.from("HFJ", "latin1") },
	{ kind: "vault", bytes: Buffer.from("HFV", "latin1") },
]);

export function align(offset: number, alignment: number): number {
	return Math.ceil(offset / alignment) * alignment;
}

/** @param bytes one block, or what the image has of it @returns undefined when no head stands at its start */
export function readHead(bytes: Buffer, block: number): Head | undefined {
	if (bytes.length < fixedLength) return undefined;
	const kind = kindOf(bytes);
	if (kind !== undefined && crcRight(bytes)) return viewOf(bytes, bytes, block, kind, undefined);
	if (!nearMagic(bytes)) return undefined;
	const fixed = Buffer.from(bytes.subarray(0, fixedLength));
	for (let bit = 0; bit < 8 * fixedLength; bit++) {
		flip(fixed, bit);
		const found = kindOf(fixed);
		if (found !== undefined && crcRight(fixed)) return viewOf(fixed, bytes, block, found, bit);
		flip(fixed, bit);
	}
	return undefined;
}

function kindOf(bytes: Buffer): ImageKind | undefined {
	return magics.find((magic) => magic.bytes.equals(bytes.subarray(0, 3)))?.kind;
}

function crcRight(bytes: Buffer): boolean {
	return crc32(bytes.subarray(0, 28)) === bytes.readUInt32LE(28);
}

/** The magic differs from one of ours in one bit at most. */
function nearMagic(bytes: Buffer): boolean {
	return magics.some((magic) => {
		let wrongBits = 0;
		for (let i = 0; i < 3; i++)
			for (let rest = bytes[i]! ^ magic.bytes[i]!; rest !== 0; rest >>= 1) wrongBits += rest & 1;
		return wrongBits <= 1;
	});
}

function flip(bytes: Buffer, bit: number): void {
	bytes[bit >> 3]! ^= 1 << (bit & 7);
}

function viewOf(
	fixed: Buffer,
	bytes: Buffer,
	block: number,
	kind: ImageKind,
	repairedBit: number | undefined,
): Head {
	const alignment = 2 ** (fixed[4]! & 15);
	const entries = fixed[5]!;
	const headEnd = fixedLength + (entries === 0 ? 0 : entries * entryLength + 4);
	const firstRecord = align(headEnd, alignment);
	const list = liveList(bytes, entries, fixed.readUInt32LE(8));
	return {
		block,
		kind,
		version: fixed[3]!,
		blockLength: 2 ** (fixed[4]! >> 4),
		alignment,
		openedByBoot: (fixed[6]! & 1) === 1,
		sequence: fixed.readUInt32LE(8),
		floor: fixed.readUInt32LE(12),
		base: fixed.readUInt32LE(16),
		eraseCount: fixed.readUInt32LE(20),
		predecessorEnd: fixed.readUInt16LE(24),
		predecessorDelta: fixed.readUInt16LE(26),
		firstRecord,
		live: list?.entries,
		repairedBit,
		repairedListBit: list?.wrongBit,
		paddingOk: bytes.subarray(headEnd, firstRecord).every((byte) => byte === 0xff),
	};
}

interface LiveList {
	readonly entries: readonly LiveEntry[];
	/** Bit of list and CRC that was wrong. */
	readonly wrongBit: number | undefined;
}

function liveList(bytes: Buffer, entries: number, sequence: number): LiveList | undefined {
	if (entries === 0) return { entries: [], wrongBit: undefined };
	const end = fixedLength + entries * entryLength;
	if (end + 4 > bytes.length) return undefined;
	const list = repairedList(bytes.subarray(fixedLength, end + 4), sequence);
	if (list === undefined) return undefined;
	const { entries: sound, wrongBit } = list;
	return {
		wrongBit,
		entries: Array.from({ length: entries }, (_, i) => ({
			subject: sound.readUInt32LE(i * entryLength),
			closedAt: sound.readUInt32LE(i * entryLength + 4),
		})),
	};
}

/** One wrong bit at most is put right, by trying each. @param bytes entries and their CRC */
function repairedList(
	bytes: Buffer,
	sequence: number,
): { readonly entries: Buffer; readonly wrongBit: number | undefined } | undefined {
	const length = bytes.length - 4;
	const isRight = (b: Buffer): boolean =>
		crc32(b.subarray(0, length), sequence) === b.readUInt32LE(length);
	const copy = Buffer.from(bytes);
	if (isRight(copy)) return { entries: copy, wrongBit: undefined };
	for (let bit = 0; bit < 8 * copy.length; bit++) {
		flip(copy, bit);
		if (isRight(copy)) return { entries: copy, wrongBit: bit };
		flip(copy, bit);
	}
	return undefined;
}

/** What makes a head whose CRC is right impossible all the same; "" when nothing does. */
export function impossibleHead(head: Head): string {
	const { alignment, sequence, floor, predecessorEnd, predecessorDelta, blockLength } = head;
	if (![4, 16, 32].includes(alignment)) return `alignment ${alignment}`;
	if (sequence === 0) return "sequence 0";
	if (floor === 0 || floor > sequence) return `floor ${floor} of sequence ${sequence}`;
	if (predecessorDelta >= sequence && predecessorDelta > 0)
		return `predecessor ${predecessorDelta} before sequence ${sequence}`;
	if (predecessorEnd > blockLength) return `predecessor end ${predecessorEnd}`;
	if (predecessorDelta > 0 && predecessorEnd < fixedLength)
		return `predecessor end ${predecessorEnd}`;
	return "";
}
