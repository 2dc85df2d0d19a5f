/** `node simulator/bench/run.mjs bench-test [FILTER]`: the tests that need Node, test/bench and test/architecture. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bundleForNode } from "../build/node-bundle";
import { root } from "../build/root";

const fileTimeoutMs = 420_000;
const workers = 2;
const folders = ["test/architecture", "test/bench"];

interface FileOutcome {
	readonly file: string;
	readonly passed: number;
	readonly failed: number;
	/** What the file said, for a failure. */
	readonly output: string;
	readonly milliseconds: number;
}

/** @returns 0 when every test passed, 1 when one failed, 2 when the filter finds no file */
export async function main(args: readonly string[]): Promise<number> {
	const filter = args[0] ?? "";
	const files = testFiles().filter((file) => file.includes(filter));
	if (files.length === 0) {
		console.error(`bench-test: no test file under ${folders.join(" or ")} matches "${filter}"`);
		return 2;
	}
	let passed = 0;
	let failed = 0;
	const work = async () => {
		for (let file = files.shift(); file !== undefined; file = files.shift()) {
			const outcome = await runFile(file);
			passed += outcome.passed;
			failed += outcome.failed;
			report(outcome);
		}
	};
	await Promise.all(Array.from({ length: workers }, work));
	console.log(`${passed} passed, ${failed} failed`);
	return failed === 0 ? 0 : 1;
}

function testFiles(): string[] {
	return folders
		.filter((folder) => existsSync(join(root, folder)))
		.flatMap((folder) =>
			readdirSync(join(root, folder))
				.filter((name) => name.endsWith(".test.ts"))
				.map((name) => `${folder}/${name}`),
		)
		.sort();
}

function report({ file, passed, failed, output, milliseconds }: FileOutcome): void {
	const counts = `${passed} passed${failed > 0 ? `, ${failed} FAILED` : ""}`;
	console.log(`${file}: ${counts} (${milliseconds} ms)`);
	if (failed > 0) console.log(output.replace(/^/gm, "  "));
}

async function runFile(file: string): Promise<FileOutcome> {
	const startMs = Date.now();
	const finish = (passed: number, failed: number, output: string): FileOutcome => ({
		file,
		passed,
		failed,
		output,
		milliseconds: Date.now() - startMs,
	});
	let bundle: string | undefined;
	try {
		bundle = await bundleForNode(file);
		const { code, output } = await runTests(bundle);
		const passed = count(output, "pass");
		const failed = count(output, "fail") + count(output, "cancelled");
		// A file that dies before its summary, or registers nothing, is a failure of its own.
		const broken = (code !== 0 && failed === 0) || passed + failed === 0;
		return finish(passed, broken ? failed + 1 : failed, output);
	} catch (error) {
		return finish(0, 1, error instanceof Error ? error.message : String(error));
	} finally {
		if (bundle !== undefined) rmSync(bundle, { force: true });
	}
}

/** Runs one bundle under the TAP reporter of node:test. */
function runTests(bundle: string): Promise<{ code: number | null; output: string }> {
	return new Promise((resolve, reject) => {
		const args = ["--enable-source-maps", "--test-reporter=tap", bundle];
		const child = spawn(process.execPath, args, { cwd: root, timeout: fileTimeoutMs });
		let output = "";
		const collect = (bytes: Buffer) => (output = (output + bytes.toString("utf8")).slice(-20_000));
		child.stdout.on("data", collect);
		child.stderr.on("data", collect);
		child.on("error", reject);
		child.on("close", (code) => resolve({ code, output }));
	});
}

/** The number in a summary line of TAP: "# pass 12". */
function count(output: string, word: string): number {
	const line = output.match(new RegExp(`^# ${word} (\\d+)$`, "m"));
	return line === null ? 0 : Number(line[1]);
}
