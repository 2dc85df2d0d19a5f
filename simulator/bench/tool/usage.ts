/** `--help` of the tool's commands (docs/tool.md). */

/** By command; what `decode KIND` also is stands under both. */
const lines = Object.freeze({
	"decode iso8583":
		"decode iso8583 [--dialect unionpay|iso87|iso87-binary] [--json] HEX|-   one message as a table",
	"decode tlv": "decode tlv [--json] HEX|-   BER-TLV, nested; also: tlv",
	"decode vivotech": "decode vivotech [--json] HEX|-   frames of the card reader",
	"decode mac":
		"mac --key HEX|@FILE [--mac unionpay-ecb|x9.19|aes-cmac] [--check] [--dialect NAME] [--json] HEX|-   MAC over bytes; --check: of a message",
	"decode keyblock":
		"keyblock --tmk HEX|@FILE [--json] HEX|-   check values of the keys in field 62 of a sign-on reply",
	"decode responses": "responses [--json] [CODE]   meaning of field 39",
	"encode iso8583":
		"encode iso8583 [--dialect NAME] [--mak HEX|@FILE [--mac NAME]] [--json] FILE.json|-   the inverse of decode iso8583 --json",
} as const);

/** @param args of a command @returns usage was asked for */
export function asksForHelp(args: readonly string[]): boolean {
	return args.includes("--help") || args.includes("-h");
}

/** Prints the lines of commands that begin like this. @returns 0, the exit code */
export function printUsage(command: string): number {
	for (const [name, line] of Object.entries(lines))
		if (name === command || name.startsWith(`${command} `))
			process.stdout.write(`holdfast ${line}\n`);
	return 0;
}
