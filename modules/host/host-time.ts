import { daysSince1970, localTime } from "core/local-time";
import type { MessageReader } from "message/reader";

/** Fields 12 and 13 of a reply are the host's local time. */
const hostOffsetMinutes = 480;

/**
 * The host's time as its reply tells it. The fields have no year: the one that comes nearest to our own clock is taken.
 * @param nowMs our own clock, unix ms
 * @returns unix ms, or undefined when the fields are missing or no time
 */
export function hostTimeMs(reader: MessageReader, nowMs: number): number | undefined {
	if (!reader.has(12) || !reader.has(13)) return undefined;
	const time = reader.number(12);
	const monthDay = reader.number(13);
	const month = Math.floor(monthDay / 100);
	const day = monthDay % 100;
	const hour = Math.floor(time / 10_000);
	const minute = Math.floor(time / 100) % 100;
	const second = time % 100;
	if (month < 1 || month > 12 || day < 1 || day > 31) return undefined;
	if (hour > 23 || minute > 59 || second > 59) return undefined;
	const inDayMs = ((hour * 60 + minute - hostOffsetMinutes) * 60 + second) * 1000;
	const thisYear = localTime(nowMs, hostOffsetMinutes).year;
	let nearest = Number.POSITIVE_INFINITY;
	for (const year of [thisYear - 1, thisYear, thisYear + 1]) {
		const ms = daysSince1970(year, month, day) * 86_400_000 + inDayMs;
		if (Math.abs(ms - nowMs) < Math.abs(nearest - nowMs)) nearest = ms;
	}
	return nearest;
}
