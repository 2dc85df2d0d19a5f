/** `journal dump IMAGE` and `journal verify IMAGE` (docs/tool.md). */
import { readFileSync, statSync } from "node:fs";
import { UsageError } from "../../cli/options";
import { readArguments } from "../input";
import { printJson } from "../output";
import { checkLog } from "./check-log";
import { damageLine } from "./damage";
import { openImage } from "./image";
import type { FlashImage } from "./image";
import { journalLines, vaultLines } from "./lines";
import { readLog } from "./log";
import { checkVault, readVault } from "./vault";
import { journalSummary, journalView, vaultSummary, vaultView } from "./views";

const imageBytesMax = 64 * 1024 * 1024;

/** An image that was read and checked. */
interface Reading {
	readonly image: FlashImage;
	readonly summary: string;
	readonly view: () => Record<string, unknown>;
	readonly lines: () => string[];
}

/** `dump IMAGE [--json]`. @returns 0; 1 when there is nothing to read in the image */
export function dump(args: readonly string[]): Promise<number> {
	const { bytes, path, json } = imageOf("dump", args);
	const reading = readingOf(bytes);
	if ("reason" in reading) return Promise.resolve(nothing(path, reading.reason, json));
	const { findings } = reading.image;
	if (json) printJson(reading.view());
	else {
		print(reading.summary);
		for (const note of findings.notes) print(`note: ${note}`);
		for (const damage of findings.damage) print(`damage: ${damageLine(damage)}`);
		reading.lines().forEach(print);
	}
	return Promise.resolve(0);
}

/** `verify IMAGE [--json]`. @returns 0 when the image is sound, 1 with what is damaged */
export function verify(args: readonly string[]): Promise<number> {
	const { bytes, path, json } = imageOf("verify", args);
	const reading = readingOf(bytes);
	if ("reason" in reading) return Promise.resolve(nothing(path, reading.reason, json));
	const { damage, notes } = reading.image.findings;
	const sound = damage.length === 0;
	if (json) printJson({ sound, summary: reading.summary, damage, notes });
	else {
		const verdict = sound ? "sound" : `DAMAGED in ${damage.length} places`;
		print(`${verdict}: ${[reading.summary, ...notes].join("; ")}`);
		for (const one of damage) print(`  ${damageLine(one)}`);
	}
	return Promise.resolve(sound ? 0 : 1);
}

function imageOf(
	name: string,
	args: readonly string[],
): { bytes: Buffer; path: string; json: boolean } {
	const { positionals, json } = readArguments(args);
	const [path, ...others] = positionals;
	if (path === undefined || others.length > 0)
		throw new UsageError(`journal ${name} takes one file, the image of a partition`);
	return { bytes: fileBytes(path), path, json };
}

function fileBytes(path: string): Buffer {
	try {
		const { size } = statSync(path);
		if (size > imageBytesMax)
			throw new UsageError(
				`${path} is larger than ${imageBytesMax} bytes, no image of a partition`,
			);
		return readFileSync(path);
	} catch (error) {
		if (error instanceof UsageError) throw error;
		const code = (error as NodeJS.ErrnoException).code ?? "unreadable";
		throw new UsageError(`${path} cannot be read (${code})`);
	}
}

function nothing(path: string, reason: string, json: boolean): number {
	if (json) printJson({ sound: false, error: { code: "journal.none", reason } });
	else process.stderr.write(`holdfast: ${path}: ${reason}\n`);
	return 1;
}

/** Reads and checks an image; whatever the bytes are, it does not throw. */
export function readingOf(bytes: Buffer): Reading | { readonly reason: string } {
	const image = openImage(bytes);
	if ("reason" in image) return image;
	if (image.kind === "vault") {
		const blocks = readVault(image);
		checkVault(image, blocks);
		return {
			image,
			summary: vaultSummary(image, blocks),
			view: () => vaultView(image, blocks),
			lines: () => vaultLines(blocks),
		};
	}
	const log = readLog(image);
	checkLog(image, log);
	return {
		image,
		summary: journalSummary(image, log),
		view: () => journalView(image, log),
		lines: () => journalLines(log),
	};
}

function print(line: string): void {
	process.stdout.write(`${line}\n`);
}
