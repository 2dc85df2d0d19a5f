/** Times of the host: messages carry no year, replies carry local time (UTC+8). */

const localOffsetMs = 8 * 3600 * 1000;

/** Host's local time for fields 12 and 13. @param nowMs Unix ms */
export function localTime(nowMs: number): { readonly time: string; readonly date: string } {
	const iso = new Date(nowMs + localOffsetMs).toISOString();
	return {
		time: iso.slice(11, 19).replaceAll(":", ""),
		date: iso.slice(5, 10).replaceAll("-", ""),
	};
}

/** The moment nearest to `nowMs` that has this month, day and time; undefined for one that no year has. */
function nearest(monthDayTime: string, nowMs: number): number | undefined {
	const [month, day, hour, minute, second] = (monthDayTime.match(/\d\d/g) ?? []).map(Number);
	if (month === undefined || day === undefined) return undefined;
	const year = new Date(nowMs).getUTCFullYear();
	const candidates = [year - 1, year, year + 1].flatMap((y) => {
		const ms = Date.UTC(y, month - 1, day, hour ?? 0, minute ?? 0, second ?? 0);
		const digits = new Date(ms).toISOString().replaceAll(/\D/g, "").slice(4, 14);
		return digits.startsWith(monthDayTime) ? [ms] : [];
	});
	candidates.sort((a, b) => Math.abs(a - nowMs) - Math.abs(b - nowMs));
	return candidates[0];
}

/**
 * Whole seconds since a request was sent, negative when it comes from the future.
 * @param field7 MMDDhhmmss UTC
 */
export function ageSeconds(field7: string, nowMs: number): number | undefined {
	const sentMs = nearest(field7, nowMs);
	return sentMs === undefined ? undefined : Math.floor(nowMs / 1000) - sentMs / 1000;
}

/** Year and month (YYMM) of a transaction, never later than now. @param field13 MMDD, local */
export function monthOf(field13: string, nowMs: number): string | undefined {
	const localMs = nowMs + localOffsetMs;
	const ms = nearest(field13, localMs);
	if (ms === undefined) return undefined;
	return new Date(Math.min(ms, localMs)).toISOString().slice(2, 7).replace("-", "");
}

/**
 * Retrieval reference number, 12 digits: last digit of the year, day of the year, hour, number.
 * @param number counts the host's answers; its last six digits are used
 */
export function rrnOf(nowMs: number, number: number): string {
	const local = new Date(nowMs + localOffsetMs);
	const year = local.getUTCFullYear();
	const day = Math.floor((local.getTime() - Date.UTC(year, 0, 1)) / 86_400_000) + 1;
	const digits = (value: number, count: number): string => String(value).padStart(count, "0");
	return `${year % 10}${digits(day, 3)}${digits(local.getUTCHours(), 2)}${digits(number % 1_000_000, 6)}`;
}

/** Field 7: MMDDhhmmss UTC. */
export function utcStamp(nowMs: number): string {
	return new Date(nowMs).toISOString().replaceAll(/\D/g, "").slice(4, 14);
}

/** Host's local date, YYYYMMDD. */
export function localDay(nowMs: number): string {
	return new Date(nowMs + localOffsetMs).toISOString().slice(0, 10).replaceAll("-", "");
}
