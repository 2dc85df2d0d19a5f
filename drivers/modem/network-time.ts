import { daysSince1970 } from "core/local-time";
import { wholeNumber } from "modem/at-fields";

/**
 * Unix milliseconds of an AT+CCLK text, "yy/MM/dd,hh:mm:ss±zz": local time and its distance from UTC in
 * quarters of an hour (TS 27.007 8.15). Without a zone the time is taken as UTC.
 * @returns undefined unless it is a real time from 2024 to 2069: modules without network time say 1980 or 2000
 */
export function parseNetworkTime(text: string): number | undefined {
	if (text.length < 17) return undefined;
	if (text[2] !== "/" || text[5] !== "/" || text[8] !== ",") return undefined;
	if (text[11] !== ":" || text[14] !== ":") return undefined;
	const year = wholeNumber(text.slice(0, 2));
	const month = wholeNumber(text.slice(3, 5));
	const day = wholeNumber(text.slice(6, 8));
	const hour = wholeNumber(text.slice(9, 11));
	const minute = wholeNumber(text.slice(12, 14));
	const second = wholeNumber(text.slice(15, 17));
	const quarters = parseZone(text.slice(17));
	if (year < 24 || year > 69 || month < 1 || month > 12 || day < 1) return undefined;
	if (day > daysOfMonth(2000 + year, month)) return undefined;
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
		return undefined;
	if (quarters === undefined) return undefined;
	const minutes =
		(daysSince1970(2000 + year, month, day) * 24 + hour) * 60 + minute - quarters * 15;
	return (minutes * 60 + second) * 1000;
}

function parseZone(text: string): number | undefined {
	if (text === "") return 0;
	const quarters = wholeNumber(text.slice(1));
	// UTC-12 to UTC+14
	if (quarters < 0 || quarters > 56) return undefined;
	if (text[0] === "+") return quarters;
	return text[0] === "-" ? -quarters : undefined;
}

function daysOfMonth(year: number, month: number): number {
	if (month === 2) return year % 4 === 0 ? 29 : 28;
	return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
