/** `npm run bench -- [NAME …] [--json]`: the benchmarks. Each is a file of test/bench, bundled and run here. */
import { rmSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { bundleForNode } from "../build/node-bundle";
import { readArguments } from "../tool/input";
import { guarded, UsageError } from "./options";

interface Benchmark {
	readonly file: string;
	/** Name of its function without arguments; gives figures as data. */
	readonly run: string;
	/** Also without being named. */
	readonly always: boolean;
}

const benchmarks: Readonly<Record<string, Benchmark>> = Object.freeze({
	message: { file: "test/bench/message-bench.ts", run: "benchMessage", always: true },
	journal: { file: "test/bench/journal-bench.ts", run: "benchJournal", always: true },
	link: { file: "test/bench/link-bench.ts", run: "benchLink", always: true },
	drain: { file: "test/bench/drain-bench.ts", run: "benchDrain", always: true },
	heap: { file: "test/bench/heap-bench.ts", run: "benchHeap", always: false },
	fuzz: { file: "test/bench/message-fuzz.ts", run: "fuzzMessages", always: false },
});

/** @returns 0, 1 when one failed, 2 for wrong arguments */
export function main(args: readonly string[]): Promise<number> {
	return guarded(async () => {
		const { positionals, json } = readArguments(args);
		const unknown = positionals.find((name) => !Object.hasOwn(benchmarks, name));
		if (unknown !== undefined)
			throw new UsageError(
				`no benchmark "${unknown}"; known: ${Object.keys(benchmarks).join(", ")}`,
			);
		const chosen = Object.entries(benchmarks).filter(([name, { always }]) =>
			positionals.length === 0 ? always : positionals.includes(name),
		);
		const results: Record<string, unknown> = {};
		for (const [name, benchmark] of chosen) {
			results[name] = await run(benchmark);
			if (!json) process.stdout.write(`${name}\n${lines(results[name], "  ")}`);
		}
		// One that is asked for by name is not wrapped.
		const only = positionals.length === 1 ? results[positionals[0]!] : results;
		if (json) process.stdout.write(`${JSON.stringify(only)}\n`);
		return 0;
	});
}

async function run(benchmark: Benchmark): Promise<unknown> {
	const bundle = await bundleForNode(benchmark.file);
	try {
		const loaded = (await import(pathToFileURL(bundle).href)) as Record<string, () => unknown>;
		return await loaded[benchmark.run]!();
	} finally {
		rmSync(bundle, { force: true });
	}
}

/** One figure a line, nested ones indented. */
function lines(value: unknown, indent: string): string {
	return Object.entries(value as Record<string, unknown>)
		.map(([name, figure]) =>
			typeof figure === "object" && figure !== null
				? `${indent}${name}\n${lines(figure, `${indent}  `)}`
				: `${indent}${name.padEnd(34 - indent.length)}${String(figure)}\n`,
		)
		.join("");
}
