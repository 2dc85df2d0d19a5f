/** Records of settlements, docs/settlement.md. */
import type { PayloadReader } from "./payload-reader";

export interface BatchTotals {
	readonly debitMinor: number;
	readonly debitCount: number;
	readonly creditMinor: number;
	readonly creditCount: number;
}

export interface SettlementStep {
	readonly record: "settlement step";
	readonly step: number;
	readonly batch: number;
	readonly lastNumber: number;
	readonly position: number;
	readonly stan: number;
	readonly verdict: number;
	readonly ours: BatchTotals;
	readonly host: BatchTotals;
	/** Unix ms, 0 unknown. */
	readonly timeMs: number;
	readonly automatic: boolean;
	readonly automaticDay: number;
	readonly refusal: string;
}

export interface ClosedBatches {
	readonly record: "closed batches";
	readonly floor: number;
	readonly unsettled: readonly number[];
	readonly batches: readonly {
		readonly batch: number;
		readonly lastNumber: number;
		readonly timeMs: number;
		readonly verdict: number;
		readonly count: number;
		readonly netMinor: number;
	}[];
}

export interface SettlementResult {
	readonly record: "settlement result";
	readonly batch: number;
	readonly verdict: number;
	readonly timeMs: number;
	readonly ours: BatchTotals;
	readonly host: BatchTotals;
	readonly kinds: readonly {
		readonly kind: number;
		readonly count: number;
		readonly amountMinor: number;
	}[];
}

export interface Differences {
	readonly record: "differences";
	readonly differences: readonly {
		readonly batch: number;
		readonly kind: string;
		readonly stan: number;
		readonly hostMinor: number;
	}[];
}

export interface LeftOpen {
	readonly record: "left open";
	readonly transactions: readonly number[];
}

export interface ReportState {
	readonly record: "settlement report";
	readonly batch: number;
	readonly slip: number;
	readonly reprints: number;
}

export type SettlementContent =
	SettlementStep | ClosedBatches | SettlementResult | Differences | LeftOpen | ReportState;

const kinds = Object.freeze({
	step: 17,
	closed: 18,
	result: 19,
	differences: 20,
	leftOpen: 21,
	report: 22,
});
export const settlementKinds: readonly number[] = Object.values(kinds);
export const stepNames: readonly string[] = Object.freeze([
	...["none", "draining", "totals", "uploading", "upload end", "closing"],
]);
export const verdictNames: readonly string[] = Object.freeze([
	...["no verdict", "balanced", "not balanced", "unknown to the host"],
]);
const differenceKinds: readonly string[] = Object.freeze(["long", "short", "amount"]);
const highBit = 128;

/** @param kind one of `settlementKinds` */
export function readSettlement(kind: number, reader: PayloadReader): SettlementContent {
	switch (kind) {
		case kinds.step:
			return readStep(reader);
		case kinds.closed:
			return readClosed(reader);
		case kinds.result:
			return readResult(reader);
		case kinds.differences:
			return { record: "differences", differences: many(reader, () => readDifference(reader)) };
		case kinds.leftOpen:
			return { record: "left open", transactions: many(reader, () => reader.number(4)) };
		default:
			return {
				record: "settlement report",
				batch: reader.number(3),
				slip: reader.number(1),
				reprints: reader.number(1),
			};
	}
}

/** A count in one byte, then so many. */
function many<T>(reader: PayloadReader, read: () => T): T[] {
	return Array.from({ length: reader.number(1) }, read);
}

function readTotals(reader: PayloadReader): BatchTotals {
	return {
		debitMinor: reader.number(6),
		debitCount: reader.number(2),
		creditMinor: reader.number(6),
		creditCount: reader.number(2),
	};
}

function readStep(reader: PayloadReader): SettlementStep {
	return {
		record: "settlement step",
		step: reader.number(1),
		batch: reader.number(3),
		lastNumber: reader.number(4),
		position: reader.number(4),
		stan: reader.number(3),
		verdict: reader.number(1),
		ours: readTotals(reader),
		host: readTotals(reader),
		timeMs: reader.number(6),
		automatic: reader.number(1) === 1,
		automaticDay: reader.number(2),
		refusal: reader.text(),
	};
}

function readClosed(reader: PayloadReader): ClosedBatches {
	return {
		record: "closed batches",
		floor: reader.number(4),
		unsettled: many(reader, () => reader.number(3)),
		batches: many(reader, () => {
			const batch = reader.number(3);
			const lastNumber = reader.number(4);
			const timeMs = reader.number(4) * 1000;
			const bits = reader.number(1);
			const count = reader.number(2);
			const minor = reader.number(6);
			const netMinor = bits >= highBit ? -minor : minor;
			return { batch, lastNumber, timeMs, verdict: bits % highBit, count, netMinor };
		}),
	};
}

function readResult(reader: PayloadReader): SettlementResult {
	return {
		record: "settlement result",
		batch: reader.number(3),
		verdict: reader.number(1),
		timeMs: reader.number(6),
		ours: readTotals(reader),
		host: readTotals(reader),
		kinds: many(reader, () => ({
			kind: reader.number(1),
			count: reader.number(2),
			amountMinor: reader.number(6),
		})),
	};
}

function readDifference(reader: PayloadReader): Differences["differences"][number] {
	const batch = reader.number(3);
	const bits = reader.number(1);
	const stan = reader.number(3);
	const minor = reader.number(6);
	const kind = differenceKinds[bits % highBit] ?? String(bits % highBit);
	return { batch, kind, stan, hostMinor: bits >= highBit ? -minor : minor };
}

function sixDigits(value: number): string {
	return String(value).padStart(6, "0");
}

function name(names: readonly string[], code: number): string {
	return names[code] ?? String(code);
}

function totalsText({ debitMinor, debitCount, creditMinor, creditCount }: BatchTotals): string {
	return `${debitCount} debits ${debitMinor}, ${creditCount} credits ${creditMinor}`;
}

/** What such a record says; amounts in minor units. @param slipNames names of slip states */
export function settlementText(content: SettlementContent, slipNames: readonly string[]): string {
	switch (content.record) {
		case "settlement step": {
			const { step, batch, lastNumber, position, stan, ours, refusal } = content;
			const refused = refusal === "" ? "" : `  refused ${refusal}`;
			if (step === 0) return `none${refused}`;
			const where = `batch ${sixDigits(batch)} to ${lastNumber}  STAN ${sixDigits(stan)}`;
			return `${name(stepNames, step)}  ${where}  details to ${position}  ${totalsText(ours)}`;
		}
		case "closed batches":
			return content.batches
				.map(
					({ batch, lastNumber, verdict, count, netMinor }) =>
						`${sixDigits(batch)} to ${lastNumber} ${name(verdictNames, verdict)}, ${count}, net ${netMinor}`,
				)
				.join("; ");
		case "settlement result": {
			const { batch, verdict, ours, host } = content;
			const told = `${totalsText(ours)}; host ${totalsText(host)}`;
			return `batch ${sixDigits(batch)}  ${name(verdictNames, verdict)}  ${told}`;
		}
		case "differences":
			return content.differences
				.map(
					({ batch, kind, stan, hostMinor }) =>
						`${kind} batch ${sixDigits(batch)} STAN ${sixDigits(stan)} host ${hostMinor}`,
				)
				.join("; ");
		case "left open":
			return content.transactions.join(" ");
		case "settlement report":
			return `batch ${sixDigits(content.batch)}  ${name(slipNames, content.slip)}`;
	}
}
