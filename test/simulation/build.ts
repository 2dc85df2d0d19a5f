import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { root } from "../../simulator/bench/build/root";
import type { CutsOptions, CutsResult } from "./cuts";
import type { DayOptions, DayResult } from "./day";

/** A change of the firmware's source text. */
export interface Edit {
	/** Below modules/, such as "queue/worker.ts". */
	readonly file: string;
	/** Must occur exactly once. */
	readonly from: string;
	readonly to: string;
}

export interface Simulation {
	readonly runDay: (options: DayOptions) => DayResult;
	readonly runCuts: (options: CutsOptions) => CutsResult;
	readonly scenarioNames: readonly string[];
}

let built = 0;

/**
 * Bundles firmware and simulation into one script and loads it.
 * @param edits changes of the firmware, for this bundle alone
 * @throws Error when an edit does not fit the source any more, or it does not compile
 */
export async function loadSimulation(
	name: string,
	edits: readonly Edit[] = [],
): Promise<Simulation> {
	const folder = join(root, "build", "simulation");
	mkdirSync(folder, { recursive: true });
	const outcome = await build({
		entryPoints: [join(root, "test/simulation/simulation.ts")],
		absWorkingDir: root,
		bundle: true,
		write: false,
		platform: "node",
		format: "esm",
		target: "node20",
		sourcemap: "inline",
		sourcesContent: false,
		tsconfig: join(root, "tsconfig.json"),
		outfile: join(folder, `${name}.mjs`),
		plugins: [editing(edits)],
		logLevel: "silent",
	});
	// A name of its own: Node keeps what it has imported, and would give the unmutated one again.
	const path = join(folder, `${name}-${process.pid}-${++built}.mjs`);
	writeFileSync(path, outcome.outputFiles[0]!.contents);
	try {
		return (await import(pathToFileURL(path).href)) as Simulation;
	} finally {
		rmSync(path, { force: true });
	}
}

function editing(edits: readonly Edit[]): Plugin {
	return {
		name: "edits",
		setup(builder) {
			builder.onLoad({ filter: /\/modules\/.*\.ts$/ }, ({ path }) => {
				const mine = edits.filter(({ file }) => path === join(root, "modules", file));
				if (mine.length === 0) return undefined;
				return { contents: mine.reduce(apply, readFileSync(path, "utf8")), loader: "ts" };
			});
		},
	};
}

function apply(source: string, { file, from, to }: Edit): string {
	const at = source.indexOf(from);
	if (at < 0 || source.indexOf(from, at + 1) >= 0)
		throw new Error(`${file}: ${at < 0 ? "nowhere" : "more than once"}: ${from}`);
	return source.slice(0, at) + to + source.slice(at + from.length);
}
