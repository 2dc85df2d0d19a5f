/** Records as lines of text. */
import type { FlashRecord } from "./block";
import { entryModeNames, kindNames, reasonNames, slipNames, stateNames } from "./payload";
import { settlementText } from "./settlement";
import type { Content, Intent, OriginalOf, StateChange } from "./payload";

/** ISO 4217 number → letters and digits behind the point. */
const currencies: Readonly<Record<number, readonly [string, number]>> = Object.freeze({
	156: ["CNY", 2],
	344: ["HKD", 2],
	392: ["JPY", 0],
	410: ["KRW", 0],
	446: ["MOP", 2],
	840: ["USD", 2],
	901: ["TWD", 2],
	978: ["EUR", 2],
});

/** "123.45 CNY"; the minor units of a currency that is not known here. */
export function amountText(amountMinor: number, currency: number): string {
	const [name, digits] = currencies[currency] ?? [`minor units of ${currency}`, 0];
	return `${(amountMinor / 10 ** digits).toFixed(digits)} ${name}`;
}

/** UTC, "" for unknown. @param timeMs Unix ms */
export function timeText(timeMs: number): string {
	return timeMs === 0 ? "" : new Date(timeMs).toISOString();
}

/** Name of a code; the number itself when it is not known. */
export function nameOf(names: readonly string[], code: number): string {
	const name = names[code];
	return name === undefined || name === "" ? String(code) : name;
}

function joined(parts: readonly string[]): string {
	return parts.filter((part) => part !== "").join("  ");
}

function labelled(label: string, value: string): string {
	return value === "" ? "" : `${label} ${value}`;
}

function intentText(intent: Intent): string {
	return joined([
		nameOf(kindNames, intent.kind),
		amountText(intent.amountMinor, intent.currency),
		`STAN ${String(intent.stan).padStart(6, "0")}`,
		`batch ${String(intent.batch).padStart(6, "0")}`,
		nameOf(entryModeNames, intent.entryMode),
		intent.maskedPan,
		intent.panSequence === null ? "" : `PAN sequence ${intent.panSequence}`,
		intent.chipDataBytes === 0 ? "" : `chip data ${intent.chipDataBytes} bytes`,
		intent.partialAllowed ? "a part is taken" : "",
		intent.original === null ? "" : originalText(intent.original),
		timeText(intent.timeMs),
	]);
}

function originalText(original: OriginalOf): string {
	const { number, kind, stan, batch } = original;
	const known = number === 0 ? "unknown here" : `#${number}`;
	return joined([
		`of ${nameOf(kindNames, kind)} ${known}`,
		stan === 0
			? ""
			: `(STAN ${String(stan).padStart(6, "0")}, batch ${String(batch).padStart(6, "0")})`,
		labelled("RRN", original.rrn),
		labelled("authorisation", original.authCode),
	]);
}

export function stateText(change: StateChange): string {
	return joined([
		nameOf(stateNames, change.state),
		change.reason === 0 ? "" : `reversal for ${nameOf(reasonNames, change.reason)}`,
		change.approvedMinor === 0 ? "" : `approved in part: ${change.approvedMinor} minor units`,
		labelled("response", change.responseCode),
		labelled("RRN", change.rrn),
		labelled("authorisation", change.authCode),
		timeText(change.timeMs),
	]);
}

/** What a record of a subject says. */
export function contentText(content: Content | undefined, record: FlashRecord): string {
	switch (content?.record) {
		case undefined:
			return `${record.payload.length} bytes, unreadable`;
		case "intent":
			return intentText(content);
		case "state":
			return stateText(content);
		case "receipt":
			return `${nameOf(slipNames, content.slip)}${content.reprints === 0 ? "" : `  ${content.reprints} reprints`}`;
		case "counters":
			return joined([
				`STANs to ${content.stansUpTo}`,
				`attempts to ${content.attemptsUpTo}`,
				`transactions to ${content.highestNumber}`,
				`batch ${content.batch}`,
				content.settling ? "with the host" : "",
			]);
		case "settlement step":
		case "closed batches":
		case "settlement result":
		case "differences":
		case "left open":
		case "settlement report":
			return settlementText(content, slipNames);
		case "unknown":
			return `${record.payload.length} bytes of kind ${record.kind}`;
	}
}
