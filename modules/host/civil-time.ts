/** Month, day and time of day as ISO 8583 writes them. */
export interface CivilTime {
	/** MMDD as a number. */
	readonly monthDay: number;
	/** hhmmss as a number. */
	readonly time: number;
}

const dayMs = 86_400_000;

/**
 * Calendar date and time of a moment (proleptic Gregorian, days counted from 1 March of a leap-year cycle).
 * @param unixMs 0 to 2^53
 * @param offsetMinutes minutes east of UTC
 */
export function civilTime(unixMs: number, offsetMinutes: number): CivilTime {
	const localMs = unixMs + offsetMinutes * 60_000;
	const days = Math.floor(localMs / dayMs);
	const seconds = Math.floor((localMs - days * dayMs) / 1000);
	const dayOfEra = (((days + 719_468) % 146_097) + 146_097) % 146_097;
	const yearOfEra = Math.floor(
		(dayOfEra -
			Math.floor(dayOfEra / 1460) +
			Math.floor(dayOfEra / 36_524) -
			Math.floor(dayOfEra / 146_096)) /
			365,
	);
	const dayOfYear =
		dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
	const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
	const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
	const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
	const hour = Math.floor(seconds / 3600);
	const minute = Math.floor(seconds / 60) % 60;
	return { monthDay: month * 100 + day, time: hour * 10_000 + minute * 100 + (seconds % 60) };
}
