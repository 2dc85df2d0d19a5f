import { isOpen, State } from "transaction/states";

const stanMask = 0xfffff;
const stateShift = 20;

/**
 * Number, STAN and state of the newest transactions, in arrays of fixed size: whatever is asked about one of them, flash
 * is read only for what is shown. Open ones are always in it, then as many of the newest as there is room for.
 * Eight bytes a transaction.
 */
export class TransactionIndex {
	/** Rising, in a circle from `#first`. */
	readonly #numbers: Uint32Array;
	/** STAN in the lowest 20 bits, state above them; 0 while a part is not known. */
	readonly #facts: Uint32Array;
	readonly #capacity: number;
	#first = 0;
	#count = 0;

	/** @param capacity transactions, more than may be open at a time */
	constructor(capacity: number) {
		this.#capacity = capacity;
		this.#numbers = new Uint32Array(capacity);
		this.#facts = new Uint32Array(capacity);
	}

	/** Transactions that it knows. */
	get count(): number {
		return this.#count;
	}

	/** An intent: written now, or read from the journal in any order. It is Opened while no state is known. */
	noteIntent(number: number, stan: number): void {
		const i = this.#place(number);
		if (i < 0) return;
		const state = this.#facts[i]! >>> stateShift || State.Opened;
		this.#facts[i] = stan | (state << stateShift);
	}

	/** A state that is newer than all that were noted of this transaction. */
	noteState(number: number, state: State): void {
		const i = this.#place(number);
		if (i >= 0) this.#facts[i] = (this.#facts[i]! & stanMask) | (state << stateShift);
	}

	/** A state that is older than all that were noted of this transaction. */
	noteOlderState(number: number, state: State): void {
		const i = this.#place(number);
		if (i >= 0 && this.#facts[i]! >>> stateShift === 0) this.#facts[i]! |= state << stateShift;
	}

	/** The state of a transaction, or undefined when it is not known here. */
	stateOf(number: number): State | undefined {
		const i = this.#find(number);
		const state = i < this.#count && this.#numberAt(i) === number ? this.#stateAt(i) : 0;
		return state === 0 ? undefined : (state as State);
	}

	/** Numbers of the transactions with this STAN, newest first: the host may have begun again after a day's end. */
	withStan(stan: number): number[] {
		const facts = this.#facts;
		const found: number[] = [];
		let slot = this.#at(this.#count);
		for (let left = this.#count; left > 0; left--) {
			slot = (slot === 0 ? this.#capacity : slot) - 1;
			if ((facts[slot]! & stanMask) === stan) found.push(this.#numbers[slot]!);
		}
		return found;
	}

	/** Numbers of the transactions in this state, oldest first. */
	inState(state: State): number[] {
		const found: number[] = [];
		for (let i = 0; i < this.#count; i++)
			if (this.#stateAt(i) === state) found.push(this.#numberAt(i));
		return found;
	}

	#at(i: number): number {
		return (this.#first + i) % this.#capacity;
	}

	#numberAt(i: number): number {
		return this.#numbers[this.#at(i)]!;
	}

	#stateAt(i: number): number {
		return this.#facts[this.#at(i)]! >>> stateShift;
	}

	/** How many of the numbers are smaller. */
	#find(number: number): number {
		let low = 0;
		let high = this.#count;
		// Most questions are about the newest.
		if (high > 0 && this.#numberAt(high - 1) < number) return high;
		while (low < high) {
			const middle = (low + high) >> 1;
			if (this.#numberAt(middle) < number) low = middle + 1;
			else high = middle;
		}
		return low;
	}

	/** Where the facts of a transaction stand, made room for if need be; -1 when it is older than all of a full index. */
	#place(number: number): number {
		let i = this.#find(number);
		if (i < this.#count && this.#numberAt(i) === number) return this.#at(i);
		if (this.#count === this.#capacity) {
			const victim = this.#oldestClosed();
			if (victim < 0 || victim >= i) return -1;
			this.#remove(victim);
			i--;
		}
		this.#insert(i, number);
		return this.#at(i);
	}

	#oldestClosed(): number {
		for (let i = 0; i < this.#count; i++) {
			const state = this.#stateAt(i);
			if (state !== 0 && !isOpen(state as State)) return i;
		}
		return -1;
	}

	/** Those before it move up by one: there are few, for only open ones are older than the oldest closed one. */
	#remove(i: number): void {
		for (let j = i; j > 0; j--) this.#copy(j - 1, j);
		this.#first = this.#at(1);
		this.#count--;
	}

	/** New ones come last; what is read back after a boot comes first. */
	#insert(i: number, number: number): void {
		this.#count++;
		if (i < this.#count >> 1) {
			this.#first = this.#at(this.#capacity - 1);
			for (let j = 0; j < i; j++) this.#copy(j + 1, j);
		} else for (let j = this.#count - 1; j > i; j--) this.#copy(j - 1, j);
		this.#numbers[this.#at(i)] = number;
		this.#facts[this.#at(i)] = 0;
	}

	#copy(from: number, to: number): void {
		this.#numbers[this.#at(to)] = this.#numbers[this.#at(from)]!;
		this.#facts[this.#at(to)] = this.#facts[this.#at(from)]!;
	}
}
