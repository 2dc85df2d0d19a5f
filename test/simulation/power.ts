import type { Flash } from "core/flash";
import { powerCut, type FakeFlash } from "test/simulation/fakes/flash";
import type { Random } from "test/simulation/fakes/random";

/** What leaves a trace outside of the terminal's memory. */
export type EffectKind = "program" | "erase" | "packet" | "other";

/** A cut that was chosen in advance: the power goes with one effect, counted over all boots from 1. */
export interface PlannedCut {
	readonly effect: number;
	/** before: it leaves nothing · after: it is whole · torn: flash alone, in one way · part: the first bytes of a packet */
	readonly how: "before" | "after" | { readonly torn: number } | { readonly part: number };
}

/**
 * The supply of the terminal. Everything that leaves a trace outside of its memory (a flash operation, bytes
 * to the network, a slip, the display) is an effect, and the power can go at any of them.
 */
export class Power {
	on = false;
	/** Boots so far; what belongs to an earlier one is dead. */
	boot = 0;
	effects = 0;
	/** The power went in the middle of a flash operation. */
	cutInFlash = false;
	/** The power goes when the next message about money is handed to the network. */
	cutAtSend = false;
	/** The power goes at the next effect after an erase. */
	cutAfterErase = false;
	/** Cuts that were chosen in advance. */
	planned: readonly PlannedCut[] = [];
	/** Told of each effect before it happens. @param byteLength of a packet */
	onEffect: ((kind: EffectKind, byteLength: number) => void) | undefined;
	/** How the cut that is about to happen goes; undefined: by dice. */
	#how: PlannedCut["how"] | undefined;
	#left = 0;
	readonly #dice: Random;

	constructor(dice: Random) {
		this.#dice = dice;
	}

	/** The power goes at the n-th effect from now on; 0: not. */
	cutAt(effects: number): void {
		this.#left = effects;
	}

	up(): void {
		this.on = true;
		this.boot++;
		this.#left = 0;
		this.cutInFlash = this.cutAtSend = this.cutAfterErase = false;
	}

	down(): void {
		this.on = false;
	}

	/** A dead processor does nothing. */
	check(): void {
		if (!this.on) throw powerCut;
	}

	/** Counts an effect. @returns whether it is the one during which the power goes */
	isCut(kind: EffectKind, byteLength = 0): boolean {
		this.check();
		this.effects++;
		this.onEffect?.(kind, byteLength);
		const plan = this.planned.find(({ effect }) => effect === this.effects);
		this.#how = plan?.how;
		if (plan !== undefined) return true;
		return this.#left > 0 && --this.#left === 0;
	}

	/** A packet to the network. @param act hands on the first so many bytes @param money it is about a sale */
	send(act: (byteLength: number) => void, byteLength: number, money: boolean): void {
		if (this.cutAtSend && money) this.cutAt(1);
		if (!this.isCut("packet", byteLength)) return act(byteLength);
		const how = this.#how;
		const count =
			how === undefined
				? this.#dice.oneIn(2)
					? byteLength
					: 0
				: typeof how === "object" && "part" in how
					? how.part
					: how === "after"
						? byteLength
						: 0;
		if (count > 0) act(count);
		this.#fall();
	}

	/** An effect that happens or not when the power goes in it. */
	output(act: () => void): void {
		if (!this.isCut("other")) return act();
		if (this.#how === undefined ? this.#dice.oneIn(2) : this.#how === "after") act();
		this.#fall();
	}

	/** How the flash operation ends in which the power goes. */
	howInFlash(): { readonly whole: "no" | "before" | "after"; readonly tear: number } {
		const how = this.#how;
		if (how === undefined)
			return { whole: (["no", "no", "before", "after"] as const)[this.#dice.below(4)]!, tear: -1 };
		if (how === "before" || how === "after") return { whole: how, tear: -1 };
		return { whole: "no", tear: "torn" in how ? how.torn : -1 };
	}

	#fall(): never {
		this.on = false;
		throw powerCut;
	}
}

/** A flash partition that loses its power with the terminal, and that watches what is written. */
export class SuppliedFlash implements Flash {
	readonly byteLength: number;
	readonly blockLength: number;
	readonly writeAlignment: number;
	readonly #flash: FakeFlash;
	readonly #power: Power;
	readonly #onWrite: (bytes: Uint8Array) => void;

	constructor(flash: FakeFlash, power: Power, onWrite: (bytes: Uint8Array) => void) {
		this.byteLength = flash.byteLength;
		this.blockLength = flash.blockLength;
		this.writeAlignment = flash.writeAlignment;
		this.#flash = flash;
		this.#power = power;
		this.#onWrite = onWrite;
	}

	read(target: Uint8Array, byteOffset: number): void {
		this.#power.check();
		this.#flash.read(target, byteOffset);
	}

	write(source: Uint8Array, byteOffset: number): void {
		this.#onWrite(source);
		this.#operation("program", () => this.#flash.write(source, byteOffset));
	}

	eraseBlock(blockIndex: number): void {
		this.#operation("erase", () => this.#flash.eraseBlock(blockIndex));
		if (this.#power.cutAfterErase) this.#power.cutAt(1);
	}

	#operation(kind: EffectKind, run: () => void): void {
		const power = this.#power;
		if (power.isCut(kind)) {
			const { whole, tear } = power.howInFlash();
			this.#flash.cutWhole = whole;
			this.#flash.cutTear = tear;
			this.#flash.cutAt = this.#flash.operations + 1;
			power.cutInFlash = true;
			power.on = false;
		}
		run();
	}
}
