/** Where the Moddable SDK is and how its tools are run. The SDK is installed as its own documentation says. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { root } from "../build/root";

/** What is missing on this machine, in one line. */
export class SdkMissing extends Error {
	override readonly name = "SdkMissing";
}

/** A step of the SDK failed; the message is what its tools said. */
export class SdkBuildError extends Error {
	override readonly name = "SdkBuildError";
}

export interface Sdk {
	readonly folder: string;
	/** Environment in which its tools run: they find themselves, each other and a compiler for TypeScript. */
	readonly environment: NodeJS.ProcessEnv;
}

/** Exit code of a lane that cannot run here. */
export const missingCode = 3;

const tools = ["mcconfig", "xsc", "xsid", "xsl"];
/** Everything that the lanes write. */
export const buildFolder = join(root, "build", "moddable");

/**
 * Finds the SDK by the variable MODDABLE.
 * @param programs what must be on PATH besides. @throws SdkMissing
 */
export function findSdk(programs: readonly string[]): Sdk {
	const folder = process.env["MODDABLE"];
	if (folder === undefined || folder === "")
		throw new SdkMissing("MODDABLE is not set: install the Moddable SDK and set it to its folder");
	if (process.platform !== "linux")
		throw new SdkMissing(`this lane runs on Linux, not on ${process.platform}`);
	const bin = join(folder, "build", "bin", "lin", "release");
	const absent = tools.filter((name) => !existsSync(join(bin, name)));
	if (absent.length > 0)
		throw new SdkMissing(
			`the SDK's tools are not built: ${absent.join(", ")} not found in ${bin} (MODDABLE)`,
		);
	for (const program of programs)
		if (spawnSync(program, ["--version"], { stdio: "ignore" }).status !== 0)
			throw new SdkMissing(`${program} is not installed`);
	const path = [compilerFolder(), bin, process.env["PATH"] ?? ""].join(delimiter);
	return { folder, environment: { ...process.env, MODDABLE: folder, PATH: path } };
}

/**
 * mcconfig runs "tsc" once a file: the native compiler takes a third of the other's time.
 * @returns a folder with a link to it
 */
function compilerFolder(): string {
	const folder = join(buildFolder, "bin");
	mkdirSync(folder, { recursive: true });
	const link = join(folder, "tsc");
	rmSync(link, { force: true });
	symlinkSync(join(root, "node_modules", "typescript-native", "bin", "tsc"), link);
	return folder;
}

export interface Ran {
	/** Exit code; 1 when it was ended by a signal. */
	readonly code: number;
	readonly signal: NodeJS.Signals | null;
	/** Both streams as they came. */
	readonly output: string;
}

export interface RunOptions {
	readonly environment: NodeJS.ProcessEnv;
	readonly folder?: string;
	/** Killed after this time. */
	readonly timeoutMs: number;
}

/** Runs a program to its end. */
export function run(program: string, args: readonly string[], options: RunOptions): Promise<Ran> {
	return new Promise((resolve, reject) => {
		const child = spawn(program, args, {
			cwd: options.folder ?? root,
			env: options.environment,
			stdio: ["ignore", "pipe", "pipe"],
			timeout: options.timeoutMs,
			killSignal: "SIGKILL",
		});
		let output = "";
		const take = (bytes: Buffer): void => {
			output += bytes.toString();
		};
		child.stdout.on("data", take);
		child.stderr.on("data", take);
		child.on("error", reject);
		child.on("close", (code, signal) => resolve({ code: code ?? 1, signal, output }));
	});
}

/** Runs a step of a build. @throws SdkBuildError with the lines that say why it failed */
export async function step(
	program: string,
	args: readonly string[],
	options: RunOptions,
): Promise<string> {
	const { code, signal, output } = await run(program, args, options);
	if (code === 0) return output;
	const lines = output.split("\n");
	const telling = lines.filter(
		(line) => /error|fail|undefined reference/i.test(line) && !line.startsWith("# "),
	);
	const shown = [...new Set(telling.length > 0 ? telling : lines)].slice(-20);
	const end = signal === null ? `exit code ${code}` : `ended by ${signal}`;
	throw new SdkBuildError([`${program} failed (${end})`, ...shown].join("\n  "));
}

/** Runs a lane: what is missing becomes one line and exit code 3, a failed build exit code 1. */
export async function runLane(name: string, lane: () => Promise<number>): Promise<number> {
	try {
		return await lane();
	} catch (error) {
		if (error instanceof SdkMissing) {
			process.stderr.write(`${name}: not run: ${error.message}\n`);
			return missingCode;
		}
		if (error instanceof SdkBuildError) {
			process.stderr.write(`${name}: ${error.message}\n`);
			return 1;
		}
		throw error;
	}
}
