import { daysSince1970, localStamp, localText, localTime } from "core/local-time";
import { equal, test } from "test/harness";

test("the calendar agrees with Date over 1970 to 2100, leap days included", () => {
	for (let day = 0; day < 47_500; day += 13) {
		const wallMs = day * 86_400_000 + 45_296_000;
		const date = new Date(wallMs);
		const t = localTime(wallMs, 0);
		equal(
			[t.year, t.month, t.day],
			[date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()],
		);
		equal([t.hour, t.minute, t.second], [12, 34, 56]);
	}
	equal(localStamp(Date.UTC(2028, 1, 29, 23, 59, 59), 0), "280229235959");
});

test("the offset of the merchant's zone moves the date as well", () => {
	equal(localText(Date.UTC(2026, 10, 22, 17, 5, 9), 480), "2026-11-23 01:05:09");
	equal(localText(0, 480), "-");
	equal(localStamp(undefined, 480), "");
});

test("days since 1970 agree with Date over 1970 to 2100", () => {
	for (let day = 0; day < 47_500; day += 11) {
		const date = new Date(day * 86_400_000);
		equal(daysSince1970(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()), day);
	}
});
