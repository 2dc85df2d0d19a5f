import type { Flash } from "core/flash";
import type { FlashReader } from "journal/flash-reader";
import { BlockReader } from "journal/block-reader";
import { BlockHead, headLength, HeadState, journalMagic } from "journal/head";
import { HeadScan } from "journal/head-scan";
import { Internal, type RecordContent, type RecordView } from "journal/record";
import { word } from "journal/words";
import type { LiveTable } from "journal/live";
import { BlockState, type Ring } from "journal/ring";
import type { Tables } from "journal/tables";
import { Mark, MountError } from "journal/types";

/**
 * Finds the end of the log after a boot: block heads, then the tail. Each block is read once and judged by what
 * was read then, because a place whose programming or erasing was interrupted may read differently next time.
 */
export class Recovery {
	error: MountError = MountError.None;
	readonly scan: HeadScan;
	missing = 0;
	torn = 0;
	/** Newest subject that was opened. */
	newest = 0;
	/** The last record of the log: its programming may have been interrupted, so it is written again. */
	last: RecordContent | undefined;
	/** A tail that a boot opened and nothing new was written to: superseded by the next one. -1 when there is none. */
	bare = -1;
	readonly #flash: Flash;
	readonly #reader: FlashReader;
	readonly #ring: Ring;
	readonly #live: LiveTable;
	readonly #head = new BlockHead();
	/** Of each subject the newest mark that opens or closes. */
	readonly #marks = new Map<number, LastMark>();
	#floor = 0;
	#isBare = false;

	constructor({ flash, reader, ring, live }: Tables) {
		this.#flash = flash;
		this.#reader = reader;
		this.#ring = ring;
		this.#live = live;
		this.scan = new HeadScan(flash, reader, ring);
	}

	/** Fills ring and live table. With an error, nothing on flash may be touched. */
	run(): void {
		const { scan } = this;
		scan.run();
		if (scan.hasForeignHead) this.error = MountError.Version;
		if (this.error !== MountError.None) return;
		const kept = scan.ours();
		const isEmpty = kept.length === 0;
		const tail = this.#findTail(kept);
		if (tail === undefined) {
			const mayHoldRecords = scan.broken > 1 || scan.unreadable > 0 || scan.hadRecords();
			if (mayHoldRecords) this.error = MountError.Damaged;
			else if (isEmpty) this.#quarantine(scan.foreign < this.#ring.length);
			return;
		}
		this.#link(kept);
		if (this.#isBare && this.#ring.count > 1 && this.#decodeList(tail)) this.#dropTail();
		else this.#recoverLive(tail);
		this.#quarantine(this.missing > 0);
		// What may hold records is not erased before anybody was told.
		if (this.#ring.free === 0) this.error = MountError.Damaged;
	}

	/**
	 * The newest block that holds a record. One without any is void: its head may have been interrupted, and
	 * nothing that was ever relied on stands in it.
	 * @returns its bytes; `kept` then ends with it
	 */
	#findTail(kept: number[]): Uint8Array | undefined {
		const bytes = new Uint8Array(this.#flash.blockLength);
		for (; kept.length > 0; kept.pop()) {
			const block = kept[kept.length - 1]!;
			if (!this.#reader.read(bytes, block)) {
				this.scan.unreadable++;
				this.#ring.setState(block, BlockState.Quarantined);
				continue;
			}
			const state = this.#head.parse(bytes, journalMagic, this.#flash.blockLength);
			if (state !== HeadState.Valid && state !== HeadState.Repaired) continue;
			if (this.#readTail(bytes, block)) return bytes;
		}
		return undefined;
	}

	#readTail(bytes: Uint8Array, block: number): boolean {
		const reader = new BlockReader(bytes, this.#head);
		const { sequence, atBoot, floor } = this.#head;
		let end = 0;
		this.#floor = floor;
		let sealed = false;
		this.#isBare = atBoot;
		const onRecord = (record: RecordView): void => {
			end = record.offset + record.size;
			const payload = reader.payload();
			if (record.mark === 0) {
				sealed = true;
				if (record.kind !== Internal.Floor || payload.length !== 4) return;
				this.#floor = Math.max(this.#floor, word(payload, 0));
				this.#isBare = false;
				this.last = undefined;
				return;
			}
			// Copies of what stands in older blocks: the one before the seal is the last record of the log.
			const isOld = record.isCopy && record.idSequence < sequence;
			if (!isOld) this.#isBare = false;
			if (sealed && this.#isBare) return;
			const { subject, kind, mark, idSequence, idOffset } = record;
			this.last = { subject, kind, mark, payload, idSequence, idOffset };
		};
		reader.walk(reader.start, bytes.length, onRecord, nothing);
		if (!reader.isBlank(Math.min(end === 0 ? reader.start : end, bytes.length - 8))) this.torn++;
		this.#ring.ends[block] = end;
		return end !== 0;
	}

	/** Follows the log from the tail back, and puts its blocks into the ring, each with the end that its successor decided. */
	#link(kept: readonly number[]): void {
		const { sequences, ends } = this.#ring;
		const tail = kept[kept.length - 1]!;
		const floor = Math.min(this.#floor, sequences[tail]!);
		const log = [tail];
		let successor = tail;
		for (let n = kept.length - 2; n >= 0; n--) {
			const block = kept[n]!;
			const delta = this.scan.predecessorDeltas[successor]!;
			const expected = delta === 0 ? sequences[block]! : sequences[successor]! - delta;
			if (sequences[block]! < floor) break;
			// Between them: a block that was given up before anything was written to it.
			if (sequences[block]! > expected) continue;
			const follows = sequences[block] === expected;
			if (!follows) this.missing++;
			ends[block] = follows ? this.scan.predecessorEnds[successor]! : this.#flash.blockLength;
			log.push(block);
			successor = block;
		}
		if (sequences[successor] !== floor) this.missing++;
		for (const block of log.reverse()) this.#ring.push(block);
	}

	/** A bare tail is left out: the next one takes its place, so that boots alone never fill the ring. */
	#dropTail(): void {
		const ring = this.#ring;
		this.newest = this.#head.base;
		this.bare = ring.pop(BlockState.Quarantined);
	}

	/**
	 * The live subjects: the list of the newest block whose list is whole, then the marks of what was first written
	 * since. Closed ones stay in the table; which of them go on to linger is the journal's affair.
	 */
	#recoverLive(tail: Uint8Array): void {
		const ring = this.#ring;
		const newest = ring.count - 1;
		let from = newest;
		while (from >= 0 && !this.#decodeList(this.#bytesOf(from, tail))) from--;
		if (from < 0) this.#live.clear();
		const since = from < 0 ? 0 : ring.sequences[ring.kept(from)]!;
		for (let n = Math.max(from, 0); n < ring.count; n++)
			this.#replay(n, this.#bytesOf(n, tail), since);
		for (const [subject, { closedAt }] of this.#marks) {
			this.#live.open(subject);
			if (closedAt !== 0) this.#live.linger(subject, closedAt);
		}
		// What an older list calls closed may have been given up since.
		if (from < newest) this.#live.dropClosed(ring.bases[ring.kept(0)]!);
	}

	#bytesOf(n: number, tail: Uint8Array): Uint8Array | undefined {
		if (n === this.#ring.count - 1) return tail;
		const bytes = new Uint8Array(this.#flash.blockLength);
		return this.#reader.read(bytes, this.#ring.kept(n)) ? bytes : undefined;
	}

	#decodeList(bytes: Uint8Array | undefined): boolean {
		if (bytes === undefined || !this.#parse(bytes)) return false;
		const { liveCount, sequence } = this.#head;
		return this.#live.decode(bytes, headLength, liveCount, sequence);
	}

	#parse(bytes: Uint8Array): boolean {
		const state = this.#head.parse(bytes, journalMagic, this.#flash.blockLength);
		return state === HeadState.Valid || state === HeadState.Repaired;
	}

	#replay(n: number, bytes: Uint8Array | undefined, since: number): void {
		if (bytes === undefined || !this.#parse(bytes)) return;
		this.newest = Math.max(this.newest, this.#head.base);
		const reader = new BlockReader(bytes, this.#head);
		const onRecord = ({ subject, mark, idSequence, idOffset }: RecordView): void => {
			// The list knows what was written before it.
			if (subject === 0 || mark === 0 || idSequence < since) return;
			this.newest = Math.max(this.newest, subject);
			if (mark === Mark.More) return;
			const known = this.#marks.get(subject);
			if (known !== undefined && !isAfter(idSequence, idOffset, known)) return;
			const closedAt = mark === Mark.Close ? this.newest : 0;
			this.#marks.set(subject, { idSequence, idOffset, closedAt });
		};
		reader.walk(this.#head.start, this.#ring.ends[this.#ring.kept(n)]!, onRecord, nothing);
	}

	/** Blocks that may hold what is missing are not touched in this boot. */
	#quarantine(doubtful: boolean): void {
		for (let block = 0; block < this.#ring.length; block++)
			if (this.scan.isUnreadable(block) || (doubtful && this.scan.isOther(block)))
				this.#ring.setState(block, BlockState.Quarantined);
	}
}

interface LastMark {
	readonly idSequence: number;
	readonly idOffset: number;
	/** 0: it opens; else the newest subject when it was closed. */
	readonly closedAt: number;
}

function isAfter(sequence: number, offset: number, { idSequence, idOffset }: LastMark): boolean {
	return sequence > idSequence || (sequence === idSequence && offset > idOffset);
}

function nothing(): void {}
