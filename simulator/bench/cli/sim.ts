/** `npm run sim`: the money logic under faults, many seeds in simulated time (docs/simulation.md). */
import {
	runAllCuts,
	runMutants,
	runSeeds,
	shorten,
	type CutsReport,
	type MutantOutcome,
	type MutantsReport,
	type SeedsReport,
	type Shortened,
} from "../../../test/simulation/runner";
import type { CutsResult } from "../../../test/simulation/cuts";
import { engines, type EngineName } from "../../../test/simulation/player";
import { guarded, readOptions, UsageError, type Options } from "./options";
import { journalUsage, simulateJournal } from "./sim-journal";

const usage = `npm run sim -- [--seeds N] [--from S] [--json] [--engine node|xs]
                [--seed S]                 one seed; when it fails: its shortest story
                [--cuts [NAME]] [--seeds N] [--bytes N] [--mutant NAME]   power cuts everywhere in each story, with every N-th byte
                [--mutants] [--mutant NAME] [--seeds N]   faults put in on purpose, N seeds for each at most
`;

/** @returns 0 when nothing failed and every mutant was caught, 1 otherwise, 2 for a wrong argument */
export function main(args: readonly string[]): Promise<number> {
	return guarded(async () => {
		if (args.includes("--help")) {
			process.stdout.write(usage + journalUsage);
			return 0;
		}
		if (args[0] === "journal") return await simulateJournal(args.slice(1));
		const options = readOptions(withName(args, "--cuts"), {
			values: ["--seeds", "--from", "--seed", "--mutant", "--engine", "--cuts", "--bytes"],
			flags: ["--json", "--mutants"],
		});
		if (options.value("--cuts") !== undefined) return await playCuts(options);
		if (options.flag("--mutants") || options.value("--mutant") !== undefined)
			return await playMutants(options);
		const one = options.value("--seed");
		const from = options.number(one === undefined ? "--from" : "--seed", 1, 1);
		return await playSeeds(
			from,
			one === undefined ? options.number("--seeds", 1, 300) : 1,
			options,
		);
	});
}

async function playSeeds(from: number, seeds: number, options: Options): Promise<number> {
	const report = await runSeeds({ from, seeds, engine: engineOf(options) });
	const first = report.failed[0];
	const shortest = first === undefined ? undefined : await shorten(first.seed);
	if (options.flag("--json")) process.stdout.write(`${JSON.stringify(report)}\n`);
	else process.stdout.write(seedsText(report));
	if (shortest !== undefined)
		(options.flag("--json") ? process.stderr : process.stdout).write(storyText(shortest));
	return report.failures === 0 ? 0 : 1;
}

function engineOf(options: Options): EngineName {
	const name = options.value("--engine") ?? "node";
	const engine = engines.find((one) => one === name);
	if (engine === undefined)
		throw new UsageError(`--engine: ${engines.join(" or ")}, not "${name}"`);
	return engine;
}

/** An option whose value may be left out: then it is "all". */
function withName(args: readonly string[], option: string): string[] {
	return args.map((arg, i) =>
		arg === option && (args[i + 1] ?? "--").startsWith("--") ? `${option}=all` : arg,
	);
}

async function playCuts(options: Options): Promise<number> {
	const name = options.value("--cuts");
	const json = options.flag("--json");
	const report = await runAllCuts(
		name === "all" ? undefined : name,
		options.number("--bytes", 1, 1),
		options.number("--seeds", 1, 1),
		(result) => json || process.stdout.write(cutsLine(result)),
		options.value("--mutant"),
	);
	process.stdout.write(json ? `${JSON.stringify(report)}\n` : cutsText(report));
	return report.failures.length === 0 ? 0 : 1;
}

async function playMutants(options: Options): Promise<number> {
	const seeds = options.number("--seeds", 1, 600);
	const json = options.flag("--json");
	const name = options.value("--mutant");
	const show = (row: MutantOutcome): unknown => process.stdout.write(mutantLine(row));
	const report = await runMutants(seeds, name, json ? undefined : show);
	process.stdout.write(json ? `${JSON.stringify(report)}\n` : mutantsText(report));
	const caught = report.table[0];
	if (name !== undefined && !json && caught !== undefined && caught.seed > 0)
		process.stdout.write(storyText((await shorten(caught.seed, name))!));
	return report.caught === report.mutants ? 0 : 1;
}

function seedsText(report: SeedsReport): string {
	const rows: readonly (readonly [string, string | number])[] = [
		["days played", `${report.seeds} on ${report.engine}, ${report.seedsPerSecond} a second`],
		["failures", report.failures],
		["swipes", report.swipes],
		["simulated time", `${report.simulatedHours} h, ${report.eventsPerSeed} events a day`],
		["boots", report.boots],
		["power cuts", report.powerCuts],
		["restarts by flash", report.restartsByFlash],
		["reversals", report.reversals],
		["duplicates at host", report.duplicatesAtHost],
		["late replies", report.lateReplies],
		["over backup channel", report.overBackup],
		["batches closed", report.batchesClosed],
		["longest drain", `${(report.longestDrainMs / 1000).toFixed(1)} s`],
	];
	const lines = rows.map(([name, value]) => `${name.padEnd(20)} ${value}`);
	const kinds = Object.entries(report.faults).map(
		([name, count]) => `  ${name.padEnd(18)} ${count}`,
	);
	const done = Object.entries(report.kinds).map(([name, n]) => `  ${name.padEnd(23)} ${n}`);
	const failures = report.failed.map(
		({ seed, checker, text }) => `FAILED seed ${seed}: ${checker}: ${text}`,
	);
	return [...lines, "at the till", ...done, "faults by kind", ...kinds, ...failures, ""].join("\n");
}

function storyText({ day, without }: Shortened): string {
	const { seed, violations, story } = day;
	const head = `\nseed ${seed}, without ${without.length === 0 ? "nothing" : without.join(", ")}`;
	const ends = violations.map(({ checker, text }) => `  ${checker}: ${text}`);
	return [head, ...story, "violated", ...ends, ""].join("\n");
}

function mutantLine({ name, checker, seeds, text }: MutantOutcome): string {
	const fate = checker === "" ? "MISSED" : checker;
	return `${name.padEnd(42)} ${fate.padEnd(20)} ${String(seeds).padStart(5)}  ${text}\n`;
}

function mutantsText({ mutants, caught }: MutantsReport): string {
	return `${caught} of ${mutants} mutants caught\n`;
}

function cutsLine({ scenario, seed, cuts, failures, ...effects }: CutsResult): string {
	const { programs, erases, packets, packetBytes, others } = effects;
	const what = `${programs} programs, ${erases} erases, ${packets} packets of ${packetBytes} bytes, ${others} others`;
	const fate = failures.length === 0 ? "" : `, ${failures.length} FAILED`;
	return `${scenario.padEnd(24)} seed ${seed}: ${String(cuts).padStart(6)} cuts${fate} (${what})\n`;
}

function cutsText({ cuts, failures, seconds }: CutsReport): string {
	const lines = failures
		.slice(0, 20)
		.map(
			({ scenario, model, seed, cut, checker, text }) =>
				`FAILED ${scenario}, seed ${seed}, model ${model}, effect ${cut.effect} ${JSON.stringify(cut.how)}: ${checker}: ${text}`,
		);
	return [...lines, `${cuts} cuts, ${failures.length} failed, ${seconds} s`, ""].join("\n");
}
