import { Fault } from "core/fault";
import type { SettlementReply } from "host/exchange";
import type { MessageReader } from "message/reader";
import { subset } from "message/tlv";

/** What a reply must say to count. */
export interface Expected {
	/** MTI of the reply, packed: 0x0210. */
	readonly mti: number;
	readonly stan: number;
	readonly terminalId: string;
	readonly merchantId: string;
	/** 60.2, or -1 where the host gives its own. */
	readonly batch: number;
	/** -1 where the request has none. */
	readonly processingCode: number;
	/** -1 where the request has none. */
	readonly amountMinor: number;
	/** The request took a part as well: a reply 10 may have a smaller amount. */
	readonly partialAllowed?: boolean;
}

/** `right` field 64 for a body. */
export type MacCheck = (body: Uint8Array, field64: Uint8Array) => boolean;

export type Verdict =
	/** Cannot be read; the field where it ends. */
	| { readonly kind: "malformed"; readonly field: number }
	/** Answers something else; the first field that differs, 0 for the MTI. */
	| { readonly kind: "foreign"; readonly field: number }
	/** Neither approval nor one of the codes that need no proof, and without field 64: no reply. */
	| { readonly kind: "unproved"; readonly responseCode: string }
	| { readonly kind: "wrong-mac"; readonly responseCode: string }
	| {
			readonly kind: "reply";
			readonly responseCode: string;
			readonly rrn: string;
			readonly authCode: string;
			readonly authenticated: boolean;
			readonly settlement?: SettlementReply;
			/** Only where it is less than what was asked for. */
			readonly approvedMinor?: number;
			/** 91, 71 and 72 of field 55, where there are any. */
			readonly issuerData?: Uint8Array;
			/** Field 54, where there is one. */
			readonly balance?: string;
	  };

/** Codes that the host may send without field 64: they open nothing and close nothing. */
const unprovedCodes: readonly string[] = Object.freeze(["A0", "97", "99"]);

/** Codes that send the terminal back to the sign-on. */
const signOnCodes: readonly string[] = Object.freeze(["A0", "77", "99", "97"]);

/** The answer tells the terminal to sign on again. */
export function asksForSignOn(responseCode: string): boolean {
	return signOnCodes.includes(responseCode);
}

/**
 * Reads a payload and compares it with what the open request expects.
 * Afterwards `reader` holds the message, but for "malformed".
 */
export function matchFields(
	reader: MessageReader,
	payload: Uint8Array,
	expected: Expected,
): "match" | { readonly kind: "malformed" | "foreign"; readonly field: number } {
	try {
		reader.parse(payload);
	} catch (error) {
		if (!(error instanceof Fault)) throw error;
		return { kind: "malformed", field: error.a };
	}
	const field = differingField(reader, expected);
	return field < 0 ? "match" : { kind: "foreign", field };
}

/**
 * Judges the reply to a transaction (docs/host-protocol.md, Carrier). Never throws.
 * @param macCheck called at most once, and only for a reply whose fields match
 */
export function judgeReply(
	reader: MessageReader,
	payload: Uint8Array,
	expected: Expected,
	macCheck: MacCheck,
): Verdict {
	const match = matchFields(reader, payload, expected);
	if (match !== "match") return match;
	const responseCode = reader.text(39);
	const authenticated = reader.has(64);
	if (authenticated) {
		if (!macCheck(reader.macBody, reader.bytes(64))) return { kind: "wrong-mac", responseCode };
	} else if (responseCode === "00") return { kind: "wrong-mac", responseCode };
	else if (!unprovedCodes.includes(responseCode)) return { kind: "unproved", responseCode };
	const rrn = reader.has(37) ? reader.text(37) : "";
	const authCode = reader.has(38) ? reader.text(38) : "";
	const amountMinor = reader.has(4) ? reader.number(4) : expected.amountMinor;
	const settles = expected.mti === 0x0510 || expected.mti === 0x0330;
	return {
		kind: "reply",
		responseCode,
		rrn,
		authCode,
		authenticated,
		...(amountMinor < expected.amountMinor ? { approvedMinor: amountMinor } : {}),
		...(authenticated && reader.has(55) ? { issuerData: issuerData(reader.bytes(55)) } : {}),
		...(reader.has(54) ? { balance: reader.text(54) } : {}),
		...(settles ? { settlement: settlementReply(reader) } : {}),
	};
}

/** What the chip is told: issuer authentication data and scripts. Empty when the objects cannot be read. */
function issuerData(field55: Uint8Array): Uint8Array {
	try {
		return subset(field55, issuerTags);
	} catch (error) {
		if (!(error instanceof Fault)) throw error;
		return new Uint8Array(0);
	}
}

const issuerTags: readonly number[] = Object.freeze([0x91, 0x71, 0x72]);

function settlementReply(reader: MessageReader): SettlementReply {
	return {
		batch: batchOf(reader),
		digits48: reader.has(48) ? reader.digits(48) : "",
		differences: reader.has(62) ? reader.bytes(62).slice() : new Uint8Array(0),
	};
}

/** @returns the first field that is missing or differs, 0 for the MTI, -1 when all agree */
function differingField(reader: MessageReader, expected: Expected): number {
	if (reader.mti !== expected.mti) return 0;
	if (expected.processingCode >= 0 && !hasNumber(reader, 3, expected.processingCode)) return 3;
	if (expected.amountMinor >= 0 && !isAmount(reader, expected)) return 4;
	if (!hasNumber(reader, 11, expected.stan)) return 11;
	if (!reader.has(39)) return 39;
	if (!hasText(reader, 41, expected.terminalId)) return 41;
	if (!hasText(reader, 42, expected.merchantId)) return 42;
	return expected.batch >= 0 && batchOf(reader) !== expected.batch ? 60 : -1;
}

/** The amount that was asked for; or a part of it, where that was asked for as well and the reply says so. */
function isAmount(reader: MessageReader, { amountMinor, partialAllowed }: Expected): boolean {
	if (hasNumber(reader, 4, amountMinor)) return true;
	const isPart = partialAllowed === true && reader.has(39) && reader.text(39) === "10";
	return isPart && reader.has(4) && reader.number(4) >= 1 && reader.number(4) < amountMinor;
}

function hasNumber(reader: MessageReader, field: number, value: number): boolean {
	return reader.has(field) && reader.number(field) === value;
}

/** The padding of fixed fields does not count. */
function hasText(reader: MessageReader, field: number, text: string): boolean {
	return reader.has(field) && reader.text(field).trimEnd() === text.trimEnd();
}

/** 60.2, or -1 when it is not there. */
export function batchOf(reader: MessageReader): number {
	const digits = reader.has(60) ? reader.digits(60) : "";
	return digits.length < 8 ? -1 : Number(digits.slice(2, 8));
}

/** A response code as a number for the log: "51" is 51, "A0" is 1360 (1000 + the code in base 36). */
export function codeNumber(responseCode: string): number {
	const value = parseInt(responseCode, 36);
	if (Number.isNaN(value)) return 9999;
	return /^[0-9]+$/.test(responseCode) ? Number(responseCode) : 1000 + value;
}
