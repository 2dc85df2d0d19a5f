/** `npm run model`: the protocol of one swipe, explored exhaustively (docs/model.md). */
import { guarded, readOptions, UsageError } from "./options";
import {
	cases,
	counterexample,
	environmentOf,
	type Counterexample,
} from "../../../test/model/catalogue";
import { describeEnvironment, wideBounds } from "../../../test/model/environment";
import { explore } from "../../../test/model/explore";
import { guaranteeNames } from "../../../test/model/guarantees";
import { ruleNamed, ruleNames, ruleText, type RuleName } from "../../../test/model/rules";
import { formatTrail, readTrail } from "../../../test/model/trail";

const kinds = { values: ["--without"], flags: ["--json"] };

/**
 * Without arguments: all rules on, then every kind of host. `--without RULE[,RULE]`: the shortest counterexample
 * that follows; `--without each`: those of all rules, one by one.
 * @returns 0 when all is as it should be: no violation with all rules on, one without a rule; else 1; 2 for wrong arguments
 */
export function main(args: readonly string[]): Promise<number> {
	return guarded(() => {
		const options = readOptions(args, kinds);
		const json = options.flag("--json");
		const without = options.value("--without");
		if (without === undefined) return Promise.resolve(all(json));
		if (without === "each") return Promise.resolve(each(json));
		return Promise.resolve(one(without.split(",").map(rule), json));
	});
}

function rule(text: string): RuleName {
	const name = ruleNamed(text.trim());
	if (name === undefined)
		throw new UsageError(`no rule "${text}"; known: each, ${ruleNames.join(", ")}`);
	return name;
}

function print(text: string): void {
	process.stdout.write(`${text}\n`);
}

function all(json: boolean): number {
	const first = cases[0]!;
	const environment = environmentOf(first, [], wideBounds);
	const { violations, ...figures } = explore(environment);
	const broken = trails(violations);
	if (!json) {
		print(`${describeEnvironment(environment)}; all rules on`);
		print(
			`${figures.states} states, ${figures.transitions} transitions, ${figures.seconds.toFixed(1)} s: ` +
				(broken.length === 0 ? "no violation" : `${broken.length} guarantees broken`),
		);
		print(`the longest way to a state has ${figures.depth} steps;`);
		print(`when the faults stop, every case is closed within ${figures.longestDrain ?? "?"} steps`);
		for (const { guarantee, text } of broken) print(`\n${guarantee}: broken\n${text}`);
		print("\nWhat remains on other hosts:\n");
	}
	const hosts = cases.map((one) => host(one, json));
	if (json) {
		const { rules: _, ...surroundings } = environment;
		print(JSON.stringify({ ...surroundings, ...figures, violations: broken, hosts }));
	} else print('\n"--without RULE" shows what a rule prevents: ' + ruleNames.join(", "));
	return broken.length === 0 ? 0 : 1;
}

function trails(
	violations: ReturnType<typeof explore>["violations"],
): readonly { guarantee: string; text: string; trail: ReturnType<typeof readTrail> }[] {
	return [...violations].map(([number, trail]) => ({
		guarantee: guaranteeNames[number]!,
		text: formatTrail(trail),
		trail: readTrail(trail),
	}));
}

function host(one: (typeof cases)[number], json: boolean): object {
	const environment = environmentOf(one);
	const { violations, states, seconds } = explore(environment);
	const lost = trails(violations);
	if (!json) {
		print(`${one.name}  (${states} states, ${seconds.toFixed(1)} s)`);
		if (lost.length === 0) print("  every guarantee remains");
		for (const { guarantee, trail } of lost) print(`  lost: ${guarantee} (${trail.length} steps)`);
	}
	const { host: habits, network } = environment;
	const guarantees = guaranteeNames.filter((_, number) => !violations.has(number));
	const broken = lost.map(({ guarantee, trail }) => ({ guarantee, trail }));
	return { name: one.name, host: habits, network, states, seconds, guarantees, broken };
}

function one(without: readonly RuleName[], json: boolean): number {
	const found = counterexample(without);
	if (json) print(JSON.stringify(asData(without, found)));
	else show(without, found);
	return found === undefined ? 1 : 0;
}

function each(json: boolean): number {
	const found = ruleNames.map((name) => [name, counterexample([name])] as const);
	if (json) print(JSON.stringify(found.map(([name, example]) => asData([name], example))));
	else for (const [name, example] of found) show([name], example);
	return found.every(([, example]) => example !== undefined) ? 0 : 1;
}

function show(without: readonly RuleName[], found: Counterexample | undefined): void {
	for (const name of without) {
		const { who, says, without: instead } = ruleText(name);
		print(`${name} (${who}): ${says}.\n  Without it: ${instead}.`);
	}
	if (found === undefined) {
		print("  every guarantee stands all the same\n");
		return;
	}
	print(`  Broken: ${found.guarantee}.`);
	print(
		`  ${describeEnvironment(found.environment)}; ${found.states} states, ${found.seconds.toFixed(1)} s`,
	);
	print(`${formatTrail(found.trail)}\n`);
}

function asData(without: readonly RuleName[], found: Counterexample | undefined): object {
	if (found === undefined) return { without, broken: null };
	const { environment, guarantee, trail, states, seconds } = found;
	const { host: habits, network } = environment;
	return {
		without,
		broken: guarantee,
		host: habits,
		network,
		states,
		seconds,
		trail: readTrail(trail),
	};
}
