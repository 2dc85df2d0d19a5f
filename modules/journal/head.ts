/** The head of a block, SPEC.md section 2. Nothing here reads or writes flash. */
import { crc32 } from "core/crc";
import { alignUp, bitCount, half, log2, putHalf, putWord, word } from "journal/words";

export const formatVersion = 1;
/** First three bytes of a block of the journal and of the vault: "HFJ", "HFV". */
export const journalMagic = 0x4a4648;
export const vaultMagic = 0x564648;

export const headLength = 32;
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
