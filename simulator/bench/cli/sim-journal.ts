/** `npm run sim -- journal`: journal and vault under power cuts (docs/journal.md). */
import { engines, type EngineName } from "../../../test/simulation/player";
import {
	proofs,
	runProof,
	type ProofOptions,
	type ProofResult,
} from "../../../test/simulation/journal-proofs";
import { XsProgram } from "../board/xs-program";
import { readOptions, UsageError, type Options } from "./options";

export const journalUsage = `npm run sim -- journal [--seeds N] [--from S] [--model 1|2] [--align 4|16|32] [--engine node|xs] [--json]
                [--proof ${Object.keys(proofs).join("|")}]
                [--part]                   a part of every proof, as npm test runs it
`;

/** Seeds of one call to XS. */
const portion = 20;
const callTimeoutMs = 600_000;
const xsSource =
	'import { runProof } from "test/simulation/journal-proofs"; globalThis.runProof = runProof;';

interface Prover {
	readonly run: (name: string, options: ProofOptions) => Promise<ProofResult>;
	readonly close: () => void;
}

/** @returns 0 when nothing failed, 1 otherwise */
export async function simulateJournal(args: readonly string[]): Promise<number> {
	const options = readOptions(args, {
		values: ["--seeds", "--from", "--model", "--align", "--engine", "--proof", "--every"],
		flags: ["--json", "--part"],
	});
	const prover = await openProver(oneOf(options, "--engine", engines));
	try {
		return await (options.flag("--part") ? part(prover) : one(prover, options));
	} finally {
		prover.close();
	}
}

async function one(prover: Prover, options: Options): Promise<number> {
	const name = oneOf(options, "--proof", Object.keys(proofs));
	const startMs = performance.now();
	const result = await inPortions(prover, name, {
		model: Number(oneOf(options, "--model", ["1", "2"])) as 1 | 2,
		alignment: Number(oneOf(options, "--align", ["4", "16", "32"])),
		seeds: options.number("--seeds", 1, 1000),
		from: options.number("--from", 0, 0),
		every: options.number("--every", 1, 1),
	});
	tellFailures(result);
	const { seeds, cuts, failures } = result;
	if (options.flag("--json")) say(JSON.stringify({ seeds, cuts, failures }));
	else say(`${name}: ${textOf(result)}, ${seconds(startMs)} s`);
	return failures === 0 ? 0 : 1;
}

/** What npm test shows: every proof, a part of each. @returns 0 when nothing failed */
async function part(prover: Prover): Promise<number> {
	const startMs = performance.now();
	let failures = 0;
	for (const [name, options] of parts()) {
		const result = await inPortions(prover, name, { from: 0, ...options });
		tellFailures(result);
		failures += result.failures;
		const where = `model ${options.model}, alignment ${options.alignment}`;
		say(`${name.padEnd(10)} ${where.padEnd(22)} ${textOf(result)}`);
	}
	say(`${failures} failures in ${seconds(startMs)} s`);
	return failures === 0 ? 0 : 1;
}

type Part = readonly [string, Omit<ProofOptions, "from">];

function parts(): Part[] {
	const random = ([1, 2] as const).flatMap((model) =>
		[4, 16, 32].map((alignment): Part => ["cuts", { model, alignment, seeds: 24 }]),
	);
	return [
		...random,
		["vault", { model: 2, alignment: 16, seeds: 24 }],
		["open", { model: 2, alignment: 16, seeds: 2 }],
		["flips", { model: 1, alignment: 4, seeds: 60 }],
		["operations", { model: 2, alignment: 16, seeds: 1, every: 16 }],
		["mounts", { model: 2, alignment: 16, seeds: 2 }],
	];
}

async function openProver(engine: EngineName): Promise<Prover> {
	if (engine === "node")
		return { run: (name, options) => Promise.resolve(runProof(name, options)), close: () => {} };
	const program = await XsProgram.load({ source: xsSource, name: "journal-proofs", callTimeoutMs });
	return {
		run: async (name, options) =>
			(await program.call<ProofResult>("runProof", name, options)).value,
		close: () => program.close(),
	};
}

/** Seeds a few at a time: one call to XS has a limit of time. */
async function inPortions(
	prover: Prover,
	name: string,
	options: ProofOptions,
): Promise<ProofResult> {
	if (!proofs[name]!.hasSeeds) return await prover.run(name, options);
	const total = { seeds: 0, cuts: 0, failures: 0, failed: [] as ProofResult["failed"] };
	for (let done = 0; done < options.seeds; done += portion) {
		const seeds = Math.min(portion, options.seeds - done);
		const result = await prover.run(name, { ...options, from: options.from + done, seeds });
		total.seeds += result.seeds;
		total.cuts += result.cuts;
		total.failures += result.failures;
		total.failed = [...total.failed, ...result.failed].slice(0, 20);
	}
	return total;
}

function oneOf<T extends string>(options: Options, name: string, values: readonly T[]): T {
	const text = options.value(name) ?? values[0]!;
	const value = values.find((each) => each === text);
	if (value === undefined) throw new UsageError(`${name}: ${values.join(", ")}, not "${text}"`);
	return value;
}

function textOf({ seeds, cuts, failures }: ProofResult): string {
	return `${seeds} runs, ${cuts} cuts, ${failures} failures`;
}

function tellFailures({ failed }: ProofResult): void {
	for (const { seed, reason } of failed) process.stderr.write(`FAILED seed ${seed}: ${reason}\n`);
}

function seconds(startMs: number): string {
	return ((performance.now() - startMs) / 1000).toFixed(1);
}

function say(text: string): void {
	process.stdout.write(`${text}\n`);
}
