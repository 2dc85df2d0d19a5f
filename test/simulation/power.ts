import type { Flash } from "core/flash";
import { powerCut, type FakeFlash } from "test/simulation/fakes/flash";
import type { Random } from "test/simulation/fakes/random";

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
	isCut(): boolean {
		this.check();
		this.effects++;
		return this.#left > 0 && --this.#left === 0;
	}

	/** A packet to the network. @param money it is about a sale */
	send(act: () => void, money: boolean): void {
		if (this.cutAtSend && money) this.cutAt(1);
		this.output(act);
	}

	/** An effect that happens or not when the power goes in it. */
	output(act: () => void): void {
		if (!this.isCut()) return act();
		if (this.#dice.oneIn(2)) act();
		this.on = false;
		throw powerCut;
	}

	how(): "no" | "before" | "after" {
		return (["no", "no", "before", "after"] as const)[this.#dice.below(4)]!;
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
		this.#operation(() => this.#flash.write(source, byteOffset));
	}

	eraseBlock(blockIndex: number): void {
		this.#operation(() => this.#flash.eraseBlock(blockIndex));
		if (this.#power.cutAfterErase) this.#power.cutAt(1);
	}

	#operation(run: () => void): void {
		const power = this.#power;
		if (power.isCut()) {
			this.#flash.cutWhole = power.how();
			this.#flash.cutAt = this.#flash.operations + 1;
			power.cutInFlash = true;
			power.on = false;
		}
		run();
	}
}
