/** The ESC/POS command stream, cut into commands. Knows lengths only; the printer knows meanings. */

export interface EscPosCommand {
	/** "text" (bytes to print), "LF", "ESC a", "GS V", "GS ( k" … */
	readonly name: string;
	/** Parameters and data behind the name. */
	readonly data: Buffer;
	/** Bytes that the command took. */
	readonly length: number;
	/** Bytes of image data that follow and may be more than the input buffer holds. */
	readonly rest: number;
}

const controls: Readonly<Record<number, string>> = {
	0x09: "HT",
	0x0a: "LF",
	0x0c: "FF",
	0x0d: "CR",
	0x18: "CAN",
};

/** Commands with a fixed count of parameter bytes. */
const fixed: Readonly<Record<string, number>> = {
	"ESC @": 0,
	"ESC t": 1,
	"ESC a": 1,
	"ESC E": 1,
	"ESC G": 1,
	"ESC -": 1,
	"ESC !": 1,
	"ESC M": 1,
	"ESC R": 1,
	"ESC 2": 0,
	"ESC 3": 1,
	"ESC SP": 1,
	"ESC d": 1,
	"ESC e": 1,
	"ESC J": 1,
	"ESC p": 3,
	"ESC V": 1,
	"ESC {": 1,
	"ESC =": 1,
	"ESC $": 2,
	"ESC \\": 2,
	"ESC c": 2,
	"ESC i": 0,
	"ESC m": 0,
	"GS !": 1,
	"GS B": 1,
	"GS L": 2,
	"GS W": 2,
	"GS P": 2,
	"GS h": 1,
	"GS w": 1,
	"GS H": 1,
	"GS f": 1,
	"GS r": 1,
	"GS a": 1,
	"GS I": 1,
	"GS b": 1,
	"GS $": 2,
	"GS \\": 2,
	"FS &": 0,
	"FS .": 0,
	"FS !": 1,
	"FS -": 1,
	"FS S": 2,
	"FS W": 1,
};

/** Longest block that is taken as a whole; the input buffer holds 4096. */
const blockLimit = 3800;

/**
 * The command at the start of `bytes`.
 * @returns undefined while more bytes are needed
 */
export function nextCommand(bytes: Buffer): EscPosCommand | undefined {
	const first = bytes[0];
	if (first === undefined) return undefined;
	const lead = first === 0x1b ? "ESC" : first === 0x1d ? "GS" : first === 0x1c ? "FS" : undefined;
	if (lead !== undefined) return prefixed(lead, bytes);
	const control = controls[first];
	if (control !== undefined) return cut(control, bytes, 1, 0);
	if (first < 0x20) return cut("unknown", bytes, 0, 1);
	return textRun(bytes);
}

/** Bytes up to the next control character; a two-byte character's second byte is never below 0x40. */
function textRun(bytes: Buffer): EscPosCommand | undefined {
	let end = 1;
	while (end < bytes.length && bytes[end]! >= 0x20) end++;
	return cut("text", bytes, 0, end);
}

function prefixed(lead: string, bytes: Buffer): EscPosCommand | undefined {
	const second = bytes[1];
	if (second === undefined) return undefined;
	const name = `${lead} ${second === 0x20 ? "SP" : String.fromCharCode(second)}`;
	const count = fixed[name];
	if (count !== undefined) return cut(name, bytes, 2, count);
	switch (name) {
		case "GS V":
			return needs(bytes, 3, () => cut(name, bytes, 2, isFeedCut(bytes[2]!) ? 2 : 1));
		case "ESC *":
			return needs(bytes, 5, () => cut(name, bytes, 2, 3, columnBytes(bytes)));
		case "ESC D":
			return untilNul(name, bytes, 2);
		case "GS v":
			return needs(bytes, 8, () => cut(name, bytes, 2, 6, word(bytes, 4) * word(bytes, 6)));
		case "GS k":
			return barcode(bytes);
		case "GS (":
		case "FS (":
		case "ESC (":
			return needs(bytes, 5, () => parenthesis(name, bytes));
		case "GS 8":
			return needs(bytes, 7, () => cut("GS 8 L", bytes, 3, 4, bytes.readUInt32LE(3)));
		default:
			return cut("unknown", bytes, 0, 2);
	}
}

/** Functions with a length; those too long for the buffer are passed over. */
function parenthesis(lead: string, bytes: Buffer): EscPosCommand | undefined {
	const name = `${lead} ${String.fromCharCode(bytes[2]!)}`;
	const count = word(bytes, 3);
	const image = name === "GS ( L" || count > blockLimit;
	return image ? cut(name, bytes, 3, 2, count) : cut(name, bytes, 3, 2 + count);
}

function barcode(bytes: Buffer): EscPosCommand | undefined {
	const kind = bytes[2];
	if (kind === undefined) return undefined;
	if (kind <= 6) return untilNul("GS k", bytes, 3);
	return needs(bytes, 4, () => cut("GS k", bytes, 2, 2 + bytes[3]!));
}

function untilNul(name: string, bytes: Buffer, from: number): EscPosCommand | undefined {
	const nul = bytes.indexOf(0, from);
	return nul < 0 ? undefined : cut(name, bytes, 2, nul - 1);
}

function isFeedCut(mode: number): boolean {
	return mode >= 65;
}

function columnBytes(bytes: Buffer): number {
	return word(bytes, 3) * (bytes[2]! >= 32 ? 3 : 1);
}

function word(bytes: Buffer, at: number): number {
	return bytes.readUInt16LE(at);
}

function needs<T>(bytes: Buffer, count: number, then: () => T): T | undefined {
	return bytes.length < count ? undefined : then();
}

/** @param skip bytes of the name @param count bytes behind it */
function cut(
	name: string,
	bytes: Buffer,
	skip: number,
	count: number,
	rest = 0,
): EscPosCommand | undefined {
	if (bytes.length < skip + count) return undefined;
	const data = Buffer.from(bytes.subarray(skip, skip + count));
	return { name, data, length: skip + count, rest };
}
