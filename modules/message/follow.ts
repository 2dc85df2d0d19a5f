import { contentBits } from "message/content";
import { pairValue } from "message/digits";
import { shape, stepLength, type Plan } from "message/plan";

/** Above any length. */
const tooMuch = 0xffff;

/**
 * Checks a message and notes where its fields stand. The hot loop: it is written out, and its variables stand in front, for XS pays
 * for each call and for each declaration in each round, and for each comparison with 0.
 * @param start offset of the first field
 * @param anchors gets the offset of each anchor of the plan, the first field's in front
 * @param counts gets the digits or bytes of the variable field that ends at the next anchor
 * @returns false when something is wrong, whatever it is
 */
export function follow(
	plan: Plan,
	bytes: Uint8Array,
	start: number,
	anchors: Uint16Array,
	counts: Uint16Array,
): boolean {
	// What variable fields may take up. It never gets below 0, so nothing is read past the end.
	let spare = bytes.length - start - plan.least;
	if (spare < 0 || plan.least < 0) return false;
	const steps = plan.steps;
	const last = steps.length;
	const bits = contentBits;
	let anchor = 0;
	let at = start;
	let step = 0;
	let end: number;
	let good: number;
	let size: number;
	let form: number;
	let prefix: number;
	anchors[0] = start;
	while (step < last) {
		good = steps[step]!;
		size = steps[step + 1]!;
		prefix = steps[step + 2]!;
		form = steps[step + 3]!;
		step += stepLength;
		if (prefix) {
			size = contentBytes(bytes, at, prefix, size, form, counts, anchor);
			spare -= size;
			if (spare < 0) return false;
			at += prefix < 0 ? -prefix : prefix;
			end = at + size;
			anchors[++anchor] = end;
			if (
				form === shape.packed &&
				(counts[anchor - 1]! & 1) !== 0 &&
				(bytes[end - 1]! & 0x0f) !== 0
			)
				return false;
		} else {
			end = at + size;
			if (form && (bytes[form > 0x0f ? at : end - 1]! & form) !== 0) return false;
		}
		if (good) {
			while (at + 3 < end) {
				good &=
					bits[bytes[at]!]! & bits[bytes[at + 1]!]! & bits[bytes[at + 2]!]! & bits[bytes[at + 3]!]!;
				at += 4;
			}
			if (at + 1 < end) {
				good &= bits[bytes[at]!]! & bits[bytes[at + 1]!]!;
				at += 2;
			}
			if (at < end) good &= bits[bytes[at]!]!;
			if (!good) return false;
		}
		at = end;
	}
	return spare === 0;
}

/**
 * Reads and notes a length.
 * @param prefix, limit, form as in `Plan.steps`
 * @returns bytes of the content; more than any message has where the length lies
 */
function contentBytes(
	bytes: Uint8Array,
	offset: number,
	prefix: number,
	limit: number,
	form: number,
	counts: Uint16Array,
	anchor: number,
): number {
	let count: number;
	if (prefix > 0) {
		count = pairValue[bytes[offset]!]!;
		if (prefix > 1) {
			const low = pairValue[bytes[offset + 1]!]!;
			count = low === 255 ? tooMuch : count * 100 + low;
		}
	} else count = asciiNumber(bytes, offset, -prefix);
	if (count > limit) return tooMuch;
	counts[anchor] = count;
	if (form === shape.bytes) return count;
	return form === shape.packed ? (count + 1) >> 1 : 2 * count;
}

/** `tooMuch` where a byte is no digit. */
function asciiNumber(bytes: Uint8Array, offset: number, digitCount: number): number {
	let value = 0;
	for (let at = offset; at < offset + digitCount; at++) {
		const digit = bytes[at]! - 0x30;
		if (digit < 0 || digit > 9) return tooMuch;
		value = value * 10 + digit;
	}
	return value;
}
