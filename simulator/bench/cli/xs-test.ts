/** `npm run xs-test -- [FILTER]`: the unit tests on XS, each file in a fresh engine. */
import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { XsProgram } from "../board/xs-program";
import { root } from "../build/root";

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
	let program: XsProgram | undefined;
	try {
		const source = `import "./${file}"; import { run } from "test/harness"; globalThis.runTests = run;`;
		const name = `entry-of-${file}`;
		program = await XsProgram.load({ source, name, callTimeoutMs: fileTimeoutMs });
		const { map, loadCompute } = program;
		const { value: result, compute: ran } = await program.call<HarnessResult>("runTests");
		const compute = loadCompute + ran;
		const failures = result.lines.filter((line) => line.startsWith("not ok "));
		if (failures.length !== result.failed || result.passed + result.failed === 0)
			return finish(0, ["(file): registers no test, or the counts do not agree"], compute);
		return finish(
			result.passed,
			failures.map((line) => shorten(map(line.slice("not ok ".length)))),
			compute,
		);
	} catch (error) {
		return finish(0, [`(file): ${error instanceof Error ? error.message : String(error)}`]);
	} finally {
		program?.close();
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
