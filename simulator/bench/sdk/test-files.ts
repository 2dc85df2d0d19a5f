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
	const own = testFolders.flatMap(sourcesBelow);
	const support = reachable(own, supportFolders.flatMap(sourcesBelow));
	const sources = [...own, ...support];
	const tests = own.filter((path) => path.endsWith(".test.ts") && path.includes(filter));
	const skipped = tests.filter(needsOtherPlatform);
	const folders = [...new Set(sources.map((path) => dirname(path)))];
	// Of these folders not every file belongs to this engine: they are mapped one by one.
	const left = new Set([...sources.filter(needsOtherPlatform), ...support].map(dirname));
	const modules: Record<string, string> = { "test/*": "test/*" };
	for (const folder of folders) {
		if (!left.has(folder)) modules[`${folder}/*`] = `${folder}/*`;
		else
			for (const path of sources.filter((source) => dirname(source) === folder))
				if (!needsOtherPlatform(path)) modules[specifierOf(path)] = specifierOf(path);
	}
	return { files: tests.filter((path) => !skipped.includes(path)), skipped, modules };
}

/** Those of `support` that the tests import, directly or through each other. */
function reachable(tests: readonly string[], support: readonly string[]): string[] {
	const found = new Set<string>();
	const waiting = [...tests];
	for (let path = waiting.pop(); path !== undefined; path = waiting.pop())
		for (const target of importsOf(path))
			if (support.includes(target) && !found.has(target)) {
				found.add(target);
				waiting.push(target);
			}
	return [...found].sort();
}

/** Paths of the test sources that a file imports. */
function importsOf(path: string): string[] {
	const text = readFileSync(join(root, path), "utf8");
	return [...text.matchAll(/from "((?:test|\.{1,2})\/[^"]+)"/g)].map(([, name = ""]) =>
		name.startsWith(".") ? `${join(dirname(path), name)}.ts` : `${name}.ts`,
	);
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
