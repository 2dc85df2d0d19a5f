import { assert, Fault } from "core/fault";
import type { Flash } from "core/flash";
import { geometryError } from "journal/geometry";
import type { RecordView } from "journal/record";
import { Slots } from "journal/slots";
import { MountError } from "journal/types";
import { VaultBlocks } from "journal/vault-blocks";

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

/** What a mount gathers. */
interface Finds {
	wiped: number;
	readonly instances: Instance[];
	/** Blocks that must be wiped: they hold more than what is needed, or are rather empty. */
	readonly moving: Set<number>;
}

/**
 * The encrypted card data of stored sales, apart from the journal so that it can be wiped: a block is erased as
 * soon as nothing in it is needed any more. The journal decides what is needed; nothing is marked here.
 * Bytes: SPEC.md.
 */
export class Vault {
	readonly #flash: Flash;
	readonly #blocks: VaultBlocks;
	readonly #slots = new Slots(entryLimit);
	#usable = false;

	/** Does not touch the flash. */
	constructor(flash: Flash) {
		const sound = geometryError(flash, blocksMin) === MountError.None;
		this.#flash = flash;
		this.#blocks = new VaultBlocks(flash, sound ? flash.byteLength / flash.blockLength : 0);
		this.#blocks.onTail = (before) => {
			if (before >= 0 && !this.#slots.holds(before)) this.#blocks.discard(before);
		};
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
		this.#usable = false;
		const blocks = this.#blocks;
		const geometry = geometryError(this.#flash, blocksMin);
		const { error, held } = blocks.scan();
		const nothing = { kept: 0, wiped: 0, damaged: blocks.damaged, erases: 0 };
		if (geometry !== MountError.None) return { ...nothing, error: geometry };
		if (error !== MountError.None) return { ...nothing, error };
		const finds: Finds = { wiped: 0, instances: [], moving: new Set() };
		for (const block of held) this.#look(block, isStored, finds);
		this.#usable = true;
		this.#settle(finds, held);
		const { damaged, erases } = blocks;
		return { error, kept: this.#slots.count, wiped: finds.wiped, damaged, erases };
	}

	/** Room for one more entry. Asked before a card is read. */
	canPut(): boolean {
		if (!this.#usable || this.#slots.count === entryLimit) return false;
		// As much as is held must stay free, so that a mount can move all of it.
		return this.#blocks.hasRoom || this.#blocks.heldCount < this.#blocks.length / 2 - 1;
	}

	/**
	 * Holds one entry; durable on return. Once a subject.
	 * @param payload encrypted card data, at most 128 bytes
	 * @throws Fault "vault.size", "vault.full" (see `canPut`), "flash.write"
	 */
	put(subject: number, payload: Uint8Array): void {
		if (payload.length > payloadMax) throw new Fault("vault.size", payload.length, payloadMax);
		assert(!this.#slots.has(subject), 30);
		if (this.#usable) this.#blocks.eraseDirty();
		if (!this.canPut()) throw new Fault("vault.full", this.#slots.count, entryLimit);
		const offset = this.#blocks.write(subject, payload);
		this.#slots.add(subject, this.#blocks.tail, offset);
	}

	/** The entry of a subject, or undefined when there is none or it is damaged. */
	get(subject: number): Uint8Array | undefined {
		const slot = this.#slots.find(subject);
		if (slot < 0) return undefined;
		return this.#read({
			subject,
			block: this.#slots.block(slot),
			offset: this.#slots.offset(slot),
		});
	}

	/** The host has answered: the entry is not needed any more. Its block is erased by `idle`, or at the next `put` or `mount`. */
	release(subject: number): void {
		const slot = this.#slots.find(subject);
		if (slot < 0) return;
		const block = this.#slots.block(slot);
		this.#slots.remove(slot);
		// With nothing held, a block that an interrupted move left behind is not needed either.
		for (let each = 0; each < this.#blocks.length; each++)
			if (each === block || this.#slots.count === 0)
				if (this.#blocks.isHeld(each) && !this.#slots.holds(each)) this.#blocks.discard(each);
	}

	/**
	 * Erases one block that holds nothing that is needed.
	 * @returns whether there is another one
	 */
	idle(): boolean {
		return this.#usable && this.#blocks.eraseOne();
	}

	/** Finds the needed entries of one block. */
	#look(block: number, isStored: (subject: number) => boolean, finds: Finds): void {
		const reader = this.#blocks.open(block);
		if (reader === undefined) {
			this.#blocks.discard(block);
			this.#blocks.damaged++;
			return;
		}
		let end = 0;
		const onRecord = ({ subject, offset, size }: RecordView): void => {
			end = offset + size;
			if (isStored(subject)) finds.instances.push({ subject, block, offset });
			else {
				finds.wiped++;
				finds.moving.add(block);
			}
		};
		const onGap = (from: number): void => {
			if (reader.isBlank(from)) return;
			this.#blocks.damaged++;
			finds.moving.add(block);
		};
		reader.walk(reader.start, this.#flash.blockLength, onRecord, onGap);
		if (end < this.#flash.blockLength / 2) finds.moving.add(block);
	}

	/**
	 * Takes over what was found. Two instances of an entry tell that a move was interrupted while it wrote
	 * or while it wiped its source: either may read differently next time, so it is written once more.
	 */
	#settle({ instances, moving }: Finds, held: readonly number[]): void {
		for (const one of instances)
			for (const other of instances)
				if (one !== other && one.subject === other.subject) moving.add(one.block);
		let moved = true;
		for (const { subject, block, offset } of instances) {
			if (this.#slots.has(subject) || this.#slots.count === entryLimit) continue;
			const others = instances.filter((other) => other.subject === subject);
			const place = moving.has(block) && moved ? this.#writeAgain(others) : undefined;
			if (place !== undefined) this.#slots.add(subject, this.#blocks.tail, place);
			else {
				// No room or no longer readable: all stays where it is.
				if (moving.has(block)) moved = false;
				this.#slots.add(subject, block, offset);
			}
		}
		for (const block of held)
			if (moved && moving.has(block) && !this.#slots.holds(block)) this.#blocks.erase(block);
	}

	/** Writes an entry from whichever instance can be read now. @returns its offset in the tail */
	#writeAgain(instances: readonly Instance[]): number | undefined {
		for (const instance of instances) {
			const payload = this.#read(instance);
			if (payload === undefined) continue;
			try {
				return this.#blocks.write(instance.subject, payload);
			} catch (error) {
				if (!(error instanceof Fault)) throw error;
				return undefined;
			}
		}
		return undefined;
	}

	#read({ subject, block, offset }: Instance): Uint8Array | undefined {
		const reader = this.#blocks.open(block);
		if (reader?.parse(offset, this.#flash.blockLength) !== true) return undefined;
		return reader.record.subject === subject ? reader.payload() : undefined;
	}
}
