import type { TimerId, Timers } from "core/clock";

/**
 * Watches that the connection lives (section 3.1.2.10). When half the keep-alive time passed without traffic one way
 * or the other, a ping is due: what is sent keeps the broker content, what is received proves that it is there.
 */
export class KeepAlive {
	readonly #timers: Timers;
	readonly #keepAliveMs: number;
	readonly #pingTimeoutMs: number;
	readonly #onPing: () => void;
	readonly #onDead: () => void;
	#timer: TimerId = 0;
	#deadline: TimerId = 0;
	#sent = false;
	#received = false;
	#waits = false;

	/**
	 * @param keepAliveMs 0 for no watch
	 * @param onPing send a PINGREQ
	 * @param onDead no answer within `pingTimeoutMs`
	 */
	constructor(
		timers: Timers,
		keepAliveMs: number,
		pingTimeoutMs: number,
		onPing: () => void,
		onDead: () => void,
	) {
		this.#timers = timers;
		this.#keepAliveMs = keepAliveMs;
		this.#pingTimeoutMs = pingTimeoutMs;
		this.#onPing = onPing;
		this.#onDead = onDead;
	}

	start(): void {
		if (this.#keepAliveMs > 0)
			this.#timer = this.#timers.set(() => this.#look(), Math.floor(this.#keepAliveMs / 2));
	}

	stop(): void {
		this.#timers.clear(this.#timer);
		this.#timers.clear(this.#deadline);
	}

	sent(): void {
		this.#sent = true;
	}

	received(): void {
		this.#received = true;
	}

	/** The PINGRESP is there. */
	answered(): void {
		this.#waits = false;
		this.#timers.clear(this.#deadline);
	}

	#look(): void {
		const lively = this.#sent && this.#received;
		this.#sent = this.#received = false;
		this.start();
		if (lively || this.#waits) return;
		this.#waits = true;
		this.#deadline = this.#timers.set(this.#onDead, this.#pingTimeoutMs);
		this.#onPing();
	}
}
