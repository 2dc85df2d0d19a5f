import { concatBytes } from "core/bytes";
import type { PrintLine } from "core/devices";
import { gbkBytes } from "core/gbk";

/**
 * ESC/POS as 58 mm printers with GBK characters take it. DLE (0x10) starts a real-time command wherever it stands,
 * so it never stands in a slip: texts come without control characters from `gbkBytes`, and no parameter here is 0x10.
 */

const alignment = Object.freeze({ left: 0, center: 1, right: 2 } as const);

/** ESC @ (defaults), FS . (Chinese mode off: many printers start with it on). */
export const initialise = (): Uint8Array => Uint8Array.of(0x1b, 0x40, 0x1c, 0x2e);

/** GS V 66 0: feeds to the cutter and cuts. */
export const feedAndCut = (): Uint8Array => Uint8Array.of(0x1d, 0x56, 0x42, 0);

/** DLE EOT n: answered at once with one byte, also while offline. @param kind 1 printer, 2 offline cause, 4 paper */
export const statusRequest = (kind: StatusKind): Uint8Array => Uint8Array.of(0x10, 0x04, kind);
export type StatusKind = 1 | 2 | 4;

/** DLE ENQ 2: recover from an error and forget what waits in the buffer. */
export const recoverAndClear = (): Uint8Array => Uint8Array.of(0x10, 0x05, 0x02);

/** GS ( H function 48: the printer sends the ID back when all before it is printed. @param id 4 bytes, 0x20 to 0x7e */
export function processIdRequest(id: Uint8Array): Uint8Array {
	return concatBytes(Uint8Array.of(0x1d, 0x28, 0x48, 6, 0, 0x30, 0x30), id);
}

/** One line with its own complete style, so that bytes lost in another do no harm. Longer text wraps in the printer. */
export function encodeLine(line: PrintLine): Uint8Array {
	const style = Uint8Array.of(
		...[0x1b, 0x61, alignment[line.align ?? "left"]],
		...[0x1b, 0x45, line.bold === true ? 1 : 0],
		...[0x1d, 0x21, line.large === true ? 0x11 : 0],
	);
	const text = gbkBytes(line.text);
	const lineFeed = Uint8Array.of(0x0a);
	if (!text.some((byte) => byte >= 0x80)) return concatBytes(style, text, lineFeed);
	const chineseOn = Uint8Array.of(0x1c, 0x26);
	const chineseOff = Uint8Array.of(0x1c, 0x2e);
	return concatBytes(style, chineseOn, text, chineseOff, lineFeed);
}
