/** What a block of the partition is used for. */
export const BlockState = Object.freeze({
	/** Superseded or never used: to be erased before use. */
	Free: 0,
	/** Erased completely in this boot. */
	Erased: 1,
	/** Part of the log. */
	Kept: 2,
	/** Retired, but the floor that says so is not yet durable. */
	Pending: 3,
	/** The flash would not erase it in this boot. */
	Dead: 4,
	/** Unreadable while blocks of the log are missing: it may be one of them. */
	Quarantined: 5,
} as const);
export type BlockState = (typeof BlockState)[keyof typeof BlockState];

/** The blocks of the partition, by their index, and the order in which the kept ones follow each other. */
export class Ring {
	readonly length: number;
	readonly sequences: Uint32Array;
	readonly bases: Uint32Array;
	/** End of the records of a kept block, bytes. */
	readonly ends: Uint16Array;
	readonly eraseCounts: Uint32Array;
	readonly #states: Uint8Array;
	readonly #order: Uint16Array;
	#first = 0;
	#count = 0;
	#free = 0;
	#pending = 0;

	constructor(length: number) {
		this.length = length;
		this.sequences = new Uint32Array(length);
		this.bases = new Uint32Array(length);
		this.ends = new Uint16Array(length);
		this.eraseCounts = new Uint32Array(length);
		this.#states = new Uint8Array(length);
		this.#order = new Uint16Array(length);
		this.reset();
	}

	/** All free, nothing kept. */
	reset(): void {
		this.#states.fill(BlockState.Free);
		this.#first = this.#count = this.#pending = 0;
		this.#free = this.length;
	}

	/** Kept blocks. */
	get count(): number {
		return this.#count;
	}

	/** Blocks that can be opened, erased or not. */
	get free(): number {
		return this.#free;
	}

	/** Blocks that will be free once the floor is durable. */
	get pending(): number {
		return this.#pending;
	}

	state(block: number): number {
		return this.#states[block]!;
	}

	setState(block: number, state: BlockState): void {
		this.#free -= isFree(this.#states[block]!) ? 1 : 0;
		this.#pending -= this.#states[block] === BlockState.Pending ? 1 : 0;
		this.#states[block] = state;
		this.#free += isFree(state) ? 1 : 0;
		this.#pending += state === BlockState.Pending ? 1 : 0;
	}

	countOf(state: BlockState): number {
		let count = 0;
		for (const each of this.#states) if (each === state) count++;
		return count;
	}

	/** Index of the n-th kept block, 0 the oldest. */
	kept(n: number): number {
		return this.#order[(this.#first + n) % this.length]!;
	}

	/** Largest subject that was opened before the oldest kept block. */
	get oldestBase(): number {
		return this.#count === 0 ? 0 : this.bases[this.#order[this.#first]!]!;
	}

	/** Which of the kept blocks a subject was opened in, 0 the oldest; 0 also for one that was opened before. */
	openedIn(subject: number): number {
		let n = Math.max(0, this.#count - 1);
		while (n > 0 && this.bases[this.kept(n)]! >= subject) n--;
		return n;
	}

	/** Index of the newest kept block, or -1. */
	get tail(): number {
		return this.#count === 0 ? -1 : this.kept(this.#count - 1);
	}

	push(block: number): void {
		this.setState(block, BlockState.Kept);
		this.#order[(this.#first + this.#count++) % this.length] = block;
	}

	/** Takes the oldest kept block out of the log. */
	shift(state: BlockState): void {
		this.setState(this.kept(0), state);
		this.#first = (this.#first + 1) % this.length;
		this.#count--;
	}

	/** Takes the newest kept block out of the log. @returns its index */
	pop(state: BlockState): number {
		const block = this.tail;
		this.setState(block, state);
		this.#count--;
		return block;
	}

	/** Pending blocks older than `floor` are free from now on. */
	release(floor: number): void {
		if (this.#pending === 0) return;
		for (let block = 0; block < this.length; block++)
			if (this.#states[block] === BlockState.Pending && this.sequences[block]! < floor)
				this.setState(block, BlockState.Free);
	}

	/** The next block to open after `block`, round the partition so that all wear alike; -1 when none is free. */
	nextFree(block: number): number {
		for (let i = 1; i <= this.length; i++) {
			const index = (block + i + this.length) % this.length;
			if (isFree(this.#states[index]!)) return index;
		}
		return -1;
	}
}

function isFree(state: number): boolean {
	return state === BlockState.Free || state === BlockState.Erased;
}
