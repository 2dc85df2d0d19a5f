import type { Scheduler } from "../board/device";

/** What happens to bytes between modem and host. */
export type AirCondition =
	/** They get through. */
	| "clear"
	/** They vanish in both directions. */
	| "lost"
	/** They wait, as under TCP's repetition, and get through later. */
	| "held";

interface Crossing {
	readonly arrive: () => void;
	readonly lose: () => void;
}

/** The way from the modem to the network: delay and interference, the same for all sockets. */
export class Air {
	readonly #scheduler: Scheduler;
	#condition: AirCondition = "clear";
	#latencyUs = 0;
	#held: Crossing[] = [];
	#onClear = new Set<() => void>();

	constructor(scheduler: Scheduler) {
		this.#scheduler = scheduler;
	}

	get condition(): AirCondition {
		return this.#condition;
	}

	/** One way, in virtual time. */
	get latencyUs(): number {
		return this.#latencyUs;
	}

	set latencyUs(value: number) {
		this.#latencyUs = Math.max(0, value);
	}

	get scheduler(): Scheduler {
		return this.#scheduler;
	}

	/** Clearing lets what was held through first, in order, and then tells those who asked. */
	set(condition: AirCondition): void {
		this.#condition = condition;
		if (condition === "held") return;
		const held = this.#held;
		this.#held = [];
		for (const one of held) {
			if (condition === "clear") one.arrive();
			else one.lose();
		}
		if (condition === "clear") for (const listener of [...this.#onClear]) listener();
	}

	/** Decides the fate of something that is in the air now: one of the two is called, at once or later. */
	cross(arrive: () => void, lose: () => void): void {
		if (this.#condition === "lost") lose();
		else if (this.#condition === "held") this.#held.push({ arrive, lose });
		else arrive();
	}

	/** Calls `listener` whenever the air is clear again. @returns a function that ends it */
	onClear(listener: () => void): () => void {
		this.#onClear.add(listener);
		return () => this.#onClear.delete(listener);
	}
}
