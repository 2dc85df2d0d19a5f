import { toHex } from "core/bytes";
import { EntryMode } from "core/card";
import type { PrintLine } from "core/devices";
import { Fault } from "core/fault";
import { columnsOf } from "core/gbk";
import { localText } from "core/local-time";
import { formatAmount } from "core/money";
import type { TerminalConfig } from "core/platform";
import { findTag } from "message/tlv";
import { pair, slipColumns, wrap } from "receipt/columns";
import { fateTexts, kindTexts, slipTexts, type SlipLanguage, type SlipText } from "receipt/texts";
import { Kind, kindTraits } from "transaction/kinds";
import { countedMinor, type Transaction } from "transaction/transaction";

export interface SlipOptions {
	readonly copy: "merchant" | "cardholder";
	/** Marks the slip as a duplicate. */
	readonly reprint: boolean;
	/** Chinese and English side by side unless told otherwise. */
	readonly language?: SlipLanguage;
}

/** Entry letter behind the card number: swiped, inserted, contactless. */
const entryLetters: Readonly<Record<EntryMode, string>> = Object.freeze({
	[EntryMode.Swipe]: "S",
	[EntryMode.Chip]: "I",
	[EntryMode.Tap]: "C",
	[EntryMode.None]: "",
});

const rule = "-".repeat(slipColumns);

/**
 * The slip of a transaction (银联签购单) for 32 columns, from what is journalled alone: the same transaction gives the
 * same lines at any time. What its state does not prove as paid is no voucher and says so; the card number is masked.
 */
export function slipOf(
	transaction: Transaction,
	config: TerminalConfig,
	options: SlipOptions,
): PrintLine[] {
	const say = (text: SlipText) => inLanguage(text, options.language ?? "both");
	const fate = fateTexts[transaction.state];
	return [
		...heading(transaction, options, say),
		...plain([rule]),
		...plain(merchantLines(config, say)),
		...plain([rule]),
		...plain(transactionLines(transaction, config, say)),
		...plain(originalLines(transaction, say)),
		...amountLines(transaction, config, say),
		...plain(chipLines(transaction.chipData)),
		...(fate.voucher ? [] : marks(fate.marks, say)),
		...(fate.voucher && options.copy === "merchant" ? signature(options.language) : []),
	];
}

type Say = (text: SlipText) => string;

function inLanguage(text: SlipText, language: SlipLanguage): string {
	return language === "both" ? `${text.zh}/${text.en}` : text[language];
}

/** One line a language, for texts that are too long for one line in both. */
function separately(text: SlipText, language: SlipLanguage): string[] {
	if (language !== "both") return wrap(text[language]);
	return [...wrap(text.zh), ...wrap(text.en)];
}

function plain(texts: readonly string[]): PrintLine[] {
	return texts.map((text) => ({ text }));
}

function heading({ state }: Transaction, options: SlipOptions, say: Say): PrintLine[] {
	const fate = fateTexts[state];
	const language = options.language ?? "both";
	const title = fate.voucher ? slipTexts.title : slipTexts.report;
	const copy = options.copy === "merchant" ? slipTexts.merchantCopy : slipTexts.cardholderCopy;
	const lines: PrintLine[] = [];
	if (language !== "en") lines.push({ text: title.zh, align: "center", bold: true, large: true });
	if (language !== "zh") lines.push({ text: title.en, align: "center" });
	lines.push({ text: say(copy), align: "center" });
	if (options.reprint) lines.push(...marks([slipTexts.duplicate], say));
	lines.push(...marks(fate.marks, say));
	if (fate.hint !== undefined)
		for (const text of separately(fate.hint, language)) lines.push({ text, align: "center" });
	return lines;
}

function marks(texts: readonly SlipText[], say: Say): PrintLine[] {
	return texts.map((text) => ({ text: say(text), align: "center", bold: true }));
}

function merchantLines(config: TerminalConfig, say: Say): string[] {
	return [
		...pair(say(slipTexts.merchantName), config.merchantName),
		...pair(say(slipTexts.merchantId), config.merchantId),
		...pair(say(slipTexts.terminalId), config.terminalId),
	];
}

function transactionLines(transaction: Transaction, config: TerminalConfig, say: Say): string[] {
	const { batch, stan, authCode, rrn, responseCode, entryMode, openedMs } = transaction;
	const known = (label: SlipText, value: string) => (value === "" ? [] : pair(say(label), value));
	const card = `${masked(transaction.maskedPan)} ${entryLetters[entryMode]}`.trim();
	return [
		...known(slipTexts.card, card),
		...pair(say(slipTexts.type), say(kindTexts[transaction.kind])),
		...pair(say(slipTexts.batch), String(batch).padStart(6, "0")),
		...pair(say(slipTexts.stan), String(stan).padStart(6, "0")),
		...known(slipTexts.authCode, authCode),
		...known(slipTexts.rrn, rrn),
		...known(slipTexts.responseCode, responseCode === "00" ? "" : responseCode),
		...pair(say(slipTexts.time), localText(openedMs, config.utcOffsetMinutes)),
	];
}

/** How the original can be found again: what its own slip says. */
function originalLines({ original }: Transaction, say: Say): string[] {
	if (original === undefined) return [];
	const known = (label: SlipText, value: string) => (value === "" ? [] : pair(say(label), value));
	const digits = (value: number, width: number) =>
		value === 0 ? "" : String(value).padStart(width, "0");
	return [
		...known(slipTexts.originalTrace, digits(original.stan, 6)),
		...known(slipTexts.originalBatch, digits(original.batch, 6)),
		...known(slipTexts.originalRrn, original.rrn),
		...known(slipTexts.originalAuthCode, original.authCode),
		...known(slipTexts.originalDate, digits(original.monthDay, 4)),
	];
}

/** The reader masks; a number that came from elsewhere is masked here (G4). */
function masked(pan: string): string {
	if (pan.includes("*") || pan.length <= 10) return pan;
	return pan.slice(0, 6) + "*".repeat(pan.length - 10) + pan.slice(-4);
}

function amountLines(transaction: Transaction, config: TerminalConfig, say: Say): PrintLine[] {
	const { kind, amountMinor, approvedMinor, currency, original } = transaction;
	const name = currency === 156 ? "RMB" : String(currency).padStart(3, "0");
	const money = (minor: number) => `${name} ${formatAmount(minor, config.currencyDigits)}`;
	// What goes back to the customer stands with a minus sign.
	const sign = kindTraits[kind].sign < 0 ? -1 : 1;
	const text = money(sign * countedMinor(transaction));
	const large = 2 * columnsOf(text) <= slipColumns;
	const partial = approvedMinor > 0;
	return [
		...(partial ? plain(pair(say(slipTexts.requested), money(amountMinor))) : []),
		...(partial ? marks([slipTexts.partial], say) : []),
		{ text: say(slipTexts.amount), bold: true },
		{ text, align: "right", bold: true, large },
		...(kind === Kind.Tip && original !== undefined
			? plain(pair(say(slipTexts.total), money(original.amountMinor + amountMinor)))
			: []),
	];
}

/** What EMV wants on the slip. A TC only where the card gave one (9F27 = 40): an ARQC is not yet an approval. */
function chipLines(chipData: Uint8Array): string[] {
	if (chipData.length === 0) return [];
	const cryptogram = tagHex(chipData, 0x9f26);
	const approved = (parseInt(tagHex(chipData, 0x9f27), 16) & 0xc0) === 0x40;
	const lines: string[] = [];
	const add = (label: string, value: string) => {
		if (value !== "") lines.push(...pair(label, value));
	};
	add(approved ? "TC" : "ARQC", cryptogram);
	add("AID", tagHex(chipData, 0x84));
	add("TVR", tagHex(chipData, 0x95));
	return lines;
}

/** Upper-case hex, "" when the object is missing or the data cannot be read. */
function tagHex(chipData: Uint8Array, tag: number): string {
	try {
		const value = findTag(chipData, tag);
		return value === undefined ? "" : toHex(value).toUpperCase();
	} catch (error) {
		if (error instanceof Fault) return "";
		throw error;
	}
}

function signature(language: SlipLanguage = "both"): PrintLine[] {
	return plain([
		inLanguage(slipTexts.signature, language),
		"",
		"",
		"_".repeat(slipColumns),
		...separately(slipTexts.acknowledgement, language),
	]);
}
