import { asciiBytes, asciiText } from "core/bytes";
import { ByteReader, ByteWriter } from "core/byte-writer";
import type { ParameterChange } from "notices/content";
import type {
	CalendarYear,
	Fee,
	FeeCard,
	Funding,
	FundingStatus,
	MaintenanceOf,
	MaintenanceWindow,
} from "notices/types";

/**
 * Kinds of journal records of subject 0; the numbers stand on flash, append only. Layouts: docs/records.md. Each begins with the
 * number of the newest notice that changed it, so that number and content are durable in one append.
 */
export const NoticeRecord = Object.freeze({
	Parameters: 32,
	Maintenance: 33,
	Calendar: 34,
	Fees: 35,
	/** A notice without content of its own. */
	Number: 36,
	/** The first of `fundingSlots`. */
	Funding: 40,
} as const);

/** Records that hold what is known about money of batches, and how much each holds: it has to fit a record. */
export const fundingSlots = 8;
export const fundingPerSlot = 6;

/** All kinds, in the order in which they are written. */
export const noticeRecordKinds: readonly number[] = Object.freeze([
	NoticeRecord.Parameters,
	NoticeRecord.Maintenance,
	NoticeRecord.Calendar,
	NoticeRecord.Fees,
	NoticeRecord.Number,
	...Array.from({ length: fundingSlots }, (_, slot) => NoticeRecord.Funding + slot),
]);

const byteLimit = 320;
/** -1 on flash. */
const unknownAmount = 0xffffffffffff;

function begin(number: number, count: number): ByteWriter {
	return new ByteWriter(byteLimit).uint(number, 3).uint(count, 1);
}

export function encodeParameters(number: number, changes: readonly ParameterChange[]): Uint8Array {
	const writer = begin(number, changes.length);
	for (const [parameter, value] of changes) writer.uint(parameter, 1).uint(value, 4);
	return writer.done();
}

export function encodeMaintenance(
	number: number,
	windows: readonly MaintenanceWindow[],
): Uint8Array {
	const writer = begin(number, windows.length);
	for (const { of, fromMs, toMs } of windows) writer.uint(of, 1).uint(fromMs, 6).uint(toMs, 6);
	return writer.done();
}

export function encodeCalendar(number: number, years: readonly CalendarYear[]): Uint8Array {
	const writer = begin(number, years.length);
	for (const { year, days } of years) writer.uint(year, 2).block(days);
	return writer.done();
}

export function encodeFees(number: number, fees: readonly Fee[]): Uint8Array {
	const writer = begin(number, fees.length);
	for (const { card, rate, capMinor } of fees) writer.uint(card, 1).uint(rate, 2).uint(capMinor, 4);
	return writer.done();
}

export function encodeNumber(number: number): Uint8Array {
	return begin(number, 0).done();
}

export function encodeFundings(number: number, fundings: readonly Funding[]): Uint8Array {
	const writer = begin(number, fundings.length);
	const amount = (minor: number): number => (minor < 0 ? unknownAmount : minor);
	for (const each of fundings)
		writer
			.uint(each.notice, 3)
			.uint(each.batch, 3)
			.uint(each.stan, 3)
			.uint(each.status, 1)
			.uint(each.date, 4)
			.uint(each.reason, 2)
			.uint(amount(each.netMinor), 6)
			.uint(amount(each.feesMinor), 6)
			.block(asciiBytes(each.reference));
	return writer.done();
}

/** A record of any of these kinds, read again. */
export interface NoticeRecordContent {
	/** Of the newest notice. */
	readonly number: number;
	readonly parameters: readonly ParameterChange[];
	readonly windows: readonly MaintenanceWindow[];
	readonly years: readonly CalendarYear[];
	readonly fees: readonly Fee[];
	readonly fundings: readonly Funding[];
}

/** @returns undefined for a record that this firmware cannot read */
export function decodeNoticeRecord(
	kind: number,
	payload: Uint8Array,
): NoticeRecordContent | undefined {
	const reader = new ByteReader(payload);
	const number = reader.uint(3);
	const count = reader.uint(1);
	const list = <T>(mine: boolean, read: () => T): readonly T[] =>
		mine ? Array.from({ length: count }, read) : [];
	const content: NoticeRecordContent = {
		number,
		parameters: list(kind === NoticeRecord.Parameters, () => [reader.uint(1), reader.uint(4)]),
		windows: list(kind === NoticeRecord.Maintenance, () => ({
			of: reader.uint(1) as MaintenanceOf,
			fromMs: reader.uint(6),
			toMs: reader.uint(6),
		})),
		years: list(kind === NoticeRecord.Calendar, () => ({
			year: reader.uint(2),
			days: reader.block(),
		})),
		fees: list(kind === NoticeRecord.Fees, () => ({
			card: reader.uint(1) as FeeCard,
			rate: reader.uint(2),
			capMinor: reader.uint(4),
		})),
		fundings: list(kind >= NoticeRecord.Funding, () => readFunding(reader)),
	};
	return reader.short ? undefined : content;
}

function readFunding(reader: ByteReader): Funding {
	const amount = (): number => {
		const minor = reader.uint(6);
		return minor === unknownAmount ? -1 : minor;
	};
	return {
		notice: reader.uint(3),
		batch: reader.uint(3),
		stan: reader.uint(3),
		status: reader.uint(1) as FundingStatus,
		date: reader.uint(4),
		reason: reader.uint(2),
		netMinor: amount(),
		feesMinor: amount(),
		reference: asciiText(reader.block()),
	};
}
