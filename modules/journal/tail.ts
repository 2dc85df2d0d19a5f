import { Fault } from "core/fault";
import type { Flash } from "core/flash";
import { BlockHead, headBytes, headLength, journalMagic } from "journal/head";
import { RecordEncoder, type RecordContent } from "journal/record";
import { alignUp } from "journal/words";
import type { LiveTable } from "journal/live";
import { BlockState, type Ring } from "journal/ring";

/** The writing end of the log: the block that is being filled, and the opening of the next one. */
export class Tail {
	/** Newest subject that was opened: the base of the next block. */
	newest = 0;
	/** Called when the tail is full, before the next block is opened. */
	onFull: () => void = nothing;
	/** While mounting; blocks that are opened then say so. */
	atBoot = true;
	/** Erases since boot. */
	erases = 0;
	/** The tail's sequence, and where its next record goes. */
	sequence = 0;
	offset = 0;
	/** Newest subject when the tail was opened. */
	base = 0;
	/** Index of the block that was opened last, -1 at first. */
	block = -1;
	/** Identity of the record that was put last. */
	idSequence = 0;
	idOffset = 0;
	nextSequence = 1;
	eraseCountMax = 0;
	readonly #flash: Flash;
	readonly #ring: Ring;
	readonly #live: LiveTable;
	readonly #alignment: number;
	readonly #encoder = new RecordEncoder();
	#floor = 0;
	#start = 0;
	/** A record was programmed behind the tail's head, so the head is whole. */
	#established = false;

	constructor(flash: Flash, ring: Ring, live: LiveTable) {
		this.#flash = flash;
		this.#ring = ring;
		this.#live = live;
		this.#alignment = Math.max(flash.writeAlignment, 4);
	}

	/**
	 * Writes one record at the next place. A place that fails is left behind, and may read as a whole record some day: so
	 * the next one is a copy of it, or, in a new block, the block with the failed place ends before that.
	 */
	put(first: RecordContent): void {
		let content = first;
		let failedAt = -1;
		for (let attempt = 0; ; attempt++) {
			let size = attempt === 2 ? 0 : this.#encoder.encode(content, this.offset);
			if (size === 0) {
				if (failedAt < 0) this.onFull();
				this.openBlock(failedAt < 0 ? this.offset : failedAt);
				content = first;
				failedAt = -1;
				size = this.#encoder.encode(content, this.offset);
			}
			const at = this.offset;
			this.offset = at + size;
			try {
				this.#flash.write(this.#encoder.bytes.subarray(0, size), this.#start + at);
			} catch (error) {
				if (!(error instanceof Fault) || attempt === 2) throw error;
				if (failedAt < 0) failedAt = at;
				if (content.idSequence === 0)
					content = { ...content, idSequence: this.sequence, idOffset: at };
				continue;
			}
			if (!this.#established) {
				this.#established = true;
				this.#ring.release(this.#floor);
			}
			this.idSequence = content.idSequence === 0 ? this.sequence : content.idSequence;
			this.idOffset = content.idSequence === 0 ? at : content.idOffset;
			return;
		}
	}

	/** Puts a record of the journal's own. */
	putInternal(kind: number, payload: Uint8Array): void {
		this.put({ subject: this.base, kind, mark: 0, payload, idSequence: 0, idOffset: 0 });
	}

	/**
	 * Opens the next free block as the tail: erased in this boot, then its head in one program operation.
	 * @param end where the records of the block before end
	 */
	openBlock(end = this.offset): void {
		const predecessor = this.#ring.tail;
		for (;;) {
			const block = this.#ring.nextFree(this.block);
			if (block < 0) throw new Fault("flash.write", this.#ring.free);
			if (this.#ring.state(block) === BlockState.Free && !this.erase(block)) continue;
			if (this.#writeHead(block, predecessor, end)) return;
			this.#ring.setState(block, BlockState.Dead);
		}
	}

	#writeHead(block: number, predecessor: number, end: number): boolean {
		const ring = this.#ring;
		const head = new BlockHead();
		const delta = predecessor < 0 ? 0 : this.nextSequence - ring.sequences[predecessor]!;
		head.alignment = this.#alignment;
		head.atBoot = this.atBoot;
		head.liveCount = this.#live.count;
		head.sequence = this.nextSequence++;
		head.floor = ring.count > 0 ? ring.sequences[ring.kept(0)]! : head.sequence;
		head.base = this.newest;
		head.eraseCount = ring.eraseCounts[block]!;
		head.predecessorEnd = predecessor < 0 ? 0 : end;
		head.predecessorDelta = delta > 0xffff ? 0 : delta;
		const { length, bytes } = this.#encodeHead(head);
		try {
			this.#flash.write(bytes, block * this.#flash.blockLength);
		} catch (error) {
			if (error instanceof Fault) return false;
			throw error;
		}
		ring.sequences[block] = this.sequence = head.sequence;
		ring.bases[block] = this.base = head.base;
		if (predecessor >= 0) ring.ends[predecessor] = end;
		ring.push(block);
		this.#encoder.enter(head.sequence, head.base, this.#alignment, this.#flash.blockLength);
		this.#start = block * this.#flash.blockLength;
		this.#floor = head.floor;
		this.block = block;
		this.offset = length;
		this.#established = false;
		return true;
	}

	#encodeHead(head: BlockHead): { length: number; bytes: Uint8Array } {
		const length = alignUp(headBytes(head.liveCount), this.#alignment);
		const bytes = new Uint8Array(length).fill(0xff);
		head.encode(bytes, journalMagic, this.#flash.blockLength);
		if (head.liveCount > 0) this.#live.encode(bytes, headLength, head.sequence);
		return { length, bytes };
	}

	/** @returns false when the flash would not; then the block is out of use in this boot */
	erase(block: number): boolean {
		const known = this.#ring.eraseCounts[block]!;
		if (!this.#tryErase(block) && !this.#tryErase(block)) {
			this.#ring.setState(block, BlockState.Dead);
			return false;
		}
		// The count of a block without a head is lost: the largest known one stands in for it.
		const count = known === 0 ? Math.max(this.eraseCountMax, 1) : known + 1;
		this.#ring.eraseCounts[block] = count;
		this.eraseCountMax = Math.max(this.eraseCountMax, count);
		this.#ring.setState(block, BlockState.Erased);
		return true;
	}

	#tryErase(block: number): boolean {
		this.erases++;
		try {
			this.#flash.eraseBlock(block);
			return true;
		} catch (error) {
			if (error instanceof Fault) return false;
			throw error;
		}
	}
}

function nothing(): void {}
