import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** Root of the project: the test runner starts us there. */
export const root = process.cwd();

/** All files below a folder, as paths from the root, sorted. */
export function filesBelow(folder: string, ending: string): string[] {
	const found: string[] = [];
	const walk = (directory: string): void => {
		for (const entry of readdirSync(directory, { withFileTypes: true })) {
			const path = join(directory, entry.name);
			if (entry.isDirectory()) walk(path);
			else if (entry.name.endsWith(ending)) found.push(relative(root, path));
		}
	};
	walk(join(root, folder));
	return found.sort();
}

export function textOf(path: string): string {
	return readFileSync(join(root, path), "utf8");
}

/** Specifiers that a source imports or re-exports from. */
export function importsOf(path: string): string[] {
	const pattern =
		/(?:^|\n)\s*(?:import|export)[^;]*?from\s+"([^"]+)"|(?:^|\n)\s*import\s+"([^"]+)"/g;
	return [...textOf(path).matchAll(pattern)].map((match) => match[1] ?? match[2] ?? "");
}

interface Manifest {
	readonly modules: Readonly<Record<string, string>>;
	readonly preload: readonly string[];
}

export function manifest(): Manifest {
	return JSON.parse(textOf("manifest.json")) as Manifest;
}

/** `paths` of tsconfig.json: specifier pattern → pattern of the file. */
export function tsconfigPaths(): Readonly<Record<string, string>> {
	const config = JSON.parse(textOf("tsconfig.json")) as {
		compilerOptions: { paths: Record<string, [string]> };
	};
	return Object.fromEntries(
		Object.entries(config.compilerOptions.paths).map(([key, [to]]) => [key, to]),
	);
}
