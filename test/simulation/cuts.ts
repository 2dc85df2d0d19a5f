import { checkEnd } from "test/simulation/checkers";
import { drain, play } from "test/simulation/day";
import { tears, type PowerModel } from "test/simulation/fakes/flash";
import { faultNames } from "test/simulation/faults";
import type { EffectKind, PlannedCut } from "test/simulation/power";
import { scenarios, type Scenario } from "test/simulation/scenarios";
import { World } from "test/simulation/world";

export interface CutsOptions {
	/** Name of a scenario. */
	readonly scenario: string;
	/** Decides network, alignment and the host's habits. */
	readonly seed: number;
	/** Every n-th byte of a packet; 1: every one. */
	readonly byteStep: number;
}

export interface CutFailure {
	readonly scenario: string;
	readonly model: PowerModel;
	readonly seed: number;
	readonly cut: PlannedCut;
	readonly checker: string;
	readonly text: string;
}

export interface CutsResult {
	readonly scenario: string;
	readonly seed: number;
	/** Of the story without a cut, by kind. */
	readonly programs: number;
	readonly erases: number;
	readonly packets: number;
	readonly packetBytes: number;
	/** Slips, displays. */
	readonly others: number;
	/** Rounds that were played, both fault models together. */
	readonly cuts: number;
	readonly failures: readonly CutFailure[];
}

interface Effect {
	readonly number: number;
	readonly kind: EffectKind;
	readonly byteLength: number;
}

const models: readonly PowerModel[] = [1, 2];
/** The terminal is online by then. */
const readyMs = 15_000;
const saleMs = 9000;

/**
 * Plays a scenario once for every way in which the power can go in it: with each flash operation before it, after it and torn in
 * each way of both fault models; with each packet before, after and after each of its bytes; with each slip and display.
 * Each round ends with the drain, one more sale and all checkers.
 */
export function runCuts(options: CutsOptions): CutsResult {
	const scenario = scenarios.find(({ name }) => name === options.scenario);
	if (scenario === undefined) throw new Error(`no scenario "${options.scenario}"`);
	const failures: CutFailure[] = [];
	let cuts = 0;
	let effects: readonly Effect[] = [];
	for (const model of models) {
		effects = effectsOf(scenario, options.seed, model);
		for (const effect of effects)
			for (const how of waysOf(effect, model, options.byteStep)) {
				const cut = { effect: effect.number, how };
				const failure = roundOf(scenario, options.seed, model, cut);
				cuts++;
				if (failure !== undefined) failures.push(failure);
			}
	}
	const count = (kind: EffectKind): number => effects.filter((one) => one.kind === kind).length;
	return {
		scenario: scenario.name,
		seed: options.seed,
		programs: count("program"),
		erases: count("erase"),
		packets: count("packet"),
		packetBytes: effects.reduce((sum, { byteLength }) => sum + byteLength, 0),
		others: count("other"),
		cuts,
		failures,
	};
}

/** What the story does without a cut, as far as cuts are to be made there. */
function effectsOf(scenario: Scenario, seed: number, model: PowerModel): readonly Effect[] {
	const effects: Effect[] = [];
	const world = makeWorld(scenario, seed, model);
	before(world, scenario);
	world.power.onEffect = (kind, byteLength) =>
		effects.push({ number: world.power.effects, kind, byteLength });
	story(world, scenario);
	if (world.violations.found.length > 0)
		throw new Error(`${scenario.name} fails without a cut: ${world.violations.found[0]!.text}`);
	const { aroundErase } = scenario;
	if (aroundErase === undefined) return effects;
	const erases = effects.filter(({ kind }) => kind === "erase").map(({ number }) => number);
	return effects.filter(({ number }) =>
		erases.some((erase) => Math.abs(number - erase) <= aroundErase),
	);
}

function waysOf(effect: Effect, model: PowerModel, byteStep: number): PlannedCut["how"][] {
	const ways: PlannedCut["how"][] = ["before", "after"];
	const { kind, byteLength } = effect;
	if (kind === "program" || kind === "erase")
		for (let torn = 0; torn < tears(kind, model); torn++) ways.push({ torn });
	for (let part = 1; part < byteLength; part += byteStep) ways.push({ part });
	return ways;
}

function roundOf(
	scenario: Scenario,
	seed: number,
	model: PowerModel,
	cut: PlannedCut,
): CutFailure | undefined {
	const world = makeWorld(scenario, seed, model);
	before(world, scenario);
	world.power.planned = [cut];
	story(world, scenario);
	if (world.powerCuts !== 1) world.violations.add("cuts", `${world.powerCuts} cuts instead of one`);
	world.power.planned = [];
	world.cashier.sell();
	pass(world, saleMs);
	drain(world);
	const sale = world.cashier.sales[world.cashier.sales.length - 1]!;
	if (sale.shown !== "approved")
		world.violations.add(
			"goes on",
			`the next sale is ${sale.shown ?? "nothing"}`,
			sale.amountMinor,
		);
	if (world.violations.found.length === 0) checkEnd(world);
	const violation = world.violations.found[0];
	if (violation === undefined) return undefined;
	const { checker, text } = violation;
	return { scenario: scenario.name, model, seed, cut, checker, text };
}

function makeWorld({ blocks = 16 }: Scenario, seed: number, model: PowerModel): World {
	return new World({
		seed,
		swipes: 0,
		without: faultNames,
		trail: false,
		blocks,
		model,
		told: true,
	});
}

function before(world: World, { first = [], salesBefore = 1, settleEvery = 0 }: Scenario): void {
	world.boot();
	pass(world, readyMs);
	for (const { afterMs, act } of first) {
		pass(world, afterMs);
		act(world);
	}
	for (let i = 0; i < salesBefore; i++) {
		world.cashier.sell();
		pass(world, saleMs);
		if (settleEvery === 0 || (i + 1) % settleEvery !== 0) continue;
		world.cashier.settle();
		pass(world, 2 * saleMs);
	}
}

/** The steps and what follows from them by itself. */
function story(world: World, { steps }: Scenario): void {
	for (const { afterMs, act } of steps) {
		pass(world, afterMs);
		act(world);
	}
	drain(world);
}

function pass(world: World, ms: number): void {
	const untilMs = world.scheduler.nowMs + ms;
	// Something must be due at that time, else time stands still.
	world.scheduler.after(ms, () => {});
	play(world, () => world.scheduler.nowMs < untilMs && world.violations.found.length === 0);
}
