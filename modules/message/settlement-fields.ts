import { asciiBytes, asciiText } from "core/bytes";
import { Fault } from "core/fault";
import { isDigits, paddedDigits } from "message/digits";

/**
 * What belongs to a settlement: field 48 with totals (0500, 0510), details and end of a batch upload (0320) or a tip (0220), field 62
 * with what the host found (0330). Writers throw Fault "message.value" (a = field) for a part that does not fit; readers give undefined for
 * what they cannot read.
 */

/** Totals of one kind of card in a settlement. */
export interface Totals {
	readonly debitMinor: number;
	readonly debitCount: number;
	readonly creditMinor: number;
	readonly creditCount: number;
	/** The host's judgement in a 0510: 0 none (as in the 0500), 1 balanced, 2 not balanced, 3 error. */
	readonly result: number;
}

const totalsDigits = 31;

/** Field 48 of a 0500 or 0510. @returns 62 digits: domestic cards, then foreign ones */
export function field48Of(domestic: Totals, foreign: Totals): string {
	return totalsText(domestic) + totalsText(foreign);
}

/** @param digits field 48; exactly 62 digits */
export function readField48(
	digits: string,
): { readonly domestic: Totals; readonly foreign: Totals } | undefined {
	if (digits.length !== 2 * totalsDigits || !isDigits(digits)) return undefined;
	return { domestic: totalsAt(digits, 0), foreign: totalsAt(digits, totalsDigits) };
}

function totalsText({ debitMinor, debitCount, creditMinor, creditCount, result }: Totals): string {
	return (
		padded(debitMinor, 12) +
		padded(debitCount, 3) +
		padded(creditMinor, 12) +
		padded(creditCount, 3) +
		padded(result, 1)
	);
}

function totalsAt(digits: string, start: number): Totals {
	const number = (from: number, to: number) => Number(digits.slice(start + from, start + to));
	return {
		debitMinor: number(0, 12),
		debitCount: number(12, 15),
		creditMinor: number(15, 27),
		creditCount: number(27, 30),
		result: number(30, 31),
	};
}

/** One transaction of a batch upload (60.3 = 201). No card: the host knows it by batch and STAN. */
export interface BatchDetail {
	/** 60.1 of the request, 0 to 99. */
	readonly type: number;
	readonly stan: number;
	/** Without a sign: `credit` has it. */
	readonly amountMinor: number;
	/** Lessens the merchant's money: void, refund. */
	readonly credit: boolean;
}

/** Most details of one 0320. */
export const batchDetailsMax = 8;

const detailDigits = 21;

/** Field 48 of a 0320 with details: their number, then 21 digits each. @param details 1 to 8 */
export function batchDetailsOf(details: readonly BatchDetail[]): string {
	if (details.length === 0 || details.length > batchDetailsMax)
		throw new Fault("message.value", 48);
	let digits = padded(details.length, 2);
	for (const { type, stan, amountMinor, credit } of details)
		digits += padded(type, 2) + padded(stan, 6) + padded(amountMinor, 12) + (credit ? "1" : "0");
	return digits;
}

/** @param digits field 48 */
export function readBatchDetails(digits: string): readonly BatchDetail[] | undefined {
	const count = (digits.length - 2) / detailDigits;
	if (!isDigits(digits) || count < 1 || count > batchDetailsMax) return undefined;
	if (Number(digits.slice(0, 2)) !== count) return undefined;
	const details: BatchDetail[] = [];
	for (let at = 2; at < digits.length; at += detailDigits) {
		const sign = digits[at + 20]!;
		if (sign > "1") return undefined;
		details.push({
			type: Number(digits.slice(at, at + 2)),
			stan: Number(digits.slice(at + 2, at + 8)),
			amountMinor: Number(digits.slice(at + 8, at + 20)),
			credit: sign === "1",
		});
	}
	return details;
}

/** Field 48 of the 0320 that ends a batch upload (60.3 = 202, 207). @param count transactions that were uploaded, 0 to 9999 */
export function batchEndOf(count: number): string {
	return padded(count, 4);
}

/** @param digits field 48; exactly 4 digits */
export function readBatchEnd(digits: string): number | undefined {
	return digits.length === 4 && isDigits(digits) ? Number(digits) : undefined;
}

/** What the host finds when a batch upload has ended. */
export const DifferenceKind = Object.freeze({
	/** 长款: the host has it, the terminal not. */
	Long: "L",
	/** 短款: the terminal has it, the host not. */
	Short: "S",
	/** Both have it, with different amounts. */
	Amount: "A",
} as const);
export type DifferenceKind = (typeof DifferenceKind)[keyof typeof DifferenceKind];

export interface Difference {
	readonly kind: DifferenceKind;
	readonly stan: number;
	/** As the host has it, without a sign. */
	readonly amountMinor: number;
	readonly credit: boolean;
}

/** Most differences of one 0330; what does not fit is left out by the host. */
export const differencesMax = 20;

const differenceLength = 20;

/** Field 62 of the 0330 that answers 60.3 = 202. @param differences 0 to 20 @returns 20 ASCII characters for each */
export function differencesOf(differences: readonly Difference[]): Uint8Array {
	if (differences.length > differencesMax) throw new Fault("message.value", 62);
	let text = "";
	for (const { kind, stan, amountMinor, credit } of differences)
		text +=
			kind + paddedDigits(62, stan, 6) + paddedDigits(62, amountMinor, 12) + (credit ? "1" : "0");
	return asciiBytes(text);
}

/** @param block field 62 */
export function readDifferences(block: Uint8Array): readonly Difference[] | undefined {
	if (block.length > differencesMax * differenceLength) return undefined;
	const text = asciiText(block);
	const differences: Difference[] = [];
	for (let at = 0; at < text.length; at += differenceLength) {
		const part = text.slice(at, at + differenceLength);
		if (!/^[LSA][0-9]{18}[01]$/.test(part)) return undefined;
		differences.push({
			kind: part[0] as DifferenceKind,
			stan: Number(part.slice(1, 7)),
			amountMinor: Number(part.slice(7, 19)),
			credit: part[19] === "1",
		});
	}
	return differences;
}

/** Field 48 of a 0220 with a tip (60.1 = 34): the tip alone; field 4 has the sum. */
export function tipOf(amountMinor: number): string {
	return padded(amountMinor, 12);
}

/** @param digits field 48; exactly 12 digits */
export function readTip(digits: string): number | undefined {
	return digits.length === 12 && isDigits(digits) ? Number(digits) : undefined;
}

function padded(value: number, digits: number): string {
	return paddedDigits(48, value, digits);
}
