/** `npm run xs-test -- [FILTER]`: the unit tests on XS, each file in a fresh engine. */
import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { Engine, EngineError } from "../board/engine";
import { bundleForXs } from "../build/firmware";
import { root } from "../build/root";
import { traceMapper, type TraceMapper } from "../build/trace-map";

const fileTimeoutMs = 120_000;
const workers = 2;
const reasonLengthMax = 800;

interface FileOutcome {
	readonly file: string;
	readonly passed: number;
	/** One line a failed test. */
	readonly failures: readonly string[];
	readonly compute: number;
	readonly milliseconds: number;
}

/** @returns 0 when every test passed, 1 when one failed, 2 when the filter finds no file */
export async function main(args: readonly string[]): Promise<number> {
	const filter = args[0] ?? "";
	const files = testFiles(join(root, "test/unit")).filter((file) => file.includes(filter));
	if (files.length === 0) {
		console.error(`xs-test: no test file under test/unit matches "${filter}"`);
		return 2;
	}
	const outcomes: FileOutcome[] = [];
	const waiting = [...files];
	const work = async () => {
		for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
			const outcome = await runFile(file);
			outcomes.push(outcome);
			report(outcome);
		}
	};
	await Promise.all(Array.from({ length: workers }, work));
	const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
	const failed = outcomes.reduce((sum, outcome) => sum + outcome.failures.length, 0);
	console.log(`${passed} passed, ${failed} failed`);
	return failed === 0 ? 0 : 1;
}

function testFiles(folder: string): string[] {
	if (!existsSync(folder)) return [];
	return readdirSync(folder, { recursive: true, encoding: "utf8" })
		.filter((name) => name.endsWith(".test.ts"))
		.map((name) => relative(root, join(folder, name)))
		.sort();
}

function report({ file, passed, failures, compute, milliseconds }: FileOutcome): void {
	const counts = `${passed} passed${failures.length > 0 ? `, ${failures.length} FAILED` : ""}`;
	console.log(`${file}: ${counts} (${compute} compute, ${milliseconds} ms)`);
	for (const failure of failures) console.log(`  FAILED ${failure}`);
}

/** Never rejects: whatever goes wrong is a failure of the file. */
async function runFile(file: string): Promise<FileOutcome> {
	const startMs = Date.now();
	const finish = (passed: number, failures: readonly string[], compute = 0): FileOutcome => ({
		file,
		passed,
		failures,
		compute,
		milliseconds: Date.now() - startMs,
	});
	let mapper: TraceMapper = (text) => text;
	try {
		const source = `import "./${file}"; import { run } from "test/harness"; globalThis.runTests = run;`;
		const { code, map } = await bundleForXs({ source, name: `entry-of-${file}` });
		mapper = traceMapper(map);
		const { result, compute } = await runInEngine(code);
		const failures = result.lines.filter((line) => line.startsWith("not ok "));
		if (failures.length !== result.failed || result.passed + result.failed === 0)
			return finish(0, ["(file): registers no test, or the counts do not agree"], compute);
		return finish(
			result.passed,
			failures.map((line) => shorten(mapper(line.slice("not ok ".length)))),
			compute,
		);
	} catch (error) {
		const text = error instanceof Error ? error.message : String(error);
		return finish(0, [`(file): ${mapper(text)}`]);
	}
}

/** Name, reason and the first places of the test itself: without the harness's own, and without saying it twice. */
function shorten(line: string): string {
	const [head = "", ...places] = line.split(" | ");
	const own = places.filter(
		(place) => place.includes(".ts:") && !place.includes("test/harness.ts"),
	);
	const half = head.match(/^(.*: )(.+) \2$/s);
	const reason = half === null ? head : `${half[1]}${half[2]}`;
	const cut = reason.length > reasonLengthMax ? `${reason.slice(0, reasonLengthMax)} …` : reason;
	return [cut, ...own.slice(0, 4)].join("\n    ");
}

interface HarnessResult {
	readonly lines: readonly string[];
	readonly passed: number;
	readonly failed: number;
}

async function runInEngine(code: string): Promise<{ result: HarnessResult; compute: number }> {
	const engine = new Engine({
		onCommand: () => new Uint8Array(0),
		onPrint: (text) => void process.stderr.write(text),
	});
	const timer = setTimeout(() => engine.kill(), fileTimeoutMs);
	try {
		const loaded = await engine.evaluate(`${code}\n//# sourceURL=bundle.js`);
		const ran = await engine.evaluate(
			"new TextEncoder().encode(JSON.stringify(runTests())).buffer",
		);
		const result = JSON.parse(Buffer.from(ran.bytes).toString("utf8")) as HarnessResult;
		return { result, compute: loaded.compute + ran.compute };
	} catch (error) {
		if (error instanceof EngineError && error.kind === "killed")
			throw new Error(`not over after ${fileTimeoutMs / 1000} s`, { cause: error });
		throw error;
	} finally {
		clearTimeout(timer);
		engine.kill();
	}
}
