import { Fault } from "core/fault";
import type { Flash } from "core/flash";
import { BlockReader } from "journal/block-reader";
import { FlashReader, isBlank } from "journal/flash-reader";
import { BlockHead, headLength, HeadState, vaultMagic } from "journal/head";
import { RecordEncoder, recordLimit } from "journal/record";
import { MountError } from "journal/types";
import { alignUp } from "journal/words";

/**
 * What a block is used for. Dirty: held something, erased as soon as possible · Doubtful: its head reads as blank, but
 * an interrupted erase may leave that, so it is erased once in every boot, in idle time.
 */
const Use = Object.freeze({ Dirty: 0, Doubtful: 1, Erased: 2, Held: 3, Dead: 4 } as const);

/** Card data may stand in a block that would not be erased: so often it is tried in one boot. */
const eraseAttempts = 4;

/** The blocks of the vault: which hold something, the one that is being filled, and their erasing. */
export class VaultBlocks {
	/** Places and blocks that could not be read. */
	damaged = 0;
	erases = 0;
	/** Index of the block that is being filled, -1 when there is none. */
	tail = -1;
	readonly length: number;
	readonly #flash: Flash;
	readonly #reader: FlashReader;
	readonly #alignment: number;
	readonly #uses: Uint8Array;
	/** Erases that failed in this boot. */
	readonly #failures: Uint8Array;
	readonly #sequences: Uint32Array;
	readonly #encoder = new RecordEncoder();
	#nextSequence = 1;
	#lastBlock = -1;
	#offset = 0;

	/** @param length blocks, 0 for a partition that cannot be used */
	constructor(flash: Flash, length: number) {
		this.#flash = flash;
		this.#reader = new FlashReader(flash);
		this.#alignment = Math.max(flash.writeAlignment, 4);
		this.length = length;
		this.#uses = new Uint8Array(length);
		this.#failures = new Uint8Array(length);
		this.#sequences = new Uint32Array(length);
	}

	/** Reads all heads. @returns the error, or the blocks of the vault, by rising sequence */
	scan(): { readonly error: MountError; readonly held: readonly number[] } {
		const held: number[] = [];
		const bytes = new Uint8Array(headLength);
		const head = new BlockHead();
		let error: MountError = MountError.None;
		this.#uses.fill(Use.Dirty);
		this.#failures.fill(0);
		this.tail = -1;
		this.erases = this.damaged = 0;
		this.#nextSequence = 1;
		for (let block = 0; block < this.length; block++) {
			const readable = this.#reader.read(bytes, block);
			const state = readable
				? head.parse(bytes, vaultMagic, this.#flash.blockLength)
				: HeadState.Broken;
			if (state === HeadState.Foreign) error = MountError.Version;
			if (isOurs(state)) {
				held.push(block);
				this.#uses[block] = Use.Held;
				this.#sequences[block] = head.sequence;
				this.#nextSequence = Math.max(this.#nextSequence, head.sequence + 1);
			} else if (readable && isBlank(bytes)) this.#uses[block] = Use.Doubtful;
			else this.damaged++;
		}
		held.sort((a, b) => this.#sequences[a]! - this.#sequences[b]!);
		this.#lastBlock = held[held.length - 1] ?? -1;
		return { error, held };
	}

	/** Reads a block. @returns undefined when it is none of the vault's */
	open(block: number): BlockReader | undefined {
		const bytes = new Uint8Array(this.#flash.blockLength);
		const head = new BlockHead();
		if (!this.#reader.read(bytes, block)) return undefined;
		return isOurs(head.parse(bytes, vaultMagic, bytes.length))
			? new BlockReader(bytes, head)
			: undefined;
	}

	/** Room for an entry without opening a block. */
	get hasRoom(): boolean {
		return this.tail >= 0 && this.#offset + recordLimit <= this.#flash.blockLength;
	}

	/** Blocks that hold something, or are out of use. */
	get heldCount(): number {
		let count = 0;
		for (const use of this.#uses) if (use >= Use.Held) count++;
		return count;
	}

	isHeld(block: number): boolean {
		return this.#uses[block] === Use.Held;
	}

	/** Nothing in it is needed any more. */
	discard(block: number): void {
		this.#uses[block] = Use.Dirty;
		if (block === this.tail) this.tail = -1;
	}

	/** Erases one block that may hold something that is not needed. @returns whether there is another one */
	eraseOne(): boolean {
		const dirty = this.#uses.indexOf(Use.Dirty);
		const block = dirty >= 0 ? dirty : this.#uses.indexOf(Use.Doubtful);
		if (block >= 0) this.erase(block);
		return this.#uses.includes(Use.Dirty) || this.#uses.includes(Use.Doubtful);
	}

	/** Erases all that held something. */
	eraseDirty(): void {
		for (let block = 0; block < this.length; block++)
			if (this.#uses[block] === Use.Dirty) this.erase(block);
	}

	/** @returns false when the flash would not; it is tried again later, and after that the block is out of use in this boot */
	erase(block: number): boolean {
		this.erases++;
		try {
			this.#flash.eraseBlock(block);
			this.#uses[block] = Use.Erased;
			return true;
		} catch (error) {
			if (!(error instanceof Fault)) throw error;
			const failures = ++this.#failures[block]!;
			this.#uses[block] = failures < eraseAttempts ? Use.Dirty : Use.Dead;
			return false;
		}
	}

	/**
	 * Writes an entry at the next place of the tail; a place that fails is left behind.
	 * @returns its offset in the tail
	 * @throws Fault "flash.write"
	 */
	write(subject: number, payload: Uint8Array): number {
		const content = { subject, kind: 1, mark: 1, payload, idSequence: 0, idOffset: 0 };
		for (let attempt = 0; ; attempt++) {
			let size = attempt === 2 || this.tail < 0 ? 0 : this.#encoder.encode(content, this.#offset);
			if (size === 0) {
				this.#openNext();
				size = this.#encoder.encode(content, this.#offset);
			}
			const at = this.#offset;
			this.#offset = at + size;
			try {
				const byteOffset = this.tail * this.#flash.blockLength + at;
				this.#flash.write(this.#encoder.bytes.subarray(0, size), byteOffset);
			} catch (error) {
				if (!(error instanceof Fault) || attempt === 2) throw error;
				continue;
			}
			return at;
		}
	}

	#openNext(): void {
		for (let i = 1; i <= this.length; i++) {
			const block = (this.#lastBlock + i + this.length) % this.length;
			if (this.#uses[block]! >= Use.Held) continue;
			if (this.#uses[block] !== Use.Erased && !this.erase(block)) continue;
			if (this.#writeHead(block)) return;
			this.#uses[block] = Use.Dead;
		}
		throw new Fault("flash.write", this.length);
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
		this.#uses[block] = Use.Held;
		this.#sequences[block] = head.sequence;
		this.#encoder.enter(head.sequence, 0, this.#alignment, this.#flash.blockLength);
		this.onTail(this.tail);
		this.tail = this.#lastBlock = block;
		this.#offset = length;
		return true;
	}

	/** Told of the block that was filled, or -1, when the next one is opened. */
	onTail: (before: number) => void = () => undefined;
}

function isOurs(state: HeadState): boolean {
	return state === HeadState.Valid || state === HeadState.Repaired;
}
