import { assert, Fault } from "core/fault";
import type { Flash } from "core/flash";
import { FlashReader, isBlank } from "journal/flash-reader";
import { BlockReader } from "journal/block-reader";
import { BlockHead, headLength, HeadState, vaultMagic } from "journal/head";
import { recordLimit, RecordEncoder, type RecordView } from "journal/record";
import { alignUp } from "journal/words";
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

/** Where an entry was found. */
interface Instance {
	readonly subject: number;
	readonly block: number;
	readonly offset: number;
}

/**
 * What a block is used for. Dirty: held something, erased as soon as possible · Doubtful: its head reads as blank, but
 * an interrupted erase may leave that, so it is erased once in every boot, in idle time.
 */
const Use = Object.freeze({ Dirty: 0, Doubtful: 1, Erased: 2, Held: 3, Dead: 4 } as const);

/**
 * The encrypted card data of stored sales, apart from the journal so that it can be wiped: a block is erased as
 * soon as nothing in it is needed any more. The journal decides what is needed; nothing is marked here.
 * Bytes: SPEC.md.
 */
export class Vault {
	readonly #flash: Flash;
	readonly #reader: FlashReader;
	readonly #alignment: number;
	readonly #blocks: number;
	readonly #slots = new Slots(entryLimit);
	readonly #uses: Uint8Array;
	readonly #sequences: Uint32Array;
	readonly #encoder = new RecordEncoder();
	#usable = false;
	#nextSequence = 1;
	#tail = -1;
	#lastBlock = -1;
	#offset = 0;
	#erases = 0;

	/** Does not touch the flash. */
	constructor(flash: Flash) {
		const sound = geometryError(flash, blocksMin) === MountError.None;
		this.#flash = flash;
		this.#reader = new FlashReader(flash);
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
		const report = { error: geometryError(this.#flash, blocksMin), kept: 0, wiped: 0, damaged: 0 };
		const held: number[] = [];
		if (report.error === MountError.None) this.#scan(held, report);
		if (report.error !== MountError.None) return { ...report, erases: 0 };
		const moving = new Set<number>();
		const instances = held.flatMap((block) => this.#look(block, isStored, report, moving));
		this.#usable = true;
		this.#settle(instances, held, moving);
		report.kept = this.#slots.count;
		return { ...report, erases: this.#erases };
	}

	/** Room for one more entry. Asked before a card is read. */
	canPut(): boolean {
		if (!this.#usable || this.#slots.count === entryLimit) return false;
		const room = this.#tail >= 0 && this.#offset + recordLimit <= this.#flash.blockLength;
		// As much as is held must stay free, so that a mount can move all of it.
		return room || this.#heldCount() < this.#blocks / 2 - 1;
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
		const offset = this.#write(subject, payload);
		this.#slots.add(subject, this.#tail, offset);
	}

	/** The entry of a subject, or undefined when there is none or it is damaged. */
	get(subject: number): Uint8Array | undefined {
		const slot = this.#slots.find(subject);
		if (slot < 0) return undefined;
		const reader = this.#open(this.#slots.block(slot));
		const found = reader?.parse(this.#slots.offset(slot), this.#flash.blockLength) === true;
		return found && reader.record.subject === subject ? reader.payload() : undefined;
	}

	/** The host has answered: the entry is not needed any more. Its block is erased by `idle`, or at the next `put` or `mount`. */
	release(subject: number): void {
		const slot = this.#slots.find(subject);
		if (slot < 0) return;
		const block = this.#slots.block(slot);
		this.#slots.remove(slot);
		// With nothing held, a block that an interrupted move left behind is not needed either.
		for (let each = 0; each < this.#blocks; each++)
			if (each === block || this.#slots.count === 0) this.#wipeUnheld(each);
	}

	#wipeUnheld(block: number): void {
		if (this.#uses[block] !== Use.Held || this.#slots.holds(block)) return;
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

	/** Reads all heads. Fills `held` with the blocks of the vault, by rising sequence. */
	#scan(held: number[], report: { error: MountError; damaged: number }): void {
		const bytes = new Uint8Array(headLength);
		const head = new BlockHead();
		this.#nextSequence = 1;
		for (let block = 0; block < this.#blocks; block++) {
			const readable = this.#reader.read(bytes, block);
			const state = readable
				? head.parse(bytes, vaultMagic, this.#flash.blockLength)
				: HeadState.Broken;
			if (state === HeadState.Foreign) report.error = MountError.Version;
			if (isOurs(state)) {
				held.push(block);
				this.#sequences[block] = head.sequence;
				this.#nextSequence = Math.max(this.#nextSequence, head.sequence + 1);
			} else if (readable && isBlank(bytes)) this.#uses[block] = Use.Doubtful;
			else report.damaged++;
		}
		held.sort((a, b) => this.#sequences[a]! - this.#sequences[b]!);
		for (const block of held) this.#uses[block] = Use.Held;
		this.#lastBlock = held[held.length - 1] ?? -1;
	}

	#open(block: number): BlockReader | undefined {
		const bytes = new Uint8Array(this.#flash.blockLength);
		const head = new BlockHead();
		if (!this.#reader.read(bytes, block)) return undefined;
		return isOurs(head.parse(bytes, vaultMagic, bytes.length))
			? new BlockReader(bytes, head)
			: undefined;
	}

	/**
	 * Finds the needed entries of one block. It is `moving` when it must be wiped: it holds more than those, or
	 * it is rather empty.
	 */
	#look(
		block: number,
		isStored: (subject: number) => boolean,
		report: { wiped: number; damaged: number },
		moving: Set<number>,
	): Instance[] {
		const found: Instance[] = [];
		const reader = this.#open(block);
		if (reader === undefined) {
			this.#uses[block] = Use.Dirty;
			report.damaged++;
			return found;
		}
		let end = 0;
		const onRecord = ({ subject, offset, size }: RecordView): void => {
			end = offset + size;
			if (isStored(subject)) found.push({ subject, block, offset });
			else {
				report.wiped++;
				moving.add(block);
			}
		};
		const onGap = (from: number): void => {
			if (reader.isBlank(from)) return;
			report.damaged++;
			moving.add(block);
		};
		reader.walk(reader.start, this.#flash.blockLength, onRecord, onGap);
		if (end < this.#flash.blockLength / 2) moving.add(block);
		return found;
	}

	/**
	 * Takes over what was found. Two instances of an entry tell that a move was interrupted while it wrote
	 * or while it wiped its source: either may read differently next time, so it is written once more.
	 */
	#settle(instances: readonly Instance[], held: readonly number[], moving: Set<number>): void {
		for (const one of instances)
			for (const other of instances)
				if (one !== other && one.subject === other.subject) moving.add(one.block);
		let moved = true;
		for (const instance of instances) {
			const { subject, block, offset } = instance;
			if (this.#slots.has(subject) || this.#slots.count === entryLimit) continue;
			const others = instances.filter((other) => other.subject === subject);
			const place = moving.has(block) && moved ? this.#writeAgain(others) : undefined;
			if (place !== undefined) this.#slots.add(subject, this.#tail, place);
			else {
				// No room or no longer readable: all stays where it is.
				if (moving.has(block)) moved = false;
				this.#slots.add(subject, block, offset);
			}
		}
		for (const block of held)
			if (moved && moving.has(block) && !this.#slots.holds(block)) this.#erase(block);
	}

	/** Writes an entry from whichever instance can be read now. @returns its offset in the tail */
	#writeAgain(instances: readonly Instance[]): number | undefined {
		for (const { subject, block, offset } of instances) {
			const reader = this.#open(block);
			if (reader === undefined || !reader.parse(offset, this.#flash.blockLength)) continue;
			if (reader.record.subject !== subject) continue;
			try {
				return this.#write(subject, reader.payload());
			} catch (error) {
				if (!(error instanceof Fault)) throw error;
				return undefined;
			}
		}
		return undefined;
	}

	#heldCount(): number {
		let count = 0;
		for (const use of this.#uses) if (use >= Use.Held) count++;
		return count;
	}

	/** Writes at the next place; a place that fails is left behind. @returns its offset in the tail */
	#write(subject: number, payload: Uint8Array): number {
		const content = { subject, kind: 1, mark: 1, payload, idSequence: 0, idOffset: 0 };
		for (let attempt = 0; ; attempt++) {
			let size = attempt === 2 || this.#tail < 0 ? 0 : this.#encoder.encode(content, this.#offset);
			if (size === 0) {
				this.#openNext();
				size = this.#encoder.encode(content, this.#offset);
			}
			const at = this.#offset;
			this.#offset = at + size;
			try {
				const byteOffset = this.#tail * this.#flash.blockLength + at;
				this.#flash.write(this.#encoder.bytes.subarray(0, size), byteOffset);
			} catch (error) {
				if (!(error instanceof Fault) || attempt === 2) throw error;
				continue;
			}
			return at;
		}
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
		head.floor = head.sequence;
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
		this.#encoder.enter(head.sequence, 0, this.#alignment, this.#flash.blockLength);
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
