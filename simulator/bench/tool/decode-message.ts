import { responseOf } from "message/response-code";
import { readField60, readField61, readField90 } from "message/sub-fields";
import { dialectNamed } from "./dialects";
import { fieldNames, mtiName } from "./field-names";
import { hexBytes, readArguments } from "./input";
import { decodeMessage, type Decoded } from "./iso8583";
import { printFailure, printJson, printTable } from "./output";
import { objectRows } from "./tlv-objects";

/** `decode iso8583 [--dialect NAME] [--json] HEX|-`. @returns exit code */
export async function decodeIso8583(args: readonly string[]): Promise<number> {
	const { positionals, json, value } = readArguments(args, { values: ["dialect"] });
	const dialect = dialectNamed(value("dialect"));
	const decoded = decodeMessage(await hexBytes(positionals, "the message"), dialect);
	if ("code" in decoded) return printFailure(decoded, json);
	if (json) printJson(decoded.view);
	else printMessage(decoded);
	return 0;
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
			const lines = objectRows(inner).map(([tag, tagName, content]) => [
				"",
				`  ${tag}`,
				content === "" ? tagName : `${content}${tagName === "" ? "" : `  (${tagName})`}`,
			]);
			return [[...head, `${text.length / 2} bytes`], ...lines];
		}),
	);
}

/** The value and, where a person has to look it up, what it says. */
function withMeaning(field: number, mti: string, text: string): string {
	const meaning = meaningOf(field, mti, text);
	return meaning === "" ? text : `${text}  (${meaning})`;
}

function meaningOf(field: number, mti: string, text: string): string {
	if (field === 39 && "13".includes(mti[2] ?? "")) {
		const { en, zh } = responseOf(text);
		return `${en} / ${zh}`;
	}
	if (field === 60) {
		const kind = readField60(text);
		return kind === undefined
			? ""
			: `type ${text.slice(0, 2)}, batch ${text.slice(2, 8)}, network code ${text.slice(8, 11)}`;
	}
	if (field === 61 && readField61(text) !== undefined)
		return `original: batch ${text.slice(0, 6)}, STAN ${text.slice(6, 12)}`;
	if (field === 90 && readField90(text) !== undefined)
		return `original: MTI ${text.slice(0, 4)}, STAN ${text.slice(4, 10)}, sent ${text.slice(10, 20)}`;
	return "";
}
