import { asciiText } from "core/bytes";
import { Fault } from "core/fault";
import { daysSince1970 } from "core/local-time";
import { parameterTable } from "core/parameters";
import { TlvReader } from "message/tlv";
import {
	FundingStatus,
	NoticeKind,
	type CalendarYear,
	type Fee,
	type FeeCard,
	type Funding,
	type MaintenanceOf,
	type MaintenanceWindow,
} from "notices/types";

/** A change of parameters: number of the parameter and its value. */
export type ParameterChange = readonly [number: number, value: number];

/** What a notice says. */
export type NoticeContent =
	| { readonly kind: "settlement"; readonly funding: Omit<Funding, "notice"> }
	| { readonly kind: "maintenance"; readonly windows: readonly MaintenanceWindow[] }
	| { readonly kind: "calendar"; readonly year: CalendarYear }
	| {
			readonly kind: "parameters";
			readonly reset: boolean;
			readonly changes: readonly ParameterChange[];
	  }
	| { readonly kind: "fees"; readonly fees: readonly Fee[] }
	| { readonly kind: "sign-on" };

/** Codes of a refusal, field 39 of the 0630. */
export const Refusal = Object.freeze({
	/** The content cannot be read. */
	Format: "30",
	/** Kind or version unknown. */
	Unknown: "40",
	/** A value is out of its range. */
	Range: "13",
} as const);
export type Refusal = (typeof Refusal)[keyof typeof Refusal];

/** Thrown inside this file alone. */
class Refused extends Error {
	readonly refusal: Refusal;
	constructor(refusal: Refusal) {
		super(refusal);
		this.refusal = refusal;
	}
}

const byteLimit = 255;
const version = 1;
const yearMin = 2024;
const yearMax = 2099;
const windowMaxMs = 7 * 86_400_000;
const windowCountMax = 8;
const feeCountMax = 8;
const changeCountMax = 16;
const calendarBytes = 46;

/** Objects of a notice by tag, in the order in which they came. */
type Objects = ReadonlyMap<number, readonly Uint8Array[]>;

/**
 * Reads field 62 of a notice, strictly: what is not understood to the last byte is refused as a whole.
 * @param kind 60.3
 */
export function readNotice(kind: number, content: Uint8Array): NoticeContent | Refusal {
	try {
		const objects = split(content);
		const [given] = objects.get(0xc0) ?? [];
		if (given?.length !== 1) return Refusal.Format;
		if (given[0] !== version) return Refusal.Unknown;
		return read(kind, objects);
	} catch (error) {
		if (error instanceof Refused) return error.refusal;
		if (error instanceof Fault) return Refusal.Format;
		throw error;
	}
}

function read(kind: number, objects: Objects): NoticeContent {
	switch (kind) {
		case NoticeKind.Settlement:
			return { kind: "settlement", funding: readFunding(objects) };
		case NoticeKind.Maintenance:
			allow(objects, { 0xd1: windowCountMax });
			return { kind: "maintenance", windows: all(objects, 0xd1, 13).map(readWindow) };
		case NoticeKind.Calendar:
			return { kind: "calendar", year: readCalendar(objects) };
		case NoticeKind.Parameters:
			allow(objects, { 0xd5: changeCountMax, 0xd6: 1 });
			return {
				kind: "parameters",
				reset: all(objects, 0xd6, 0).length > 0,
				changes: readChanges(all(objects, 0xd5, 5)),
			};
		case NoticeKind.Fees:
			allow(objects, { 0xd7: feeCountMax });
			return { kind: "fees", fees: readFees(all(objects, 0xd7, 7)) };
		case NoticeKind.SignOn:
			allow(objects, {});
			return { kind: "sign-on" };
		default:
			throw new Refused(Refusal.Unknown);
	}
}

function split(content: Uint8Array): Objects {
	if (content.length > byteLimit) throw new Refused(Refusal.Format);
	const objects = new Map<number, Uint8Array[]>();
	const reader = new TlvReader(content);
	while (reader.next()) {
		const known = objects.get(reader.tag);
		if (known === undefined) objects.set(reader.tag, [reader.value]);
		else known.push(reader.value);
	}
	return objects;
}

/** @param most how often each tag may stand there beside the version */
function allow(objects: Objects, most: Readonly<Record<number, number>>): void {
	for (const [tag, values] of objects) {
		const limit = tag === 0xc0 ? 1 : (most[tag] ?? 0);
		if (values.length > limit) throw new Refused(Refusal.Format);
	}
}

/** All objects with a tag; each must have this length. */
function all(objects: Objects, tag: number, length: number): readonly Uint8Array[] {
	const values = objects.get(tag) ?? [];
	if (values.some((value) => value.length !== length)) throw new Refused(Refusal.Format);
	return values;
}

function must(objects: Objects, tag: number, length: number): Uint8Array {
	const [value] = all(objects, tag, length);
	if (value === undefined) throw new Refused(Refusal.Format);
	return value;
}

/** Packed digits of an object, `absent` where there is none. */
function digits(objects: Objects, tag: number, length: number, absent?: number): number {
	if (absent !== undefined && !objects.has(tag)) return absent;
	return packed(must(objects, tag, length));
}

function packed(bytes: Uint8Array): number {
	let value = 0;
	for (const byte of bytes) {
		if ((byte & 15) > 9 || byte >> 4 > 9) throw new Refused(Refusal.Format);
		value = value * 100 + (byte >> 4) * 10 + (byte & 15);
	}
	return value;
}

function binary(bytes: Uint8Array): number {
	let value = 0;
	for (const byte of bytes) value = value * 256 + byte;
	return value;
}

function within(value: number, least: number, most: number): number {
	if (value < least || value > most) throw new Refused(Refusal.Range);
	return value;
}

function readFunding(objects: Objects): Omit<Funding, "notice"> {
	allow(objects, { 0xc1: 1, 0xc2: 1, 0xc3: 1, 0xc4: 1, 0xc5: 1, 0xc6: 1, 0xc7: 1, 0xc8: 1 });
	const status = within(binary(must(objects, 0xc3, 1)), FundingStatus.Paid, FundingStatus.Returned);
	const date = digits(objects, 0xc4, 4);
	dayOf(date);
	return {
		batch: within(digits(objects, 0xc1, 3), 1, 999_999),
		stan: objects.has(0xc2) ? within(digits(objects, 0xc2, 3), 1, 999_999) : 0,
		status: status as FundingStatus,
		date,
		reason: digits(objects, 0xc5, 2, 0),
		netMinor: digits(objects, 0xc6, 6, -1),
		feesMinor: digits(objects, 0xc7, 6, -1),
		reference: readReference(objects.get(0xc8)?.[0]),
	};
}

function readReference(bytes: Uint8Array | undefined): string {
	if (bytes === undefined) return "";
	const printable = bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
	if (bytes.length < 1 || bytes.length > 20 || !printable) throw new Refused(Refusal.Format);
	return asciiText(bytes);
}

/** Days since 1970 of YYYYMMDD. */
function dayOf(date: number): number {
	const year = within(Math.floor(date / 10_000), yearMin, yearMax);
	const month = within(Math.floor(date / 100) % 100, 1, 12);
	const day = within(date % 100, 1, lastDay(year, month));
	return daysSince1970(year, month, day);
}

function lastDay(year: number, month: number): number {
	const next = month === 12 ? daysSince1970(year + 1, 1, 1) : daysSince1970(year, month + 1, 1);
	return next - daysSince1970(year, month, 1);
}

function readWindow(bytes: Uint8Array): MaintenanceWindow {
	const of = within(bytes[0]!, 1, 2) as MaintenanceOf;
	const fromMs = momentMs(bytes.subarray(1, 7));
	const toMs = momentMs(bytes.subarray(7, 13));
	within(toMs - fromMs, 1, windowMaxMs);
	return { of, fromMs, toMs };
}

/** Unix ms of YYYYMMDDhhmm, packed. */
function momentMs(bytes: Uint8Array): number {
	const hour = within(packed(bytes.subarray(4, 5)), 0, 23);
	const minute = within(packed(bytes.subarray(5, 6)), 0, 59);
	return ((dayOf(packed(bytes.subarray(0, 4))) * 24 + hour) * 60 + minute) * 60_000;
}

function readCalendar(objects: Objects): CalendarYear {
	allow(objects, { 0xd3: 1, 0xd4: 1 });
	const year = within(digits(objects, 0xd3, 2), yearMin, yearMax);
	const days = must(objects, 0xd4, calendarBytes).slice();
	const count = daysSince1970(year + 1, 1, 1) - daysSince1970(year, 1, 1);
	for (let day = count; day < calendarBytes * 8; day++)
		if ((days[day >> 3]! & (0x80 >> (day & 7))) !== 0) throw new Refused(Refusal.Range);
	return { year, days };
}

function readChanges(values: readonly Uint8Array[]): readonly ParameterChange[] {
	const changes: ParameterChange[] = [];
	for (const bytes of values) {
		const row = parameterTable.find(({ number }) => number === bytes[0]);
		if (row === undefined) throw new Refused(Refusal.Range);
		if (changes.some(([number]) => number === row.number)) throw new Refused(Refusal.Format);
		changes.push([row.number, within(binary(bytes.subarray(1)), row.least, row.most)]);
	}
	return changes;
}

function readFees(values: readonly Uint8Array[]): readonly Fee[] {
	const fees: Fee[] = [];
	for (const bytes of values) {
		const card = within(bytes[0]!, 1, 4) as FeeCard;
		if (fees.some((fee) => fee.card === card)) throw new Refused(Refusal.Format);
		const rate = within(binary(bytes.subarray(1, 3)), 0, 1000);
		fees.push({ card, rate, capMinor: binary(bytes.subarray(3)) });
	}
	return fees;
}
