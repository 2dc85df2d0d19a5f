import { asciiBytes, asciiText } from "core/bytes";
import { ByteReader, ByteWriter } from "core/byte-writer";
import { DifferenceKind } from "message/settlement-fields";
import { Step, stepFrom, Verdict, verdictFrom } from "settlement/steps";
import { noTotals, type BatchTotals, type KindTotal } from "settlement/totals";
import { kindFrom } from "transaction/kinds";
import { ReceiptState } from "transaction/transaction";

/** Kinds of subject 0; the numbers stand on flash, append only. Layouts: docs/settlement.md. */
export const SettlementKind = Object.freeze({
	Step: 17,
	Closed: 18,
	Result: 19,
	Differences: 20,
	LeftOpen: 21,
	Report: 22,
} as const);

/** Where a settlement stands. */
export interface StepRecord {
	readonly step: Step;
	readonly batch: number;
	/** Transactions up to this number are settled. */
	readonly lastNumber: number;
	/** The host has the details up to this number. */
	readonly position: number;
	/** Field 11 of the message of this step; a repeat keeps it. */
	readonly stan: number;
	readonly verdict: Verdict;
	/** What was told in the 0500. */
	readonly ours: BatchTotals;
	/** What the host answered; meaning nothing before a verdict. */
	readonly host: BatchTotals;
	/** Unix ms, 0 while the clock was unknown. */
	readonly startedMs: number;
	/** It began by itself, not by a person. */
	readonly automatic: boolean;
	/** Local day (since 1970) for which one began by itself last, 0 never. */
	readonly automaticDay: number;
	/** Field 39 with which the host refused the last settlement, "" when it did not. */
	readonly refusal: string;
}

export const idleStep: StepRecord = Object.freeze({
	step: Step.None,
	batch: 0,
	lastNumber: 0,
	position: 0,
	stan: 0,
	verdict: Verdict.None,
	ours: noTotals,
	host: noTotals,
	startedMs: 0,
	automatic: false,
	automaticDay: 0,
	refusal: "",
});

/** One closed batch. */
export interface ClosedBatch {
	readonly batch: number;
	/** Largest number of a transaction in it. */
	readonly lastNumber: number;
	/** Unix ms to the second, 0 while the clock was unknown. */
	readonly closedMs: number;
	readonly verdict: Verdict;
	readonly count: number;
	/** May be negative. */
	readonly netMinor: number;
}

export interface ClosedRecord {
	/** Transactions up to this number are in closed batches, but for those in `unsettled`. */
	readonly floor: number;
	/** Batches with transactions up to `floor` that are not closed. */
	readonly unsettled: readonly number[];
	/** Newest last. */
	readonly batches: readonly ClosedBatch[];
}

export const nothingClosed: ClosedRecord = Object.freeze({
	floor: 0,
	unsettled: Object.freeze([]),
	batches: Object.freeze([]),
});

/** Of each what fits into one record. */
export const closedMax = 13;
export const unsettledMax = 16;
export const differencesKept = 24;
export const leftOpenMax = 78;

/** What the report of the last settlement says. */
export interface ResultRecord {
	readonly batch: number;
	readonly verdict: Verdict;
	readonly closedMs: number;
	readonly ours: BatchTotals;
	readonly host: BatchTotals;
	readonly kinds: readonly KindTotal[];
}

/** A difference that the host found in a batch. */
export interface BatchDifference {
	readonly batch: number;
	readonly kind: DifferenceKind;
	readonly stan: number;
	/** As the host has it. */
	readonly amountMinor: number;
	readonly credit: boolean;
}

/** The report of the last settlement on paper. */
export interface ReportRecord {
	readonly batch: number;
	readonly state: ReceiptState;
	readonly reprintCount: number;
}

const automaticBit = 1;

export function encodeStep(r: StepRecord): Uint8Array {
	const writer = new ByteWriter(64).uint(r.step, 1).uint(r.batch, 3).uint(r.lastNumber, 4);
	writer.uint(r.position, 4).uint(r.stan, 3).uint(r.verdict, 1);
	putTotals(writer, r.ours);
	putTotals(writer, r.host);
	writer.uint(r.startedMs, 6).uint(r.automatic ? automaticBit : 0, 1);
	return writer.uint(r.automaticDay, 2).block(asciiBytes(r.refusal)).done();
}

/** @returns undefined for a record that this firmware cannot read */
export function decodeStep(payload: Uint8Array): StepRecord | undefined {
	const reader = new ByteReader(payload);
	const step = stepFrom(reader.uint(1));
	const batch = reader.uint(3);
	const lastNumber = reader.uint(4);
	const position = reader.uint(4);
	const stan = reader.uint(3);
	const verdict = verdictFrom(reader.uint(1));
	const ours = takeTotals(reader);
	const host = takeTotals(reader);
	const startedMs = reader.uint(6);
	const automatic = (reader.uint(1) & automaticBit) !== 0;
	const automaticDay = reader.uint(2);
	const refusal = asciiText(reader.block());
	if (reader.short || step === undefined || verdict === undefined) return undefined;
	return {
		step,
		batch,
		lastNumber,
		position,
		stan,
		verdict,
		ours,
		host,
		startedMs,
		automatic,
		automaticDay,
		refusal,
	};
}

export function encodeClosed({ floor, unsettled, batches }: ClosedRecord): Uint8Array {
	const writer = new ByteWriter(320).uint(floor, 4).uint(unsettled.length, 1);
	for (const batch of unsettled) writer.uint(batch, 3);
	writer.uint(batches.length, 1);
	for (const { batch, lastNumber, closedMs, verdict, count, netMinor } of batches) {
		writer
			.uint(batch, 3)
			.uint(lastNumber, 4)
			.uint(Math.floor(closedMs / 1000), 4);
		// The high bit says that more was given back than taken.
		writer.uint(verdict + (netMinor < 0 ? 128 : 0), 1);
		writer.uint(count, 2).uint(Math.abs(netMinor), 6);
	}
	return writer.done();
}

/** @returns undefined for a record that this firmware cannot read */
export function decodeClosed(payload: Uint8Array): ClosedRecord | undefined {
	const reader = new ByteReader(payload);
	const floor = reader.uint(4);
	const unsettled: number[] = [];
	for (let left = reader.uint(1); left > 0 && !reader.short; left--) unsettled.push(reader.uint(3));
	const batches: ClosedBatch[] = [];
	for (let left = reader.uint(1); left > 0 && !reader.short; left--) {
		const batch = reader.uint(3);
		const lastNumber = reader.uint(4);
		const closedMs = reader.uint(4) * 1000;
		const bits = reader.uint(1);
		const count = reader.uint(2);
		const minor = reader.uint(6);
		const verdict = verdictFrom(bits & 127);
		if (verdict === undefined) return undefined;
		batches.push({
			batch,
			lastNumber,
			closedMs,
			verdict,
			count,
			netMinor: bits > 127 ? -minor : minor,
		});
	}
	return reader.short ? undefined : { floor, unsettled, batches };
}

export function encodeResult(r: ResultRecord): Uint8Array {
	const writer = new ByteWriter(320).uint(r.batch, 3).uint(r.verdict, 1).uint(r.closedMs, 6);
	putTotals(writer, r.ours);
	putTotals(writer, r.host);
	writer.uint(r.kinds.length, 1);
	for (const { kind, count, amountMinor } of r.kinds)
		writer.uint(kind, 1).uint(count, 2).uint(amountMinor, 6);
	return writer.done();
}

/** @returns undefined for a record that this firmware cannot read; kinds of a later firmware are left out */
export function decodeResult(payload: Uint8Array): ResultRecord | undefined {
	const reader = new ByteReader(payload);
	const batch = reader.uint(3);
	const verdict = verdictFrom(reader.uint(1));
	const closedMs = reader.uint(6);
	const ours = takeTotals(reader);
	const host = takeTotals(reader);
	const kinds: KindTotal[] = [];
	for (let left = reader.uint(1); left > 0 && !reader.short; left--) {
		const kind = kindFrom(reader.uint(1));
		const count = reader.uint(2);
		const amountMinor = reader.uint(6);
		if (kind !== undefined) kinds.push({ kind, count, amountMinor });
	}
	if (reader.short || verdict === undefined) return undefined;
	return { batch, verdict, closedMs, ours, host, kinds };
}

const differenceLetters: readonly DifferenceKind[] = Object.freeze([
	DifferenceKind.Long,
	DifferenceKind.Short,
	DifferenceKind.Amount,
]);

export function encodeDifferences(differences: readonly BatchDifference[]): Uint8Array {
	const writer = new ByteWriter(320).uint(differences.length, 1);
	for (const { batch, kind, stan, amountMinor, credit } of differences) {
		writer.uint(batch, 3).uint(differenceLetters.indexOf(kind) + (credit ? 128 : 0), 1);
		writer.uint(stan, 3).uint(amountMinor, 6);
	}
	return writer.done();
}

/** @returns undefined for a record that this firmware cannot read */
export function decodeDifferences(payload: Uint8Array): readonly BatchDifference[] | undefined {
	const reader = new ByteReader(payload);
	const differences: BatchDifference[] = [];
	for (let left = reader.uint(1); left > 0 && !reader.short; left--) {
		const batch = reader.uint(3);
		const bits = reader.uint(1);
		const kind = differenceLetters[bits & 127];
		const stan = reader.uint(3);
		const amountMinor = reader.uint(6);
		if (kind === undefined) return undefined;
		differences.push({ batch, kind, stan, amountMinor, credit: bits > 127 });
	}
	return reader.short ? undefined : differences;
}

export function encodeLeftOpen(numbers: readonly number[]): Uint8Array {
	const writer = new ByteWriter(320).uint(numbers.length, 1);
	for (const number of numbers) writer.uint(number, 4);
	return writer.done();
}

/** @returns undefined for a record that this firmware cannot read */
export function decodeLeftOpen(payload: Uint8Array): readonly number[] | undefined {
	const reader = new ByteReader(payload);
	const numbers: number[] = [];
	for (let left = reader.uint(1); left > 0 && !reader.short; left--) numbers.push(reader.uint(4));
	return reader.short ? undefined : numbers;
}

export function encodeReport({ batch, state, reprintCount }: ReportRecord): Uint8Array {
	return new ByteWriter(5).uint(batch, 3).uint(state, 1).uint(reprintCount, 1).done();
}

/** @returns undefined for a record that this firmware cannot read */
export function decodeReport(payload: Uint8Array): ReportRecord | undefined {
	const reader = new ByteReader(payload);
	const batch = reader.uint(3);
	const state = reader.uint(1);
	const reprintCount = reader.uint(1);
	if (reader.short || state > ReceiptState.Uncertain) return undefined;
	return { batch, state: state as ReceiptState, reprintCount };
}

function putTotals(writer: ByteWriter, totals: BatchTotals): void {
	writer.uint(totals.debitMinor, 6).uint(totals.debitCount, 2);
	writer.uint(totals.creditMinor, 6).uint(totals.creditCount, 2);
}

function takeTotals(reader: ByteReader): BatchTotals {
	return {
		debitMinor: reader.uint(6),
		debitCount: reader.uint(2),
		creditMinor: reader.uint(6),
		creditCount: reader.uint(2),
	};
}
