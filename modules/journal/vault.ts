import { assert, Fault } from "core/fault";
import type { Flash } from "core/flash";
import { FlashReader, isBlank } from "journal/flash-reader";
import {
	alignUp,
	BlockHead,
	BlockReader,
	blockSeed,
	headLength,
	HeadState,
	recordLimit,
	recordSize,
	RecordEncoder,
	recordShape,
	vaultMagic,
	type RecordView,
} from "journal/format";
import { geometryError } from "journal/geometry";
import { MountError } from "journal/types";
import { Slots } from "journal/slots";

/** What `Vault.mount` found. */
export interface VaultReport {
	/** MountError: 0 when the vault is in use. */
	readonly error: MountError;
	/** Entries held for stored sales. */
	readonly kept: number;
	/** Entries wiped because no stored sale needs them. */
	readonly wiped: number;
	/** Places and blocks that could not be read: torn, damaged or foreign. Wiped later, by `idle`. */
	readonly damaged: number;
	readonly erases: number;
}

const payloadMax = 128;
const entryLimit = 128;
const blocksMin = 4;

/**
 * What a block is used for. Dirty: held something, erased as soon as possible · Doubtful: reads as blank, but an
 * interrupted erase may too, so it is erased once in every boot, in idle time.
 */
const Use = Object.freeze({ Dirty: 0, Doubtful: 1, Erased: 2, Held: 3, Dead: 4 } as const);

/**
 * The encrypted card data of stored sales, apart from the journal so that it can be wiped: a block is erased as
 * soon as nothing in it is needed any more. The journal decides what is needed; nothing is marked here.
 * Bytes: SPEC.md.
 */
export class Vault {
	readonly #flash: Flash;
	readonly #alignment: number;
	readonly #blocks: number;
	readonly #slots = new Slots(entryLimit);
	readonly #uses: Uint8Array;
	readonly #sequences: Uint32Array;
	readonly #encoder = new RecordEncoder();
	#usable = false;
	#nextSequence = 1;
	/** Blocks of lower sequences were written to their end by a boot that went on: they are stable. */
	#floor = 1;
	#tail = -1;
	#lastBlock = -1;
	#seed = 0;
	#offset = 0;
	#erases = 0;

	/** Does not touch the flash. */
	constructor(flash: Flash) {
		const sound = geometryError(flash, blocksMin) === MountError.None;
		this.#flash = flash;
		this.#alignment = Math.max(flash.writeAlignment, 4);
		this.#blocks = sound ? flash.byteLength / flash.blockLength : 0;
		this.#uses = new Uint8Array(this.#blocks);
		this.#sequences = new Uint32Array(this.#blocks);
	}

	/** Entries held. */
	get count(): number {
		return this.#slots.count;
	}

	/**
	 * Recovers, and wipes what is held for a subject that `isStored` does not know. Whatever is on flash, it returns.
	 * @param isStored whether the journal has this subject as a stored sale that the host has not answered
	 */
	mount(isStored: (subject: number) => boolean): VaultReport {
		this.#slots.clear();
		this.#uses.fill(Use.Dirty);
		this.#tail = this.#lastBlock = -1;
		this.#erases = 0;
		this.#usable = false;
		const reader = new FlashReader(this.#flash);
		const report = { error: geometryError(this.#flash, blocksMin), kept: 0, wiped: 0, damaged: 0 };
		const held: number[] = [];
		if (report.error === MountError.None) report.damaged = this.#scan(reader, held, report);
		if (report.error !== MountError.None) return { ...report, erases: 0 };
		try {
			for (const block of held) this.#recover(reader, block, isStored, report);
		} catch (error) {
			if (!(error instanceof Fault)) throw error;
			report.error = MountError.Flash;
		}
		this.#usable = report.error === MountError.None;
		report.kept = this.#slots.count;
		return { ...report, erases: this.#erases };
	}

	/** Room for one more entry. Asked before a card is read. */
	canPut(): boolean {
		if (!this.#usable || this.#slots.count === entryLimit) return false;
		const room = this.#tail >= 0 && this.#offset + recordLimit <= this.#flash.blockLength;
		// Two blocks stay free, so that a mount can always move entries.
		return room || this.#freeCount() >= 3;
	}

	/**
	 * Holds one entry; durable on return. Once a subject.
	 * @param payload encrypted card data, at most 128 bytes
	 * @throws Fault "vault.size", "vault.full" (see `canPut`), "flash.write"
	 */
	put(subject: number, payload: Uint8Array): void {
		if (payload.length > payloadMax) throw new Fault("vault.size", payload.length, payloadMax);
		assert(!this.#slots.has(subject), 30);
		this.#eraseDirty();
		if (!this.canPut()) throw new Fault("vault.full", this.#slots.count, entryLimit);
		this.#write(subject, payload);
	}

	/** The entry of a subject, or undefined when there is none or it is damaged. */
	get(subject: number): Uint8Array | undefined {
		const slot = this.#slots.find(subject);
		if (slot < 0) return undefined;
		const bytes = new Uint8Array(this.#flash.blockLength);
		const head = new BlockHead();
		if (!new FlashReader(this.#flash).read(bytes, this.#slots.block(slot))) return undefined;
		if (!isOurs(head.parse(bytes, vaultMagic, bytes.length))) return undefined;
		const reader = new BlockReader(bytes, head);
		const found = reader.parse(this.#slots.offset(slot), bytes.length);
		return found && reader.record.subject === subject ? reader.payload() : undefined;
	}

	/** The host has answered: the entry is not needed any more. Its block is erased by `idle`, or at the next `put` or `mount`. */
	release(subject: number): void {
		const slot = this.#slots.find(subject);
		if (slot < 0) return;
		const block = this.#slots.block(slot);
		this.#slots.remove(slot);
		if (this.#slots.holds(block)) return;
		this.#uses[block] = Use.Dirty;
		if (block === this.#tail) this.#tail = -1;
	}

	/**
	 * Erases one block that holds nothing that is needed.
	 * @returns whether there is another one
	 */
	idle(): boolean {
		if (!this.#usable) return false;
		const dirty = this.#uses.indexOf(Use.Dirty);
		const block = dirty >= 0 ? dirty : this.#uses.indexOf(Use.Doubtful);
		if (block >= 0) this.#erase(block);
		return this.#uses.includes(Use.Dirty) || this.#uses.includes(Use.Doubtful);
	}

	#eraseDirty(): void {
		if (!this.#usable) return;
		for (let block = 0; block < this.#blocks; block++)
			if (this.#uses[block] === Use.Dirty) this.#erase(block);
	}

	/** Reads all heads. Fills `held` with the blocks of the vault, by rising sequence. @returns damaged blocks */
	#scan(reader: FlashReader, held: number[], report: { error: MountError }): number {
		const bytes = new Uint8Array(this.#flash.blockLength);
		const head = new BlockHead();
		let damaged = 0;
		this.#nextSequence = this.#floor = 1;
		for (let block = 0; block < this.#blocks; block++) {
			const readable = reader.read(bytes, block);
			const state = readable ? head.parse(bytes, vaultMagic, bytes.length) : HeadState.Broken;
			if (state === HeadState.Foreign) report.error = MountError.Version;
			if (isOurs(state)) {
				held.push(block);
				this.#sequences[block] = head.sequence;
				this.#nextSequence = Math.max(this.#nextSequence, head.sequence + 1);
				this.#floor = Math.max(this.#floor, head.floor);
			} else if (readable && isBlank(bytes)) this.#uses[block] = Use.Doubtful;
			else damaged++;
		}
		held.sort((a, b) => this.#sequences[a]! - this.#sequences[b]!);
		for (const block of held) this.#uses[block] = Use.Held;
		this.#lastBlock = held[held.length - 1] ?? -1;
		return damaged;
	}

	/** Takes over one block: left as it is when it is stable and all of it is needed, else moved and wiped. */
	#recover(
		reader: FlashReader,
		block: number,
		isStored: (subject: number) => boolean,
		report: { wiped: number; damaged: number },
	): void {
		const bytes = new Uint8Array(this.#flash.blockLength);
		const head = new BlockHead();
		const entries: { subject: number; offset: number; payload: Uint8Array }[] = [];
		let asItIs = this.#sequences[block]! < this.#floor;
		if (reader.read(bytes, block) && isOurs(head.parse(bytes, vaultMagic, bytes.length))) {
			const records = new BlockReader(bytes, head);
			const onRecord = ({ subject, offset }: RecordView): void => {
				const needed = isStored(subject);
				if (!needed) report.wiped++;
				if (needed && !this.#slots.has(subject) && !entries.some((e) => e.subject === subject))
					entries.push({ subject, offset, payload: records.payload() });
				else asItIs = false;
			};
			const onGap = (from: number): void => {
				if (!isBlank(bytes.subarray(from, from + 8))) report.damaged++;
			};
			records.walk(head.start, bytes.length, onRecord, onGap);
		} else report.damaged++;
		if (this.#slots.count + entries.length > entryLimit) {
			report.damaged++;
			return;
		}
		if (asItIs && entries.length > 0)
			for (const { subject, offset } of entries) this.#slots.add(subject, block, offset);
		else {
			for (const { subject, payload } of entries) this.#write(subject, payload);
			this.#erase(block);
		}
	}

	#freeCount(): number {
		let count = 0;
		for (const use of this.#uses) if (use < Use.Held) count++;
		return count;
	}

	/** Writes at the next place; a place that fails is left behind. */
	#write(subject: number, payload: Uint8Array): void {
		const content = { subject, kind: 1, mark: 1, payload, idSequence: 0, idOffset: 0 };
		for (let attempt = 0; ; attempt++) {
			const shape = recordShape(content, 0);
			const size = recordSize(content, shape, this.#alignment);
			if (attempt === 2 || !this.#fits(size)) this.#openNext();
			const at = this.#offset;
			this.#encoder.encode(content, shape, this.#seed, at, size);
			this.#offset = at + size;
			try {
				const byteOffset = this.#tail * this.#flash.blockLength + at;
				this.#flash.write(this.#encoder.bytes.subarray(0, size), byteOffset);
			} catch (error) {
				if (!(error instanceof Fault) || attempt === 2) throw error;
				continue;
			}
			this.#slots.add(subject, this.#tail, at);
			return;
		}
	}

	#fits(size: number): boolean {
		return this.#tail >= 0 && this.#offset + size <= this.#flash.blockLength;
	}

	#openNext(): void {
		for (let i = 1; i <= this.#blocks; i++) {
			const block = (this.#lastBlock + i + this.#blocks) % this.#blocks;
			if (this.#uses[block]! >= Use.Held) continue;
			if (this.#uses[block] !== Use.Erased && !this.#erase(block)) continue;
			if (this.#writeHead(block)) return;
			this.#uses[block] = Use.Dead;
		}
		throw new Fault("flash.write", this.#blocks);
	}

	#writeHead(block: number): boolean {
		const head = new BlockHead();
		const length = alignUp(headLength, this.#alignment);
		const bytes = new Uint8Array(length).fill(0xff);
		head.alignment = this.#alignment;
		head.sequence = this.#nextSequence++;
		// While a mount moves entries, the blocks that it moves from are not stable, nor is this one.
		head.floor = this.#usable ? head.sequence : this.#floor;
		head.encode(bytes, vaultMagic, this.#flash.blockLength);
		try {
			this.#flash.write(bytes, block * this.#flash.blockLength);
		} catch (error) {
			if (!(error instanceof Fault)) throw error;
			return false;
		}
		if (this.#tail >= 0 && !this.#slots.holds(this.#tail)) this.#uses[this.#tail] = Use.Dirty;
		this.#uses[block] = Use.Held;
		this.#sequences[block] = head.sequence;
		this.#seed = blockSeed(head.sequence, 0);
		this.#tail = this.#lastBlock = block;
		this.#offset = length;
		return true;
	}

	#erase(block: number): boolean {
		this.#erases++;
		try {
			this.#flash.eraseBlock(block);
			this.#uses[block] = Use.Erased;
			return true;
		} catch (error) {
			if (!(error instanceof Fault)) throw error;
			this.#uses[block] = Use.Dead;
			return false;
		}
	}
}

function isOurs(state: HeadState): boolean {
	return state === HeadState.Valid || state === HeadState.Repaired;
}
