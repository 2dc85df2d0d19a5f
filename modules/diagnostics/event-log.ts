import type { Clock } from "core/clock";
import { limits } from "core/limits";
import type { Log, LogCode } from "core/log";

/** One event as it is shown. */
export interface LoggedEvent {
	readonly atMs: number;
	readonly code: number;
	readonly a: number;
	readonly b: number;
}

/** A ring of the newest events in fixed-size arrays: numbers only, so nothing secret can get in. */
export class EventLog implements Log {
	readonly #clock: Clock;
	readonly #atMs = new Float64Array(limits.logEventsMax);
	readonly #code = new Uint8Array(limits.logEventsMax);
	readonly #a = new Float64Array(limits.logEventsMax);
	readonly #b = new Float64Array(limits.logEventsMax);
	readonly #counts = new Uint32Array(256);
	#total = 0;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** Events since boot, also those that the ring no longer holds. */
	get total(): number {
		return this.#total;
	}

	/** Events of this code since boot. */
	count(code: LogCode): number {
		return this.#counts[code]!;
	}

	event(code: LogCode, a = 0, b = 0): void {
		const at = this.#total % limits.logEventsMax;
		this.#atMs[at] = this.#clock.ticksMs();
		this.#code[at] = code;
		this.#a[at] = a;
		this.#b[at] = b;
		this.#counts[code]!++;
		this.#total++;
	}

	/** The newest `count` events, oldest of them first. */
	newest(count: number): LoggedEvent[] {
		const size = Math.min(count, this.#total, limits.logEventsMax);
		const events: LoggedEvent[] = [];
		for (let i = this.#total - size; i < this.#total; i++) {
			const at = i % limits.logEventsMax;
			events.push({
				atMs: this.#atMs[at]!,
				code: this.#code[at]!,
				a: this.#a[at]!,
				b: this.#b[at]!,
			});
		}
		return events;
	}
}
