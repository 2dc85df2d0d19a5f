/** Arguments of the tool's commands. Whatever is wrong with them is one line and exit code 2 (`guarded`). */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { UsageError } from "../cli/options";

const inputBytesMax = 64 * 1024;

export interface Arguments {
	readonly positionals: readonly string[];
	readonly json: boolean;
	readonly flag: (name: string) => boolean;
	readonly value: (name: string) => string | undefined;
}

/** Reads `--name value`, flags, `--json` and what stands alone. @throws UsageError for anything else */
export function readArguments(
	args: readonly string[],
	kinds: { readonly values?: readonly string[]; readonly flags?: readonly string[] } = {},
): Arguments {
	const options: Record<string, { readonly type: "boolean" | "string" }> = {};
	for (const name of ["json", ...(kinds.flags ?? [])]) options[name] = { type: "boolean" };
	for (const name of kinds.values ?? []) options[name] = { type: "string" };
	const { values, positionals } = parsed(args, options);
	return {
		positionals,
		json: values["json"] === true,
		flag: (name) => values[name] === true,
		value: (name) => {
			const value = values[name];
			return typeof value === "string" ? value : undefined;
		},
	};
}

interface Parsed {
	readonly values: Readonly<Record<string, unknown>>;
	readonly positionals: readonly string[];
}

function parsed(
	args: readonly string[],
	options: Record<string, { readonly type: "boolean" | "string" }>,
): Parsed {
	try {
		return parseArgs({ args: [...args], options, allowPositionals: true });
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new UsageError(reason.split("\n")[0]!.split(". ")[0]);
	}
}

/**
 * Hex from the arguments or, for "-", from standard input; white space and colons between the digits are skipped.
 * @throws UsageError when there is none, too much, or something else than hex
 */
export async function hexBytes(parts: readonly string[], what: string): Promise<Uint8Array> {
	if (parts.length === 0)
		throw new UsageError(`${what} is missing: hex digits, or - for standard input`);
	const text = parts.length === 1 && parts[0] === "-" ? await standardInput() : parts.join("");
	const digits = text.replace(/[\s:]/g, "");
	if (digits === "") throw new UsageError(`${what} is empty`);
	if (!/^[0-9A-Fa-f]*$/.test(digits)) throw new UsageError(`${what} is not hex`);
	if (digits.length % 2 !== 0) throw new UsageError(`${what} has an odd number of hex digits`);
	if (digits.length > 2 * inputBytesMax)
		throw new UsageError(`${what} is longer than ${inputBytesMax} bytes`);
	return Uint8Array.from(Buffer.from(digits, "hex"));
}

/** A key: hex, or @FILE, so that it does not stand in the list of processes. Never part of a message. */
export function keyBytes(
	option: string,
	given: string | undefined,
	lengths: readonly number[],
): Uint8Array {
	if (given === undefined) throw new UsageError(`--${option} is missing: hex digits or @FILE`);
	const text = given.startsWith("@") ? readText(given.slice(1)) : given;
	const digits = text.replace(/\s/g, "");
	if (!/^[0-9A-Fa-f]*$/.test(digits) || !lengths.includes(digits.length / 2))
		throw new UsageError(`--${option}: a key of ${lengths.join(" or ")} bytes in hex is wanted`);
	return Uint8Array.from(Buffer.from(digits, "hex"));
}

/** Content of a file, or of standard input for "-". @throws UsageError when it cannot be read */
export function fileText(path: string): Promise<string> {
	return path === "-" ? standardInput() : Promise.resolve(readText(path));
}

function readText(path: string): string {
	try {
		return readFileSync(path, "utf8");
	} catch (error) {
		const code = (error as NodeJS.ErrnoException).code ?? "unreadable";
		throw new UsageError(`${path} cannot be read (${code})`);
	}
}

async function standardInput(): Promise<string> {
	let text = "";
	for await (const chunk of process.stdin) {
		text += String(chunk);
		if (text.length > 4 * inputBytesMax) throw new UsageError("standard input is too long");
	}
	return text;
}
