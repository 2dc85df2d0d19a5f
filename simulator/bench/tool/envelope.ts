/** What can stand around a message: length, TPDU, header. Found by what makes the message readable. */
import type { Dialect } from "message/dialect";

export const lengthBytes = 2;
const tpduBytes = 5;
const headerBytes = 6;

/** One way to cut the bytes; offsets into them. */
export interface Cut {
	/** Null where there is no length. */
	readonly lengthOk: boolean | null;
	/** Offset of the TPDU; it ends where the header starts. */
	readonly tpduStart: number;
	readonly headerStart: number;
	readonly start: number;
	readonly end: number;
}

/** Every way that makes sense, the likeliest first; at least one. */
export function cutsOf(bytes: Uint8Array, { asciiMti }: Dialect): readonly Cut[] {
	const plain = cutsAt(bytes, 0, null, asciiMti);
	const framed = cutsAt(bytes, lengthBytes, lengthOkOf(bytes), asciiMti);
	const short = shortened(bytes, framed);
	const all =
		framed[0]?.lengthOk === true ? [...framed, ...plain] : [...plain, ...framed, ...short];
	const bare = { lengthOk: null, tpduStart: 0, headerStart: 0, start: 0, end: bytes.length };
	return all.length > 0 ? all : [bare];
}

/** Binary or packed digits: acquirers differ. */
function lengthOkOf(bytes: Uint8Array): boolean {
	return saidLengths(bytes).includes(bytes.length - lengthBytes);
}

function saidLengths(bytes: Uint8Array): readonly number[] {
	if (bytes.length < lengthBytes) return [];
	const hex = Buffer.from(bytes.subarray(0, lengthBytes)).toString("hex");
	return [parseInt(hex, 16), ...(/^\d+$/.test(hex) ? [Number(hex)] : [])];
}

/** The length says less than there is: the message may end where it says. */
function shortened(bytes: Uint8Array, framed: readonly Cut[]): readonly Cut[] {
	return saidLengths(bytes).flatMap((said) =>
		framed
			.map((cut) => ({ ...cut, end: lengthBytes + said }))
			.filter(({ start, end }) => end > start && end < bytes.length),
	);
}

/** With TPDU and header, with a TPDU alone, with neither. */
function cutsAt(
	bytes: Uint8Array,
	offset: number,
	lengthOk: boolean | null,
	asciiMti: boolean,
): readonly Cut[] {
	const cuts: Cut[] = [];
	const add = (headerStart: number, start: number) => {
		if (looksLikeMti(bytes, start, asciiMti))
			cuts.push({ lengthOk, tpduStart: offset, headerStart, start, end: bytes.length });
	};
	const tpduEnd = offset + tpduBytes;
	if (startsWith6(bytes[offset])) {
		if (startsWith6(bytes[tpduEnd])) add(tpduEnd, tpduEnd + headerBytes);
		add(tpduEnd, tpduEnd);
	}
	add(offset, offset);
	return cuts;
}

function startsWith6(byte: number | undefined): boolean {
	return byte !== undefined && byte >> 4 === 6;
}

/** Version 0, 1, 2, 8 or 9, class 1 to 9, and digits. */
function looksLikeMti(bytes: Uint8Array, at: number, ascii: boolean): boolean {
	const part = Buffer.from(bytes.subarray(at, at + (ascii ? 4 : 2)));
	return /^[01289][1-9]\d\d$/.test(part.toString(ascii ? "latin1" : "hex"));
}
