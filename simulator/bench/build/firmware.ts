/** Bundles firmware sources into one script for the npm engine. */
import { build, type Plugin } from "esbuild";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./root";

/** What a bundle is started from: a file of the project, or source text of its own. */
export type Entry = { readonly file: string } | { readonly source: string; readonly name: string };

/** A script for the engine and the map that leads from its lines to the sources. */
export interface Bundle {
	readonly code: string;
	/** Source map, version 3, as JSON. */
	readonly map: string;
}

/**
 * Bundles `main.ts`, the terminal's firmware.
 * @throws Error with esbuild's messages when it does not compile
 */
export async function buildFirmware(): Promise<string> {
	return (await bundleForXs({ file: join(root, "main.ts") })).code;
}

/** Bundles any firmware entry: a test, a snippet. Specifiers resolve by tsconfig.json, as in the firmware. */
export async function bundleForXs(entry: Entry): Promise<Bundle> {
	const outcome = await build({
		...("file" in entry
			? { entryPoints: [entry.file] }
			: {
					stdin: { contents: entry.source, sourcefile: entry.name, loader: "ts", resolveDir: root },
				}),
		absWorkingDir: root,
		bundle: true,
		write: false,
		format: "iife",
		target: "es2022",
		platform: "neutral",
		charset: "utf8",
		sourcemap: "external",
		outfile: join(root, "build", "firmware.js"),
		plugins: [specifiers(readPaths())],
		logLevel: "silent",
	});
	const text = (end: string) => outcome.outputFiles.find((file) => file.path.endsWith(end))!.text;
	return { code: text(".js"), map: text(".map") };
}

/** `paths` of tsconfig.json: the one map of specifiers for this lane. "core/*" → "./modules/core/*". */
function readPaths(): ReadonlyMap<string, string> {
	const text = readFileSync(join(root, "tsconfig.json"), "utf8");
	const config = JSON.parse(text) as { compilerOptions: { paths: Record<string, [string]> } };
	return new Map(
		Object.entries(config.compilerOptions.paths).map(([from, [to]]) => [
			dirname(from),
			join(root, dirname(to)),
		]),
	);
}

function specifiers(paths: ReadonlyMap<string, string>): Plugin {
	return {
		name: "specifiers",
		setup(builder) {
			builder.onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
				if (kind === "entry-point") return undefined;
				const folder = paths.get(dirname(path));
				const file = folder && join(folder, `${path.slice(dirname(path).length + 1)}.ts`);
				if (file === undefined || !existsSync(file))
					return { errors: [{ text: `"${path}" is not mapped by tsconfig.json, or has no file` }] };
				return { path: file };
			});
		},
	};
}
