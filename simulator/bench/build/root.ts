import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's folder, wherever this code was bundled to. */
export const root = findRoot(dirname(fileURLToPath(import.meta.url)));

/** The engine that the npm package builds. */
export const workerPath = join(
	root,
	"node_modules/@agoric/xsnap/xsnap-native/xsnap/build/bin/lin/release/xsnap-worker",
);

function findRoot(start: string): string {
	for (let folder = start; ; folder = dirname(folder)) {
		if (existsSync(join(folder, "simulator/bench/run.mjs"))) return folder;
		if (folder === dirname(folder)) throw new Error(`no project folder above ${start}`);
	}
}
