import type { TimerId, Timers } from "core/clock";
import Timer from "timer";

/** The SDK's timers by number. An exception of a callback stops the engine: nothing is swallowed. */
export class NativeTimers implements Timers {
	readonly #pending = new Map<TimerId, Timer>();
	#lastId = 0;

	set(callback: () => void, delayMs: number): TimerId {
		const id = ++this.#lastId;
		const timer = Timer.set(
			() => {
				this.#pending.delete(id);
				callback();
			},
			Math.max(0, Math.floor(delayMs)),
		);
		this.#pending.set(id, timer);
		return id;
	}

	clear(id: TimerId): void {
		const timer = this.#pending.get(id);
		if (timer === undefined) return;
		this.#pending.delete(id);
		Timer.clear(timer);
	}
}
