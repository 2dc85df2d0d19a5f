/** `npm test`: everything that needs no SDK. The last line is "N passed, N failed". */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "../build/root";

interface Outcome {
	readonly passed: number;
	readonly failed: number;
}

interface Result {
	readonly outcome: Outcome;
	readonly log: string;
}

interface Stage {
	readonly name: string;
	readonly run: () => Promise<Result>;
}

const runner = join(root, "simulator/bench/run.mjs");
const tool = (path: string): string => join(root, "node_modules", path);
const tsc = tool("typescript/bin/tsc");
const prettier = tool("prettier/bin/prettier.cjs");

const sources: readonly Stage[] = [
	{ name: "types", run: () => check([tsc, "-p", "tsconfig.json"]) },
	{ name: "types of the bench", run: () => check([tsc, "-p", "tsconfig.bench.json"]) },
	{ name: "types of the SDK platforms", run: () => check([tsc, "-p", "tsconfig.sdk.json"]) },
	{ name: "lint", run: () => check([tool("eslint/bin/eslint.js"), "."]) },
	{ name: "format", run: () => check([prettier, "--check", "--log-level", "warn", "."]) },
	{ name: "architecture", run: () => counted([runner, "bench-test", "test/architecture"]) },
	{
		name: "journal under power cuts, on XS",
		run: () => check([runner, "sim", "journal", "--part", "--engine", "xs"]),
	},
];
const units: readonly Stage[] = [
	{ name: "unit tests on XS", run: () => counted([runner, "xs-test"]) },
];
const whole: readonly Stage[] = [
	{
		name: "bench, oracles and peers on Node",
		run: () => counted([runner, "bench-test", "test/bench"]),
	},
	{
		name: "scenario first-day",
		run: () => check([runner, "start", "--scenario", "first-day", "--json"]),
	},
	{ name: "twelve kills", run: () => check([runner, "kills", "--count", "12", "--json"]) },
];

/** Groups run one after the other, the lanes of a group side by side, the stages of a lane in order. */
const groups: readonly (readonly (readonly Stage[])[])[] = [[sources, units], [whole]];

/** @param args words of a stage's name, to run that alone @returns 0 when all passed */
export async function main(args: readonly string[]): Promise<number> {
	const startedMs = performance.now();
	const filter = args.join(" ");
	const total = { passed: 0, failed: 0 };
	const bad: string[] = [];
	const runOne = async (stage: Stage): Promise<void> => {
		const stageMs = performance.now();
		const { outcome, log } = await stage.run();
		total.passed += outcome.passed;
		total.failed += outcome.failed;
		if (outcome.failed > 0) bad.push(stage.name);
		const counts = `${outcome.passed} passed, ${outcome.failed} failed`;
		const seconds = ((performance.now() - stageMs) / 1000).toFixed(1);
		say(`\n== ${stage.name}\n${log}-- ${stage.name}: ${counts} (${seconds} s)`);
	};
	// What only reads sources runs beside the unit tests; what talks over sockets has the machine for itself.
	for (const group of groups) {
		const lanes = group.map((lane) => lane.filter((stage) => stage.name.includes(filter)));
		const runLane = async (lane: readonly Stage[]): Promise<void> => {
			for (const stage of lane) await runOne(stage);
		};
		await Promise.all(lanes.map(runLane));
	}
	const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1);
	say(`\n${minutes} min. Not run here: moddable:test, moddable:esp32 (they need the Moddable SDK)`);
	for (const name of bad) say(`FAILED: ${name}`);
	say(`${total.passed} passed, ${total.failed} failed`);
	return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

function say(text: string): void {
	process.stdout.write(`${text}\n`);
}

/** Runs a Node program. */
function run(args: readonly string[]): Promise<{ code: number; output: string; log: string }> {
	return new Promise((resolve) => {
		const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
		let output = "";
		let log = "";
		child.stdout.on("data", (bytes: Buffer) => {
			output += bytes.toString();
			log += bytes.toString();
		});
		child.stderr.on("data", (bytes: Buffer) => (log += bytes.toString()));
		child.on("close", (code) => resolve({ code: code ?? 1, output, log }));
	});
}

/** A program that passes or fails as a whole. */
async function check(args: readonly string[]): Promise<Result> {
	const { code, log } = await run(args);
	return { log, outcome: code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 } };
}

/** A program that counts by itself and says so in its last line. */
async function counted(args: readonly string[]): Promise<Result> {
	const { code, output, log } = await run(args);
	const found = /(\d+) passed, (\d+) failed\s*$/.exec(output);
	if (found === null) return { log, outcome: { passed: 0, failed: 1 } };
	const failed = Number(found[2]);
	const wrong = code !== 0 && failed === 0;
	return { log, outcome: { passed: Number(found[1]), failed: wrong ? 1 : failed } };
}
