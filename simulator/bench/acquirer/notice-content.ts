/** What a notice says, and field 62 that says it (docs/host-protocol.md, Notices). */

export type Outcome = "paid" | "held" | "returned";

export interface SettlementNotice {
	readonly kind: "settlement";
	/** Six digits. */
	readonly batch: string;
	/** Six digits; absent: the whole batch. */
	readonly stan?: string;
	readonly outcome: Outcome;
	/** YYYYMMDD. */
	readonly date: string;
	/** Four digits of the page's table. */
	readonly reason?: string;
	readonly netMinor?: number;
	readonly feesMinor?: number;
	/** 1 to 20 printable ASCII characters. */
	readonly reference?: string;
}

export interface MaintenanceNotice {
	readonly kind: "maintenance";
	/** Up to 8; YYYYMMDDhhmm UTC. */
	readonly windows: readonly {
		readonly of: "host" | "bank";
		readonly from: string;
		readonly to: string;
	}[];
}

export interface CalendarNotice {
	readonly kind: "calendar";
	/** 2024 to 2099. */
	readonly year: number;
	/** Days of the year (1 January is 1) on which banks work. */
	readonly workingDays: readonly number[];
}

export interface ParametersNotice {
	readonly kind: "parameters";
	/** All back to their defaults first. */
	readonly reset?: boolean;
	/** Up to 16. */
	readonly values: readonly { readonly number: number; readonly value: number }[];
}

export interface FeesNotice {
	readonly kind: "fees";
	/** Up to 8; rate in 1/10000, cap in minor units, 0 for none. */
	readonly rates: readonly {
		readonly card: "debit" | "credit" | "foreign" | "qr";
		readonly rate: number;
		readonly capMinor: number;
	}[];
}

export interface SignOnNotice {
	readonly kind: "sign-on";
}

/** Whatever bytes: for terminals that are to refuse them. */
export interface RawNotice {
	readonly kind: "raw";
	/** 60.3, 9xx. */
	readonly network: string;
	readonly content: Buffer;
}

export type NoticeContent =
	| SettlementNotice
	| MaintenanceNotice
	| CalendarNotice
	| ParametersNotice
	| FeesNotice
	| SignOnNotice
	| RawNotice;

/** 60.3 and field 62. */
export interface EncodedNotice {
	readonly network: string;
	readonly content: Buffer;
}

/** Largest field 62 of a notice, bytes. */
export const contentBytesMax = 255;
const version = object("C0", Buffer.from([1]));
/** In the order of C3. */
export const outcomes: readonly Outcome[] = Object.freeze(["paid", "held", "returned"]);
const cards = Object.freeze(["debit", "credit", "foreign", "qr"] as const);

/** @throws RangeError with one clear line for what the page does not allow */
export function encodeNotice(notice: NoticeContent): EncodedNotice {
	const [network, objects] = partsOf(notice);
	if (notice.kind === "raw") return { network, content: notice.content };
	const content = Buffer.concat([version, ...objects]);
	if (content.length > contentBytesMax)
		throw new RangeError(`a notice holds ${contentBytesMax} bytes, not ${content.length}`);
	return { network, content };
}

function partsOf(notice: NoticeContent): readonly [string, readonly Buffer[]] {
	switch (notice.kind) {
		case "settlement":
			return ["901", settlementObjects(notice)];
		case "maintenance":
			return ["902", notice.windows.map(windowObject)];
		case "calendar":
			return ["903", [object("D3", digits(notice.year, 4)), object("D4", dayBits(notice))]];
		case "parameters":
			return ["904", parameterObjects(notice)];
		case "fees":
			return ["905", notice.rates.map(rateObject)];
		case "sign-on":
			return ["906", []];
		case "raw":
			if (!/^9\d\d$/.test(notice.network)) throw new RangeError("60.3 of a notice is 9xx");
			return [notice.network, []];
	}
}

function settlementObjects(notice: SettlementNotice): readonly Buffer[] {
	const { batch, stan, outcome, date, reason, netMinor, feesMinor, reference } = notice;
	if (reference !== undefined && !/^[ -~]{1,20}$/.test(reference))
		throw new RangeError("a reference has 1 to 20 printable characters");
	return [
		object("C1", packed(batch, 6)),
		...(stan === undefined ? [] : [object("C2", packed(stan, 6))]),
		object("C3", Buffer.from([outcomes.indexOf(outcome) + 1])),
		object("C4", packed(date, 8)),
		...(reason === undefined ? [] : [object("C5", packed(reason, 4))]),
		...(netMinor === undefined ? [] : [object("C6", digits(netMinor, 12))]),
		...(feesMinor === undefined ? [] : [object("C7", digits(feesMinor, 12))]),
		...(reference === undefined ? [] : [object("C8", Buffer.from(reference, "latin1"))]),
	];
}

function windowObject({ of, from, to }: MaintenanceNotice["windows"][number]): Buffer {
	const what = Buffer.from([of === "host" ? 1 : 2]);
	return object("D1", Buffer.concat([what, packed(from, 12), packed(to, 12)]));
}

/** 46 bytes, a bit for each day of the year. */
function dayBits({ workingDays }: CalendarNotice): Buffer {
	const bits = Buffer.alloc(46);
	for (const day of workingDays) {
		if (!Number.isInteger(day) || day < 1 || day > 366)
			throw new RangeError("a day of the year is 1 to 366");
		bits.writeUInt8(bits.readUInt8((day - 1) >> 3) | (0x80 >> ((day - 1) & 7)), (day - 1) >> 3);
	}
	return bits;
}

function parameterObjects({ reset, values }: ParametersNotice): readonly Buffer[] {
	const objects = values.map(({ number, value }) => {
		const bytes = Buffer.alloc(5);
		bytes.writeUInt8(number, 0);
		bytes.writeUInt32BE(value, 1);
		return object("D5", bytes);
	});
	return reset === true ? [object("D6", Buffer.alloc(0)), ...objects] : objects;
}

function rateObject({ card, rate, capMinor }: FeesNotice["rates"][number]): Buffer {
	const bytes = Buffer.alloc(7);
	bytes.writeUInt8(cards.indexOf(card) + 1, 0);
	bytes.writeUInt16BE(rate, 1);
	bytes.writeUInt32BE(capMinor, 3);
	return object("D7", bytes);
}

function object(tag: string, value: Buffer): Buffer {
	return Buffer.concat([Buffer.from(tag, "hex"), Buffer.from([value.length]), value]);
}

function digits(number: number, count: number): Buffer {
	if (!Number.isSafeInteger(number) || number < 0 || String(number).length > count)
		throw new RangeError(`${number} is not a number of ${count} digits`);
	return packed(String(number).padStart(count, "0"), count);
}

function packed(text: string, count: number): Buffer {
	if (text.length !== count || !/^\d*$/.test(text))
		throw new RangeError(`"${text.slice(0, 20)}" has not ${count} digits`);
	return Buffer.from(text, "hex");
}
