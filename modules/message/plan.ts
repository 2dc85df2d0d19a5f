import type { Field } from "message/dialect";

/** In `Plan.anchor`: the message has no such field. */
export const absent = 255;
/** Numbers that one step takes in `Plan.steps`. */
export const stepLength = 4;
/** What the content of a variable step is, in its fourth number. */
export const shape = Object.freeze({ bytes: 0, packed: 1, hex: 2 } as const);

/**
 * How messages with the same bitmaps are laid out, worked out once: most of what a message costs is then to look at its bytes.
 *
 * Fields of fixed length that follow each other and hold the same are one step. Where a field stands depends only on where the last
 * variable field before it ends: its anchor. Anchor 0 is the first field, anchor n the end of the n-th variable one.
 */
export interface Plan {
	/** Words of the bitmaps: fields 1 to 32 and so on. The last two are 0 without a second bitmap. */
	readonly words: Words;
	/** The first two of them. */
	readonly first: number;
	readonly second: number;
	/**
	 * Four numbers each: mask of `contentBits`, 0 where any byte is good · bytes, or most digits or bytes of a variable step · 0 for a fixed
	 * step, bytes of a packed length, or minus the digits of one in ASCII · nibble that must be 0 of a fixed step (0xf0 of the first byte,
	 * 0x0f of the last, 0 none), or `shape`.
	 */
	readonly steps: Int16Array;
	/** Bytes of the fields without the content of variable ones; -1 where the dialect does not know one of them. */
	readonly least: number;
	/** By field: its anchor or `absent`. */
	readonly anchor: Uint8Array;
	/** By field: bytes from its anchor to its content. */
	readonly distance: Uint16Array;
}

/** Of both bitmaps, 32 bits each, highest first. */
export type Words = readonly [first: number, second: number, third: number, fourth: number];

/** @param fields the dialect's, by number */
export function makePlan(fields: readonly (Field | undefined)[], words: Words): Plan {
	const [first, second] = words;
	const anchor = new Uint8Array(fields.length).fill(absent);
	const distance = new Uint16Array(fields.length);
	const steps: number[] = [];
	let least = 0;
	let anchors = 0;
	let fromAnchor = 0;
	for (const field of fieldsOf(words)) {
		const format = fields[field];
		if (format === undefined)
			return { words, first, second, steps: new Int16Array(0), least: -1, anchor, distance };
		anchor[field] = anchors;
		distance[field] = fromAnchor + format.prefixBytes;
		addStep(steps, format);
		least += format.prefixBytes + format.byteLength;
		fromAnchor += format.byteLength;
		if (format.variable) {
			anchors++;
			fromAnchor = 0;
		}
	}
	return { words, first, second, steps: Int16Array.from(steps), least, anchor, distance };
}

/** Numbers of the fields that bitmaps have, ascending; the bit that stands for the second bitmap is none. */
export function fieldsOf(words: Words): number[] {
	const found: number[] = [];
	for (const [index, word] of words.entries())
		for (let bit = index === 0 ? 1 : 0; bit < 32; bit++)
			if ((word & (0x80000000 >>> bit)) !== 0) found.push(32 * index + bit + 1);
	return found;
}

function addStep(steps: number[], format: Field): void {
	const { contentBit, byteLength, padMask } = format;
	if (format.variable) {
		const prefix = format.asciiPrefix ? -format.prefixBytes : format.prefixBytes;
		const content = format.packed ? shape.packed : format.hexText ? shape.hex : shape.bytes;
		steps.push(contentBit, format.length, prefix, content);
		return;
	}
	const last = steps.length - stepLength;
	const joins = last >= 0 && steps[last] === contentBit && steps[last + 2] === 0;
	if (joins && padMask === 0 && steps[last + 3] === 0)
		steps[last + 1] = steps[last + 1]! + byteLength;
	else steps.push(contentBit, byteLength, 0, padMask);
}
