/** Which fields each request has and what they may hold (docs/host-protocol.md, Messages). */
import { text, type Message } from "./codec";
import { kindOf, kinds, networkOf, typeOf, type RequestKind } from "./kinds";
import { readTlv } from "./tlv";

interface Layout {
	readonly required: readonly number[];
	readonly optional: readonly number[];
	readonly field60: RegExp;
	/** What single fields must look like here, beyond `patterns`. */
	readonly values: Readonly<Record<number, RegExp>>;
}

/** Fields of every message that is about one transaction. */
const common: readonly number[] = Object.freeze([3, 7, 11, 12, 13, 22, 25, 41, 42, 49, 60, 64]);

function anyOf(values: readonly string[]): RegExp {
	return new RegExp(`^(${values.join("|")})$`);
}

function layoutOf(kind: RequestKind): Layout {
	const types = kind.types.join("|");
	// 60.6 may stand where an approval of a part makes sense.
	const tail = kind.network === "000" ? (kind.card ? "60[01]?" : "60") : "";
	return {
		required: [...common, ...kind.required],
		optional: kind.optional,
		field60: new RegExp(`^(${types})\\d{6}${kind.network}${tail}$`),
		values: {
			3: anyOf(kind.processing),
			22: kind.card ? /^0[257]2$/ : /^012$/,
			25: anyOf(kind.conditions),
		},
	};
}

/** A reversal: the request's fields without card data and the original's numbers, and its reason. */
function reversalOf(kind: RequestKind): Layout {
	const layout = layoutOf(kind);
	const left = (field: number): boolean => field !== 57 && field !== 37;
	return {
		...layout,
		required: [...layout.required.filter(left), 39],
		optional: kind.card ? [23, 55] : [],
	};
}

function management(required: readonly number[], field60: RegExp): Layout {
	return { required: [7, 11, 41, 42, 60, ...required], optional: [], field60, values: {} };
}

const managements: Readonly<Record<string, Layout>> = Object.freeze({
	"0320": management([48, 49, 64], /^00\d{6}20[127]$/),
	"0500": management([48, 49, 63, 64], /^00\d{6}201$/),
	"0800": management([63], /^00\d{6}003$/),
	"0820": management([], /^00\d{6}(301|002|900)$/),
});

const requests = new Map(kinds.map((kind) => [kind, layoutOf(kind)]));
const reversals = new Map(kinds.map((kind) => [kind, reversalOf(kind)]));
const known: readonly string[] = [
	...Object.keys(managements),
	...kinds.map((kind) => kind.mti),
	"0400",
];

/** What a field must look like wherever it stands in a request. */
const patterns: Readonly<Record<number, RegExp>> = Object.freeze({
	11: /[1-9]/,
	12: /^([01]\d|2[0-3])[0-5]\d[0-5]\d$/,
	13: /^(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/,
	38: /^[0-9A-Za-z]{6}$/,
	39: /^(98|A0|06)$/,
	49: /^156$/,
	61: /^(\d{12}|\d{16})$/,
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

/** All that a reversal's field 55 may carry; a script result has the result itself besides. */
const reversalTags: readonly string[] = Object.freeze(["95", "9F1E", "9F10", "9F36"]);
const scriptTags: readonly string[] = Object.freeze(["DF31", ...reversalTags]);

/** The host knows requests with this MTI. */
export function isRequest(mti: string): boolean {
	return known.includes(mti);
}

function layoutFor(request: Message): Layout | undefined {
	const management = managements[request.mti];
	if (management !== undefined) return management;
	const kind = kindOf(request);
	if (kind === undefined) return undefined;
	return (request.mti === "0400" ? reversals : requests).get(kind);
}

/** @returns what is wrong with a request that `isRequest`, in numbers and tags only; undefined when all is well */
export function flawOf(request: Message): string | undefined {
	const layout = layoutFor(request);
	if (layout === undefined)
		return request.fields[60] === undefined
			? "field 60 is missing"
			: `field 60 does not suit a ${request.mti}`;
	const missing = layout.required.find((field) => request.fields[field] === undefined);
	if (missing !== undefined) return `field ${missing} is missing`;
	const present = Object.keys(request.fields).map(Number);
	const allowed = [...layout.required, ...layout.optional];
	const foreign = present.find((field) => !allowed.includes(field));
	if (foreign !== undefined) return `field ${foreign} does not belong to this ${request.mti}`;
	const fits = (field: number, pattern: RegExp | undefined): boolean =>
		pattern?.test(text(request, field)) !== false;
	const odd = present.find(
		(field) => !fits(field, patterns[field]) || !fits(field, layout.values[field]),
	);
	if (odd !== undefined) return `field ${odd} has no value of this dialect`;
	if (!layout.field60.test(text(request, 60))) return `field 60 does not suit a ${request.mti}`;
	return entryFlaw(request) ?? chipFlaw(request);
}

/** A stored sale says in 60.1 whether a chip was read, as field 22 does. */
function entryFlaw(request: Message): string | undefined {
	const swiped = text(request, 22) === "022";
	const type = typeOf(request);
	if ((type === "30" && !swiped) || (type === "36" && swiped))
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
	const only =
		request.mti === "0400" ? reversalTags : networkOf(request) === "951" ? scriptTags : undefined;
	const excess = tags.find((tag) => only?.includes(tag) === false);
	return excess === undefined ? undefined : `object ${excess} in field 55 of a ${request.mti}`;
}
