/** Which fields each request has and what they may hold (docs/host-protocol.md, Messages). */
import { text, type Message } from "./codec";
import { readTlv } from "./tlv";

interface Layout {
	readonly required: readonly number[];
	readonly optional: readonly number[];
	readonly field60: RegExp;
}

const sale = Object.freeze({
	required: [3, 4, 7, 11, 12, 13, 22, 25, 41, 42, 49, 57, 60, 64],
	optional: [23, 55],
	field60: /^22\d{6}00060$/,
});

const layouts: Readonly<Record<string, Layout>> = Object.freeze({
	"0200": sale,
	"0220": { ...sale, field60: /^3[06]\d{6}00060$/ },
	"0400": {
		...sale,
		required: [3, 4, 7, 11, 12, 13, 22, 25, 39, 41, 42, 49, 60, 64],
	},
	"0800": { required: [7, 11, 41, 42, 60, 63], optional: [], field60: /^00\d{6}003$/ },
	"0820": { required: [7, 11, 41, 42, 60], optional: [], field60: /^00\d{6}301$/ },
});

/** What a field must look like wherever it stands in a request. */
const patterns: Readonly<Record<number, RegExp>> = Object.freeze({
	3: /^000000$/,
	11: /[1-9]/,
	12: /^([01]\d|2[0-3])[0-5]\d[0-5]\d$/,
	13: /^(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/,
	22: /^0[257]2$/,
	25: /^00$/,
	39: /^(98|A0|06)$/,
	49: /^156$/,
});

/** Card data that field 55 must never carry: track 2 equivalent, PAN, name, expiry. */
const clearTags: readonly string[] = Object.freeze([
	"57",
	"5A",
	"5F20",
	"5F24",
	"56",
	"9F1F",
	"9F20",
]);

/** All that a reversal's field 55 may carry. */
const reversalTags: readonly string[] = Object.freeze(["95", "9F1E", "9F10", "9F36"]);

/** The host knows this request. */
export function isRequest(mti: string): boolean {
	return Object.hasOwn(layouts, mti);
}

/** @returns what is wrong with a request that `isRequest`, in numbers and tags only; undefined when all is well */
export function flawOf(request: Message): string | undefined {
	const layout = layouts[request.mti];
	if (layout === undefined) return `message ${request.mti} unknown`;
	const missing = layout.required.find((field) => request.fields[field] === undefined);
	if (missing !== undefined) return `field ${missing} is missing`;
	const present = Object.keys(request.fields).map(Number);
	const known = [...layout.required, ...layout.optional];
	const foreign = present.find((field) => !known.includes(field));
	if (foreign !== undefined) return `field ${foreign} does not belong to a ${request.mti}`;
	const odd = present.find((field) => patterns[field]?.test(text(request, field)) === false);
	if (odd !== undefined) return `field ${odd} has no value of this dialect`;
	if (!layout.field60.test(text(request, 60))) return `field 60 does not suit a ${request.mti}`;
	return entryFlaw(request) ?? chipFlaw(request);
}

/** A stored sale says in 60.1 whether a chip was read, as field 22 does. */
function entryFlaw(request: Message): string | undefined {
	const swiped = text(request, 22) === "022";
	if (request.mti === "0220" && text(request, 60).startsWith("30") !== swiped)
		return "field 60 contradicts field 22";
	return swiped && request.fields[55] !== undefined ? "field 55 with a swipe" : undefined;
}

function chipFlaw(request: Message): string | undefined {
	const field55 = request.fields[55];
	if (!Buffer.isBuffer(field55)) return undefined;
	const objects = readTlv(field55);
	if (objects === undefined) return "field 55 is not TLV";
	const tags = [...objects.keys()];
	const clear = tags.find((tag) => clearTags.includes(tag));
	if (clear !== undefined) return `object ${clear} in field 55 is clear card data`;
	const excess = tags.find((tag) => request.mti === "0400" && !reversalTags.includes(tag));
	return excess === undefined ? undefined : `object ${excess} in field 55 of a reversal`;
}
