/** The manifest that an SDK lane builds: the firmware's own, and what the lane adds. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "../build/root";

/** Memory of the engine; lin takes what the manifest says, the device what manifest.json says for esp32. */
export interface Creation {
	readonly static: number;
	readonly chunk: { readonly initial: number; readonly incremental: number };
	/** In slots. */
	readonly heap: { readonly initial: number; readonly incremental: number };
	/** In slots. */
	readonly stack: number;
}

export interface LaneManifest {
	/** Specifier pattern → path from the project's folder, without ".ts". */
	readonly modules: Readonly<Record<string, string>>;
	/** Module that the engine starts. */
	readonly main: string;
	readonly creation?: Creation;
}

/**
 * Writes manifest.json into a folder below build; unchanged contents keep their time.
 * @returns its path
 */
export function writeManifest(folder: string, lane: LaneManifest): string {
	const toRoot = relative(folder, root);
	const modules = Object.entries(lane.modules).map(([key, path]) => [key, join(toRoot, path)]);
	const manifest = {
		include: [join(toRoot, "manifest.json")],
		modules: Object.fromEntries(modules) as Record<string, string>,
		creation: { ...lane.creation, main: lane.main },
	};
	const path = join(folder, "manifest.json");
	writeChanged(path, `${JSON.stringify(manifest, undefined, "\t")}\n`);
	return path;
}

/** Writes a file unless it holds that already, so that make builds no more than it must. */
export function writeChanged(path: string, text: string): void {
	mkdirSync(join(path, ".."), { recursive: true });
	if (existsSync(path) && readFileSync(path, "utf8") === text) return;
	writeFileSync(path, text);
}

/** What manifest.json gives the engine on ESP32. */
export function deviceCreation(): Creation {
	const manifest = JSON.parse(readFileSync(join(root, "manifest.json"), "utf8")) as {
		platforms: { esp32: { creation: Creation } };
	};
	return manifest.platforms.esp32.creation;
}
