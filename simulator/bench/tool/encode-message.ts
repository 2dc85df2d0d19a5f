import { Fault } from "core/fault";
import { fieldMax, type Dialect } from "message/dialect";
import { frameBytes } from "message/framing";
import { MessageWriter } from "message/writer";
import { UsageError } from "../cli/options";
import { dialectNamed } from "./dialects";
import { writeValue } from "./field-values";
import { fileText, keyBytes, readArguments } from "./input";
import { macs, nodeCiphers } from "./keys";
import { printFailure, printJson, type Failure } from "./output";

/** What the file says, checked for its shape alone. */
interface Wanted {
	readonly dialect: string | undefined;
	readonly withLength: boolean;
	readonly tpdu: Uint8Array;
	readonly header: Uint8Array;
	readonly mti: number;
	readonly fields: readonly (readonly [number, string])[];
}

const keyLengths = Object.freeze([8, 16, 24, 32]);
const macFields: readonly number[] = Object.freeze([64, 128]);

/**
 * `encode iso8583 [--dialect NAME] [--mak HEX|@FILE [--mac NAME]] [--json] FILE.json|-`: the inverse of
 * `decode iso8583 --json`. @returns exit code
 */
export async function encodeIso8583(args: readonly string[]): Promise<number> {
	const { positionals, json, value } = readArguments(args, { values: ["dialect", "mak", "mac"] });
	if (positionals.length !== 1) throw new UsageError("one file is wanted, or - for standard input");
	const wanted = wantedOf(await fileText(positionals[0]!));
	const dialect = dialectNamed(value("dialect") ?? wanted.dialect);
	const given = value("mak");
	const mak = given === undefined ? undefined : keyBytes("mak", given, keyLengths);
	const mac = macs(value("mac"), dialect);
	if (mak !== undefined) mac.check(mak);
	const message = messageOf(wanted, dialect, mak && ((body) => mac.code(nodeCiphers, mak, body)));
	if ("code" in message) return printFailure(message, json);
	const framed = enveloped(wanted, message);
	if ("code" in framed) return printFailure(framed, json);
	const hex = Buffer.from(framed).toString("hex");
	if (json) printJson({ dialect: dialect.name, bytes: framed.length, hex });
	else process.stdout.write(`${hex}\n`);
	return 0;
}

function messageOf(
	{ mti, fields }: Wanted,
	dialect: Dialect,
	mac: ((body: Uint8Array) => Uint8Array) | undefined,
): Uint8Array | Failure {
	const writer = new MessageWriter(dialect).begin(mti);
	try {
		for (const [field, value] of fields) {
			// The MAC is worked out anew.
			if (mac !== undefined && macFields.includes(field)) continue;
			if (!writeValue(writer, dialect, field, value))
				return { code: "message.value", field, offset: null };
		}
		return mac === undefined ? writer.finish() : writer.finishWithMac(mac);
	} catch (error) {
		if (error instanceof Fault && error.code !== "bug")
			return { code: error.code, field: error.a, offset: null };
		throw error;
	}
}

function enveloped(wanted: Wanted, message: Uint8Array): Uint8Array | Failure {
	const { tpdu, header, withLength } = wanted;
	if (!withLength) return Buffer.concat([tpdu, header, message]);
	const format = {
		packedLength: false,
		tpduLength: tpdu.length,
		headerLength: header.length,
		byteLimit: 2048,
	};
	try {
		return frameBytes(format, message, tpdu, header);
	} catch (error) {
		if (error instanceof Fault) return { code: error.code, field: error.a, offset: null };
		throw error;
	}
}

function wantedOf(text: string): Wanted {
	const given = objectOf(parsed(text), "the file");
	const fields = objectOf(given["fields"], '"fields"');
	const { dialect, lengthOk, mti } = given;
	if (typeof mti !== "string" || !/^\d{4}$/.test(mti))
		throw new UsageError('"mti" must be four digits');
	if (dialect !== undefined && typeof dialect !== "string")
		throw new UsageError('"dialect" must be a name');
	return {
		dialect,
		withLength: lengthOk === true || lengthOk === false,
		tpdu: partOf(given, "tpdu", 5),
		header: partOf(given, "header", 6),
		mti: parseInt(mti, 16),
		fields: Object.entries(fields)
			.map(([number, value]) => fieldOf(number, value))
			.sort(([a], [b]) => a - b),
	};
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		// The parser's own words quote the file.
		throw new UsageError("the file is not JSON");
	}
}

function objectOf(value: unknown, what: string): Record<string, unknown> {
	if (typeof value !== "object" || value === null || Array.isArray(value))
		throw new UsageError(`${what} must be an object`);
	return value as Record<string, unknown>;
}

function fieldOf(number: string, value: unknown): readonly [number, string] {
	const field = Number(number);
	if (!/^\d+$/.test(number) || field < 2 || field > fieldMax)
		throw new UsageError(`"fields": the names are numbers from 2 to ${fieldMax}`);
	if (typeof value !== "string") throw new UsageError(`field ${field} must be a string`);
	return [field, value];
}

function partOf(given: Record<string, unknown>, name: string, length: number): Uint8Array {
	const text = given[name] ?? "";
	if (typeof text !== "string" || !/^([0-9A-Fa-f]{2})*$/.test(text))
		throw new UsageError(`"${name}" must be hex`);
	if (text.length !== 0 && text.length !== 2 * length)
		throw new UsageError(`"${name}" must have ${length} bytes`);
	return Uint8Array.from(Buffer.from(text, "hex"));
}
