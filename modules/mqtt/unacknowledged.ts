import type { TimerId, Timers } from "core/clock";

/** A publish with QoS 1 whose PUBACK never came. */
export interface Redelivery {
	readonly id: number;
	readonly topic: string;
	readonly payload: Uint8Array;
}

interface Waiting {
	readonly id: number;
	readonly done: ((code: number) => void) | undefined;
	/** undefined for a subscription. */
	readonly publish: { readonly topic: string; readonly payload: Uint8Array } | undefined;
	readonly timer: TimerId;
}

/** Packets that wait for the broker's acknowledgement, and the numbers that they go by (section 2.3.1). */
export class Unacknowledged {
	readonly #timers: Timers;
	readonly #limit: number;
	readonly #timeoutMs: number;
	readonly #onTimeout: () => void;
	#waiting: Waiting[] = [];
	#lastId = 0;

	constructor(timers: Timers, limit: number, timeoutMs: number, onTimeout: () => void) {
		this.#timers = timers;
		this.#limit = limit;
		this.#timeoutMs = timeoutMs;
		this.#onTimeout = onTimeout;
	}

	/** @returns an identifier that is not in use, 1 to 65535, or -1 when the limit is reached */
	freeId(): number {
		if (this.#waiting.length >= this.#limit) return -1;
		let id = this.#lastId;
		do id = id === 0xffff ? 1 : id + 1;
		while (this.#waiting.some((waiting) => waiting.id === id));
		return id;
	}

	/** Starts to wait for the acknowledgement of `id`. */
	add(id: number, done?: (code: number) => void, publish?: Waiting["publish"]): void {
		this.#lastId = id;
		const timer = this.#timers.set(this.#onTimeout, this.#timeoutMs);
		this.#waiting.push({ id, done, publish, timer });
	}

	/** Takes an acknowledgement; one of an unknown identifier or of the wrong kind is ignored. */
	acknowledge(id: number, kind: "publish" | "subscribe", code: number): void {
		const index = this.#waiting.findIndex((waiting) => waiting.id === id);
		const found = this.#waiting[index];
		if (found === undefined || (found.publish !== undefined) !== (kind === "publish")) return;
		this.#waiting.splice(index, 1);
		this.#timers.clear(found.timer);
		found.done?.(code);
	}

	/** Publishes that still wait, oldest first. */
	publishes(): readonly Redelivery[] {
		const list: Redelivery[] = [];
		for (const { id, publish } of this.#waiting) {
			if (publish === undefined) continue;
			list.push({ id, topic: publish.topic, payload: publish.payload });
		}
		return list;
	}

	/** Ends all waiting without a call; what waited stays listed. */
	stop(): void {
		for (const { timer } of this.#waiting) this.#timers.clear(timer);
	}
}
