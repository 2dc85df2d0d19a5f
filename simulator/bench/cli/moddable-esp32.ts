/** `npm run moddable:esp32 [-- --json]`: compiles and links the firmware's XS part for ESP32 and says how large it is. */
import { buildForEsp32, type Esp32Build } from "../sdk/esp32";
import { findSdk, runLane } from "../sdk/sdk";
import { guarded, readOptions } from "./options";

/**
 * @returns 0 when it was built and all that should be preloaded is, 1 when not, 2 for a wrong argument,
 * 3 when the SDK or its tools are missing
 */
export function main(args: readonly string[]): Promise<number> {
	return guarded(() => runLane("moddable:esp32", () => build(args)));
}

async function build(args: readonly string[]): Promise<number> {
	const options = readOptions(args, { values: [], flags: ["--json"] });
	const sdk = findSdk(["git", "make", "gcc"]);
	process.stderr.write("moddable:esp32: building, about a minute the first time ...\n");
	const built = await buildForEsp32(sdk);
	if (options.flag("--json")) process.stdout.write(`${JSON.stringify(asData(built))}\n`);
	else process.stdout.write(asTable(built));
	return built.notPreloaded.length === 0 ? 0 : 1;
}

function asData({ rom, ...built }: Esp32Build): Record<string, unknown> {
	return { ...built, rom: rom ?? null };
}

function asTable(built: Esp32Build): string {
	const { modules, notPreloaded, warnings, instances, keys, rom } = built;
	const sum = modules.reduce((bytes, { codeBytes }) => bytes + codeBytes, 0);
	const rows = modules.map(
		({ name, preloaded, codeBytes }) =>
			`${name.padEnd(32)} ${String(codeBytes).padStart(7)}  ${preloaded ? "flash" : "memory"}`,
	);
	const lines = [
		`${"module".padEnd(32)} ${"code".padStart(7)}  stands in`,
		...rows,
		`${`${modules.length} modules`.padEnd(32)} ${String(sum).padStart(7)}`,
		"",
		`${instances} instances, ${keys} keys`,
		romLine(rom),
		`${warnings.length} preload warnings`,
		...warnings.map(({ module, what, kind }) => `  ${module}: ${what}: ${kind}`),
		...notPreloaded.map((name) => `NOT PRELOADED: ${name}`),
	];
	return `${lines.join("\n")}\n`;
}

function romLine(rom: Esp32Build["rom"]): string {
	if (rom === undefined)
		return "ROM size unknown: gcc cannot build for 32 bits here (Debian: apt-get install gcc-multilib)";
	const { readOnlyBytes, objectBytes, totalBytes } = rom;
	return `ROM of the JavaScript part: ${totalBytes} bytes (${readOnlyBytes} code, strings and tables, ${objectBytes} objects)`;
}
