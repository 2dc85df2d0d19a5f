/** Payloads of records, docs/records.md. */
import { PayloadReader, ShortPayload } from "./payload-reader";
import { readSettlement, settlementKinds, type SettlementContent } from "./settlement";

export interface Intent {
	readonly record: "intent";
	readonly kind: number;
	readonly stan: number;
	readonly batch: number;
	readonly amountMinor: number;
	readonly currency: number;
	readonly entryMode: number;
	/** null when there is none. */
	readonly panSequence: number | null;
	/** Unix ms, 0 unknown. */
	readonly timeMs: number;
	/** First six and last four digits at most. */
	readonly maskedPan: string;
	/** Chip data may hold card data: the length alone. */
	readonly chipDataBytes: number;
	/** The request took an approval of a part as well. */
	readonly partialAllowed: boolean;
	/** null for kinds that have none. */
	readonly original: OriginalOf | null;
}

/** The transaction that this one is about. */
export interface OriginalOf {
	/** 0: not known on this terminal, like all zeros and empty texts below. */
	readonly number: number;
	readonly kind: number;
	readonly batch: number;
	readonly stan: number;
	readonly monthDay: number;
	readonly amountMinor: number;
	readonly rrn: string;
	readonly authCode: string;
}

export interface StateChange {
	readonly record: "state";
	readonly state: number;
	readonly reason: number;
	readonly timeMs: number;
	readonly responseCode: string;
	readonly rrn: string;
	readonly authCode: string;
	/** Approved where that is less than the amount, else 0. */
	readonly approvedMinor: number;
}

export interface Receipt {
	readonly record: "receipt";
	readonly slip: number;
	readonly reprints: number;
}

export interface Counters {
	readonly record: "counters";
	readonly stansUpTo: number;
	readonly attemptsUpTo: number;
	readonly highestNumber: number;
	readonly batch: number;
	/** A batch is with the host. */
	readonly settling: boolean;
}

/** A kind that this tool does not know: written by a newer firmware. */
export interface Unknown {
	readonly record: "unknown";
}

export type Content = Intent | StateChange | Receipt | Counters | SettlementContent | Unknown;

export const stateNames: readonly string[] = Object.freeze([
	...["", "opened", "sending", "approved", "declined", "reversal due", "reversed"],
	...["reversal parked", "abandoned", "stored offline", "forwarded", "forward refused", "settled"],
	"advice due",
]);
export const reasonNames: readonly string[] = Object.freeze([
	...["", "no reply", "wrong MAC", "card failed"],
]);
export const slipNames: readonly string[] = Object.freeze([
	...["none", "due", "printing", "printed", "uncertain"],
]);
export const entryModeNames: readonly string[] = Object.freeze([
	...["", "swipe", "chip", "tap", "no card"],
]);
export const kindNames: readonly string[] = Object.freeze([
	...["", "sale", "void", "refund", "pre-authorisation", "pre-authorisation void", "completion"],
	...["completion void", "completion advice", "tip", "voice sale", "balance", "script result"],
]);

export const recordKind = Object.freeze({ intent: 1, state: 2, receipt: 3, counters: 16 } as const);

/** @returns undefined when the payload is not what its kind says: too short or too long */
export function readPayload(subject: number, kind: number, payload: Buffer): Content | undefined {
	const read = readerOf(subject, kind);
	if (read === undefined) return { record: "unknown" };
	try {
		const reader = new PayloadReader(payload);
		const content = read(reader);
		return reader.over ? content : undefined;
	} catch (error) {
		if (error instanceof ShortPayload) return undefined;
		throw error;
	}
}

function readerOf(subject: number, kind: number): ((reader: PayloadReader) => Content) | undefined {
	if (subject === 0 && settlementKinds.includes(kind))
		return (reader) => readSettlement(kind, reader);
	if (subject === 0) return kind === recordKind.counters ? readCounters : undefined;
	if (kind === recordKind.intent) return readIntent;
	if (kind === recordKind.state) return readState;
	return kind === recordKind.receipt ? readReceipt : undefined;
}

function readIntent(reader: PayloadReader): Intent {
	const head = {
		record: "intent" as const,
		kind: reader.number(1),
		stan: reader.number(3),
		batch: reader.number(3),
		amountMinor: reader.number(6),
		currency: reader.number(2),
		entryMode: reader.number(1),
		panSequence: panSequence(reader.number(2)),
		timeMs: reader.number(6),
		maskedPan: mask(reader.text()),
		chipDataBytes: reader.block().length,
	};
	const options = reader.over ? 0 : reader.number(1);
	return {
		...head,
		partialAllowed: (options & 1) !== 0,
		original: (options & 2) === 0 ? null : readOriginal(reader),
	};
}

function readOriginal(reader: PayloadReader): OriginalOf {
	return {
		number: reader.number(4),
		kind: reader.number(1),
		batch: reader.number(3),
		stan: reader.number(3),
		monthDay: reader.number(2),
		amountMinor: reader.number(6),
		rrn: reader.text(),
		authCode: reader.text(),
	};
}

function panSequence(value: number): number | null {
	return value === 0xffff ? null : value;
}

/** Whatever stands there, no more than the first six and the last four characters are shown. */
function mask(text: string): string {
	const middle = text.slice(6, -4).replace(/./g, "*");
	return text.length > 10 ? text.slice(0, 6) + middle + text.slice(-4) : text.replace(/\d/g, "*");
}

function readState(reader: PayloadReader): StateChange {
	return {
		record: "state",
		state: reader.number(1),
		reason: reader.number(1),
		timeMs: reader.number(6),
		responseCode: reader.text(),
		rrn: reader.text(),
		authCode: reader.text(),
		approvedMinor: reader.over ? 0 : reader.number(6),
	};
}

function readReceipt(reader: PayloadReader): Receipt {
	return { record: "receipt", slip: reader.number(1), reprints: reader.number(1) };
}

function readCounters(reader: PayloadReader): Counters {
	return {
		record: "counters",
		stansUpTo: reader.number(3),
		attemptsUpTo: reader.number(3),
		highestNumber: reader.number(4),
		batch: reader.number(3),
		// Earlier firmware did not say.
		settling: reader.over ? false : reader.number(1) === 1,
	};
}

/** What no terminal writes; "" when the values are possible. */
export function impossibleContent(content: Content): string {
	switch (content.record) {
		case "intent":
			if (content.stan === 0 || content.stan > 999_999) return `STAN ${content.stan}`;
			if (content.batch > 999_999) return `batch ${content.batch}`;
			return kindNames[content.kind] ? "" : `transaction of kind ${content.kind}`;
		case "state":
			if (!stateNames[content.state]) return `state ${content.state}`;
			return reasonNames[content.reason] === undefined ? `reversal reason ${content.reason}` : "";
		case "receipt":
			return slipNames[content.slip] === undefined ? `slip state ${content.slip}` : "";
		default:
			return "";
	}
}
