import type { Dialect } from "message/dialect";
import { dialectNamed, otherDialects } from "./dialects";
import { fieldNames, mtiName } from "./field-names";
import { hexBytes, readArguments } from "./input";
import { decodeMessage, type Decoded } from "./iso8583";
import { meaningOf, noticeTags } from "./meanings";
import { printFailure, printJson, printTable } from "./output";
import { objectRows } from "./tlv-objects";

/** `decode iso8583 [--dialect NAME] [--json] HEX|-`. @returns exit code */
export async function decodeIso8583(args: readonly string[]): Promise<number> {
	const { positionals, json, value } = readArguments(args, { values: ["dialect"] });
	const dialect = dialectNamed(value("dialect"));
	const bytes = await hexBytes(positionals, "the message");
	const decoded = decodeMessage(bytes, dialect);
	if ("code" in decoded) {
		const code = printFailure(decoded, json);
		if (!json) hintAtDialects(bytes, dialect);
		return code;
	}
	if (json) printJson(decoded.view);
	else printMessage(decoded);
	return 0;
}

/** The commonest mistake is another dialect. */
function hintAtDialects(bytes: Uint8Array, dialect: Dialect): void {
	for (const other of otherDialects(dialect))
		if (!("code" in decodeMessage(bytes, other)))
			process.stderr.write(`holdfast: it can be read with --dialect ${other.name}\n`);
}

function printMessage({ view, objects }: Decoded): void {
	const { dialect, lengthOk, tpdu, header, mti, bitmap, fields } = view;
	const rows: string[][] = [["dialect", dialect]];
	if (lengthOk !== null) rows.push(["length", lengthOk ? "right" : "WRONG"]);
	if (tpdu !== null) rows.push(["TPDU", tpdu]);
	if (header !== null) rows.push(["header", header]);
	rows.push(["MTI", `${mti}  ${mtiName(mti)}`], ["bitmap", bitmap]);
	printTable(rows);
	process.stdout.write("\n");
	printTable(
		Object.entries(fields).flatMap(([number, text]) => {
			const name = fieldNames[Number(number)] ?? "";
			const head = [number.padStart(3), name];
			const inner = objects.get(Number(number));
			if (inner === undefined) return [[...head, withMeaning(Number(number), mti, text)]];
			const lines = objectRows(inner).map(([tag, name, content]) => {
				const tagName = name === "" && number === "62" ? (noticeTags[tag.trim()] ?? "") : name;
				const words = content === "" ? tagName : `${content}  (${tagName})`;
				return ["", `  ${tag}`, tagName === "" ? content : words];
			});
			return [[...head, `${text.length / 2} bytes`], ...lines];
		}),
	);
}

/** The value and, where a person has to look it up, what it says. */
function withMeaning(field: number, mti: string, text: string): string {
	const meaning = meaningOf(field, mti, text);
	return meaning === "" ? text : `${text}  (${meaning})`;
}
