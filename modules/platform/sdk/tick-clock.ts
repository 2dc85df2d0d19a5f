import type { Clock } from "core/clock";

/** 2024-01-01: an earlier clock was never set. */
const wallMsMin = 1_704_067_200_000;

/** Time since boot from a source of milliseconds; the wall clock is unknown until somebody has set it. */
export class TickClock implements Clock {
	readonly #sinceBootMs: () => number;
	/** Wall time at tick 0, once it is known. */
	#wallAtBootMs: number | undefined;

	/** @param sinceBootMs never goes back */
	constructor(sinceBootMs: () => number) {
		this.#sinceBootMs = sinceBootMs;
	}

	ticksMs(): number {
		return Math.floor(this.#sinceBootMs());
	}

	wallMs(): number | undefined {
		return this.#wallAtBootMs === undefined ? undefined : this.#wallAtBootMs + this.ticksMs();
	}

	/** A time before 2024 is not taken: it comes from a network that does not know it. */
	setWallMs(wallMs: number): void {
		if (wallMs >= wallMsMin) this.#wallAtBootMs = Math.floor(wallMs) - this.ticksMs();
	}
}
