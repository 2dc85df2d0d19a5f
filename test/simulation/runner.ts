/** Plays many seeds, tells what failed, and lets every mutant fail. Node only: it bundles the firmware. */
import { loadSimulation, type Simulation } from "./build";
import type { CutFailure, CutsResult } from "./cuts";
import type { DayResult } from "./day";
import { faultNames, type FaultName } from "./faults";
import { mutants, type Mutant } from "./mutants";
import { openPlayer, type EngineName } from "./player";

export interface SeedsOptions {
	readonly seeds: number;
	readonly from: number;
	/** Default "node". */
	readonly engine?: EngineName;
	/** Called after each seed. */
	readonly onDay?: (day: DayResult) => void;
}

export interface SeedsReport {
	readonly engine: EngineName;
	readonly seeds: number;
	readonly failures: number;
	readonly failed: readonly {
		readonly seed: number;
		readonly checker: string;
		readonly text: string;
	}[];
	readonly swipes: number;
	/** What was begun at the till, by name. */
	readonly kinds: Readonly<Record<string, number>>;
	readonly overBackup: number;
	readonly batchesClosed: number;
	readonly boots: number;
	readonly powerCuts: number;
	/** Times that a flash which failed on purpose stopped the firmware. */
	readonly restartsByFlash: number;
	readonly faults: Readonly<Record<string, number>>;
	readonly reversals: number;
	/** Requests about money that the host got again. */
	readonly duplicatesAtHost: number;
	readonly lateReplies: number;
	readonly longestDrainMs: number;
	readonly simulatedHours: number;
	readonly eventsPerSeed: number;
	readonly seedsPerSecond: number;
}

/** By number on the journal; 0: the settlement of the batch. */
const kindNames: readonly string[] = Object.freeze([
	"settlement",
	"sale",
	"void",
	"refund",
	"pre-authorisation",
	"pre-authorisation void",
	"completion",
	"completion void",
	"completion advice",
	"tip",
	"voice sale",
	"balance",
]);

/** Plays `seeds` days, one after the other. The same seeds give the same report on each engine, but for the speed. */
export async function runSeeds(options: SeedsOptions): Promise<SeedsReport> {
	const { engine = "node" } = options;
	const player = await openPlayer(engine);
	const startMs = performance.now();
	const faults: Record<string, number> = Object.fromEntries(faultNames.map((name) => [name, 0]));
	const days: Omit<DayResult, "story">[] = [];
	for (let seed = options.from; seed < options.from + options.seeds; seed++) {
		const day = await player.play({ seed });
		days.push(day);
		for (const [name, count] of Object.entries(day.faults)) faults[name]! += count;
		options.onDay?.(day);
	}
	player.close();
	const sum = (of: (day: Omit<DayResult, "story">) => number): number =>
		days.reduce((total, day) => total + of(day), 0);
	const failed = days.flatMap(({ seed, violations }) =>
		violations.slice(0, 1).map(({ checker, text }) => ({ seed, checker, text })),
	);
	return {
		engine,
		seeds: days.length,
		failures: failed.length,
		failed,
		swipes: sum((day) => day.swipes),
		kinds: Object.fromEntries(
			kindNames.map((name, kind) => [name, sum((day) => day.kinds[kind] ?? 0)]),
		),
		overBackup: sum((day) => day.overBackup),
		batchesClosed: sum((day) => day.batches),
		boots: sum((day) => day.boots),
		powerCuts: sum((day) => day.powerCuts),
		restartsByFlash: sum((day) => day.crashes),
		faults,
		reversals: sum((day) => day.reversals),
		duplicatesAtHost: sum((day) => day.repeats),
		lateReplies: sum((day) => day.lateReplies),
		longestDrainMs: Math.round(Math.max(0, ...days.map((day) => day.drainMs))),
		simulatedHours: Math.round(sum((day) => day.simulatedMs) / 3_600_000),
		eventsPerSeed: Math.round(sum((day) => day.events) / days.length),
		seedsPerSecond: Math.round((days.length / (performance.now() - startMs)) * 10_000) / 10,
	};
}

/** A failure that was made as small as it goes. */
export interface Shortened {
	readonly day: DayResult;
	readonly without: readonly FaultName[];
}

/**
 * Leaves out every kind of fault without which the seed still fails under the same checker.
 * @returns the shortest story that is left, or undefined when the seed does not fail
 */
export async function shorten(seed: number, mutant?: string): Promise<Shortened | undefined> {
	const edits = mutant === undefined ? [] : mutantNamed(mutant).edits;
	const { runDay } = await loadSimulation("shorten", edits);
	const whole = runDay({ seed });
	const checker = whole.violations[0]?.checker;
	if (checker === undefined) return undefined;
	const fails = (without: readonly FaultName[]): boolean =>
		runDay({ seed, without }).violations[0]?.checker === checker;
	let without: readonly FaultName[] = [];
	for (const name of Object.keys(whole.faults) as FaultName[])
		if (fails([...without, name])) without = [...without, name];
	return { day: runDay({ seed, without, story: true }), without };
}

export interface MutantOutcome {
	readonly name: string;
	readonly harm: string;
	/** The checker that caught it, "" when none did. */
	readonly checker: string;
	readonly seed: number;
	readonly text: string;
	/** Seeds that were played until then. */
	readonly seeds: number;
}

export interface MutantsReport {
	readonly mutants: number;
	readonly caught: number;
	readonly table: readonly MutantOutcome[];
}

/**
 * Plays each mutant until a checker catches it.
 * @param seedsMax most seeds for one mutant
 * @param named only this one
 * @param part every so manieth of them, from this one on
 * @param tryFirst seeds by mutant that once caught it: looking for them again takes the longest
 */
export async function runMutants(
	seedsMax: number,
	named?: string,
	onOutcome?: (outcome: MutantOutcome) => void,
	tryFirst: Readonly<Record<string, number>> = {},
	part: readonly [number: number, of: number] = [0, 1],
): Promise<MutantsReport> {
	const all = mutants.filter((_mutant, index) => index % part[1] === part[0]);
	const chosen = named === undefined ? all : [mutantNamed(named)];
	const table: MutantOutcome[] = [];
	for (const [index, mutant] of chosen.entries()) {
		const outcome = await catchMutant(
			mutant,
			`mutant-${index}`,
			seedsMax,
			tryFirst[mutant.name] ?? 0,
		);
		table.push(outcome);
		onOutcome?.(outcome);
	}
	return { mutants: table.length, caught: table.filter((row) => row.checker !== "").length, table };
}

async function catchMutant(
	mutant: Mutant,
	bundle: string,
	seedsMax: number,
	first: number,
): Promise<MutantOutcome> {
	const { name, harm } = mutant;
	const missed = { name, harm, checker: "", seed: 0 };
	let simulation: Simulation;
	try {
		simulation = await loadSimulation(bundle, mutant.edits);
	} catch (error) {
		// The firmware was changed and the mutant was not: that is to be put right, and is no catch.
		return { ...missed, text: error instanceof Error ? error.message : String(error), seeds: 0 };
	}
	for (let n = first > 0 ? 0 : 1; n <= seedsMax; n++) {
		const seed = n === 0 ? first : n;
		const violation = simulation.runDay({ seed }).violations[0];
		if (violation === undefined) continue;
		const { checker, text } = violation;
		return { name, harm, checker, seed, text, seeds: Math.max(1, n) };
	}
	return { ...missed, text: "", seeds: seedsMax };
}

function mutantNamed(name: string): Mutant {
	const found = mutants.find((mutant) => mutant.name === name);
	if (found === undefined)
		throw usage(`no mutant "${name}"; there are ${mutants.map((one) => one.name).join(", ")}`);
	return found;
}

export interface CutsReport {
	readonly cuts: number;
	readonly failures: readonly CutFailure[];
	readonly table: readonly Omit<CutsResult, "failures">[];
	readonly seconds: number;
}

/**
 * Cuts the power everywhere in each scenario.
 * @param named only this one @param byteStep every n-th byte of the packets @param seeds each scenario under seeds 1 to this
 * @param mutant a fault in the firmware that is put in first
 */
export async function runAllCuts(
	named: string | undefined,
	byteStep: number,
	seeds: number,
	onResult?: (result: CutsResult) => void,
	mutant?: string,
): Promise<CutsReport> {
	const edits = mutant === undefined ? [] : mutantNamed(mutant).edits;
	const { runCuts, scenarioNames } = await loadSimulation("cuts", edits);
	const names = named === undefined ? scenarioNames : scenarioNames.filter((one) => one === named);
	if (names.length === 0)
		throw usage(`no scenario "${named}"; there are ${scenarioNames.join(", ")}`);
	const startMs = performance.now();
	const results: CutsResult[] = [];
	for (const scenario of names)
		for (let seed = 1; seed <= seeds; seed++) {
			const result = runCuts({ scenario, seed, byteStep });
			results.push(result);
			onResult?.(result);
		}
	return {
		cuts: results.reduce((sum, { cuts }) => sum + cuts, 0),
		failures: results.flatMap(({ failures }) => failures),
		table: results.map(({ failures: _failures, ...row }) => row),
		seconds: Math.round((performance.now() - startMs) / 100) / 10,
	};
}

/** Not the program's fault: the command line says it in one line. */
function usage(message: string): Error {
	return Object.assign(new Error(message), { name: "UsageError" });
}
