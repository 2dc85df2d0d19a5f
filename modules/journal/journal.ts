import { Fault } from "core/fault";
import type { Flash } from "core/flash";
import { FlashReader } from "journal/flash-reader";
import {
	alignUp,
	BlockHead,
	BlockReader,
	headBytes,
	headLength,
	HeadState,
	Internal,
	journalMagic,
	payloadLimit,
	putWord,
	recordLimit,
	RecordEncoder,
	type RecordContent,
	type RecordView,
} from "journal/format";
import { geometryError } from "journal/geometry";
import { KeptTable, LiveTable } from "journal/live";
import { Recovery } from "journal/recovery";
import { BlockState, Ring } from "journal/ring";
import { Survey } from "journal/survey";
import {
	Mark,
	MountError,
	type JournalOptions,
	type JournalRecord,
	type MountReport,
} from "journal/types";

export { Mark, MountError };
export type { JournalOptions, JournalRecord, MountReport };

const blocksMin = 8;
/** Closed subjects that may linger; each was open for long. */
const lingerLimit = 16;
/** Room reckoned for the records of one open subject when they are carried, bytes. */
const subjectBytes = 1024;
const noPayload = new Uint8Array(0);

/**
 * The append-only log of the terminal, a ring over raw NOR flash. SPEC.md has the bytes and the reasons.
 * One append is one program operation, and no place is programmed twice.
 */
export class Journal {
	readonly #flash: Flash;
	readonly #alignment: number;
	readonly #retainCount: number;
	readonly #lingerAfter: number;
	readonly #openLimit: number;
	/** Blocks that are kept free, so that carrying always has room. */
	readonly #reserve: number;
	readonly #ring: Ring;
	readonly #live: LiveTable;
	readonly #kept: KeptTable;
	readonly #encoder = new RecordEncoder();
	#reader: FlashReader;
	#usable = false;
	/** The kept table is complete. Without a visit it is filled when it is needed first. */
	#surveyed = false;
	#cleaning = false;
	/** A record was programmed behind the tail's head, so the head is whole. */
	#established = false;
	#nextSequence = 1;
	#newest = 0;
	#eraseCountMax = 0;
	#lastBlock = -1;
	// The tail.
	#sequence = 0;
	#base = 0;
	#tailStart = 0;
	#floor = 0;
	#offset = 0;
	/** Identity of the record that was put last. */
	#idSequence = 0;
	#idOffset = 0;
	#erases = 0;
	#carried = 0;
	#lost = 0;

	/**
	 * Does not touch the flash.
	 * @param options see JournalOptions; a small partition allows fewer open subjects
	 */
	constructor(flash: Flash, options: JournalOptions = {}) {
		const sound = geometryError(flash, blocksMin) === MountError.None;
		const blocks = sound ? flash.byteLength / flash.blockLength : 0;
		const usable = flash.blockLength - headBytes(80) - recordLimit;
		this.#flash = flash;
		this.#reader = new FlashReader(flash);
		this.#alignment = Math.max(flash.writeAlignment, 4);
		this.#retainCount = options.retainCount ?? 1000;
		this.#lingerAfter = Math.max(4, Math.min(64, this.#retainCount >> 4));
		const room = Math.floor((((blocks - 4) / 4) * usable) / subjectBytes);
		this.#openLimit = Math.max(1, Math.min(options.openLimit ?? 64, room, 200));
		const waste = 1 / usable - 1 / (flash.blockLength - headLength);
		this.#reserve = 3 + Math.ceil(this.#openLimit * subjectBytes * waste);
		this.#ring = new Ring(blocks);
		this.#live = new LiveTable(this.#openLimit + lingerLimit);
		this.#kept = new KeptTable(this.#openLimit * 5 + 48);
	}

	/** Subjects that are open. */
	get openCount(): number {
		return this.#live.openCount;
	}

	/** Most subjects that may be open at a time. */
	get openLimit(): number {
		return this.#openLimit;
	}

	/** Newest subject number that was opened, 0 when there was none. */
	get newestSubject(): number {
		return this.#newest;
	}

	/** Blocks that can be written before one must be reclaimed. */
	get freeBlocks(): number {
		return this.#ring.free + this.#ring.pending;
	}

	/** Erases since boot. */
	get erases(): number {
		return this.#erases;
	}

	/** Records copied since boot because their block was reclaimed. */
	get carried(): number {
		return this.#carried;
	}

	/** Kept records that could no longer be read when they were to be carried. */
	get lost(): number {
		return this.#lost;
	}

	/** Blocks out of use in this boot: the flash would not erase them, or they may hold what is missing. */
	get blocksOut(): number {
		return this.#ring.countOf(BlockState.Dead) + this.#ring.countOf(BlockState.Quarantined);
	}

	/** Whether a subject is open. */
	isOpen(subject: number): boolean {
		return this.#live.isOpen(subject);
	}

	/**
	 * Recovers. Whatever is on flash, it returns; MountReport.error tells when the partition was left alone.
	 * Visits every kept record once (copies are merged): first the newest settings record of each kind, then
	 * subjects whose first records were carried, by rising number, then the others as they were
	 * written. A subject's records come in order; of a long-open one older records of a kind may be gone. Records of a subject
	 * whose first record is no longer held may come: pass them over.
	 * @param visit without it only heads and tail are read
	 */
	mount(visit?: (record: JournalRecord) => void): MountReport {
		this.#reset();
		const geometry = geometryError(this.#flash, blocksMin);
		const recovery = new Recovery(this.#flash, this.#reader, this.#ring, this.#live);
		recovery.onClose = (subject) => this.#closeSubject(subject, recovery.newest);
		if (geometry === MountError.None) recovery.run();
		else recovery.error = geometry;
		let error = recovery.error;
		const blocks = this.#ring.count;
		const retired = this.#ring.free;
		if (error === MountError.None && !this.#start(recovery)) error = MountError.Flash;
		const recoveryReadBytes = this.#reader.bytes;
		this.#usable = error === MountError.None;
		if (this.#usable) this.#ring.ends[this.#ring.tail] = this.#offset;
		const survey = new Survey(this.#flash, this.#reader, this.#ring, this.#live, this.#kept);
		if (this.#usable && (visit !== undefined || blocks === 0)) {
			survey.run(visit);
			this.#surveyed = true;
		}
		if (this.#usable) this.#tryMakeRoom();
		return {
			error,
			cleanStart: error === MountError.None && blocks === 0 ? 1 : 0,
			records: survey.records,
			open: this.#live.openCount,
			blocks,
			torn: recovery.torn,
			skipped: survey.skipped,
			missing: recovery.missing,
			retired,
			foreign: recovery.foreign,
			unreadable: recovery.unreadable + survey.unreadable,
			repaired: recovery.repaired,
			recoveryReadBytes,
			erases: this.#erases,
		};
	}

	/** Room to open one more subject and to close all open ones. Asked before a card is read. */
	canOpen(): boolean {
		return this.#usable && this.#live.openCount < this.#openLimit && this.freeBlocks >= 2;
	}

	/**
	 * Appends one record; it is durable on return.
	 * @param subject 0: settings, the newest record of each kind is kept for ever · 1 up: a transaction number, rising
	 * @param kind 1 to 255
	 * @param payload at most 320 bytes
	 * @param mark Open (also opens a closed subject again), More or Close
	 * @throws Fault "journal.full" (Mark.Open beyond the limit, or a partition that is not in use), "journal.size",
	 *   "flash.write" when two more places failed as well; then the record may come back at the next mount
	 */
	append(subject: number, kind: number, payload: Uint8Array, mark: Mark): void {
		if (payload.length > payloadLimit || kind < 1 || kind > 255)
			throw new Fault("journal.size", payload.length, kind);
		const opens = mark === Mark.Open && subject !== 0 && !this.#live.isOpen(subject);
		if (!this.#usable || (opens && this.#live.openCount >= this.#openLimit))
			throw new Fault("journal.full", this.#live.openCount, this.#openLimit);
		const content = { subject, kind, mark, payload, idSequence: 0, idOffset: 0 };
		this.#put(content);
		if (opens) this.#openSubject(subject);
		else if (mark === Mark.Close) this.#closeSubject(subject, this.#newest);
		if (opens || subject === 0 || this.#live.has(subject))
			this.#kept.note(subject, kind, this.#idSequence, this.#idOffset, this.#sequence);
	}

	/**
	 * Idle work: erases one block ahead, or else empties the oldest block. At most one erase.
	 * To be called only while no bytes are expected on a UART.
	 * @returns whether there is more to do
	 */
	idle(): boolean {
		if (!this.#usable) return false;
		const next = this.#ring.nextFree(this.#lastBlock);
		if (next >= 0 && this.#ring.state(next) === BlockState.Free) {
			this.#erase(next);
			return this.#mustClean();
		}
		if (!this.#mustClean()) return false;
		try {
			this.#clean();
		} catch (error) {
			if (!(error instanceof Fault)) throw error;
			return false;
		}
		return true;
	}

	#reset(): void {
		this.#reader = new FlashReader(this.#flash);
		this.#ring.reset();
		this.#live.clear();
		this.#kept.clear();
		this.#usable = this.#surveyed = this.#cleaning = this.#established = false;
		this.#newest = this.#erases = this.#carried = this.#lost = this.#eraseCountMax = 0;
		this.#nextSequence = 1;
		this.#lastBlock = -1;
		this.#offset = this.#sequence = 0;
	}

	/** Opens a fresh tail behind what was found, with the last record once more: it may have been interrupted. */
	#start(recovery: Recovery): boolean {
		this.#newest = recovery.newest;
		this.#nextSequence = recovery.sequenceMax + 1;
		this.#eraseCountMax = recovery.eraseCountMax;
		this.#lastBlock = this.#ring.tail;
		if (this.#ring.count > 0) {
			this.#sequence = this.#ring.sequences[this.#lastBlock]!;
			this.#offset = this.#ring.ends[this.#lastBlock]!;
		}
		if (recovery.bare >= 0) this.#lastBlock = recovery.bare;
		if (this.#ring.free === 0) this.#freeQuarantined();
		try {
			this.#openBlock();
			if (recovery.last !== undefined) this.#put(recovery.last);
			this.#putInternal(Internal.Seal, noPayload);
			if (recovery.bare >= 0) this.#ring.setState(recovery.bare, BlockState.Free);
			return true;
		} catch (error) {
			if (error instanceof Fault) return false;
			throw error;
		}
	}

	#openSubject(subject: number): void {
		// What a subject that is opened again has on flash is not in the kept table.
		if (subject <= this.#newest) this.#surveyed = false;
		this.#live.open(subject);
		this.#newest = Math.max(this.#newest, subject);
	}

	#closeSubject(subject: number, newest: number): void {
		const live = this.#live;
		if (!live.isOpen(subject)) return;
		if (newest - subject <= this.#lingerAfter) return this.#forget(subject);
		if (live.count - live.openCount >= lingerLimit) this.#forget(live.oldestClosed());
		live.linger(subject, newest);
	}

	#forget(subject: number): void {
		this.#live.remove(subject);
		this.#kept.forget(subject);
	}

	/** Writes one record at the next place; a place that fails is left behind. */
	#put(first: RecordContent): void {
		let content = first;
		for (let attempt = 0; ; attempt++) {
			let size = attempt === 2 ? 0 : this.#encoder.encode(content, this.#offset);
			if (size === 0) {
				this.#openNext();
				size = this.#encoder.encode(content, this.#offset);
			}
			const at = this.#offset;
			this.#offset = at + size;
			try {
				this.#flash.write(this.#encoder.bytes.subarray(0, size), this.#tailStart + at);
			} catch (error) {
				if (!(error instanceof Fault) || attempt === 2) throw error;
				// The failed place may read as a whole record some day: the next one is a copy of it.
				if (content.idSequence === 0)
					content = { ...content, idSequence: this.#sequence, idOffset: at };
				continue;
			}
			if (!this.#established) {
				this.#established = true;
				this.#ring.release(this.#floor);
			}
			this.#idSequence = content.idSequence === 0 ? this.#sequence : content.idSequence;
			this.#idOffset = content.idSequence === 0 ? at : content.idOffset;
			return;
		}
	}

	#putInternal(kind: number, payload: Uint8Array): void {
		this.#put({ subject: this.#base, kind, mark: 0, payload, idSequence: 0, idOffset: 0 });
	}

	/** Closes the tail and opens the next block; reclaims first what the reserve needs. */
	#openNext(): void {
		if (!this.#cleaning) this.#makeRoom();
		this.#openBlock();
	}

	/** A boot takes a block: many of them in a row must not use up the reserve. */
	#tryMakeRoom(): void {
		try {
			this.#makeRoom();
		} catch (error) {
			if (!(error instanceof Fault)) throw error;
		}
	}

	/** Retires blocks that hold nothing live, which costs nothing; carries only when it cannot wait. */
	#makeRoom(): void {
		this.#expire();
		const ring = this.#ring;
		while (this.#mustClean() && this.#isBare()) ring.shift(BlockState.Pending);
		for (let i = 0; i < ring.length && ring.free < 3; i++) {
			if (ring.pending === 0 && ring.count >= 2) this.#clean();
			else if (ring.pending === 0) break;
			this.#putFloor();
		}
		if (ring.free < 2) this.#freeQuarantined();
	}

	/** Whether the oldest block holds nothing that must be carried. */
	#isBare(): boolean {
		return this.#surveyed && !this.#kept.holds(this.#ring.sequences[this.#ring.kept(0)]!);
	}

	/** Lingering subjects that have been kept for as long as others are. */
	#expire(): void {
		const live = this.#live;
		for (;;) {
			const subject = live.oldestClosed();
			if (subject === 0 || this.#closedSince(live.closedAt(subject)) < this.#retainCount) return;
			this.#forget(subject);
		}
	}

	/** At least so many of the subjects after this one are closed. */
	#closedSince(subject: number): number {
		return this.#newest - subject - this.#live.openCount;
	}

	/** Makes it durable that the blocks before the oldest kept one are retired. */
	#putFloor(): void {
		const wasCleaning = this.#cleaning;
		this.#cleaning = true;
		try {
			const floor = this.#ring.sequences[this.#ring.kept(0)]!;
			const payload = new Uint8Array(4);
			putWord(payload, 0, floor);
			this.#putInternal(Internal.Floor, payload);
			this.#ring.release(floor);
		} finally {
			this.#cleaning = wasCleaning;
		}
	}

	#mustClean(): boolean {
		const ring = this.#ring;
		if (ring.count < 2) return false;
		if (ring.free + ring.pending < this.#reserve) return true;
		return this.#closedSince(ring.bases[ring.kept(1)]!) >= this.#retainCount + this.#lingerAfter;
	}

	/** Carries what is live out of the oldest block and retires it. */
	#clean(): void {
		this.#expire();
		if (!this.#surveyed) {
			this.#ring.ends[this.#ring.tail] = this.#offset;
			new Survey(this.#flash, this.#reader, this.#ring, this.#live, this.#kept).run(undefined);
			this.#surveyed = true;
		}
		const oldest = this.#ring.kept(0);
		const sequence = this.#ring.sequences[oldest]!;
		if (this.#kept.holds(sequence)) {
			this.#cleaning = true;
			try {
				this.#carry(oldest, sequence);
			} finally {
				this.#cleaning = false;
			}
			this.#lost += this.#kept.dropPlace(sequence);
		}
		this.#ring.shift(BlockState.Pending);
	}

	#carry(block: number, sequence: number): void {
		const bytes = new Uint8Array(this.#flash.blockLength);
		const head = new BlockHead();
		if (!this.#reader.read(bytes, block)) return;
		const state = head.parse(bytes, journalMagic, bytes.length);
		if (state !== HeadState.Valid && state !== HeadState.Repaired) return;
		const reader = new BlockReader(bytes, head);
		const onRecord = (record: RecordView): void => {
			const { subject, kind, mark, idSequence, idOffset } = record;
			if (mark === 0 || (subject !== 0 && !this.#live.has(subject))) return;
			if (!this.#kept.mustCarry(subject, kind, idSequence, idOffset, sequence)) return;
			this.#put({ subject, kind, mark, payload: reader.payload(), idSequence, idOffset });
			this.#kept.note(subject, kind, this.#idSequence, this.#idOffset, this.#sequence);
			this.#carried++;
		};
		reader.walk(head.start, this.#ring.ends[block]!, onRecord, nothing);
	}

	/** Opens the next free block as the tail: erased in this boot, then its head in one program operation. */
	#openBlock(): void {
		const predecessor = this.#ring.tail;
		if (predecessor >= 0) this.#ring.ends[predecessor] = this.#offset;
		for (;;) {
			const block = this.#ring.nextFree(this.#lastBlock);
			if (block < 0) throw new Fault("flash.write", this.#ring.free);
			if (this.#ring.state(block) === BlockState.Free && !this.#erase(block)) continue;
			if (this.#writeHead(block, predecessor)) return;
			this.#ring.setState(block, BlockState.Dead);
		}
	}

	#writeHead(block: number, predecessor: number): boolean {
		const ring = this.#ring;
		const head = new BlockHead();
		const delta = predecessor < 0 ? 0 : this.#nextSequence - ring.sequences[predecessor]!;
		head.alignment = this.#alignment;
		head.liveCount = this.#live.count;
		head.sequence = this.#nextSequence++;
		head.floor = ring.count > 0 ? ring.sequences[ring.kept(0)]! : head.sequence;
		head.base = this.#newest;
		head.eraseCount = ring.eraseCounts[block]!;
		head.predecessorEnd = predecessor < 0 ? 0 : this.#offset;
		head.predecessorDelta = delta > 0xffff ? 0 : delta;
		const { length, bytes } = this.#encodeHead(head);
		try {
			this.#flash.write(bytes, block * this.#flash.blockLength);
		} catch (error) {
			if (error instanceof Fault) return false;
			throw error;
		}
		ring.sequences[block] = this.#sequence = head.sequence;
		ring.bases[block] = this.#base = head.base;
		ring.push(block);
		this.#encoder.enter(head.sequence, head.base, this.#alignment, this.#flash.blockLength);
		this.#tailStart = block * this.#flash.blockLength;
		this.#floor = head.floor;
		this.#lastBlock = block;
		this.#offset = length;
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

	#erase(block: number): boolean {
		this.#erases++;
		const known = this.#ring.eraseCounts[block]!;
		try {
			this.#flash.eraseBlock(block);
		} catch (error) {
			if (!(error instanceof Fault)) throw error;
			this.#ring.setState(block, BlockState.Dead);
			return false;
		}
		// The count of a block without a head is lost: the largest known one stands in for it.
		const count = known === 0 ? Math.max(this.#eraseCountMax, 1) : known + 1;
		this.#ring.eraseCounts[block] = count;
		this.#eraseCountMax = Math.max(this.#eraseCountMax, count);
		this.#ring.setState(block, BlockState.Erased);
		return true;
	}

	#freeQuarantined(): void {
		for (let block = 0; block < this.#ring.length; block++)
			if (this.#ring.state(block) === BlockState.Quarantined)
				this.#ring.setState(block, BlockState.Free);
	}
}

function nothing(): void {}
