import type { Flash } from "core/flash";
import { isBlank, type FlashReader } from "journal/flash-reader";
import { BlockHead, headLength, HeadState, journalMagic } from "journal/head";
import type { Ring } from "journal/ring";

/** What the 32 bytes at the start of a block were. */
const Seen = Object.freeze({ Blank: 0, Ours: 1, Other: 2, Unreadable: 3 } as const);

/** The heads of all blocks, each read once after a boot. */
export class HeadScan {
	/** Blocks that are neither ours nor read as erased. */
	foreign = 0;
	unreadable = 0;
	repaired = 0;
	/** Blocks that begin like ours. */
	broken = 0;
	/** A head of another version, or for blocks of another length. */
	hasForeignHead = false;
	/** Largest sequence that any head carries. */
	sequenceMax = 0;
	eraseCountMax = 0;
	readonly predecessorEnds: Uint16Array;
	readonly predecessorDeltas: Uint16Array;
	readonly #flash: Flash;
	readonly #reader: FlashReader;
	readonly #ring: Ring;
	readonly #head = new BlockHead();
	readonly #seen: Uint8Array;

	constructor(flash: Flash, reader: FlashReader, ring: Ring) {
		this.#flash = flash;
		this.#reader = reader;
		this.#ring = ring;
		this.#seen = new Uint8Array(ring.length);
		this.predecessorEnds = new Uint16Array(ring.length);
		this.predecessorDeltas = new Uint16Array(ring.length);
	}

	/** Reads all heads, and tells the ring what they say. */
	run(): void {
		const bytes = new Uint8Array(headLength);
		for (let block = 0; block < this.#ring.length; block++) {
			if (!this.#reader.read(bytes, block)) {
				this.unreadable++;
				this.#seen[block] = Seen.Unreadable;
				continue;
			}
			this.#judgeHead(bytes, block);
		}
	}

	#judgeHead(bytes: Uint8Array, block: number): void {
		const head = this.#head;
		const state = head.parse(bytes, journalMagic, this.#flash.blockLength);
		if (state === HeadState.Foreign) this.hasForeignHead = true;
		if (state === HeadState.Broken) this.broken++;
		if (state !== HeadState.Valid && state !== HeadState.Repaired) {
			const blank = isBlank(bytes);
			this.#seen[block] = blank ? Seen.Blank : Seen.Other;
			if (!blank) this.foreign++;
			return;
		}
		if (state === HeadState.Repaired) this.repaired++;
		this.#seen[block] = Seen.Ours;
		this.#ring.sequences[block] = head.sequence;
		this.#ring.bases[block] = head.base;
		this.#ring.eraseCounts[block] = head.eraseCount;
		this.predecessorEnds[block] = Math.min(head.predecessorEnd, this.#flash.blockLength);
		this.predecessorDeltas[block] = head.predecessorDelta;
		this.sequenceMax = Math.max(this.sequenceMax, head.sequence);
		this.eraseCountMax = Math.max(this.eraseCountMax, head.eraseCount);
	}

	/** Indexes of the blocks with a head, by rising sequence. */
	ours(): number[] {
		const { sequences } = this.#ring;
		const blocks: number[] = [];
		for (let block = 0; block < this.#ring.length; block++)
			if (this.#seen[block] === Seen.Ours) blocks.push(block);
		return blocks.sort((a, b) => sequences[a]! - sequences[b]!);
	}

	/** A head tells of a block before it, or of a subject: there were records once. */
	hadRecords(): boolean {
		for (let block = 0; block < this.#ring.length; block++) {
			const isOurs = this.#seen[block] === Seen.Ours;
			if (isOurs && (this.predecessorDeltas[block] !== 0 || this.#ring.bases[block] !== 0))
				return true;
		}
		return false;
	}

	isUnreadable(block: number): boolean {
		return this.#seen[block] === Seen.Unreadable;
	}

	/** Neither ours nor read as erased. */
	isOther(block: number): boolean {
		return this.#seen[block] === Seen.Other;
	}
}
