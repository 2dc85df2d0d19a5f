import type { PowerModel } from "test/simulation/fakes/flash";
import { Random } from "test/simulation/fakes/random";
import { JournalWorld } from "test/simulation/journal-world";

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

const startingPoints = 8;

/**
 * Random power cuts: every seed starts from a ring in steady state, loses power several times (half the seeds
 * inside an erase), 30 % once more inside the mount, and checks after each boot.
 */
export function runJournalSim(options: SimOptions): SimResult {
	const bases = makeBases(options.alignment);
	let cuts = 0;
	let failures = 0;
	const from = options.from ?? 0;
	for (let seed = from; seed < from + options.seeds; seed++) {
		const { model, alignment } = options;
		const world = new JournalWorld({ seed, model, alignment }, bases[seed % startingPoints]);
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

function makeBases(alignment: number): JournalWorld[] {
	const bases: JournalWorld[] = [];
	for (let i = 0; i < startingPoints; i++) {
		const world = new JournalWorld({ seed: 1_000_000 + i, alignment, longLived: i % 5 });
		world.boot();
		for (let step = 0; step < 900 + 37 * i; step++) world.step();
		bases.push(world);
	}
	return bases;
}

function runSeed(world: JournalWorld, seed: number): void {
	const random = new Random(seed ^ 0x5eed);
	world.boot();
	const rounds = 2 + random.below(3);
	for (let round = 0; round < rounds; round++) {
		const inErase = (seed >> 3) % 2 === 1;
		if (inErase) world.workUntilEraseCut(400);
		else world.workUntilCut(1 + random.below(120), 400);
		while (random.below(100) < 30 && !world.bootCut(1 + random.below(5)));
		world.boot();
	}
	for (let i = 0; i < 40; i++) world.step();
	world.boot();
}

function describe(error: unknown): string {
	return error instanceof Error ? `${error.message} ${error.stack ?? ""}` : String(error);
}
