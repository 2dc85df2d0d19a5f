/** Where the entries of the vault stand: subject, block, offset. Fixed size. */
export class Slots {
	readonly #subjects: Uint32Array;
	readonly #blocks: Uint16Array;
	readonly #offsets: Uint16Array;
	#count = 0;

	constructor(capacity: number) {
		this.#subjects = new Uint32Array(capacity);
		this.#blocks = new Uint16Array(capacity);
		this.#offsets = new Uint16Array(capacity);
	}

	get count(): number {
		return this.#count;
	}

	clear(): void {
		this.#count = 0;
	}

	/** @returns the slot of a subject, or -1 */
	find(subject: number): number {
		for (let i = 0; i < this.#count; i++) if (this.#subjects[i] === subject) return i;
		return -1;
	}

	has(subject: number): boolean {
		return this.find(subject) >= 0;
	}

	block(slot: number): number {
		return this.#blocks[slot]!;
	}

	offset(slot: number): number {
		return this.#offsets[slot]!;
	}

	/** The caller sees to it that there is room. */
	add(subject: number, block: number, offset: number): void {
		const i = this.#count++;
		this.#subjects[i] = subject;
		this.#blocks[i] = block;
		this.#offsets[i] = offset;
	}

	remove(slot: number): void {
		const last = --this.#count;
		this.#subjects[slot] = this.#subjects[last]!;
		this.#blocks[slot] = this.#blocks[last]!;
		this.#offsets[slot] = this.#offsets[last]!;
	}

	/** Whether any entry stands in this block. */
	holds(block: number): boolean {
		for (let i = 0; i < this.#count; i++) if (this.#blocks[i] === block) return true;
		return false;
	}
}
