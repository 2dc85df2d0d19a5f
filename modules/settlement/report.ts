import type { PrintLine } from "core/devices";
import { columnsOf } from "core/gbk";
import { localText } from "core/local-time";
import { formatAmount } from "core/money";
import type { TerminalConfig } from "core/platform";
import { pair, slipColumns, wrap } from "receipt/columns";
import { kindTexts, slipTexts, type SlipText } from "receipt/texts";
import type { FoundDifference } from "settlement/differences";
import type { ResultRecord } from "settlement/records";
import { differenceTexts, openTexts, reportTexts, verdictTexts } from "settlement/report-texts";
import { Verdict } from "settlement/steps";
import { netMinor, type BatchTotals } from "settlement/totals";
import type { Transaction } from "transaction/transaction";

/** What a report says. */
export interface ReportContent {
	readonly result: ResultRecord;
	/** Of its batch. */
	readonly differences: readonly FoundDifference[];
	/** What is open of its batch: not settled. */
	readonly open: readonly Transaction[];
	/** Marks it as a duplicate. */
	readonly reprint: boolean;
}

type Config = Pick<
	TerminalConfig,
	"merchantName" | "merchantId" | "terminalId" | "currencyDigits" | "utcOffsetMinutes"
>;

const rule = "-".repeat(slipColumns);
const amountColumns = 16;

/** The report of a settlement (批结算单) for 32 columns, in Chinese and English: the same content gives the same lines. */
export function settlementReport(content: ReportContent, config: Config): PrintLine[] {
	const { result, differences, open, reprint } = content;
	const lines: PrintLine[] = [
		{ text: reportTexts.title.zh, align: "center", bold: true, large: true },
		{ text: reportTexts.title.en, align: "center" },
	];
	if (reprint) lines.push({ text: both(slipTexts.duplicate), align: "center", bold: true });
	lines.push(...plain([rule, ...headLines(result, config), rule]));
	lines.push({ text: both(reportTexts.totals), bold: true });
	for (const { kind, count, amountMinor } of result.kinds)
		lines.push(...plain(countLine(both(kindTexts[kind]), count, amountMinor, config)));
	lines.push(...plain(totalLines(result.ours, config)));
	if (result.verdict !== Verdict.Unknown) {
		lines.push({ text: both(reportTexts.host), bold: true });
		lines.push(...plain(totalLines(result.host, config)));
	}
	for (const text of separately(verdictTexts[result.verdict]))
		lines.push({ text, align: "center", bold: true });
	if (differences.length > 0) lines.push(...differenceLines(differences, config));
	if (open.length > 0) lines.push(...openLines(open, config));
	if (differences.length > 0 || open.length > 0 || result.verdict === Verdict.Unknown)
		for (const text of separately(reportTexts.askAcquirer)) lines.push({ text, align: "center" });
	return lines;
}

function headLines(result: ResultRecord, config: Config): string[] {
	return [
		...pair(both(slipTexts.merchantName), config.merchantName),
		...pair(both(slipTexts.merchantId), config.merchantId),
		...pair(both(slipTexts.terminalId), config.terminalId),
		...pair(both(slipTexts.batch), sixDigits(result.batch)),
		...pair(both(slipTexts.time), localText(result.closedMs, config.utcOffsetMinutes)),
	];
}

function totalLines(totals: BatchTotals, config: Config): string[] {
	const { debitCount, debitMinor, creditCount, creditMinor } = totals;
	return [
		...countLine(both(reportTexts.debit), debitCount, debitMinor, config),
		...countLine(both(reportTexts.credit), creditCount, creditMinor, config),
		...pair(both(reportTexts.net), formatAmount(netMinor(totals), config.currencyDigits)),
	];
}

/** Name, count and amount; the name on a line of its own where the three are too wide. */
function countLine(name: string, count: number, amountMinor: number, config: Config): string[] {
	const amount = formatAmount(amountMinor, config.currencyDigits).padStart(amountColumns);
	return pair(name, `${count}${amount}`);
}

function differenceLines(differences: readonly FoundDifference[], config: Config): PrintLine[] {
	const lines: string[] = [];
	for (const { stan, kind, hostMinor, oursMinor } of differences) {
		const amount = (minor: number) => formatAmount(minor, config.currencyDigits);
		lines.push(...pair(sixDigits(stan), both(differenceTexts[kind])));
		lines.push(...pair(` ${both(reportTexts.terminal)}`, amount(oursMinor)));
		lines.push(...pair(` ${both(reportTexts.hostAmount)}`, amount(hostMinor)));
	}
	return [...plain([rule]), { text: both(reportTexts.differences), bold: true }, ...plain(lines)];
}

function openLines(open: readonly Transaction[], config: Config): PrintLine[] {
	const lines: string[] = [];
	for (const { stan, amountMinor, state, responseCode } of open) {
		const amount = formatAmount(amountMinor, config.currencyDigits);
		lines.push(...pair(sixDigits(stan), amount));
		const why = openTexts[state];
		if (why !== undefined) lines.push(...wrap(` ${both(why)} ${responseCode}`.trimEnd()));
	}
	return [...plain([rule]), { text: both(reportTexts.open), bold: true }, ...plain(lines)];
}

function both(text: SlipText): string {
	return `${text.zh}/${text.en}`;
}

/** In one line where it fits, else one line a language. */
function separately(text: SlipText): string[] {
	const line = both(text);
	return columnsOf(line) <= slipColumns ? [line] : [...wrap(text.zh), ...wrap(text.en)];
}

function plain(texts: readonly string[]): PrintLine[] {
	return texts.map((text) => ({ text }));
}

function sixDigits(value: number): string {
	return String(value).padStart(6, "0");
}
