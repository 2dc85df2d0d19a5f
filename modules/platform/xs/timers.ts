import type { TimerId, Timers } from "core/clock";

interface Timer {
	readonly id: TimerId;
	readonly dueUs: number;
	/** undefined once fired or cleared. */
	callback: (() => void) | undefined;
}

/** The board's clock and ours differ by the last bits of a double. */
const roundingUs = 0.01;

/** One-shot timers over a clock; the owner calls `run` when the next one is due. */
export class TimerHeap implements Timers {
	readonly #nowUs: () => number;
	/** A binary heap: a timer is never before its parent. */
	readonly #heap: Timer[] = [];
	readonly #pending = new Map<TimerId, Timer>();
	#lastId = 0;

	constructor(nowUs: () => number) {
		this.#nowUs = nowUs;
	}

	set(callback: () => void, delayMs: number): TimerId {
		const id = ++this.#lastId;
		const timer: Timer = { id, dueUs: this.#nowUs() + Math.max(0, delayMs) * 1000, callback };
		this.#pending.set(id, timer);
		this.#push(timer);
		return id;
	}

	clear(id: TimerId): void {
		const timer = this.#pending.get(id);
		if (timer === undefined) return;
		timer.callback = undefined;
		this.#pending.delete(id);
	}

	/** When the next timer is due, microseconds; Infinity when there is none. */
	get nextUs(): number {
		this.#dropCleared();
		return this.#heap[0]?.dueUs ?? Infinity;
	}

	/** Calls what was due at `untilUs`, in order; what it sets is for a later run. */
	run(untilUs: number): void {
		const lastId = this.#lastId;
		for (;;) {
			this.#dropCleared();
			const timer = this.#heap[0];
			if (timer === undefined || timer.dueUs > untilUs + roundingUs || timer.id > lastId) return;
			this.#removeFirst();
			this.#pending.delete(timer.id);
			const callback = timer.callback!;
			timer.callback = undefined;
			callback();
		}
	}

	#dropCleared(): void {
		while (this.#heap.length > 0 && this.#heap[0]!.callback === undefined) this.#removeFirst();
	}

	#push(timer: Timer): void {
		const heap = this.#heap;
		let at = heap.push(timer) - 1;
		while (at > 0) {
			const parent = (at - 1) >> 1;
			if (!isBefore(timer, heap[parent]!)) break;
			heap[at] = heap[parent]!;
			at = parent;
		}
		heap[at] = timer;
	}

	#removeFirst(): void {
		const heap = this.#heap;
		const last = heap.pop()!;
		if (heap.length === 0) return;
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
	}
}

/** Earlier, or set first. */
function isBefore(a: Timer, b: Timer): boolean {
	return a.dueUs < b.dueUs || (a.dueUs === b.dueUs && a.id < b.id);
}
