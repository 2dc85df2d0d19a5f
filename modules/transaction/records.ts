import { asciiBytes, asciiText } from "core/bytes";
import { ByteReader, ByteWriter } from "core/byte-writer";
import { EntryMode } from "core/card";
import { kindFrom } from "transaction/kinds";
import { stateFrom, type State } from "transaction/states";
import { ReceiptState, ReversalReason, type Intent, type Original } from "transaction/transaction";

/** Kinds of journal records; the numbers stand on flash, append only. Layouts: docs/records.md. */
export const RecordKind = Object.freeze({ Intent: 1, State: 2, Receipt: 3, Counters: 16 } as const);

/** A change of state as it is journalled. Empty texts mean: nothing new is known. */
export interface StateRecord {
	readonly state: State;
	readonly reason: ReversalReason | 0;
	readonly responseCode: string;
	readonly rrn: string;
	readonly authCode: string;
	/** What was approved where that is less than the amount, else 0. */
	readonly approvedMinor: number;
	/** Unix ms, 0 while the clock was unknown. */
	readonly atMs: number;
}

export interface ReceiptRecord {
	readonly receiptState: ReceiptState;
	readonly reprintCount: number;
}

/** Up to these values numbers may have been used; after a boot counting goes on behind them. */
export interface CountersRecord {
	readonly stanReserved: number;
	readonly attemptReserved: number;
	readonly numberUsed: number;
	/** 0 until the first sign-on. */
	readonly batch: number;
	/** A batch is with the host: no card is taken, and a boot has to look how far its settlement went. */
	readonly settling: boolean;
}

/** Bits of the options behind the chip data. */
const optionPartial = 1;
const optionOriginal = 2;

export function encodeIntent(intent: Intent): Uint8Array {
	const { original, partialAllowed } = intent;
	const writer = new ByteWriter(320)
		.uint(intent.kind, 1)
		.uint(intent.stan, 3)
		.uint(intent.batch, 3)
		.uint(intent.amountMinor, 6)
		.uint(intent.currency, 2)
		.uint(intent.entryMode, 1)
		.uint(intent.panSequence < 0 ? 0xffff : intent.panSequence, 2)
		.uint(intent.openedMs, 6)
		.block(asciiBytes(intent.maskedPan))
		.block(intent.chipData);
	const options = (partialAllowed ? optionPartial : 0) | (original ? optionOriginal : 0);
	if (options !== 0) writer.uint(options, 1);
	if (original !== undefined) encodeOriginal(writer, original);
	return writer.done();
}

function encodeOriginal(writer: ByteWriter, original: Original): void {
	writer
		.uint(original.number, 4)
		.uint(original.kind, 1)
		.uint(original.batch, 3)
		.uint(original.stan, 3)
		.uint(original.monthDay, 2)
		.uint(original.amountMinor, 6)
		.block(asciiBytes(original.rrn))
		.block(asciiBytes(original.authCode));
}

function decodeOriginal(reader: ByteReader): Original {
	return {
		number: reader.uint(4),
		kind: kindFrom(reader.uint(1)) ?? 0,
		batch: reader.uint(3),
		stan: reader.uint(3),
		monthDay: reader.uint(2),
		amountMinor: reader.uint(6),
		rrn: asciiText(reader.block()),
		authCode: asciiText(reader.block()),
	};
}

/** @returns undefined for a record that this firmware cannot read */
export function decodeIntent(number: number, payload: Uint8Array): Intent | undefined {
	const reader = new ByteReader(payload);
	const kind = kindFrom(reader.uint(1));
	const stan = reader.uint(3);
	const batch = reader.uint(3);
	const amountMinor = reader.uint(6);
	const currency = reader.uint(2);
	const entryMode = entryModeFrom(reader.uint(1));
	const panSequence = reader.uint(2);
	const openedMs = reader.uint(6);
	const maskedPan = asciiText(reader.block());
	const chipData = reader.block();
	const options = reader.over ? 0 : reader.uint(1);
	const original = (options & optionOriginal) !== 0 ? decodeOriginal(reader) : undefined;
	if (reader.short || kind === undefined || entryMode === undefined) return undefined;
	return {
		number,
		kind,
		stan,
		batch,
		amountMinor,
		currency,
		entryMode,
		panSequence: panSequence === 0xffff ? -1 : panSequence,
		openedMs,
		maskedPan,
		chipData,
		partialAllowed: (options & optionPartial) !== 0,
		original,
	};
}

export function encodeState(record: StateRecord): Uint8Array {
	const writer = new ByteWriter(64)
		.uint(record.state, 1)
		.uint(record.reason, 1)
		.uint(record.atMs, 6)
		.block(asciiBytes(record.responseCode))
		.block(asciiBytes(record.rrn))
		.block(asciiBytes(record.authCode));
	if (record.approvedMinor > 0) writer.uint(record.approvedMinor, 6);
	return writer.done();
}

/** @returns undefined for a record that this firmware cannot read */
export function decodeState(payload: Uint8Array): StateRecord | undefined {
	const reader = new ByteReader(payload);
	const state = stateFrom(reader.uint(1));
	const reason = reasonFrom(reader.uint(1));
	const atMs = reader.uint(6);
	const responseCode = asciiText(reader.block());
	const rrn = asciiText(reader.block());
	const authCode = asciiText(reader.block());
	const approvedMinor = reader.over ? 0 : reader.uint(6);
	if (reader.short || state === undefined) return undefined;
	return { state, reason, atMs, responseCode, rrn, authCode, approvedMinor };
}

export function encodeReceipt(record: ReceiptRecord): Uint8Array {
	return new ByteWriter(2).uint(record.receiptState, 1).uint(record.reprintCount, 1).done();
}

/** @returns undefined for a record that this firmware cannot read */
export function decodeReceipt(payload: Uint8Array): ReceiptRecord | undefined {
	const reader = new ByteReader(payload);
	const receiptState = receiptStateFrom(reader.uint(1));
	const reprintCount = reader.uint(1);
	if (reader.short || receiptState === undefined) return undefined;
	return { receiptState, reprintCount };
}

export function encodeCounters(record: CountersRecord): Uint8Array {
	return new ByteWriter(20)
		.uint(record.stanReserved, 3)
		.uint(record.attemptReserved, 3)
		.uint(record.numberUsed, 4)
		.uint(record.batch, 3)
		.uint(record.settling ? 1 : 0, 1)
		.done();
}

/** @returns undefined for a record that this firmware cannot read */
export function decodeCounters(payload: Uint8Array): CountersRecord | undefined {
	const reader = new ByteReader(payload);
	const stanReserved = reader.uint(3);
	const attemptReserved = reader.uint(3);
	const numberUsed = reader.uint(4);
	const batch = reader.uint(3);
	// Earlier firmware did not say.
	const settling = !reader.over && reader.uint(1) === 1;
	return reader.short ? undefined : { stanReserved, attemptReserved, numberUsed, batch, settling };
}

function entryModeFrom(value: number): EntryMode | undefined {
	return value >= EntryMode.Swipe && value <= EntryMode.None ? (value as EntryMode) : undefined;
}

function reasonFrom(value: number): ReversalReason | 0 {
	return value >= ReversalReason.NoReply && value <= ReversalReason.CardFailed
		? (value as ReversalReason)
		: 0;
}

function receiptStateFrom(value: number): ReceiptState | undefined {
	return value >= ReceiptState.None && value <= ReceiptState.Uncertain
		? (value as ReceiptState)
		: undefined;
}
