import { Fault } from "core/fault";
import type { Flash } from "core/flash";
import { Random } from "test/simulation/fakes/random";

/** The power is gone: thrown by the operation that was cut and by everything after it. Not a Fault on purpose. */
export class PowerCut extends Error {}

/** One for all: a stack for each cut costs more than the cut. */
export const powerCut = new PowerCut();

/** What an interrupted operation leaves behind: 1 stable states only, 2 NOR physics with marginal bits. */
export type PowerModel = 1 | 2;

export interface FlashOptions {
	readonly byteLength: number;
	readonly writeAlignment?: number;
	readonly blockLength?: number;
	readonly model?: PowerModel;
	readonly seed?: number;
}

/** Ways in which an interrupted program or erase can end, by model. */
const programTears: Readonly<Record<PowerModel, number>> = Object.freeze({ 1: 2, 2: 5 });
const eraseTears: Readonly<Record<PowerModel, number>> = Object.freeze({ 1: 4, 2: 6 });

/** How many ways of tearing there are. */
export function tears(operation: "program" | "erase", model: PowerModel): number {
	return (operation === "program" ? programTears : eraseTears)[model];
}

const pageLength = 256;
const pageMs = 0.7;
const eraseMs = 45;

/**
 * Raw NOR flash in memory. It refuses what the firmware must never do (program a place twice, out of range, out of
 * alignment), loses power at a chosen operation, and counts.
 *
 * Model 1: a torn program leaves a prefix; a torn erase leaves the old content, blank or random bytes; all stable.
 * Model 2: in addition any subset of the bits, and bits that are marginal: they read anew at random until erased.
 */
export class FakeFlash implements Flash {
	readonly byteLength: number;
	readonly blockLength: number;
	readonly writeAlignment: number;
	/** The content, without the marginal bits' moods. */
	readonly image: Uint8Array;
	/** Programs and erases so far, cut ones included. */
	operations = 0;
	programs = 0;
	programmedBytes = 0;
	erases = 0;
	reads = 0;
	readBytes = 0;
	/** Time by the model of 0.7 ms a page touched and 45 ms an erase. */
	busyMs = 0;
	readonly eraseCounts: Uint32Array;
	/** The operation (counted from 1 as `operations`) during which the power goes; 0 never. */
	cutAt = 0;
	/** The power goes during the n-th erase from now on; 0 never. */
	cutAtErase = 0;
	/** The cut operation leaves nothing or everything instead of something torn. */
	cutWhole: "no" | "before" | "after" = "no";
	/** Which way of tearing the cut takes, 0 to `tears` - 1; -1: any. */
	cutTear = -1;
	/** One program or erase in so many fails, leaving it torn and stable; 0 never. */
	failEvery = 0;
	/** Blocks that can no longer be erased. */
	readonly deadBlocks = new Set<number>();
	/** A violation of the rules of NOR; also thrown. */
	violation = "";
	readonly #model: PowerModel;
	#random: Random;
	/** 1 where a byte was programmed since its erase, or where an erase was interrupted. */
	readonly #used: Uint8Array;
	/** Marginal bits. */
	readonly #marginal: Uint8Array;
	#hasMarginal = false;
	#isDown = false;

	constructor(options: FlashOptions) {
		this.byteLength = options.byteLength;
		this.blockLength = options.blockLength ?? 4096;
		this.writeAlignment = options.writeAlignment ?? 4;
		this.image = new Uint8Array(this.byteLength).fill(0xff);
		this.eraseCounts = new Uint32Array(Math.ceil(this.byteLength / this.blockLength));
		this.#used = new Uint8Array(this.byteLength);
		this.#marginal = new Uint8Array(this.byteLength);
		this.#model = options.model ?? 1;
		this.#random = new Random(options.seed ?? 1);
	}

	/** Power comes back; the content is as the cut left it. */
	powerUp(): void {
		this.#isDown = false;
		this.cutAt = this.cutAtErase = 0;
	}

	/** Foreign content: programmed by somebody else, in any way. */
	load(bytes: Uint8Array, byteOffset = 0): void {
		this.image.set(bytes, byteOffset);
		this.#used.fill(1, byteOffset, byteOffset + bytes.length);
	}

	/** One bit changes at rest. */
	flip(bitIndex: number): void {
		this.image[bitIndex >> 3]! ^= 1 << (bitIndex & 7);
	}

	/**
	 * A copy of all state, to go on from the same point twice.
	 * @param into a flash of the same measures and model that is overwritten, instead of a new one
	 */
	clone(seed: number, model: PowerModel = this.#model, into?: FakeFlash): FakeFlash {
		const { byteLength, blockLength, writeAlignment } = this;
		const copy = into ?? new FakeFlash({ byteLength, blockLength, writeAlignment, model, seed });
		if (into !== undefined) into.#random = new Random(seed);
		copy.powerUp();
		copy.image.set(this.image);
		copy.#used.set(this.#used);
		copy.#marginal.set(this.#marginal);
		copy.#hasMarginal = this.#hasMarginal;
		copy.eraseCounts.set(this.eraseCounts);
		return copy;
	}

	resetCounters(): void {
		this.operations = this.programs = this.programmedBytes = this.erases = 0;
		this.reads = this.readBytes = this.busyMs = 0;
	}

	read(target: Uint8Array, byteOffset: number): void {
		if (this.#isDown) throw powerCut;
		if (byteOffset < 0 || byteOffset + target.length > this.byteLength)
			throw this.#violate(`read out of range at ${byteOffset}`);
		this.reads++;
		this.readBytes += target.length;
		target.set(this.image.subarray(byteOffset, byteOffset + target.length));
		if (!this.#hasMarginal) return;
		for (let i = 0; i < target.length; i++) {
			const moody = this.#marginal[byteOffset + i]!;
			if (moody !== 0) target[i] = (target[i]! & ~moody) | (this.#random.byte() & moody);
		}
	}

	write(source: Uint8Array, byteOffset: number): void {
		if (this.#isDown) throw powerCut;
		const end = byteOffset + source.length;
		const mask = this.writeAlignment - 1;
		if (byteOffset < 0 || end > this.byteLength || source.length === 0)
			throw this.#violate(`write out of range at ${byteOffset}`);
		if ((byteOffset & mask) !== 0 || (source.length & mask) !== 0)
			throw this.#violate(`write out of alignment at ${byteOffset}`);
		for (let i = byteOffset; i < end; i++)
			if (this.#used[i] !== 0) throw this.#violate(`programmed twice at ${i}`);
		this.#used.fill(1, byteOffset, end);
		const cut = ++this.operations === this.cutAt;
		this.programs++;
		this.programmedBytes += source.length;
		const pages = ((end - 1) >> 8) - (byteOffset >> 8) + 1;
		this.busyMs += pages * pageMs;
		if (cut) {
			this.#isDown = true;
			if (this.cutWhole === "after") this.#program(source, byteOffset);
			else if (this.cutWhole === "no") this.#tearProgram(source, byteOffset, this.#model);
			throw powerCut;
		}
		if (this.#fails()) {
			this.#tearProgram(source, byteOffset, 1);
			throw new Fault("flash.write", byteOffset);
		}
		this.#program(source, byteOffset);
	}

	eraseBlock(blockIndex: number): void {
		if (this.#isDown) throw powerCut;
		const start = blockIndex * this.blockLength;
		if (blockIndex < 0 || start + this.blockLength > this.byteLength)
			throw this.#violate(`erase out of range, block ${blockIndex}`);
		const atErase = this.cutAtErase > 0 && --this.cutAtErase === 0;
		const cut = ++this.operations === this.cutAt || atErase;
		this.erases++;
		this.eraseCounts[blockIndex]!++;
		this.busyMs += eraseMs;
		this.#used.fill(1, start, start + this.blockLength);
		if (cut) {
			this.#isDown = true;
			if (this.cutWhole === "after") this.#blank(start);
			else if (this.cutWhole === "no") this.#tearErase(start, this.#model);
			throw powerCut;
		}
		if (this.deadBlocks.has(blockIndex) || this.#fails()) {
			this.#tearErase(start, 1);
			throw new Fault("flash.erase", blockIndex);
		}
		this.#blank(start);
	}

	#violate(text: string): Error {
		this.violation = text;
		return new Error(`flash: ${text}`);
	}

	#fails(): boolean {
		return this.failEvery > 0 && this.#random.below(this.failEvery) === 0;
	}

	#program(source: Uint8Array, byteOffset: number): void {
		for (let i = 0; i < source.length; i++) this.image[byteOffset + i]! &= source[i]!;
	}

	#blank(start: number): void {
		this.image.fill(0xff, start, start + this.blockLength);
		this.#used.fill(0, start, start + this.blockLength);
		this.#marginal.fill(0, start, start + this.blockLength);
	}

	#tearProgram(source: Uint8Array, byteOffset: number, model: PowerModel): void {
		const random = this.#random;
		const kind = this.#tear(programTears[model]);
		if (kind === 0) {
			// A prefix, and some bits of the byte behind it.
			const whole = random.below(source.length + 1);
			this.#program(source.subarray(0, whole), byteOffset);
			if (whole < source.length) this.image[byteOffset + whole]! &= source[whole]! | random.byte();
		} else if (kind === 1) {
			// Pages are programmed one by one: the first ones are whole, the last one is a subset.
			const page = random.below(Math.ceil(source.length / pageLength) + 1) * pageLength;
			const whole = Math.min(page, source.length);
			this.#program(source.subarray(0, whole), byteOffset);
			this.#programSubset(source.subarray(whole), byteOffset + whole);
		} else if (kind === 2) this.#programSubset(source, byteOffset);
		else {
			// All is visible, or nothing is, and some bits are marginal.
			if (kind === 3) this.#program(source, byteOffset);
			const density = 1 + random.below(8);
			for (let i = 0; i < source.length; i++)
				if (random.below(density) === 0)
					this.#mark(byteOffset + i, ~source[i]! & random.byte() & 0xff);
		}
	}

	#programSubset(source: Uint8Array, byteOffset: number): void {
		for (let i = 0; i < source.length; i++)
			this.image[byteOffset + i]! &= source[i]! | this.#random.byte();
	}

	#tearErase(start: number, model: PowerModel): void {
		const random = this.#random;
		const end = start + this.blockLength;
		const kind = this.#tear(eraseTears[model]);
		if (kind === 0) for (let i = start; i < end; i++) this.image[i] = random.byte();
		else if (kind === 1) {
			// Zeroed first, then erased from the end: the head stays longest.
			const from = start + random.below(this.blockLength);
			this.image.fill(0, start + random.below(from - start + 1), from);
			this.image.fill(0xff, from, end);
		} else if (kind === 2) for (let i = start; i < end; i++) this.image[i]! |= random.byte();
		else if (kind === 3) for (let i = start; i < end; i++) this.image[i]! &= random.byte();
		else {
			// Looks blank, or looks unchanged, and is neither.
			const old = this.image.slice(start, end);
			if (kind === 4) this.image.fill(0xff, start, end);
			const density = 1 + random.below(64);
			for (let i = start; i < end; i++)
				if (random.below(density) === 0) this.#mark(i, ~old[i - start]! & random.byte() & 0xff);
		}
	}

	/** The way of tearing that was asked for, else any. */
	#tear(count: number): number {
		const kind = this.#random.below(count);
		return this.cutTear >= 0 && this.#isDown ? this.cutTear : kind;
	}

	#mark(at: number, bits: number): void {
		this.#marginal[at]! |= bits;
		if (bits !== 0) this.#hasMarginal = true;
	}
}
