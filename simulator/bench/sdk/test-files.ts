/** Which tests run on the SDK's engine, and under which specifiers. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { root } from "../build/root";

const testFolders = ["test/unit", "test/sdk"];
/** Folders of code that tests import. */
const supportFolders = ["test/fixtures", "test/simulation"];
const platformFolders = ["modules/platform/sdk", "modules/platform/simulator"];

export interface TestFiles {
	/** Paths from the project's folder, sorted. */
	readonly files: readonly string[];
	/** Tests of the npm engine's platform: not for this engine. */
	readonly skipped: readonly string[];
	/** Specifier pattern → path, for the manifest: its wildcards do not reach into folders. */
	readonly modules: Readonly<Record<string, string>>;
}

export function findTestFiles(filter: string): TestFiles {
	const sources = [...testFolders, ...supportFolders].flatMap(sourcesBelow);
	const tests = sources.filter((path) => path.endsWith(".test.ts") && path.includes(filter));
	const skipped = tests.filter(needsOtherPlatform);
	const folders = [...new Set(sources.map((path) => dirname(path)))];
	const left = new Set(sources.filter(needsOtherPlatform).map((path) => dirname(path)));
	const modules: Record<string, string> = { "test/*": "test/*" };
	for (const folder of folders) {
		if (!left.has(folder)) modules[`${folder}/*`] = `${folder}/*`;
		else
			for (const path of sources.filter((source) => dirname(source) === folder))
				if (!needsOtherPlatform(path)) modules[specifierOf(path)] = specifierOf(path);
	}
	return { files: tests.filter((path) => !skipped.includes(path)), skipped, modules };
}

/** Specifier of a source under test. */
export function specifierOf(path: string): string {
	return path.replace(/\.ts$/, "");
}

function sourcesBelow(folder: string): string[] {
	if (!existsSync(join(root, folder))) return [];
	return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
		.filter((name) => name.endsWith(".ts"))
		.map((name) => relative(root, join(root, folder, name)))
		.sort();
}

/** It imports a module of modules/platform/xs. */
function needsOtherPlatform(path: string): boolean {
	const text = readFileSync(join(root, path), "utf8");
	return [...text.matchAll(/from "platform\/([^"]+)"/g)].some(
		([, name = ""]) => !platformFolders.some((f) => existsSync(join(root, f, `${name}.ts`))),
	);
}
