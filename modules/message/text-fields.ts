import { Fault } from "core/fault";
import { isDigits, paddedDigits } from "message/digits";

/**
 * What stands inside fields 44, 54 and 63. Writers throw Fault "message.value" (a = field) for a part that does not fit; readers
 * give undefined for what they cannot read.
 */

/** One of the amounts of field 54: a balance, or a part of field 4. */
export interface AdditionalAmount {
	/** ISO 8583: 00 unspecified, 10 savings, 20 cheque, 30 credit. */
	readonly account: number;
	/** `AmountType`, or what else the host uses: 0 to 99. */
	readonly type: number;
	/** ISO 4217, numeric: 156. */
	readonly currency: number;
	/** Negative for a debit. */
	readonly amountMinor: number;
}

/** Kinds of amounts in field 54. */
export const AmountType = Object.freeze({ Ledger: 1, Available: 2, CashBack: 40 } as const);

const amountLength = 20;
const amountsMax = 6;

/** @param amounts 1 to 6; the UnionPay dialect has room for one @returns 20 characters for each */
export function field54Of(amounts: readonly AdditionalAmount[]): string {
	if (amounts.length === 0 || amounts.length > amountsMax) throw new Fault("message.value", 54);
	let text = "";
	for (const { account, type, currency, amountMinor } of amounts)
		text +=
			paddedDigits(54, account, 2) +
			paddedDigits(54, type, 2) +
			paddedDigits(54, currency, 3) +
			(amountMinor < 0 ? "D" : "C") +
			paddedDigits(54, Math.abs(amountMinor), 12);
	return text;
}

/** @param text field 54; "D" or "C" in front of each amount */
export function readField54(text: string): readonly AdditionalAmount[] | undefined {
	if (text.length === 0 || text.length > amountsMax * amountLength) return undefined;
	const amounts: AdditionalAmount[] = [];
	for (let at = 0; at < text.length; at += amountLength) {
		const part = text.slice(at, at + amountLength);
		if (!/^[0-9]{7}[CD][0-9]{12}$/.test(part)) return undefined;
		const amount = Number(part.slice(8));
		amounts.push({
			account: Number(part.slice(0, 2)),
			type: Number(part.slice(2, 4)),
			currency: Number(part.slice(4, 7)),
			amountMinor: part[7] === "D" && amount > 0 ? -amount : amount,
		});
	}
	return amounts;
}

/** Field 44 of a reply: the banks of card and merchant, up to 11 digits each; "" where the host says none. */
export interface Institutions {
	readonly issuer: string;
	readonly acquirer: string;
}

const institutionLength = 11;

/** @returns 22 characters, filled with spaces */
export function field44Of({ issuer, acquirer }: Institutions): string {
	if (![issuer, acquirer].every((code) => isDigits(code) && code.length <= institutionLength))
		throw new Fault("message.value", 44);
	return issuer.padEnd(institutionLength) + acquirer.padEnd(institutionLength);
}

/** @param text field 44; what stands behind the acquirer is left alone */
export function readField44(text: string): Institutions | undefined {
	const issuer = unfilled(text.slice(0, institutionLength));
	const acquirer = unfilled(text.slice(institutionLength, 2 * institutionLength));
	return isDigits(issuer) && isDigits(acquirer) ? { issuer, acquirer } : undefined;
}

/** Field 63: who stands at the terminal or whose card it is, and what the host wants to be printed. */
export interface HostTexts {
	/** 63.1: the operator ("01") in a request, the card organisation ("CUP") in a reply, a refund and a stored sale. */
	readonly tag: string;
	/** 63.2 of a reply, each "" where there is none; characters as they came, which may be GBK. */
	readonly issuer: string;
	readonly network: string;
	readonly acquirer: string;
	readonly terminal: string;
}

const tagLength = 3;
const textLengths = Object.freeze([20, 20, 20, 60] as const);

/** @param texts without 63.2: 3 characters @returns as many parts as are needed, each but the last filled with spaces */
export function field63Of(texts: Pick<HostTexts, "tag"> & Partial<HostTexts>): string {
	const { tag, issuer = "", network = "", acquirer = "", terminal = "" } = texts;
	const parts = [issuer, network, acquirer, terminal];
	if (tag.length > tagLength || parts.some((part, i) => part.length > textLengths[i]!))
		throw new Fault("message.value", 63);
	const rest = parts.map((part, i) => part.padEnd(textLengths[i]!)).join("");
	return tag.padEnd(tagLength) + unfilled(rest);
}

/** @param text field 63, never refused: a host may cut it anywhere */
export function readField63(text: string): HostTexts {
	let at = tagLength;
	const [issuer, network, acquirer, terminal] = textLengths.map((length) =>
		unfilled(text.slice(at, (at += length))),
	);
	return {
		tag: unfilled(text.slice(0, tagLength)),
		issuer: issuer!,
		network: network!,
		acquirer: acquirer!,
		terminal: terminal!,
	};
}

/** Without the spaces at its end. `trimEnd` of the npm engine leaves one of a text that is nothing but spaces. */
function unfilled(text: string): string {
	let end = text.length;
	while (end > 0 && text[end - 1] === " ") end--;
	return text.slice(0, end);
}
