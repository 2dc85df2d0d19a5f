/** Compiles and links the firmware's XS part for ESP32, without ESP-IDF, and reads what came of it. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { root } from "../build/root";
import { codeBytesOf, readLinked, readWarnings, type LinkWarning } from "./linked";
import { buildFolder, run, step, type Sdk } from "./sdk";

const timeoutMs = 900_000;
/** mcconfig asks git for the version of ESP-IDF; for the XS part it needs nothing else of it. */
const idfVersion = "v6.0";

export interface ModuleSize {
	readonly name: string;
	/** Linked into flash; otherwise loaded into memory at run time. */
	readonly preloaded: boolean;
	/** Of its byte code; 0 for what the SDK generates. */
	readonly codeBytes: number;
}

export interface RomSize {
	/** Byte code, strings and native tables. */
	readonly readOnlyBytes: number;
	/** Objects as preload left them: read-only on the device too. */
	readonly objectBytes: number;
	readonly totalBytes: number;
}

export interface Esp32Build {
	readonly modules: readonly ModuleSize[];
	/** Firmware modules that manifest.json wants preloaded and that are not. */
	readonly notPreloaded: readonly string[];
	readonly warnings: readonly LinkWarning[];
	readonly instances: number;
	readonly keys: number;
	/** undefined: this machine's gcc has no -m32. */
	readonly rom: RomSize | undefined;
}

/** Builds manifest.json for esp32. @throws SdkBuildError when a step fails */
export async function buildForEsp32(sdk: Sdk): Promise<Esp32Build> {
	const output = join(buildFolder, "esp32");
	mkdirSync(output, { recursive: true });
	const environment = { ...sdk.environment, IDF_PATH: await standInIdf(sdk) };
	const options = { environment, folder: root, timeoutMs };
	await step("mcconfig", ["-p", "esp32", "-o", output, join(root, "manifest.json")], options);
	const folder = join(output, "tmp", "esp32", "release", basename(root));
	const linked = join(folder, "mc.xs.c");
	// What ESP-IDF's own build would make. Linked anew each time, for the warnings come with it.
	const settings = join(folder, "xsProj-esp32", "build", "config", "sdkconfig.h");
	mkdirSync(dirname(settings), { recursive: true });
	if (!existsSync(settings)) writeFileSync(settings, "");
	rmSync(linked, { force: true });
	const makefile = join(folder, "makefile");
	const said = await step("make", ["-f", makefile, "-o", settings, linked], options);
	return describe(folder, said, await romSize(sdk, folder));
}

function describe(folder: string, said: string, rom: RomSize | undefined): Esp32Build {
	const linked = readLinked(readFileSync(join(folder, "mc.xs.c"), "utf8"));
	const { preload } = JSON.parse(readFileSync(join(root, "manifest.json"), "utf8")) as {
		preload: readonly string[];
	};
	const inFlash = new Set(linked.filter(({ preloaded }) => preloaded).map(({ name }) => name));
	const [, instances = "0", keys = "0"] = /### (\d+) instances, (\d+) keys/.exec(said) ?? [];
	return {
		modules: linked.map(({ name, preloaded }) => ({
			name,
			preloaded,
			codeBytes: codeBytesOf(join(folder, "modules", `${name}.xsb`)),
		})),
		notPreloaded: preload.filter((name) => !inFlash.has(name)),
		warnings: readWarnings(said),
		instances: Number(instances),
		keys: Number(keys),
		rom,
	};
}

/** An empty repository with the tag that mcconfig looks for. */
async function standInIdf(sdk: Sdk): Promise<string> {
	const folder = join(buildFolder, "idf");
	if (existsSync(join(folder, ".git", "refs", "tags", idfVersion))) return folder;
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	const options = { environment: sdk.environment, folder, timeoutMs: 30_000 };
	const author = ["-c", "user.email=build@localhost", "-c", "user.name=build"];
	await step("git", ["init", "-q", "."], options);
	await step("git", [...author, "commit", "-q", "--allow-empty", "-m", idfVersion], options);
	await step("git", ["tag", idfVersion], options);
	return folder;
}

/**
 * Size of the linked JavaScript on a 32-bit machine: slots have the same 16 bytes there as on ESP32.
 * The engine and ESP-IDF come on top.
 */
async function romSize(sdk: Sdk, folder: string): Promise<RomSize | undefined> {
	const options = { environment: sdk.environment, folder, timeoutMs: 120_000 };
	const probe = join(folder, "probe.c");
	writeFileSync(probe, "#include <stdio.h>\nint main(void) { return 0; }\n");
	const m32 = await run("gcc", ["-m32", "-c", probe, "-o", join(folder, "probe.o")], options);
	if (m32.code !== 0) return undefined;
	const includes = [
		join(root, "simulator/bench/sdk"),
		folder,
		...["includes", "platforms", "sources"].map((name) => join(sdk.folder, "xs", name)),
	];
	const object = join(folder, "mc.xs.32.o");
	const defines = [
		"XS_ARCHIVE=1",
		"INCLUDE_XSPLATFORM=1",
		'XSPLATFORM="rom_xs.h"',
		"ICACHE_FLASH_ATTR=",
	];
	await step(
		"gcc",
		[
			...["-m32", "-Os", "-w", "-c", join(folder, "mc.xs.c"), "-o", object],
			...defines.map((define) => `-D${define}`),
			...includes.map((include) => `-I${include}`),
		],
		options,
	);
	const said = await step("size", [object], options);
	const [readOnlyBytes = 0, objectBytes = 0] =
		said.split("\n")[1]?.trim().split(/\s+/).map(Number) ?? [];
	return { readOnlyBytes, objectBytes, totalBytes: readOnlyBytes + objectBytes };
}
