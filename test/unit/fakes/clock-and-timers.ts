import type { Clock, TimerId, Timers } from "core/clock";

interface Pending {
	readonly id: TimerId;
	readonly atMs: number;
	readonly callback: () => void;
}

/** Time that stands still until a test moves it: clock and timers in one. */
export class FakeTime implements Clock, Timers {
	#nowMs = 1000;
	#wallOffsetMs: number | undefined;
	#pending: Pending[] = [];
	#lastId = 0;

	/** @param wallMs unix ms at the start; undefined while nobody has set the clock */
	constructor(wallMs?: number) {
		if (wallMs !== undefined) this.setWallMs(wallMs);
	}

	ticksMs(): number {
		return this.#nowMs;
	}

	wallMs(): number | undefined {
		return this.#wallOffsetMs === undefined ? undefined : this.#wallOffsetMs + this.#nowMs;
	}

	setWallMs(wallMs: number): void {
		this.#wallOffsetMs = wallMs - this.#nowMs;
	}

	set(callback: () => void, delayMs: number): TimerId {
		if (!(delayMs >= 0 && delayMs < 2 ** 31)) throw new Error(`timer delay ${delayMs}`);
		const id = ++this.#lastId;
		this.#pending.push({ id, atMs: this.#nowMs + delayMs, callback });
		return id;
	}

	clear(id: TimerId): void {
		this.#pending = this.#pending.filter((pending) => pending.id !== id);
	}

	/** Timers that wait. */
	get count(): number {
		return this.#pending.length;
	}

	/** Moves time on and fires what is due, in order of time and then of `set`. */
	advance(byMs: number): void {
		const endMs = this.#nowMs + byMs;
		for (let turns = 0; ; turns++) {
			if (turns > 10_000) throw new Error("timers without end");
			const next = this.#earliest();
			if (next === undefined || next.atMs > endMs) break;
			this.#nowMs = Math.max(this.#nowMs, next.atMs);
			this.clear(next.id);
			next.callback();
		}
		this.#nowMs = endMs;
	}

	/** Fires what is due now. */
	settle(): void {
		this.advance(0);
	}

	#earliest(): Pending | undefined {
		let first = this.#pending[0];
		for (const pending of this.#pending) {
			if (first !== undefined && pending.atMs < first.atMs) first = pending;
		}
		return first;
	}
}
