import type { PowerModel } from "test/simulation/fakes/flash";
import { Random } from "test/simulation/fakes/random";
import { JournalWorld, type WorldOptions } from "./journal-world";

export interface SimOptions {
	readonly seeds: number;
	/** First seed, default 0. */
	readonly from?: number;
	readonly model: PowerModel;
	readonly alignment: number;
	/** Told of each failing seed. */
	readonly onFailure?: (seed: number, reason: string) => void;
}

export interface SimResult {
	readonly seeds: number;
	readonly cuts: number;
	readonly failures: number;
}

const startingPoints = 12;

/**
 * Random power cuts: every seed starts from a ring in steady state, loses power several times (half the seeds
 * inside an erase), 30 % once more inside the mount, and checks after each boot.
 */
export function runJournalSim(options: SimOptions): SimResult {
	const bases = StartingPoints.at(options.alignment);
	let cuts = 0;
	let failures = 0;
	const from = options.from ?? 0;
	for (let seed = from; seed < from + options.seeds; seed++) {
		const { model } = options;
		const world = new JournalWorld({ ...bases.settings(seed), seed, model }, bases.of(seed));
		try {
			runSeed(world, seed);
		} catch (error) {
			failures++;
			options.onFailure?.(seed, describe(error));
		}
		cuts += world.cuts;
	}
	return { seeds: options.seeds, cuts, failures };
}

/** Rings in steady state, made when they are needed first, and kept. A seed always starts from the same one. */
class StartingPoints {
	static readonly #made = new Map<number, StartingPoints>();

	static at(alignment: number): StartingPoints {
		const known = this.#made.get(alignment) ?? new StartingPoints(alignment);
		this.#made.set(alignment, known);
		return known;
	}

	readonly #alignment: number;
	readonly #worlds: JournalWorld[] = [];

	private constructor(alignment: number) {
		this.#alignment = alignment;
	}

	of(seed: number): JournalWorld {
		const i = seed % startingPoints;
		return (this.#worlds[i] ??= this.#make(i));
	}

	/**
	 * Of a seed's world: most have room to spare, every third one is small and always full, one in four turns so soon that
	 * what was closed is gone before anything is left open for long is closed.
	 */
	settings(seed: number): Omit<WorldOptions, "seed"> {
		const i = seed % startingPoints;
		const alignment = this.#alignment;
		const tight = { alignment, retainChecked: 0, reopens: false };
		if (i % 3 === 2) return { ...tight, blocks: 8, retainCount: 1000, longLived: (i >> 1) % 3 };
		return i % 4 === 1 ? { ...tight, blocks: 12, longLived: 4 } : { alignment, longLived: i % 5 };
	}

	#make(i: number): JournalWorld {
		const world = new JournalWorld({ ...this.settings(i), seed: 1_000_000 + i });
		world.boot();
		for (let step = 0; step < 1200 + 97 * i; step++) world.step();
		return world;
	}
}

function runSeed(world: JournalWorld, seed: number): void {
	const random = new Random(seed ^ 0x5eed);
	world.boot();
	const rounds = 2 + random.below(3);
	for (let round = 0; round < rounds; round++) {
		// Every seventh seed's flash is worn: now and then a program or an erase fails.
		world.flash.failEvery = seed % 7 === 3 ? 40 : 0;
		const inErase = (seed >> 3) % 2 === 1;
		if (inErase) world.workUntilEraseCut(400);
		else world.workUntilCut(1 + random.below(120), 400);
		while (random.below(100) < 30 && !world.bootCut(1 + random.below(5)));
		world.boot();
	}
	world.flash.failEvery = 0;
	for (let i = 0; i < 40; i++) world.step();
	world.boot();
}

/** One run that is to be judged: throws when something is lost. @returns the world, for its cuts */
type Trial = (world: JournalWorld) => void;

class Tally {
	cuts = 0;
	failures = 0;
	trials = 0;
	readonly #onFailure: SimOptions["onFailure"];
	constructor(onFailure: SimOptions["onFailure"]) {
		this.#onFailure = onFailure;
	}
	run(world: JournalWorld, trial: Trial, number: number): void {
		this.trials++;
		try {
			trial(world);
		} catch (error) {
			this.failures++;
			this.#onFailure?.(number, describe(error));
		}
		this.cuts += world.cuts;
	}
	get result(): SimResult {
		return { seeds: this.trials, cuts: this.cuts, failures: this.failures };
	}
}

export interface ExhaustiveOptions {
	readonly model: PowerModel;
	readonly alignment: number;
	/** Different torn states tried for each operation. */
	readonly variants: number;
	/** Only one operation in so many, for a part of the proof; default 1. */
	readonly every?: number;
	readonly onFailure?: (seed: number, reason: string) => void;
}

/** A ring in steady state on which one whole turn is soon over. */
const turningBlocks = 10;

/** Cuts every operation of one whole turn of the ring: before it, after it, and torn. */
export function runEveryOperation(options: ExhaustiveOptions): SimResult {
	const { model, alignment, variants, every = 1 } = options;
	const ring = { alignment, blocks: turningBlocks, retainCount: 12, longLived: 2, openLimit: 4 };
	const settings = { ...ring, seed: 77 };
	const base = new JournalWorld({ ...settings, seed: 78 });
	base.boot();
	for (let i = 0; i < 700; i++) base.step();
	const probe = new JournalWorld(settings, base);
	probe.boot();
	const first = probe.flash.operations;
	const firstErase = probe.flash.erases;
	while (probe.flash.erases < firstErase + turningBlocks) probe.step();
	const last = probe.flash.operations - first;
	const tally = new Tally(options.onFailure);
	for (let at = 1; at <= last; at += every)
		for (let variant = 0; variant < variants + 2; variant++) {
			const world = new JournalWorld({ ...settings, model, flashSeed: at * 31 + variant }, base);
			tally.run(world, () => cutOnce(world, at, variant), at * 100 + variant);
		}
	return tally.result;
}

function cutOnce(world: JournalWorld, at: number, variant: number): void {
	world.boot();
	const whole = variant === 0 ? "before" : variant === 1 ? "after" : "no";
	world.flash.cutWhole = whole;
	if (!world.workUntilCut(at, 5000)) throw new Error("the power did not go");
	world.boot();
	for (let i = 0; i < 12; i++) world.step();
	world.boot();
	world.boot();
}

/**
 * Every pair of cuts inside two mounts that follow each other, after cuts at many places of the work, on rings with room
 * and on full ones, where a mount carries as well.
 */
export function runMountPairs(options: ExhaustiveOptions): SimResult {
	const { model, alignment, variants } = options;
	const bases = StartingPoints.at(alignment);
	const tally = new Tally(options.onFailure);
	for (let start = 0; start < variants; start++)
		for (const whole of ["before", "after", "no"] as const) {
			const pair = new PairOfCuts(start, whole);
			for (let first = 1; !pair.firstIsOver; first++)
				for (let second = 1; !pair.secondIsOver(first); second++) {
					const flashSeed = ((start * 30 + first) * 30 + second) * 3 + whole.length;
					const settings = { ...bases.settings(start), seed: 5000 + start, flashSeed, model };
					const world = new JournalWorld(settings, bases.of(start));
					tally.run(world, () => pair.run(world, first, second), flashSeed);
				}
		}
	return tally.result;
}

/** Cuts the first mount in its n-th operation and the second one in its m-th, until both go through. */
class PairOfCuts {
	/** The first mount went through: it has no more operations. */
	firstIsOver = false;
	readonly #start: number;
	readonly #whole: "before" | "after" | "no";
	#overFor = 0;

	constructor(start: number, whole: "before" | "after" | "no") {
		this.#start = start;
		this.#whole = whole;
	}

	secondIsOver(first: number): boolean {
		return this.#overFor === first;
	}

	run(world: JournalWorld, first: number, second: number): void {
		// What fails is over as well.
		const over = first;
		try {
			world.boot();
			if (this.#start % 2 === 0) world.workUntilCut(1 + this.#start, 900);
			else world.workUntilEraseCut(900);
			if (world.bootCut(first, this.#whole)) this.firstIsOver = true;
			if (world.bootCut(second, this.#whole)) this.#overFor = over;
			world.boot();
			for (let i = 0; i < 8; i++) world.step();
			world.boot();
		} catch (error) {
			this.#overFor = over;
			if (second === 1) this.firstIsOver = true;
			throw error;
		}
	}
}

/** Seven subjects stay open while the ring turns four times, with twelve cuts. */
export function runInDoubt(options: SimOptions): SimResult {
	const tally = new Tally(options.onFailure);
	const from = options.from ?? 0;
	const { model, alignment } = options;
	for (let seed = from; seed < from + options.seeds; seed++) {
		const world = new JournalWorld({ seed, model, alignment, retainCount: 20 });
		const random = new Random(seed ^ 0xd0b7);
		const trial = (): void => {
			world.boot();
			for (let i = 0; i < 7; i++) world.openLong();
			for (let cut = 0; cut < 12; cut++) {
				world.sellUntilCut(200 + random.below(160));
				while (random.below(100) < 30 && !world.bootCut(1 + random.below(5)));
				world.boot();
				world.closeOthers();
			}
			if (world.openCount !== 7) throw new Error("an open subject was lost");
			if (Math.min(...world.flash.eraseCounts) < 4) throw new Error("fewer than four turns");
		};
		tally.run(world, trial, seed);
	}
	return tally.result;
}

/** Single bit flips at rest. `cuts` counts the flips that cost a record. */
export function runFlips(options: SimOptions): SimResult {
	const bases = StartingPoints.at(options.alignment);
	const { model } = options;
	const before: string[][] = [];
	const tally = new Tally(options.onFailure);
	const from = options.from ?? 0;
	let lost = 0;
	for (let seed = from; seed < from + options.seeds; seed++) {
		const base = bases.of(seed);
		const was = new Set(
			(before[seed % startingPoints] ??= new JournalWorld(
				{ ...bases.settings(seed), seed: 1 },
				base,
			).visitAll()),
		);
		const world = new JournalWorld({ ...bases.settings(seed), seed, model }, base);
		const bit = new Random(seed).below(world.flash.byteLength * 8);
		const trial = (): void => {
			world.flash.flip(bit);
			const after = world.visitAll();
			// One that was passed over before may come back, such as the settings record before the newest.
			if (after.some((text) => !was.has(text) && !world.wasWritten(text)))
				throw new Error(`bit ${bit}: a false record`);
			if (new Set(after).size !== after.length) throw new Error(`bit ${bit}: visited twice`);
			const missing = [...was].filter((text) => !after.includes(text)).length;
			if (missing > 1) throw new Error(`bit ${bit}: ${missing} records lost`);
			lost += missing;
			const { skipped = 0, torn = 0 } = world.report ?? {};
			if (missing > 0 && skipped + torn === 0) throw new Error(`bit ${bit}: not reported`);
		};
		tally.run(world, trial, seed);
	}
	return { ...tally.result, cuts: lost };
}

function describe(error: unknown): string {
	return error instanceof Error ? `${error.message} ${error.stack ?? ""}` : String(error);
}
