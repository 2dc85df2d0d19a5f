import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { filesBelow, manifest, root, tsconfigPaths } from "./sources";

/** Firmware modules by specifier, as the folders hold them (the platform is chosen per target). */
function specifiers(): string[] {
	const files = [...filesBelow("modules", ".ts"), ...filesBelow("drivers", ".ts")];
	return files
		.filter((path) => !path.startsWith("modules/platform/") && !path.endsWith(".d.ts"))
		.map((path) => path.replace(/^(modules|drivers)\//, "").replace(/\.ts$/, ""));
}

function firmwareFolders(): string[] {
	const folders = specifiers().map((specifier) => specifier.split("/").slice(0, -1).join("/"));
	return [...new Set(folders)];
}

test("manifest and tsconfig map every folder of the firmware to the same place", () => {
	const { modules } = manifest();
	const paths = tsconfigPaths();
	for (const folder of firmwareFolders()) {
		const key = `${folder}/*`;
		assert.ok(modules[key], `manifest.json does not map ${key}`);
		assert.equal(
			modules[key],
			paths[key],
			`${key} differs between manifest.json and tsconfig.json`,
		);
	}
});

test("the manifest maps nothing that does not exist", () => {
	for (const [key, path] of Object.entries(manifest().modules)) {
		if (path.startsWith("$(")) continue;
		const file = path.endsWith("/*") ? path.slice(0, -2) : `${path}.ts`;
		assert.ok(existsSync(join(root, file)), `${key} → ${path}`);
	}
});

test("every module of the firmware is preloaded by its exact name", () => {
	// A wildcard in `preload` silently skips TypeScript modules.
	const { preload } = manifest();
	assert.deepEqual([...preload].sort(), specifiers().sort());
});

test("no test is part of the firmware's manifest", () => {
	for (const path of Object.values(manifest().modules)) assert.ok(!path.includes("test/"), path);
});
