/** `npm test`: everything that needs no SDK. The last line is "N passed, N failed". */
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "../build/root";

interface Outcome {
	readonly passed: number;
	readonly failed: number;
}

interface Stage {
	readonly name: string;
	readonly run: () => Promise<Outcome>;
}

const runner = join(root, "simulator/bench/run.mjs");
const packages = (path: string): string => join(root, "node_modules", path);

const stages: readonly Stage[] = [
	{ name: "types", run: () => check([packages("typescript/bin/tsc"), "-p", "tsconfig.json"]) },
	{
		name: "types of the bench",
		run: () => check([packages("typescript/bin/tsc"), "-p", "tsconfig.bench.json"]),
	},
	{
		name: "types of the SDK platforms",
		run: () => check([packages("typescript/bin/tsc"), "-p", "tsconfig.sdk.json"]),
	},
	{ name: "lint", run: () => check([packages("eslint/bin/eslint.js"), "."]) },
	{
		name: "format",
		run: () =>
			check([packages("prettier/bin/prettier.cjs"), "--check", "--log-level", "warn", "."]),
	},
	{ name: "architecture", run: () => nodeTests("test/architecture") },
	{ name: "unit tests on XS", run: () => counted([runner, "xs-test"]) },
	{ name: "bench, oracles and peers on Node", run: () => nodeTests("test/bench") },
	{
		name: "scenario first-day",
		run: () => check([runner, "start", "--scenario", "first-day", "--json"]),
	},
	{ name: "twelve kills", run: () => check([runner, "kills", "--count", "12", "--json"]) },
];

/** @returns 0 when all passed */
export async function main(args: readonly string[]): Promise<number> {
	const chosen = stages.filter((stage) => stage.name.includes(args.join(" ")));
	const total = { passed: 0, failed: 0 };
	const bad: string[] = [];
	for (const stage of chosen) {
		const startedMs = performance.now();
		process.stdout.write(`\n== ${stage.name}\n`);
		const outcome = await stage.run();
		total.passed += outcome.passed;
		total.failed += outcome.failed;
		if (outcome.failed > 0) bad.push(stage.name);
		const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
		process.stdout.write(
			`-- ${stage.name}: ${outcome.passed} passed, ${outcome.failed} failed (${seconds} s)\n`,
		);
	}
	process.stdout.write(
		"\nnot run here: moddable:test, moddable:esp32 (they need the Moddable SDK)\n",
	);
	for (const name of bad) process.stdout.write(`FAILED: ${name}\n`);
	process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
	return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

/** Runs a Node program. Its output is shown as it comes. */
function run(args: readonly string[]): Promise<{ code: number; output: string }> {
	return new Promise((resolve) => {
		const child = spawn(process.execPath, args, {
			cwd: root,
			stdio: ["ignore", "pipe", "inherit"],
		});
		let output = "";
		child.stdout.on("data", (bytes: Buffer) => {
			output += bytes.toString();
			process.stdout.write(bytes);
		});
		child.on("close", (code) => resolve({ code: code ?? 1, output }));
	});
}

/** A program that passes or fails as a whole. */
async function check(args: readonly string[]): Promise<Outcome> {
	const { code } = await run(args);
	return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** A program that counts by itself and says so in its last line. */
async function counted(args: readonly string[]): Promise<Outcome> {
	const { code, output } = await run(args);
	const found = /(\d+) passed, (\d+) failed\s*$/.exec(output);
	if (found === null) return { passed: 0, failed: 1 };
	const failed = Number(found[2]);
	return { passed: Number(found[1]), failed: code !== 0 && failed === 0 ? 1 : failed };
}

/** Bundles the tests of a folder and runs them under node:test, each file in its own process. */
async function nodeTests(folder: string): Promise<Outcome> {
	const outdir = join(root, "build", folder);
	rmSync(outdir, { recursive: true, force: true });
	mkdirSync(outdir, { recursive: true });
	const files = readdirSync(join(root, folder)).filter((name) => name.endsWith(".test.ts"));
	await build({
		entryPoints: files.map((name) => join(root, folder, name)),
		absWorkingDir: root,
		bundle: true,
		packages: "external",
		platform: "node",
		format: "esm",
		target: "node20",
		sourcemap: "inline",
		outdir,
		outExtension: { ".js": ".mjs" },
		tsconfig: join(root, "tsconfig.json"),
		logLevel: "error",
	});
	const built = files.map((name) => join(outdir, name.replace(/\.ts$/, ".mjs")));
	const { code, output } = await run([
		"--test",
		"--test-concurrency=2",
		"--test-reporter=tap",
		...built,
	]);
	const count = (word: string): number =>
		Number(new RegExp(`^# ${word} (\\d+)`, "m").exec(output)?.[1] ?? 0);
	const failed = count("fail");
	return { passed: count("pass"), failed: code !== 0 && failed === 0 ? 1 : failed };
}
