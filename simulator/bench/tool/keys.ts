/** `mac` and `keyblock`: what needs a key. Keys are never printed, only their check values. */
import type { Ciphers } from "core/ciphers";
import type { Dialect } from "message/dialect";
import { checkValue, decryptKey } from "message/key-block";
import { macs as algorithms, type MacAlgorithm, type MacName } from "message/mac";
import { readKeyBlock } from "message/sub-fields";
import { runCipher, type CipherKind } from "../board/ciphers";
import { UsageError } from "../cli/options";
import { dialectNamed } from "./dialects";
import { hexBytes, keyBytes, readArguments } from "./input";
import { decodeMessage } from "./iso8583";
import { printFailure, printJson, printTable } from "./output";

/** The firmware's cipher interface over node:crypto. Lengths are checked by the callers. */
export const nodeCiphers: Ciphers = Object.freeze({
	tdesEncrypt: (key: Uint8Array, data: Uint8Array) => run("tdes-encrypt", key, data),
	tdesDecrypt: (key: Uint8Array, data: Uint8Array) => run("tdes-decrypt", key, data),
	aesEncrypt: (key: Uint8Array, data: Uint8Array) => run("aes-encrypt", key, data),
});

function run(kind: CipherKind, key: Uint8Array, data: Uint8Array): Uint8Array {
	const result = runCipher(kind, key, data);
	if (result === undefined) throw new RangeError(`${kind}: key of ${key.length} bytes`);
	return Uint8Array.from(result);
}

/** A way to authenticate messages, with a name that was asked for. */
export interface ChosenMac extends MacAlgorithm {
	/** @throws UsageError for a key of another length */
	readonly check: (key: Uint8Array) => void;
}

/** @param name as it was given @param dialect where none was: its own @throws UsageError for an unknown name */
export function macs(name: string | undefined, dialect: Dialect): ChosenMac {
	const wanted = name ?? dialect.mac;
	if (!isMacName(wanted))
		throw new UsageError(`no MAC has this name; known: ${Object.keys(algorithms).join(", ")}`);
	const algorithm = algorithms[wanted];
	return {
		...algorithm,
		check: (key) => {
			if (!algorithm.keyLengths.includes(key.length))
				throw new UsageError(`${wanted} takes a key of ${algorithm.keyLengths.join(" or ")} bytes`);
		},
	};
}

function isMacName(name: string): name is MacName {
	return Object.hasOwn(algorithms, name);
}

/**
 * `mac --key HEX|@FILE [--mac NAME] HEX|-`: MAC over bytes. `--check [--dialect NAME]`: they are a whole message whose MAC
 * is checked. @returns exit code: 1 when that one is wrong, missing, or the message cannot be read
 */
export async function mac(args: readonly string[]): Promise<number> {
	const { positionals, json, flag, value } = readArguments(args, {
		values: ["key", "mac", "dialect"],
		flags: ["check"],
	});
	const dialect = dialectNamed(value("dialect"));
	const kind = macs(value("mac"), dialect);
	const key = keyBytes("key", value("key"), [8, 16, 24, 32]);
	kind.check(key);
	const bytes = await hexBytes(positionals, "the message");
	if (!flag("check")) {
		const code = Buffer.from(kind.code(nodeCiphers, key, bytes)).toString("hex");
		if (json) printJson({ mac: code });
		else process.stdout.write(`${code}\n`);
		return 0;
	}
	const decoded = decodeMessage(bytes, dialect);
	if ("code" in decoded) return printFailure(decoded, json);
	const { reader, view } = decoded;
	const found = view.fields["128"] ?? view.fields["64"] ?? null;
	const wanted = Buffer.from(kind.code(nodeCiphers, key, reader.macBody)).toString("hex");
	const ok = found === wanted;
	if (json) printJson({ mac: found, expected: wanted, ok });
	else
		printTable([
			["MAC", found ?? "none"],
			["expected", wanted],
			["", ok ? "right" : "WRONG"],
		]);
	return ok ? 0 : 1;
}

/**
 * `keyblock --tmk HEX|@FILE HEX|-`: check values of the working keys in field 62 of a sign-on reply.
 * @returns exit code: 1 when one is wrong or the block has no known length
 */
export async function keyBlock(args: readonly string[]): Promise<number> {
	const { positionals, json, value } = readArguments(args, { values: ["tmk"] });
	const tmk = keyBytes("tmk", value("tmk"), [8, 16, 24]);
	const block = await hexBytes(positionals, "the key block");
	const keys = readKeyBlock(block);
	if (keys === undefined)
		return printFailure({ code: "message.length", field: 62, offset: block.length }, json);
	const rows = keys.map((entry) => {
		const key = decryptKey(nodeCiphers, tmk, entry.key);
		const given = Buffer.from(entry.checkValue).toString("hex");
		const expected = Buffer.from(checkValue(nodeCiphers, key)).toString("hex");
		key.fill(0);
		return {
			use: entry.use,
			bytes: key.length,
			checkValue: given,
			expected,
			ok: given === expected,
		};
	});
	if (json) printJson({ keys: rows });
	else
		printTable([
			["key", "bytes", "check value", "expected", ""],
			...rows.map((row) => [
				row.use.toUpperCase(),
				String(row.bytes),
				row.checkValue,
				row.expected,
				row.ok ? "right" : "WRONG",
			]),
		]);
	return rows.every((row) => row.ok) ? 0 : 1;
}
