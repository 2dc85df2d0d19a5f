import type { Scheduler } from "./device";
import { EventHeap, type TimedEvent } from "./event-heap";

export interface SchedulerOptions {
	/**
	 * real: virtual time is never ahead of wall time × speed ·
	 * fast: jumps to the next event at once, except while outside sockets are busy
	 */
	readonly pace: "real" | "fast";
	/** Virtual seconds per second, for the real pace. Default 1. */
	readonly speed?: number;
	/** How long the outside must have been quiet before the fast pace jumps again, wall ms. Default 12. */
	readonly graceMs?: number;
	/** Unix ms at virtual time 0. Default 2026-01-05 00:00:00 UTC, so that runs repeat. */
	readonly wallStartMs?: number;
}

/** Polls of the event loop that a busy period lasts at least, whatever the wall clock says. */
const gracePolls = 4;
/** In the real pace: a bench that fell further behind (a suspended process) does not race to catch up. */
const lagLimitUs = 2_000_000;

/** Virtual time of a bench, and the loop that runs it. */
export class BenchScheduler implements Scheduler {
	readonly #pace: "real" | "fast";
	readonly #speed: number;
	readonly #graceMs: number;
	readonly #wallStartMs: number;
	readonly #events = new EventHeap();
	#order = 0;
	#nowUs = 0;
	#limitUs = Infinity;
	#running = false;
	readonly #holds = new Set<Promise<void>>();
	/** What went wrong in holds: thrown by the loop. */
	readonly #failures: unknown[] = [];
	/** Virtual time `#anchorUs` was at wall time `#anchorMs`: from there it flows. */
	#anchorUs = 0;
	#anchorMs = 0;
	#busyUntilMs = -Infinity;
	#pollsLeft = 0;
	/** Ends the loop's sleep; defined while it sleeps. */
	#wake: (() => void) | undefined;

	constructor(options: SchedulerOptions) {
		this.#pace = options.pace;
		this.#speed = options.pace === "real" ? (options.speed ?? 1) : 1;
		this.#graceMs = options.graceMs ?? 12;
		this.#wallStartMs = options.wallStartMs ?? Date.UTC(2026, 0, 5);
	}

	nowUs(): number {
		this.#catchUp();
		return this.#nowUs;
	}

	wallMs(): number {
		return this.#wallStartMs + Math.floor(this.nowUs() / 1000);
	}

	after(delayUs: number, action: () => void): () => void {
		this.#catchUp();
		const event: TimedEvent = {
			atUs: this.#nowUs + Math.max(0, delayUs),
			order: this.#order++,
			action,
		};
		this.#events.push(event);
		this.#wake?.();
		return () => {
			event.action = undefined;
		};
	}

	busy(): void {
		const wallMs = performance.now();
		if (this.#pace === "fast" && !this.#flows(wallMs)) this.#anchor();
		this.#busyUntilMs = wallMs + this.#graceMs;
		this.#pollsLeft = gracePolls;
		this.#wake?.();
	}

	/** Keeps virtual time where it is (but for `runTo`) until `work` is over: an engine turn. */
	hold(work: Promise<void>): void {
		const hold = work
			.catch((error: unknown) => void this.#failures.push(error))
			.finally(() => this.#holds.delete(hold));
		this.#holds.add(hold);
	}

	/**
	 * Runs what is due until then and moves time there, at once. For whoever holds time.
	 * @param goOn asked after each event; when false, time stays where it is
	 */
	runTo(untilUs: number, goOn: () => boolean): void {
		for (let next = this.#events.first; next !== undefined; next = this.#events.first) {
			if (next.atUs > untilUs) break;
			this.#fire();
			if (!goOn()) return;
		}
		this.#nowUs = Math.max(this.#nowUs, untilUs);
	}

	/**
	 * Runs the bench until `done()` says so (asked before each step) or virtual time reaches `limitUs`.
	 * @returns whether `done()` was the reason
	 * @throws what events or holds throw: a bug of the bench
	 */
	async run(done: () => boolean, limitUs = Infinity): Promise<boolean> {
		if (this.#running) throw new Error("scheduler: already running");
		this.#running = true;
		this.#limitUs = limitUs;
		this.#anchor();
		try {
			return await this.#loop(done);
		} finally {
			this.#running = false;
			this.#limitUs = Infinity;
		}
	}

	async #loop(done: () => boolean): Promise<boolean> {
		let polledMs = performance.now();
		for (;;) {
			for (const hold of this.#holds) await hold;
			if (this.#failures.length > 0) throw this.#failures.shift();
			if (done()) return true;
			const nextUs = this.#nextUs();
			if (nextUs === Infinity || nextUs > this.#allowedUs()) {
				await this.#sleep(nextUs);
				continue;
			}
			// Sockets get their turn before time jumps, and every now and then anyway.
			const jumps = nextUs - this.#nowUs >= 1000;
			if (jumps || performance.now() - polledMs > 2) {
				await new Promise((resolve) => setImmediate(resolve));
				polledMs = performance.now();
				if (nextUs > this.#allowedUs() || nextUs !== this.#nextUs()) continue;
			}
			if ((this.#events.first?.atUs ?? Infinity) <= this.#limitUs) this.#fire();
			else {
				this.#nowUs = Math.max(this.#nowUs, this.#limitUs);
				return false;
			}
		}
	}

	#nextUs(): number {
		return Math.min(this.#events.first?.atUs ?? Infinity, this.#limitUs);
	}

	#fire(): void {
		const event = this.#events.pop()!;
		this.#nowUs = Math.max(this.#nowUs, event.atUs);
		const action = event.action!;
		event.action = undefined;
		action();
	}

	#anchor(): void {
		this.#anchorUs = this.#nowUs;
		this.#anchorMs = performance.now();
	}

	/** Virtual time flows with wall time now. */
	#flows(wallMs: number): boolean {
		return this.#pace === "real" || wallMs < this.#busyUntilMs || this.#pollsLeft > 0;
	}

	/** How far virtual time may go now. */
	#allowedUs(): number {
		const wallMs = performance.now();
		if (!this.#flows(wallMs)) return Infinity;
		const allowedUs = this.#flowUs(wallMs);
		const lagUs = allowedUs - this.#nowUs;
		if (lagUs > lagLimitUs * this.#speed && this.#nextUs() > this.#nowUs) {
			this.#anchor();
			return this.#nowUs;
		}
		return allowedUs;
	}

	#flowUs(wallMs: number): number {
		return this.#anchorUs + (wallMs - this.#anchorMs) * 1000 * this.#speed;
	}

	/** While the loop sleeps time flows on: whoever asks then gets the present. */
	#catchUp(): void {
		if (this.#wake === undefined) return;
		const presentUs = Math.min(this.#flowUs(performance.now()), this.#nextUs());
		this.#nowUs = Math.max(this.#nowUs, presentUs);
	}

	/** Waits for wall time, for something outside or for a new event, whichever is first. */
	async #sleep(nextUs: number): Promise<void> {
		const startMs = performance.now();
		if (!this.#flows(startMs)) this.#anchor();
		const mostMs = this.#pace === "real" || nextUs === Infinity ? 50 : 2;
		const waitMs = Math.min(mostMs, (nextUs - this.#flowUs(startMs)) / 1000 / this.#speed);
		this.#pollsLeft = Math.max(0, this.#pollsLeft - 1);
		await new Promise<void>((resolve) => {
			const timer = waitMs < 1.5 ? undefined : setTimeout(resolve, waitMs - 1);
			const immediate = waitMs < 1.5 ? setImmediate(resolve) : undefined;
			this.#wake = () => {
				clearTimeout(timer);
				clearImmediate(immediate);
				resolve();
			};
		});
		// Still asleep for this last look: time that flowed meanwhile is taken over.
		this.#catchUp();
		this.#wake = undefined;
	}
}
