/** The grammar of AT command lines (3GPP 27.007, V.250). */

export interface AtCommand {
	/** Upper case: "", "E", "&D", "+CSQ". */
	readonly name: string;
	/** exec: AT+X · read: AT+X? · test: AT+X=? · set: AT+X=… */
	readonly form: "exec" | "read" | "test" | "set";
	/** Without quotes. */
	readonly args: readonly string[];
}

/**
 * The commands of a line. Noise before the "AT" is skipped.
 * @param line without its CR
 * @returns undefined when there is no "AT" in it, an empty list for a bare "AT"
 */
export function parseAtLine(line: string): AtCommand[] | undefined {
	const start = line.search(/AT/i);
	if (start < 0) return undefined;
	const commands: AtCommand[] = [];
	let rest = line.slice(start + 2).trim();
	while (rest !== "") {
		const basic = /^([A-Z]|&[A-Z])(\d*|\?)/i.exec(rest);
		if (basic !== null) {
			commands.push(basicCommand(basic[1]!.toUpperCase(), basic[2]!));
			rest = rest.slice(basic[0].length);
		} else {
			const end = semicolon(rest);
			commands.push(extendedCommand(rest.slice(0, end)));
			rest = rest.slice(end + 1);
		}
	}
	return commands;
}

/** Arguments between commas; a comma in quotes is part of its argument. */
export function splitArguments(text: string): string[] {
	const args: string[] = [];
	let current = "";
	let quoted = false;
	for (const char of text) {
		if (char === '"') quoted = !quoted;
		else if (char === "," && !quoted) {
			args.push(current.trim());
			current = "";
		} else current += char;
	}
	args.push(current.trim());
	return args;
}

function basicCommand(name: string, value: string): AtCommand {
	if (value === "?") return { name, form: "read", args: [] };
	return { name, form: "set", args: [value === "" ? "0" : value] };
}

function extendedCommand(text: string): AtCommand {
	const mark = text.search(/[=?]/);
	const name = (mark < 0 ? text : text.slice(0, mark)).trim().toUpperCase();
	if (mark < 0) return { name, form: "exec", args: [] };
	if (text[mark] === "?") return { name, form: "read", args: [] };
	const value = text.slice(mark + 1);
	if (value.trim() === "?") return { name, form: "test", args: [] };
	return { name, form: "set", args: splitArguments(value) };
}

function semicolon(text: string): number {
	let quoted = false;
	for (let i = 0; i < text.length; i++) {
		if (text[i] === '"') quoted = !quoted;
		else if (text[i] === ";" && !quoted) return i;
	}
	return text.length;
}
