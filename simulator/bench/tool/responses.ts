import { ResponseClass, responseOf, responses, type Response } from "message/response-code";
import { UsageError } from "../cli/options";
import { readArguments } from "./input";
import { printJson, printTable } from "./output";

const classNames = Object.freeze(
	Object.fromEntries(
		Object.entries(ResponseClass).map(([name, value]) => [
			value,
			name.replace(/[A-Z]/g, (letter, at) => `${at > 0 ? " " : ""}${letter.toLowerCase()}`),
		]),
	),
);

/** What the terminal makes of it as the answer to a sale. */
const actions: Readonly<Record<ResponseClass, string>> = Object.freeze({
	[ResponseClass.Approved]: "approves",
	[ResponseClass.Declined]: "declines",
	[ResponseClass.Retry]: "declines, a new sale may go through later",
	[ResponseClass.InDoubt]: "reverses",
	[ResponseClass.PickUp]: "declines, the card is to be kept",
	[ResponseClass.SignOn]: "declines and signs on",
});

/** `responses [--json] [CODE]`: what field 39 means and what the terminal makes of it. @returns exit code */
export function showResponses(args: readonly string[]): Promise<number> {
	const { positionals, json } = readArguments(args);
	const [code, ...more] = positionals;
	if (more.length > 0 || (code !== undefined && !/^[0-9A-Za-z]{2}$/.test(code)))
		throw new UsageError("one code of two characters is wanted, or none for all");
	const rows = (code === undefined ? responses : [responseOf(code.toUpperCase())]).map(viewOf);
	if (json) printJson(code === undefined ? rows : rows[0]);
	else
		printTable(
			rows.map((row) => [row.code, row.action, row.sendAgain ? "again" : "", row.en, row.zh]),
		);
	return Promise.resolve(0);
}

function viewOf(response: Response) {
	const { code, sendAgain, en, zh } = response;
	return {
		code,
		class: classNames[response.class]!,
		known: responses.includes(response),
		action: actions[response.class],
		sendAgain,
		en,
		zh,
	};
}
