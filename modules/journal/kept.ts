/**
 * Where the newest record of each kind stands, for subject 0 and the live subjects: what must be carried.
 * Fixed size; when it is full, `overflow` tells that records outside it must be carried as well.
 */
export class KeptTable {
	overflow = false;
	readonly #subjects: Uint32Array;
	readonly #kinds: Uint8Array;
	readonly #idSequences: Uint32Array;
	readonly #idOffsets: Uint16Array;
	/** Sequence of the block in which it stands now. */
	readonly #places: Uint32Array;
	#count = 0;

	constructor(capacity: number) {
		this.#subjects = new Uint32Array(capacity);
		this.#kinds = new Uint8Array(capacity);
		this.#idSequences = new Uint32Array(capacity);
		this.#idOffsets = new Uint16Array(capacity);
		this.#places = new Uint32Array(capacity);
	}

	clear(): void {
		this.#count = 0;
		this.overflow = false;
	}

	/** A record of this identity stands in block `place`; an older one than the known is passed over. */
	note(subject: number, kind: number, idSequence: number, idOffset: number, place: number): void {
		let i = this.#find(subject, kind);
		if (i < 0) {
			if (this.#count === this.#subjects.length) {
				this.overflow = true;
				return;
			}
			i = this.#count++;
			this.#subjects[i] = subject;
			this.#kinds[i] = kind;
		} else if (
			idSequence < this.#idSequences[i]! ||
			(idSequence === this.#idSequences[i]! && idOffset < this.#idOffsets[i]!)
		)
			return;
		this.#idSequences[i] = idSequence;
		this.#idOffsets[i] = idOffset;
		this.#places[i] = place;
	}

	forget(subject: number): void {
		for (let i = this.#count - 1; i >= 0; i--) if (this.#subjects[i] === subject) this.#drop(i);
	}

	/** Whether anything that must be carried may stand in block `place`. */
	holds(place: number): boolean {
		if (this.overflow) return true;
		for (let i = 0; i < this.#count; i++) if (this.#places[i] === place) return true;
		return false;
	}

	/** Whether this very record, in block `place`, is the one to carry. */
	mustCarry(
		subject: number,
		kind: number,
		idSequence: number,
		idOffset: number,
		place: number,
	): boolean {
		const i = this.#find(subject, kind);
		if (i < 0) return this.overflow;
		return (
			this.#places[i] === place &&
			this.#idSequences[i] === idSequence &&
			this.#idOffsets[i] === idOffset
		);
	}

	/** Whether this record is the newest of its kind. */
	isNewest(subject: number, kind: number, idSequence: number, idOffset: number): boolean {
		const i = this.#find(subject, kind);
		return i >= 0 && this.#idSequences[i] === idSequence && this.#idOffsets[i] === idOffset;
	}

	/** Sequences of the blocks in which records of a subject stand. */
	placesOf(subject: number): ReadonlySet<number> {
		const places = new Set<number>();
		for (let i = 0; i < this.#count; i++)
			if (this.#subjects[i] === subject) places.add(this.#places[i]!);
		return places;
	}

	/** Forgets what block `place` should hold. @returns how many entries that were */
	dropPlace(place: number): number {
		let dropped = 0;
		for (let i = this.#count - 1; i >= 0; i--) {
			if (this.#places[i] !== place) continue;
			this.#drop(i);
			dropped++;
		}
		return dropped;
	}

	#drop(index: number): void {
		const last = --this.#count;
		this.#subjects[index] = this.#subjects[last]!;
		this.#kinds[index] = this.#kinds[last]!;
		this.#idSequences[index] = this.#idSequences[last]!;
		this.#idOffsets[index] = this.#idOffsets[last]!;
		this.#places[index] = this.#places[last]!;
	}

	#find(subject: number, kind: number): number {
		const subjects = this.#subjects;
		for (let i = this.#count - 1; i >= 0; i--)
			if (subjects[i] === subject && this.#kinds[i] === kind) return i;
		return -1;
	}
}
