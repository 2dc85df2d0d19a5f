import { crc32 } from "core/crc";
import { wrongBit } from "journal/checksum";
import { putWord, word } from "journal/words";

/**
 * Subjects whose records must be carried when their block is reclaimed: the open ones, and for a while those
 * which were closed long after they were opened (their records are old, but their end is news).
 */
export class LiveTable {
	/** Lists in which one wrong bit was put right. */
	repaired = 0;
	#subjects: Uint32Array;
	/** 0: open; else the newest subject number at the time of closing. */
	#closedAt: Uint32Array;
	#count = 0;
	#openCount = 0;

	constructor(capacity: number) {
		this.#subjects = new Uint32Array(capacity);
		this.#closedAt = new Uint32Array(capacity);
	}

	get count(): number {
		return this.#count;
	}

	get openCount(): number {
		return this.#openCount;
	}

	has(subject: number): boolean {
		const subjects = this.#subjects;
		for (let i = this.#count - 1; i >= 0; i--) if (subjects[i] === subject) return true;
		return false;
	}

	isOpen(subject: number): boolean {
		const i = this.#find(subject);
		return i >= 0 && this.#closedAt[i] === 0;
	}

	/** All in the table, open and lingering. */
	subjects(): number[] {
		return Array.from(this.#subjects.subarray(0, this.#count));
	}

	/** Adds a subject, or opens a lingering one again. An image with more of them than planned makes the table grow. */
	open(subject: number): void {
		let i = this.#find(subject);
		if (i < 0) {
			if (this.#count === this.#subjects.length) this.#grow();
			i = this.#count++;
			this.#subjects[i] = subject;
		} else if (this.#closedAt[i] === 0) return;
		this.#closedAt[i] = 0;
		this.#openCount++;
	}

	#grow(): void {
		const subjects = new Uint32Array(this.#count + 16);
		const closedAt = new Uint32Array(this.#count + 16);
		subjects.set(this.#subjects);
		closedAt.set(this.#closedAt);
		this.#subjects = subjects;
		this.#closedAt = closedAt;
	}

	/** Leaves an open subject in the table as closed. `newest` 1 up. @returns whether it was open */
	linger(subject: number, newest: number): boolean {
		const i = this.#find(subject);
		if (i < 0 || this.#closedAt[i] !== 0) return false;
		this.#closedAt[i] = newest;
		this.#openCount--;
		return true;
	}

	/** Removes a subject if it is open. @returns whether it was */
	removeOpen(subject: number): boolean {
		const i = this.#find(subject);
		if (i < 0 || this.#closedAt[i] !== 0) return false;
		this.#drop(i);
		return true;
	}

	remove(subject: number): void {
		const i = this.#find(subject);
		if (i >= 0) this.#drop(i);
	}

	#drop(i: number): void {
		if (this.#closedAt[i] === 0) this.#openCount--;
		const last = --this.#count;
		this.#subjects[i] = this.#subjects[last]!;
		this.#closedAt[i] = this.#closedAt[last]!;
	}

	/** The open subject with the smallest number, or 0. */
	oldestOpen(): number {
		let oldest = 0;
		for (let i = 0; i < this.#count; i++) {
			const subject = this.#subjects[i]!;
			if (this.#closedAt[i] === 0 && (oldest === 0 || subject < oldest)) oldest = subject;
		}
		return oldest;
	}

	/** The lingering subject that was closed first, or 0. */
	oldestClosed(): number {
		let found = -1;
		for (let i = 0; i < this.#count; i++) {
			const at = this.#closedAt[i]!;
			if (at !== 0 && (found < 0 || at < this.#closedAt[found]!)) found = i;
		}
		return found < 0 ? 0 : this.#subjects[found]!;
	}

	/** The lingering subject with the largest number, or 0: the ring keeps its records longest anyway. */
	youngestClosed(): number {
		let youngest = 0;
		for (let i = 0; i < this.#count; i++)
			if (this.#closedAt[i] !== 0) youngest = Math.max(youngest, this.#subjects[i]!);
		return youngest;
	}

	/** Forgets closed subjects up to `limit`. */
	dropClosed(limit: number): void {
		for (let i = this.#count - 1; i >= 0; i--)
			if (this.#closedAt[i] !== 0 && this.#subjects[i]! <= limit) this.remove(this.#subjects[i]!);
	}

	/** When it was closed (newest subject number then), 0 for an open or unknown one. */
	closedAt(subject: number): number {
		const i = this.#find(subject);
		return i < 0 ? 0 : this.#closedAt[i]!;
	}

	clear(): void {
		this.#count = 0;
		this.#openCount = 0;
	}

	/** Writes the entries and their CRC, seeded with the block's sequence, at `at`. */
	encode(target: Uint8Array, at: number, sequence: number): void {
		for (let i = 0; i < this.#count; i++) {
			putWord(target, at + 8 * i, this.#subjects[i]!);
			putWord(target, at + 8 * i + 4, this.#closedAt[i]!);
		}
		const end = at + 8 * this.#count;
		putWord(target, end, crc32(target, at, end, sequence));
	}

	/**
	 * Takes over `count` entries at `at`; one wrong bit is put right in `bytes`.
	 * @returns false, and an empty table, when they are damaged
	 */
	decode(bytes: Uint8Array, at: number, count: number, sequence: number): boolean {
		this.clear();
		if (count === 0) return true;
		const end = at + 8 * count;
		const difference = crc32(bytes, at, end, sequence) ^ word(bytes, end);
		if (difference !== 0) {
			const bit = wrongBit(difference, 64 * count);
			if (bit < 0) return false;
			this.repaired++;
			if (bit < 64 * count) bytes[at + (bit >> 3)]! ^= 1 << (bit & 7);
		}
		for (let i = 0; i < count; i++) {
			const subject = word(bytes, at + 8 * i);
			const closedAt = word(bytes, at + 8 * i + 4);
			this.open(subject);
			if (closedAt !== 0) this.linger(subject, closedAt);
		}
		return true;
	}

	#find(subject: number): number {
		for (let i = 0; i < this.#count; i++) if (this.#subjects[i] === subject) return i;
		return -1;
	}
}
