/** Calendar parts of a moment at a fixed offset; no Date, so that every engine gives the same. */
export interface LocalTime {
	readonly year: number;
	readonly month: number;
	readonly day: number;
	readonly hour: number;
	readonly minute: number;
	readonly second: number;
}

/**
 * Civil date from days since 1970-01-01 (proleptic Gregorian), after Howard Hinnant's published algorithm.
 * @param wallMs unix ms @param utcOffsetMinutes minutes east of UTC
 */
export function localTime(wallMs: number, utcOffsetMinutes: number): LocalTime {
	const seconds = Math.floor(wallMs / 1000) + utcOffsetMinutes * 60;
	const days = Math.floor(seconds / 86_400);
	const inDay = seconds - days * 86_400;
	const z = days + 719_468;
	const era = Math.floor(z / 146_097);
	const dayOfEra = z - era * 146_097;
	const yearOfEra = Math.floor(
		(dayOfEra -
			Math.floor(dayOfEra / 1460) +
			Math.floor(dayOfEra / 36_524) -
			Math.floor(dayOfEra / 146_096)) /
			365,
	);
	const dayOfYear =
		dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
	const shifted = Math.floor((5 * dayOfYear + 2) / 153);
	const month = shifted < 10 ? shifted + 3 : shifted - 9;
	return {
		year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
		month,
		day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1,
		hour: Math.floor(inDay / 3600),
		minute: Math.floor((inDay % 3600) / 60),
		second: inDay % 60,
	};
}

/** Days from 1970-01-01 to a date, the inverse of the above. @param month 1 to 12 */
export function daysSince1970(year: number, month: number, day: number): number {
	const y = month < 3 ? year - 1 : year;
	const era = Math.floor(y / 400);
	const yearOfEra = y - era * 400;
	const fromMarch = (month + 9) % 12;
	const dayOfYear = Math.floor((153 * fromMarch + 2) / 5) + day - 1;
	const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
	return era * 146_097 + yearOfEra * 365 + leapDays + dayOfYear - 719_468;
}

/** Local date as a number: 20261122. @param wallMs unix ms @param utcOffsetMinutes minutes east of UTC */
export function civilDate(wallMs: number, utcOffsetMinutes: number): number {
	const { year, month, day } = localTime(wallMs, utcOffsetMinutes);
	return year * 10_000 + month * 100 + day;
}

/** yyMMddhhmmss, or "" while the clock is unknown. */
export function localStamp(wallMs: number | undefined, utcOffsetMinutes: number): string {
	if (wallMs === undefined) return "";
	const t = localTime(wallMs, utcOffsetMinutes);
	return [t.year % 100, t.month, t.day, t.hour, t.minute, t.second]
		.map((part) => String(part).padStart(2, "0"))
		.join("");
}

/** "2026-11-22 09:30:05", or "-" for 0 (the clock was unknown). */
export function localText(wallMs: number, utcOffsetMinutes: number): string {
	if (wallMs === 0) return "-";
	const s = localStamp(wallMs, utcOffsetMinutes);
	return `20${s.slice(0, 2)}-${s.slice(2, 4)}-${s.slice(4, 6)} ${s.slice(6, 8)}:${s.slice(8, 10)}:${s.slice(10, 12)}`;
}
