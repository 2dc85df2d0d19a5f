/** Builds for Linux and runs what was built under the headless host. */
import { mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { root } from "../build/root";
import { buildFolder, run, SdkMissing, step, type Ran, type Sdk } from "./sdk";

const buildTimeoutMs = 900_000;

/** The engine's words for its own end. */
const abortReasons: Readonly<Record<number, string>> = Object.freeze({
	1: "memory full",
	2: "JavaScript stack overflow",
	3: "fatal check",
	4: "dead strip: a built-in was stripped that is used",
	5: "unhandled exception",
	6: "no more keys",
	7: "too much computation",
	8: "unhandled rejection",
	9: "native stack overflow",
});
const abortBase = 100;

/** Compiles the host program. @returns its path */
export async function buildHost(sdk: Sdk): Promise<string> {
	const options = { environment: sdk.environment, timeoutMs: 60_000 };
	const flags = await run("pkg-config", ["--cflags", "--libs", "gio-2.0"], options);
	if (flags.code !== 0)
		throw new SdkMissing(
			"pkg-config does not know gio-2.0 (Debian: apt-get install libglib2.0-dev)",
		);
	const path = join(buildFolder, "host");
	mkdirSync(buildFolder, { recursive: true });
	await step(
		"gcc",
		[
			"-O1",
			"-Wall",
			`-I${join(sdk.folder, "build/simulators/modules")}`,
			join(root, "simulator/bench/sdk/host.c"),
			"-o",
			path,
			...flags.output.trim().split(/\s+/),
			"-ldl",
		],
		options,
	);
	return path;
}

/** Builds a manifest for Linux. @returns path of the application (mc.so) */
export async function buildForLinux(sdk: Sdk, manifest: string): Promise<string> {
	const folder = dirname(manifest);
	await step("mcconfig", ["-m", "-p", "lin", "-t", "build", "-o", folder, manifest], {
		environment: sdk.environment,
		folder,
		timeoutMs: buildTimeoutMs,
	});
	return join(folder, "bin", "lin", "mc", "release", basename(folder), "mc.so");
}

export interface HeadlessOptions {
	/** $HOME of the application: flash images and keys lie below it. */
	readonly home: string;
	readonly variables: Readonly<Record<string, string>>;
	readonly timeoutMs: number;
}

/** Runs an application in a process, and so in an engine, of its own. */
export function runHeadless(
	host: string,
	application: string,
	{ home, variables, timeoutMs }: HeadlessOptions,
): Promise<Ran> {
	mkdirSync(home, { recursive: true });
	return run(host, [application], {
		environment: { ...process.env, HOME: home, ...variables },
		timeoutMs,
	});
}

/** Why the process ended, in words; undefined when it ended by itself. */
export function endReason({ code, signal }: Ran): string | undefined {
	if (signal === "SIGKILL") return "no end in time";
	if (signal !== null) return `ended by ${signal}`;
	if (code < abortBase - 1) return undefined;
	if (code === abortBase - 1) return "could not be started";
	const status = code - abortBase;
	return `the engine stopped: ${abortReasons[status] ?? `status ${status}`}`;
}
