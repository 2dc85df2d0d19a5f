/** The model itself: nothing is broken with all rules on, and each rule is needed. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { main } from "../../simulator/bench/cli/model";
import { cases, counterexample, environmentOf, type Counterexample } from "../model/catalogue";
import { wideBounds } from "../model/environment";
import { explore, type TrailStep } from "../model/explore";
import { guaranteeNames, postedBefore, broken } from "../model/guarantees";
import { moves } from "../model/moves";
import { ruleNamed, ruleNames, ruleText, type RuleName } from "../model/rules";
import { isFault, Step, stepOf, Verdict, argumentOf } from "../model/steps";
import { stateNames, transitions } from "../model/terminal";
import { formatTrail } from "../model/trail";
import { World } from "../model/world";

/** Steps and verdicts that exist for rules that are off, or for other hosts. */
const abnormalSteps: readonly number[] = [
	Step.Start,
	Step.SendUnrecorded,
	Step.RecordStoredFirst,
	Step.VaultPutLast,
	Step.StoreAfterAll,
	Step.ResendOther,
	Step.DeleteReversal,
	Step.ParkWithoutCard,
	Step.RecordOutcome,
	Step.HostForgets,
];
const abnormalVerdicts: readonly number[] = [
	Verdict.NoOriginal,
	Verdict.NothingLeft,
	Verdict.KnownReversed,
	Verdict.InProgress,
];

/** What each kind of host loses with all rules on; all else remains. */
const lost: Readonly<Record<string, readonly string[]>> = {
	"no tombstones, no staleness check": ["refused or reversed means not posted"],
	"not idempotent, network without copies": [
		"a stored sale is never posted twice",
		"a refused stored sale is not posted",
	],
	"not idempotent": [
		"a sale is never posted twice",
		"refused or reversed means not posted",
		"a stored sale is never posted twice",
		"a refused stored sale is not posted",
	],
	"none of the three": [
		"a sale is never posted twice",
		"refused or reversed means not posted",
		"a stored sale is never posted twice",
		"a refused stored sale is not posted",
	],
};

const examples = new Map<RuleName, Counterexample | undefined>();

function exampleOf(rule: RuleName): Counterexample | undefined {
	if (!examples.has(rule)) examples.set(rule, counterexample([rule]));
	return examples.get(rule);
}

/** The model is one of a swipe: a sale never becomes an advice or an inquiry. */
function isOfOtherKinds(from: string, input: string): boolean {
	return from === "advice due" || input === "Advise" || input === "Lapse";
}

test("with all rules on no guarantee is broken in any state, and the queue drains from each", () => {
	const steps = new Set<number>();
	const verdicts = new Set<number>();
	const taken = new Set<string>();
	const { violations, states, longestDrain } = explore(environmentOf(cases[0]!, [], wideBounds), {
		onTransition: (before, after, code) => {
			steps.add(stepOf(code));
			if (stepOf(code) === Step.Host) verdicts.add(argumentOf(code) & 15);
			if (before.state !== after.state)
				taken.add(`${stateNames[before.state]!} → ${stateNames[after.state]!}`);
		},
	});
	deepEqual([...violations.keys()], []);
	ok(states > 100_000, `${states} states`);
	ok(longestDrain !== undefined && longestDrain > 0 && longestDrain < 20);
	// Nothing holds merely because nothing happens: each transition, step and verdict occurred.
	const missing = (all: readonly number[], seen: ReadonlySet<number>, not: readonly number[]) =>
		all.filter((one) => !seen.has(one) && !not.includes(one));
	deepEqual(missing(Object.values(Step), steps, abnormalSteps), []);
	deepEqual(missing(Object.values(Verdict), verdicts, abnormalVerdicts), []);
	deepEqual(
		transitions
			.filter(([from, input]) => !isOfOtherKinds(from, input))
			.map(([from, , to]) => `${from} → ${to}`)
			.filter((one) => !taken.has(one)),
		[],
	);
});

test("each rule that is switched off yields a trail of single steps to a broken guarantee", () => {
	for (const rule of ruleNames) {
		const found = exampleOf(rule);
		ok(found !== undefined, rule);
		follow(found.trail, found.environment);
		const number = guaranteeNames.indexOf(found.guarantee);
		const end = found.trail.at(-1)!.after;
		if (found.guarantee !== "the queue drains")
			ok(broken(end, postedBefore(found.environment)) & (1 << number), rule);
	}
});

test("what remains on each kind of host is what the documentation says", () => {
	for (const one of cases) {
		const { violations } = explore(environmentOf(one, [], { requests: 2, replies: 2 }));
		const names = [...violations.keys()].map((number) => guaranteeNames[number]!);
		deepEqual(names.sort(), [...(lost[one.name] ?? [])].sort(), one.name);
	}
});

test("the documentation shows every rule with the counterexample of today", () => {
	const page = readFileSync("docs/model.md", "utf8");
	for (const rule of ruleNames) {
		const { says, without } = ruleText(rule);
		ok(page.includes(`### ${rule}`) && page.includes(says) && page.includes(without), rule);
		ok(page.includes(formatTrail(exampleOf(rule)!.trail)), `trail of ${rule}`);
	}
	for (const { name } of cases) ok(page.includes(name), name);
});

test("a state survives packing", () => {
	const seen = new Set<string>();
	explore(environmentOf(cases[6]!), {
		onTransition: (_, after) => {
			const packed = new World().unpack(after.body, after.net);
			if (seen.size < 2000) seen.add(JSON.stringify(after));
			deepEqualFields(packed, after);
		},
	});
	equal(seen.size, 2000);
});

test("the command refuses a rule that does not exist", async () => {
	let said = "";
	const write = process.stderr.write.bind(process.stderr);
	process.stderr.write = (text: string | Uint8Array): boolean => {
		said += String(text);
		return true;
	};
	try {
		equal(await main(["--without", "gravity"]), 2);
	} finally {
		process.stderr.write = write;
	}
	match(said, /no rule "gravity"; known: each, durable-before-send/);
	equal(ruleNamed("mac-REQUIRED"), "MAC-required");
	equal(ruleNamed("gravity"), undefined);
});

/** Each step of a trail is one that the model allows in the state before it. */
function follow(trail: readonly TrailStep[], environment: Parameters<typeof moves>[2]): void {
	const next = new World();
	let last: World | undefined;
	for (const { code, before, after } of trail) {
		if (last !== undefined) deepEqualFields(before, last);
		let found = false;
		moves(before, next, environment, (one) => {
			found ||= one === code && next.body === after.body && next.net === after.net;
		});
		ok(found, `step ${stepOf(code)}, fault ${isFault(code)}`);
		last = after;
	}
}

function deepEqualFields(a: World, b: World): void {
	if (a.body !== b.body || a.net !== b.net || a.pc !== b.pc || a.state !== b.state)
		deepEqual({ ...a }, { ...b });
}
