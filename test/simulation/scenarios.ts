import { K } from "test/simulation/orders";
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
	/** Comes first of all. */
	readonly first?: readonly ScenarioStep[];
	/** Sales before the story; the power stays on. Default 1. */
	readonly salesBefore?: number;
	/** After so many of them the batch is settled: what is not settled is never given up. */
	readonly settleEvery?: number;
	/** Blocks of the journal, default 16. */
	readonly blocks?: number;
	/** Cuts are made only so close to an erase, in effects: the rest is in other stories. */
	readonly aroundErase?: number;
	readonly steps: readonly ScenarioStep[];
}

const sell: ScenarioStep = { afterMs: 500, act: ({ cashier }) => cashier.sell() };
/** About the newest sale. */
const order = (kind: number, amountMinor = 0): ScenarioStep => ({
	afterMs: 500,
	act: ({ cashier }) => cashier.order(kind, cashier.newest(K.Sale), amountMinor),
});
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
		name: "void",
		about: "of the sale before",
		steps: [order(K.Void), wait(15_000)],
	},
	{
		name: "void, answer lost",
		about: "the void is in doubt and reversed, the sale stands",
		steps: [
			{ afterMs: 100, act: ({ faults }) => faults.force("replyLost") },
			order(K.Void),
			wait(90_000),
		],
	},
	{
		name: "refund",
		about: "an advice whose first answer is lost: repeated until it is answered",
		steps: [
			{ afterMs: 100, act: ({ faults }) => faults.force("replyLost") },
			order(K.Refund, 50),
			wait(120_000),
		],
	},
	{ name: "tip", about: "an advice without a card", steps: [order(K.Tip, 10), wait(20_000)] },
	{
		name: "settlement",
		about: "balanced: totals, end, report",
		salesBefore: 3,
		steps: [{ afterMs: 500, act: ({ cashier }) => cashier.settle() }, wait(30_000)],
	},
	{
		name: "settlement with upload",
		about: "the host says no: totals, details, end, report",
		salesBefore: 10,
		steps: [
			{ afterMs: 100, act: ({ faults }) => faults.force("forcedImbalance") },
			{ afterMs: 500, act: ({ cashier }) => cashier.settle() },
			wait(40_000),
		],
	},
	{
		name: "parameters by notice",
		about: "the acquirer sets a limit",
		steps: [{ afterMs: 500, act: ({ host }) => host.notices.add() }, wait(20_000)],
	},
	{
		name: "block reclaim",
		about: "a full ring: open records are carried, old blocks erased",
		// A reversal that the host refused stays open: it is carried from block to block.
		first: [
			{
				afterMs: 100,
				act: ({ faults }) => {
					faults.force("replyLost");
					faults.force("refusedForGood");
				},
			},
			sell,
			wait(90_000),
		],
		salesBefore: 158,
		settleEvery: 15,
		blocks: 12,
		aroundErase: 12,
		steps: [...times(8, { ...sell, afterMs: 9000 }), wait(15_000)],
	},
]);
