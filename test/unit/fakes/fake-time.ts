import type { Clock, TimerId, Timers } from "core/clock";

/** Clock and timers that move only when a test says so. */
export class FakeTime implements Clock, Timers {
	#nowMs = 0;
	#wallOffsetMs: number | undefined;
	#nextId = 1;
	#timers: { readonly id: TimerId; readonly atMs: number; readonly callback: () => void }[] = [];

	ticksMs(): number {
		return this.#nowMs;
	}

	wallMs(): number | undefined {
		return this.#wallOffsetMs === undefined ? undefined : this.#nowMs + this.#wallOffsetMs;
	}

	setWallMs(wallMs: number): void {
		this.#wallOffsetMs = wallMs - this.#nowMs;
	}

	set(callback: () => void, delayMs: number): TimerId {
		const id = this.#nextId++;
		this.#timers.push({ id, atMs: this.#nowMs + delayMs, callback });
		return id;
	}

	clear(id: TimerId): void {
		this.#timers = this.#timers.filter((timer) => timer.id !== id);
	}

	/** Timers that wait. */
	get pending(): number {
		return this.#timers.length;
	}

	/** Moves on by `ms`, firing what falls due, in order. */
	advance(ms: number): void {
		const endMs = this.#nowMs + ms;
		for (;;) {
			const due = this.#timers
				.filter((timer) => timer.atMs <= endMs)
				.sort((a, b) => a.atMs - b.atMs || a.id - b.id)[0];
			if (due === undefined) break;
			this.clear(due.id);
			this.#nowMs = Math.max(this.#nowMs, due.atMs);
			due.callback();
		}
		this.#nowMs = endMs;
	}
}
