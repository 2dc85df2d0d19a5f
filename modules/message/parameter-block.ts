import { asciiBytes, asciiText, concatBytes } from "core/bytes";
import { Fault } from "core/fault";
import { isDigits, paddedDigits } from "message/digits";

/**
 * Field 62 of parameter downloads: terminal parameters (60.3 = 360), and public keys (370), applications (380) and blacklist (390), which
 * come in several replies. Writers throw Fault "message.value" (a = 62); readers take what came over the wire and give undefined for
 * what they cannot read.
 */

/** A parameter of the terminal: two digits on the wire. */
export const ParameterTag = Object.freeze({
	/** Seconds to wait for a reply, 2 digits. */
	ReplySeconds: 12,
	/** Attempts to connect, 1 digit. */
	Redials: 13,
	Phone1: 14,
	Phone2: 15,
	Phone3: 16,
	ManagementPhone: 17,
	/** "1": tips are taken. */
	Tips: 18,
	/** Most per cent of a tip, 2 digits. */
	TipPercent: 19,
	/** "1": a card number may be typed in. */
	ManualEntry: 20,
	/** "1": signs off by itself after the settlement. */
	AutoSignOff: 21,
	/** Up to 40 bytes of GBK. */
	MerchantName: 22,
	/** How often a reversal is sent at most, 1 digit. */
	Resends: 23,
	/** "1": stored sales with the next online one, "0": before the settlement. */
	StoredSales: 24,
	/** Number of the master key, 1 digit. */
	KeyIndex: 25,
	/** A bit for each kind of transaction, 4 bytes. */
	Transactions: 26,
} as const);
export type ParameterTag = (typeof ParameterTag)[keyof typeof ParameterTag];

/** Bytes of each parameter, from tag 11 (kind of the application) on. */
const firstTag = 11;
const parameterLengths = Object.freeze([2, 2, 1, 14, 14, 14, 14, 1, 2, 1, 1, 40, 1, 1, 1, 4]);
const tagLength = 2;

/** One parameter. What is read has the whole length of its tag, with the spaces that fill it up. */
export interface Parameter {
	readonly tag: number;
	readonly value: Uint8Array;
}

/** @param parameters each value at most as long as its tag allows; shorter ones are filled with spaces */
export function parametersOf(parameters: readonly Parameter[]): Uint8Array {
	const parts: Uint8Array[] = [];
	for (const { tag, value } of parameters) {
		const length = parameterLengths[tag - firstTag];
		if (length === undefined || value.length > length) throw new Fault("message.value", 62, tag);
		const filled = new Uint8Array(length).fill(0x20);
		filled.set(value);
		parts.push(asciiBytes(paddedDigits(62, tag, tagLength)), filled);
	}
	return concatBytes(...parts);
}

/** @returns undefined where a tag is unknown (its length would be, too) or the block is cut short */
export function readParameters(block: Uint8Array): readonly Parameter[] | undefined {
	const parameters: Parameter[] = [];
	for (let at = 0; at < block.length;) {
		const digits = asciiText(block, at, Math.min(at + tagLength, block.length));
		const length = isDigits(digits) ? parameterLengths[Number(digits) - firstTag] : undefined;
		at += tagLength;
		if (length === undefined || at + length > block.length) return undefined;
		parameters.push({ tag: Number(digits), value: block.slice(at, at + length) });
		at += length;
	}
	return parameters;
}

/** What follows the objects of a list reply. */
export const ListState = Object.freeze({
	/** There is nothing. */
	None: 0,
	/** All there is. */
	Whole: 1,
	/** Ask again, with the number of those that have come. */
	More: 2,
	/** The last of several. */
	End: 3,
} as const);
export type ListState = (typeof ListState)[keyof typeof ListState];

/** Field 62 of the reply to a list request (372, 382) or a download (370, 371, 380, 381, 390). */
export interface ParameterList {
	readonly state: ListState;
	/** BER-TLV: 9F06 (and 9F22) of what there is, or the objects of one. A list of keys has its RIDs under 9F06. */
	readonly objects: Uint8Array;
}

/** Field 62 of a list request. @param received objects that have come already, 0 to 99 @returns "1" and two digits */
export function listRequestOf(received: number): Uint8Array {
	return asciiBytes(`1${paddedDigits(62, received, 2)}`);
}

/** @returns how many objects the terminal has already */
export function readListRequest(block: Uint8Array): number | undefined {
	const text = asciiText(block);
	return /^1[0-9]{2}$/.test(text) ? Number(text.slice(1)) : undefined;
}

export function parameterListOf({ state, objects }: ParameterList): Uint8Array {
	return concatBytes(asciiBytes(String(state)), objects);
}

/** The objects are not looked at. */
export function readParameterList(block: Uint8Array): ParameterList | undefined {
	const state = Object.values(ListState).find((value) => value === (block[0] ?? 0) - 0x30);
	return state === undefined ? undefined : { state, objects: block.slice(1) };
}
