import { localTime } from "core/local-time";

/** Month, day and time of day as ISO 8583 writes them. */
export interface CivilTime {
	/** MMDD as a number. */
	readonly monthDay: number;
	/** hhmmss as a number. */
	readonly time: number;
}

/**
 * Calendar date and time of a moment.
 * @param unixMs 0 to 2^53
 * @param offsetMinutes minutes east of UTC
 */
export function civilTime(unixMs: number, offsetMinutes: number): CivilTime {
	const t = localTime(unixMs, offsetMinutes);
	return { monthDay: t.month * 100 + t.day, time: t.hour * 10_000 + t.minute * 100 + t.second };
}
