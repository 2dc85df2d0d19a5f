import type { Random } from "./random";

/** When the power goes. */
export type PowerCut =
	| { readonly when: "now" }
	/** Inside the next flash program or erase, which is torn. */
	| { readonly when: "in-flash" }
	/**
	 * With the n-th operation from now on, 1 or more: right after it, or inside it if it is one on flash and
	 * `torn` is set. `of` says what counts: flash programs and erases, or writes to serial ports as well.
	 */
	| {
			readonly when: "after";
			readonly operations: number;
			readonly of: "flash" | "all";
			readonly torn: boolean;
	  };

type Planned = Exclude<PowerCut, { when: "now" }>;

/** Waits for the operation at which the power is to go. */
export class PowerCutPlan {
	readonly #random: Random;
	#cut: Planned | undefined;
	#left = 0;

	constructor(random: Random) {
		this.#random = random;
	}

	/** What is planned, with the operations that are left. */
	get pending(): Planned | undefined {
		return this.#cut?.when === "after" ? { ...this.#cut, operations: this.#left } : this.#cut;
	}

	set(cut: Planned): void {
		this.#cut = cut;
		this.#left = cut.when === "after" ? cut.operations : 1;
	}

	clear(): void {
		this.#cut = undefined;
	}

	/** An operation begins. */
	count(kind: "flash" | "uart"): "go-on" | "cut-inside" | "cut-after" {
		const cut = this.#cut;
		if (cut === undefined) return "go-on";
		if (kind === "uart" && (cut.when === "in-flash" || cut.of === "flash")) return "go-on";
		if (--this.#left > 0) return "go-on";
		this.#cut = undefined;
		return cut.when === "in-flash" || cut.torn ? "cut-inside" : "cut-after";
	}

	/** How far into the operation, in [0, 1). */
	fraction(): number {
		return this.#random.fraction();
	}
}
