/**
 * `npm run moddable:test [-- FILTER] [--limits]`: the unit tests on the Moddable SDK's current engine, built for
 * Linux, each file in an engine of its own, the firmware preloaded as on the device.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkFirmware } from "../sdk/firmware-check";
import { buildForLinux, buildHost, endReason, runHeadless } from "../sdk/headless";
import { deviceCreation, writeChanged, writeManifest, type Creation } from "../sdk/manifest";
import { buildFolder, findSdk, runLane, type Sdk } from "../sdk/sdk";
import { findTestFiles, specifierOf, type TestFiles } from "../sdk/test-files";

const fileTimeoutMs = 120_000;
const workers = 2;
/** Starts with a character that no test's line starts with. */
const countsMark = "#counts ";
const mainName = "test-main";
const firmwareName = "firmware on the bench";

/** Loads the test that the environment names and runs it. */
const mainSource = `import { environment, exitProcess } from "platform/environment";
import { run } from "test/harness";

function runAll(): void {
	const { lines, passed, failed } = run();
	for (const line of lines) trace(line.replaceAll("\\n", " ") + "\\n");
	trace("${countsMark}" + passed + " " + failed + "\\n");
	exitProcess(0);
}

import(environment("HOLDFAST_TEST")!).then(runAll).catch((error) => {
	trace("not ok (file): " + String(error) + "\\n");
	exitProcess(1);
});
`;

/** Without limits: the engine grows, and tests may call as deep as they like. */
const roomyCreation: Creation = Object.freeze({
	static: 0,
	chunk: Object.freeze({ initial: 262_144, incremental: 65_536 }),
	heap: Object.freeze({ initial: 16_384, incremental: 4096 }),
	stack: 16_384,
});

/** A slot has 32 bytes here and 16 on the device, and arrays of slots lie in chunks: half as much again. */
const chunkFactor = 1.5;

interface FileOutcome {
	readonly file: string;
	readonly passed: number;
	readonly failures: readonly string[];
	readonly milliseconds: number;
}

/**
 * @returns 0 when every test passed, 1 when one failed or the build failed, 2 when the filter finds no file,
 * 3 when the SDK or its tools are missing
 */
export function main(args: readonly string[]): Promise<number> {
	return runLane("moddable:test", () => runTests(args));
}

async function runTests(args: readonly string[]): Promise<number> {
	const limited = args.includes("--limits");
	const filter = args.find((arg) => !arg.startsWith("--")) ?? "";
	const unknown = args.find((arg) => arg.startsWith("--") && arg !== "--limits");
	const tests = findTestFiles(filter);
	const withFirmware = firmwareName.includes(filter);
	if (unknown !== undefined || (tests.files.length === 0 && !withFirmware)) {
		const what = unknown === undefined ? `no test matches "${filter}"` : `unknown ${unknown}`;
		process.stderr.write(`moddable:test: ${what}\n`);
		return 2;
	}
	const sdk = findSdk(["gcc", "make", "pkg-config"]);
	const lane: Lane = {
		sdk,
		host: await buildHost(sdk),
		suffix: limited ? "-limits" : "",
		creation: limited ? limitedCreation() : roomyCreation,
	};
	process.stderr.write("moddable:test: building, a minute or two the first time ...\n");
	if (limited) process.stdout.write(`${limitsLine(lane.creation)}\n`);
	const outcomes = tests.files.length === 0 ? [] : await runUnitTests(lane, tests);
	if (withFirmware) outcomes.push(await runFirmware(lane));
	return report(outcomes, limited);
}

/** What a run has in common. */
interface Lane {
	readonly sdk: Sdk;
	/** Path of the host program. */
	readonly host: string;
	/** Of the build folders: both memories are kept built. */
	readonly suffix: string;
	readonly creation: Creation;
}

async function runUnitTests(
	lane: Lane,
	{ files, skipped, modules }: TestFiles,
): Promise<FileOutcome[]> {
	const name = `test${lane.suffix}`;
	const folder = join(buildFolder, name);
	writeChanged(join(folder, `${mainName}.ts`), mainSource);
	const manifest = writeManifest(folder, {
		modules: { ...modules, [mainName]: join("build/moddable", name, mainName) },
		main: mainName,
		creation: lane.creation,
	});
	const application = await buildForLinux(lane.sdk, manifest);
	for (const file of skipped)
		process.stdout.write(`${file}: skipped, it tests the npm engine's platform\n`);
	return runFiles(lane.host, application, files);
}

/** The firmware itself, preloaded as on the device, against the bench. */
async function runFirmware({ sdk, host, suffix, creation }: Lane): Promise<FileOutcome> {
	const manifest = writeManifest(join(buildFolder, `firmware${suffix}`), {
		modules: {},
		main: "main",
		creation,
	});
	const application = await buildForLinux(sdk, manifest);
	const startMs = Date.now();
	const home = mkdtempSync(join(tmpdir(), "holdfast-"));
	try {
		const outcome = { file: firmwareName, ...(await checkFirmware(host, application, home)) };
		const timed = { ...outcome, milliseconds: Date.now() - startMs };
		reportFile(timed);
		return timed;
	} finally {
		rmSync(home, { recursive: true, force: true });
	}
}

async function runFiles(
	host: string,
	application: string,
	files: readonly string[],
): Promise<FileOutcome[]> {
	const homes = mkdtempSync(join(tmpdir(), "holdfast-"));
	const outcomes: FileOutcome[] = [];
	const waiting = [...files];
	const work = async (): Promise<void> => {
		for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
			const home = join(homes, file.replaceAll("/", "-"));
			mkdirSync(home);
			const outcome = await runFile(host, application, home, file);
			outcomes.push(outcome);
			reportFile(outcome);
		}
	};
	try {
		await Promise.all(Array.from({ length: workers }, work));
	} finally {
		rmSync(homes, { recursive: true, force: true });
	}
	return outcomes;
}

async function runFile(
	host: string,
	application: string,
	home: string,
	file: string,
): Promise<FileOutcome> {
	const startMs = Date.now();
	const ran = await runHeadless(host, application, {
		home,
		variables: { HOLDFAST_TEST: specifierOf(file) },
		timeoutMs: fileTimeoutMs,
	});
	const lines = ran.output.split("\n");
	const failures = lines.filter((line) => line.startsWith("not ok ")).map((line) => line.slice(7));
	const counts = lines.find((line) => line.startsWith(countsMark))?.slice(countsMark.length);
	const [passed = 0, failed = 0] = (counts ?? "").split(" ").map(Number);
	const reason = endReason(ran);
	if (reason !== undefined) failures.push(`(file): ${[reason, ...engineLines(lines)].join(" | ")}`);
	else if (failures.length !== failed || passed + failed === 0)
		if (failures.length === 0)
			failures.push("(file): registers no test, or the counts do not agree");
	return { file, passed, failures, milliseconds: Date.now() - startMs };
}

/** What the engine itself said before it stopped. */
function engineLines(lines: readonly string[]): string[] {
	return lines
		.filter((line) => /^(# |XS abort|\(host\))/.test(line) && !line.includes("abort"))
		.slice(-2);
}

function reportFile({ file, passed, failures, milliseconds }: FileOutcome): void {
	const bad = failures.length > 0 ? `, ${failures.length} FAILED` : "";
	process.stdout.write(`${file}: ${passed} passed${bad} (${milliseconds} ms)\n`);
	for (const failure of failures) process.stdout.write(`  FAILED ${failure}\n`);
}

function report(outcomes: readonly FileOutcome[], limited: boolean): number {
	const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
	const failed = outcomes.reduce((sum, outcome) => sum + outcome.failures.length, 0);
	if (limited) {
		const full = outcomes.filter(({ failures }) =>
			failures.some((text) => /memory full|stack overflow/.test(text)),
		);
		process.stdout.write(`${full.length} files do not fit in the device's memory\n`);
	}
	process.stdout.write(`${passed} passed, ${failed} failed\n`);
	return failed === 0 ? 0 : 1;
}

/** The device's memory at its start, and no more: it may grow there into what the system leaves. */
function limitedCreation(): Creation {
	const { chunk, heap, stack } = deviceCreation();
	return {
		static: 0,
		chunk: { initial: Math.round(chunk.initial * chunkFactor), incremental: 0 },
		heap: { initial: heap.initial, incremental: 0 },
		stack,
	};
}

function limitsLine({ chunk, heap, stack }: Creation): string {
	return `limits: ${chunk.initial} bytes of chunks, ${heap.initial} slots, ${stack} slots of stack`;
}
