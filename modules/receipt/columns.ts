import { columnsOf, cutColumns } from "core/gbk";

/** Columns of a line on 58 mm paper; a hanzi takes two. */
export const slipColumns = 32;

/** Label on the left, value on the right; on two lines where one is too narrow. */
export function pair(label: string, value: string): string[] {
	const gap = slipColumns - columnsOf(label) - columnsOf(value);
	if (gap >= 1) return [label + " ".repeat(gap) + value];
	const indent = Math.max(slipColumns - columnsOf(value), 0);
	return [label, ...wrap(" ".repeat(indent) + value)];
}

/** Breaks a text into lines: between hanzi, at a space where there is one. */
export function wrap(text: string): string[] {
	const lines: string[] = [];
	let rest = text;
	while (columnsOf(rest) > slipColumns) {
		let line = cutColumns(rest, slipColumns);
		const space = line.lastIndexOf(" ");
		if (space > 0 && rest[line.length] !== " " && isAsciiAt(rest, line.length))
			line = line.slice(0, space);
		lines.push(line);
		rest = rest.slice(line.length).trimStart();
	}
	if (rest !== "" || lines.length === 0) lines.push(rest);
	return lines;
}

function isAsciiAt(text: string, index: number): boolean {
	return text.charCodeAt(index) < 0x80;
}
