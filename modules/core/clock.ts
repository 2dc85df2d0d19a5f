/** Time as the firmware sees it. Decisions never read a clock by themselves: it is handed in (G7). */
export interface Clock {
	/** Milliseconds since boot. Never goes back; `setWallMs` does not move it. */
	ticksMs(): number;
	/** Unix time in milliseconds (UTC), or undefined until somebody has set it in this boot. */
	wallMs(): number | undefined;
	/**
	 * Sets the wall clock. Money is never decided by it alone (G3): a jump changes labels, not fates.
	 * @param wallMs unix milliseconds, 2024-01-01 or later
	 */
	setWallMs(wallMs: number): void;
}

/** Identifies a pending timer; opaque. */
export type TimerId = number;

/** One-shot timers on the terminal's monotonic time. */
export interface Timers {
	/**
	 * Calls `callback` once, never from inside `set`.
	 * @param delayMs 0 to 2^31-1
	 */
	set(callback: () => void, delayMs: number): TimerId;
	/** Forgets the timer; a fired or unknown one is fine. */
	clear(id: TimerId): void;
}
