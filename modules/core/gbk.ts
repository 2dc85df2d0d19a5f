import { gbkTable } from "core/gbk-table";

/** "□": what a character that the table lacks becomes. */
const unknownCode = 0xa1f5;
/** U+00A5 has no code of its own; the full-width sign is what printers have. */
const yenCode = 0xa3a4;
const question = 0x3f;

/**
 * GBK bytes of a text for printers and displays: ASCII as it is, GB2312 hanzi and symbols in two bytes.
 * Control characters become "?", so that a text can never carry a command (ESC, DLE) to a device;
 * what the table lacks becomes "□". Never throws.
 */
export function gbkBytes(text: string): Uint8Array {
	const bytes = new Uint8Array(columnsOf(text));
	let at = 0;
	for (const char of text) {
		const unicode = char.codePointAt(0)!;
		if (unicode < 0x80) {
			bytes[at++] = unicode < 0x20 || unicode === 0x7f ? question : unicode;
			continue;
		}
		const code = unicode === 0xa5 ? yenCode : codeOf(char);
		bytes[at++] = code >> 8;
		bytes[at++] = code & 0xff;
	}
	return bytes;
}

/** Columns that a text takes in a fixed-width font, and its bytes in GBK: 1 for ASCII, 2 for all else. */
export function columnsOf(text: string): number {
	let columns = 0;
	for (const char of text) columns += char.codePointAt(0)! < 0x80 ? 1 : 2;
	return columns;
}

/** The longest beginning of `text` that fits in `columns`; a hanzi is never cut in two. */
export function cutColumns(text: string, columns: number): string {
	let taken = "";
	let left = columns;
	for (const char of text) {
		left -= char.codePointAt(0)! < 0x80 ? 1 : 2;
		if (left < 0) break;
		taken += char;
	}
	return taken;
}

function codeOf(char: string): number {
	const { rows, rowLength, symbolLeads, firstHanziLead } = gbkTable;
	for (let row = 0; row < rows.length; row++) {
		const column = rows[row]!.indexOf(char);
		if (column < 0 || column >= rowLength) continue;
		const lead = symbolLeads[row] ?? firstHanziLead + row - symbolLeads.length;
		return lead * 256 + 0xa1 + column;
	}
	return unknownCode;
}
