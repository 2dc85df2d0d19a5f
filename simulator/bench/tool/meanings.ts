/** What a person would have to look up: the parts of a field in words. */
import { responseOf } from "message/response-code";
import {
	readBatchDetails,
	readBatchEnd,
	readDifferences,
	readField48,
	readTip,
	type Totals,
} from "message/settlement-fields";
import { readField60, readField61, readField90 } from "message/sub-fields";
import { AmountType, readField44, readField54 } from "message/text-fields";

/** 60.1 of messages that are about a transaction. */
const typeNames: Readonly<Record<number, string>> = Object.freeze({
	1: "balance",
	10: "pre-authorisation",
	11: "pre-authorisation void",
	20: "completion",
	21: "completion void",
	22: "sale",
	23: "void",
	24: "completion advice",
	25: "refund",
	30: "stored sale",
	32: "adjustment, voice sale",
	34: "tip",
	36: "stored chip sale",
});

/** 60.3 of all others. */
const networkNames: Readonly<Record<number, string>> = Object.freeze({
	1: "sign-on",
	2: "sign-off",
	3: "sign-on",
	4: "sign-on",
	201: "settlement, details",
	202: "end of upload, not balanced",
	203: "chip sale, balanced",
	204: "failed chip sale, balanced",
	205: "chip sale, not balanced",
	206: "failed chip sale, not balanced",
	207: "end of upload, balanced",
	301: "echo",
	360: "parameters",
	370: "key",
	372: "list of keys",
	380: "application",
	382: "list of applications",
	390: "blacklist",
	900: "poll for notices",
	901: "notice: settlement",
	902: "notice: maintenance",
	903: "notice: calendar",
	904: "notice: parameters",
	905: "notice: fees",
	906: "notice: sign on",
	951: "script result",
});

const verdicts = Object.freeze(["no verdict", "balanced", "not balanced", "error"]);
const differenceNames = Object.freeze({ L: "host only", S: "terminal only", A: "other amount" });

/**
 * @param mti four digits
 * @param text the field as the tool shows it
 * @returns "" where the field speaks for itself
 */
export function meaningOf(field: number, mti: string, text: string): string {
	switch (field) {
		case 39:
			return "13".includes(mti[2] ?? "") ? responseWords(text) : "";
		case 44:
			return institutionWords(text);
		case 48:
			return field48Words(mti, text);
		case 54:
			return (readField54(text) ?? [])
				.map(
					({ type, currency, amountMinor }) =>
						`${amountName(type)} ${amountMinor} in currency ${currency}`,
				)
				.join(", ");
		case 60:
			return kindWords(text);
		case 61:
			return originalWords(text);
		case 62:
			return mti === "0330" ? differenceWords(text) : "";
		case 90:
			return readField90(text) === undefined
				? ""
				: `original: MTI ${text.slice(0, 4)}, STAN ${text.slice(4, 10)}, sent ${text.slice(10, 20)}`;
		default:
			return "";
	}
}

function responseWords(code: string): string {
	const { en, zh } = responseOf(code);
	return `${en} / ${zh}`;
}

function institutionWords(text: string): string {
	const found = readField44(text);
	return found === undefined || found.issuer === ""
		? ""
		: `issuer ${found.issuer}, acquirer ${found.acquirer === "" ? "not named" : found.acquirer}`;
}

function amountName(type: number): string {
	if (type === AmountType.Ledger) return "ledger";
	return type === AmountType.Available ? "available" : `amount of type ${type}`;
}

/** Amounts are minor units throughout, as in field 4. */
function field48Words(mti: string, text: string): string {
	const totals = readField48(text);
	if (mti.startsWith("05") && totals !== undefined)
		return `domestic: ${totalsWords(totals.domestic)}; foreign: ${totalsWords(totals.foreign)}`;
	if (mti === "0320" || mti === "0330") {
		const end = readBatchEnd(text);
		if (end !== undefined) return `${end} uploaded`;
		return (readBatchDetails(text) ?? [])
			.map(
				({ type, stan, amountMinor, credit }) =>
					`${typeNames[type] ?? type} ${String(stan).padStart(6, "0")} ${credit ? "-" : ""}${amountMinor}`,
			)
			.join(", ");
	}
	const tip = mti.startsWith("02") ? readTip(text) : undefined;
	return tip === undefined ? "" : `tip ${tip}`;
}

function totalsWords(totals: Totals): string {
	const { debitMinor, debitCount, creditMinor, creditCount, result } = totals;
	return `${debitCount} debits ${debitMinor}, ${creditCount} credits ${creditMinor}, ${verdicts[result] ?? "unknown verdict"}`;
}

function kindWords(text: string): string {
	const kind = readField60(text);
	if (kind === undefined) return "";
	const named = kind.network === 0 ? typeNames[kind.type] : networkNames[kind.network];
	const parts = `type ${text.slice(0, 2)}, batch ${text.slice(2, 8)}, network code ${text.slice(8, 11)}`;
	return named === undefined ? parts : `${parts}: ${named}`;
}

function originalWords(text: string): string {
	const original = readField61(text);
	if (original === undefined) return "";
	const date = original.monthDay ? `, date ${text.slice(12, 16)}` : "";
	return `original: batch ${text.slice(0, 6)}, STAN ${text.slice(6, 12)}${date}`;
}

function differenceWords(hex: string): string {
	return (readDifferences(Uint8Array.from(Buffer.from(hex, "hex"))) ?? [])
		.map(
			({ kind, stan, amountMinor, credit }) =>
				`${differenceNames[kind]} ${String(stan).padStart(6, "0")} ${credit ? "-" : ""}${amountMinor}`,
		)
		.join(", ");
}

/** Objects of a notice (docs/host-protocol.md), by tag. */
export const noticeTags: Readonly<Record<string, string>> = Object.freeze({
	c0: "Version",
	c1: "Batch",
	c2: "STAN",
	c3: "State of the settlement",
	c4: "Date",
	c5: "Reason",
	c6: "Net amount",
	c7: "Fees",
	c8: "Reference",
	c9: "Highest number taken",
	d1: "Maintenance window",
	d3: "Year",
	d4: "Working days",
	d5: "Parameter",
	d6: "Defaults first",
	d7: "Fee rate",
});
