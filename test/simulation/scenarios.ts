import type { World } from "test/simulation/world";

/** One thing that somebody does, so long after the thing before. */
export interface ScenarioStep {
	readonly afterMs: number;
	readonly act: (world: World) => void;
}

/** A short story through which the power is cut everywhere. A new one is a new entry. */
export interface Scenario {
	readonly name: string;
	/** What it goes through, for a person. */
	readonly about: string;
	/** Sales before the story; the power stays on. Default 1. */
	readonly salesBefore?: number;
	/** Blocks of the journal, default 16. */
	readonly blocks?: number;
	/** Cuts are made only so close to an erase, in effects: the rest is in other stories. */
	readonly aroundErase?: number;
	readonly steps: readonly ScenarioStep[];
}

const sell: ScenarioStep = { afterMs: 500, act: ({ cashier }) => cashier.sell() };
const wait = (afterMs: number): ScenarioStep => ({ afterMs, act: () => {} });
const times = (count: number, step: ScenarioStep): ScenarioStep[] =>
	Array.from({ length: count }, () => step);

export const scenarios: readonly Scenario[] = Object.freeze([
	{ name: "sale", about: "approved, slip printed", steps: [sell, wait(15_000)] },
	{
		name: "declined sale",
		about: "the host refuses",
		steps: [{ afterMs: 100, act: ({ faults }) => faults.force("declined") }, sell, wait(15_000)],
	},
	{
		name: "reversal",
		about: "posted, the answer is lost, the sale is reversed",
		steps: [{ afterMs: 100, act: ({ faults }) => faults.force("replyLost") }, sell, wait(90_000)],
	},
	{
		name: "reversal without original",
		about: "the request is lost, the reversal finds nothing",
		steps: [
			{ afterMs: 100, act: ({ faults }) => faults.force("requestLost") },
			sell,
			wait(200_000),
		],
	},
	{
		name: "stored sale",
		about: "no network: stored, forwarded when it is back, card data wiped",
		steps: [
			{ afterMs: 100, act: (world) => world.carrier(false) },
			{ afterMs: 2000, act: ({ cashier }) => cashier.sell() },
			{ afterMs: 20_000, act: (world) => world.carrier(true) },
			wait(20_000),
		],
	},
	{
		name: "block reclaim",
		about: "a full ring: open records are carried, old blocks erased",
		salesBefore: 60,
		blocks: 8,
		aroundErase: 12,
		steps: [...times(8, { ...sell, afterMs: 9000 }), wait(15_000)],
	},
]);
