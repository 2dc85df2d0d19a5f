import { Fault } from "core/fault";
import { localTime, daysSince1970 } from "core/local-time";
import { defaultParameters, parameterTable, type Parameters } from "core/parameters";
import { Mark, type Journal, type JournalRecord } from "journal/journal";
import { readNotice, type NoticeContent, type ParameterChange } from "notices/content";
import {
	decodeNoticeRecord,
	encodeCalendar,
	encodeFees,
	encodeFundings,
	encodeMaintenance,
	encodeNumber,
	encodeParameters,
	fundingPerSlot,
	fundingSlots,
	NoticeRecord,
	noticeRecordKinds,
} from "notices/records";
import {
	FundingStatus,
	type CalendarYear,
	type Fee,
	type Funding,
	type MaintenanceOf,
	type MaintenanceWindow,
} from "notices/types";

/** What is kept of the calendar. */
const yearsKept = 2;
/**
 * Every record is written again after so many transactions, so that a boot finds it not far back. Fewer than
 * limits.closedAtBoot.
 */
const rewriteAfter = 32;
/** How far back a record is taken to be that a boot has found. */
const ageAtBoot = 20;

export interface NoticesOptions {
	readonly journal: Pick<Journal, "append" | "isPartlyVisited" | "visitSettings">;
	/** Parameters have changed. */
	readonly onParameters?: () => void;
}

/** What the acquirer has told by notice: kept on flash, with typed access. */
export class Notices {
	readonly #options: NoticesOptions;
	/** Newest notice by kind of record; absent: never seen on flash in this boot. */
	readonly #numbers = new Map<number, number>();
	/** Newest transaction when the record was written last, by kind. */
	readonly #writtenAt = new Map<number, number>();
	#changes: readonly ParameterChange[] = [];
	#parameters: Parameters = defaultParameters;
	#windows: readonly MaintenanceWindow[] = [];
	#years: readonly CalendarYear[] = [];
	#fees: readonly Fee[] = [];
	/** All that is on flash has been read. */
	#known = false;
	readonly #fundings: (readonly Funding[])[] = Array.from({ length: fundingSlots }, () => []);

	constructor(options: NoticesOptions) {
		this.#options = options;
	}

	/** Takes over one record of subject 0 at boot. @returns false when it is not one of these */
	restore({ kind, payload }: JournalRecord): boolean {
		if (!noticeRecordKinds.includes(kind)) return false;
		const content = decodeNoticeRecord(kind, payload);
		if (content === undefined) return true;
		const { number, parameters, windows, years, fees, fundings } = content;
		this.#numbers.set(kind, number);
		if (kind === NoticeRecord.Parameters) this.#useParameters(parameters);
		else if (kind === NoticeRecord.Maintenance) this.#windows = windows;
		else if (kind === NoticeRecord.Calendar) this.#years = years;
		else if (kind === NoticeRecord.Fees) this.#fees = fees;
		else if (kind >= NoticeRecord.Funding) this.#fundings[kind - NoticeRecord.Funding] = fundings;
		return true;
	}

	/**
	 * Idle work: reads what the boot did not need, then writes one record that is missing or stands far back.
	 * @param newest number of the newest transaction
	 * @returns whether something was written
	 */
	idle(newest: number): boolean {
		if (!this.#known) {
			this.#readRest();
			return false;
		}
		for (const kind of noticeRecordKinds) {
			const known = this.#numbers.has(kind);
			const writtenAt = this.#writtenAt.get(kind) ?? newest - ageAtBoot;
			this.#writtenAt.set(kind, writtenAt);
			if (known && newest - writtenAt < rewriteAfter) continue;
			return this.#write(kind, this.#payload(kind, this.#numbers.get(kind) ?? 0), newest);
		}
		return false;
	}

	/** Highest notice taken so far, 0 when there was none; undefined until all of them have been read. */
	get highest(): number | undefined {
		if (!this.#known) return undefined;
		let highest = 0;
		for (const number of this.#numbers.values()) highest = Math.max(highest, number);
		return highest;
	}

	/** As NoticeSink.take. */
	take(number: number, kind: number, content: Uint8Array): string {
		const notice = readNotice(kind, content);
		if (typeof notice === "string") return notice;
		return this.#store(number, notice) ? "00" : "96";
	}

	/** As the acquirer has set them; the defaults where it has not. */
	get parameters(): Parameters {
		return this.#parameters;
	}

	/** Announced times in which host or banks are not to be reached, also past ones. */
	get maintenance(): readonly MaintenanceWindow[] {
		return this.#windows;
	}

	get fees(): readonly Fee[] {
		return this.#fees;
	}

	/** Years of which the working days are known. */
	get calendar(): readonly CalendarYear[] {
		return this.#years;
	}

	/** All that is known about the money of batches, oldest notice first. */
	get fundings(): readonly Funding[] {
		return this.#fundings.flat().sort((a, b) => a.notice - b.notice);
	}

	/**
	 * What became of the money of a transaction. A word about the transaction itself counts more than one about its batch.
	 * @returns undefined when the acquirer has said nothing
	 */
	fundingOf(batch: number, stan: number): Funding | undefined {
		const about = this.fundings.filter((each) => each.batch === batch);
		return about.find((each) => each.stan === stan) ?? about.find((each) => each.stan === 0);
	}

	/** The window that a moment falls into, or undefined. @param atMs unix ms */
	maintenanceAt(atMs: number, of: MaintenanceOf): MaintenanceWindow | undefined {
		return this.#windows.find((each) => each.of === of && atMs >= each.fromMs && atMs < each.toMs);
	}

	/**
	 * Whether the banks work on a day; where no calendar says so, Monday to Friday.
	 * @param day days since 1970-01-01
	 */
	isWorkingDay(day: number): boolean {
		const { year } = localTime(day * 86_400_000, 0);
		const calendar = this.#years.find((each) => each.year === year);
		// 1970-01-01 was a Thursday.
		if (calendar === undefined) return (day + 3) % 7 < 5;
		const index = day - daysSince1970(year, 1, 1);
		return (calendar.days[index >> 3]! & (0x80 >> (index & 7))) !== 0;
	}

	/** The day `count` working days after a day. @param day days since 1970-01-01 @param count 0 to 30 */
	workingDayAfter(day: number, count: number): number {
		let left = count;
		let at = day;
		while (left > 0) if (this.isWorkingDay(++at)) left--;
		return at;
	}

	/** A boot reads the newest part of the journal; the rest is read in idle time, and then nothing is missing. */
	#readRest(): void {
		const { journal } = this.#options;
		if (journal.isPartlyVisited) return;
		journal.visitSettings((record) => {
			if (!this.#numbers.has(record.kind)) this.restore(record);
		});
		this.#known = true;
	}

	/** Writes first, changes memory second. */
	#store(number: number, notice: NoticeContent): boolean {
		switch (notice.kind) {
			case "settlement":
				return this.#storeFunding({ ...notice.funding, notice: number });
			case "maintenance": {
				const payload = encodeMaintenance(number, notice.windows);
				if (!this.#note(NoticeRecord.Maintenance, number, payload)) return false;
				this.#windows = notice.windows;
				return true;
			}
			case "calendar": {
				const years = newestYears(this.#years, notice.year);
				const payload = encodeCalendar(number, years);
				if (!this.#note(NoticeRecord.Calendar, number, payload)) return false;
				this.#years = years;
				return true;
			}
			case "parameters": {
				const before = notice.reset ? [] : this.#changes;
				const changes = merged(before, notice.changes);
				const payload = encodeParameters(number, changes);
				if (!this.#note(NoticeRecord.Parameters, number, payload)) return false;
				this.#useParameters(changes);
				this.#options.onParameters?.();
				return true;
			}
			case "fees":
				if (!this.#note(NoticeRecord.Fees, number, encodeFees(number, notice.fees))) return false;
				this.#fees = notice.fees;
				return true;
			case "sign-on":
				return this.#note(NoticeRecord.Number, number, encodeNumber(number));
		}
	}

	#storeFunding(funding: Funding): boolean {
		const slot = this.#slotFor(funding);
		const others = this.#fundings[slot]!.filter((each) => !isSame(each, funding));
		// A full slot gives up what is paid first: that is over, and the acquirer's to prove.
		if (others.length === fundingPerSlot) others.splice(victimOf(others), 1);
		const fundings = [...others, funding];
		const payload = encodeFundings(funding.notice, fundings);
		if (!this.#note(NoticeRecord.Funding + slot, funding.notice, payload)) return false;
		this.#fundings[slot] = fundings;
		return true;
	}

	/** Where it stands, else the first slot with room, else the one whose record is the oldest. */
	#slotFor(funding: Funding): number {
		const known = this.#fundings.findIndex((slot) => slot.some((each) => isSame(each, funding)));
		if (known >= 0) return known;
		const free = this.#fundings.findIndex((slot) => slot.length < fundingPerSlot);
		if (free >= 0) return free;
		const candidates = this.#fundings.map((slot) => slot[victimOf(slot)]!);
		const rank = (each: Funding): number =>
			each.notice + (each.status === FundingStatus.Paid ? 0 : 1_000_000);
		let best = 0;
		for (let slot = 1; slot < candidates.length; slot++)
			if (rank(candidates[slot]!) < rank(candidates[best]!)) best = slot;
		return best;
	}

	#note(kind: number, number: number, payload: Uint8Array): boolean {
		if (!this.#write(kind, payload, this.#writtenAt.get(kind))) return false;
		this.#numbers.set(kind, number);
		return true;
	}

	#write(kind: number, payload: Uint8Array, newest: number | undefined): boolean {
		try {
			this.#options.journal.append(0, kind, payload, Mark.More);
		} catch (error) {
			if (!(error instanceof Fault)) throw error;
			return false;
		}
		if (!this.#numbers.has(kind)) this.#numbers.set(kind, 0);
		if (newest !== undefined) this.#writtenAt.set(kind, newest);
		return true;
	}

	/** The record of a kind as it is now. */
	#payload(kind: number, number: number): Uint8Array {
		switch (kind) {
			case NoticeRecord.Parameters:
				return encodeParameters(number, this.#changes);
			case NoticeRecord.Maintenance:
				return encodeMaintenance(number, this.#windows);
			case NoticeRecord.Calendar:
				return encodeCalendar(number, this.#years);
			case NoticeRecord.Fees:
				return encodeFees(number, this.#fees);
			case NoticeRecord.Number:
				return encodeNumber(number);
			default:
				return encodeFundings(number, this.#fundings[kind - NoticeRecord.Funding] ?? []);
		}
	}

	#useParameters(changes: readonly ParameterChange[]): void {
		const parameters: { -readonly [name in keyof Parameters]: number } = { ...defaultParameters };
		for (const [number, value] of changes) {
			const row = parameterTable.find((each) => each.number === number);
			// A value that an older firmware took may be out of range today: the nearest one that is allowed.
			if (row !== undefined) parameters[row.name] = Math.min(Math.max(value, row.least), row.most);
		}
		this.#changes = changes;
		this.#parameters = Object.freeze(parameters);
	}
}

function isSame(a: Funding, b: Funding): boolean {
	return a.batch === b.batch && a.stan === b.stan;
}

/** Index of the oldest one that is paid, else of the oldest. */
function victimOf(fundings: readonly Funding[]): number {
	const paid = fundings.findIndex(({ status }) => status === FundingStatus.Paid);
	return Math.max(paid, 0);
}

/** The years without `year`, and it; of those the newest ones. */
function newestYears(years: readonly CalendarYear[], year: CalendarYear): readonly CalendarYear[] {
	return [...years.filter((each) => each.year !== year.year), year]
		.sort((a, b) => a.year - b.year)
		.slice(-yearsKept);
}

function merged(
	before: readonly ParameterChange[],
	changes: readonly ParameterChange[],
): readonly ParameterChange[] {
	const isChanged = (number: number): boolean => changes.some((each) => each[0] === number);
	return [...before.filter(([number]) => !isChanged(number)), ...changes];
}
