/** Something that will happen. `run` is dropped when it is cancelled. */
export interface Due {
	readonly atMs: number;
	readonly order: number;
	run: (() => void) | undefined;
}

/** Simulated time: what is due happens in order of time, then of its asking. Nothing here is real. */
export class Scheduler {
	nowMs = 0;
	events = 0;
	/** A binary heap: nothing is before its parent. */
	readonly #heap: Due[] = [];
	#order = 0;

	/** @param delayMs 0 up; never from inside this call */
	after(delayMs: number, run: () => void): Due {
		const due: Due = { atMs: this.nowMs + Math.max(0, delayMs), order: ++this.#order, run };
		const heap = this.#heap;
		let at = heap.push(due) - 1;
		while (at > 0) {
			const parent = (at - 1) >> 1;
			if (!isBefore(due, heap[parent]!)) break;
			heap[at] = heap[parent]!;
			at = parent;
		}
		heap[at] = due;
		return due;
	}

	/** Moves on to the next thing that is due. @returns it, or undefined when there is none */
	next(): (() => void) | undefined {
		for (let due = this.#take(); due !== undefined; due = this.#take()) {
			const { run } = due;
			if (run === undefined) continue;
			due.run = undefined;
			this.nowMs = due.atMs;
			this.events++;
			return run;
		}
		return undefined;
	}

	#take(): Due | undefined {
		const heap = this.#heap;
		const first = heap[0];
		const last = heap.pop();
		if (first === undefined || last === undefined || heap.length === 0) return first;
		let at = 0;
		for (;;) {
			let child = 2 * at + 1;
			if (child >= heap.length) break;
			if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
			if (!isBefore(heap[child]!, last)) break;
			heap[at] = heap[child]!;
			at = child;
		}
		heap[at] = last;
		return first;
	}
}

function isBefore(a: Due, b: Due): boolean {
	return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
