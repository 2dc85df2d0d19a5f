import { Backoff } from "host/backoff";
import { civilTime } from "host/civil-time";
import { codeNumber } from "host/matching";
import { attemptOfTopic, isEarlier, requestTopic } from "host/topics";
import { equal, ok, test } from "test/harness";
import { FakeEntropy } from "../fakes/entropy";

test("civil time is right at leap days, ends of years and offsets", () => {
	const cases: readonly (readonly [number, number, number, number])[] = [
		[0, 0, 101, 0],
		[951_782_400_000, 0, 229, 0],
		[951_868_800_000 - 1, 0, 229, 235_959],
		[951_868_800_000, 0, 301, 0],
		[1_709_164_800_000, 0, 229, 0],
		[1_795_314_600_000, 0, 1122, 23_000],
		[1_795_314_600_000, 480, 1122, 103_000],
		[1_798_761_599_999, 0, 1231, 235_959],
		[1_798_761_599_999, 1, 101, 59],
		[1_798_761_600_000, -1, 1231, 235_900],
		[4_107_542_400_000, 0, 301, 0],
	];
	for (const [ms, offset, monthDay, time] of cases)
		equal(civilTime(ms, offset), { monthDay, time }, `${ms} ${offset}`);
});

test("every day of four centuries follows the one before", () => {
	const lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
	let at = 946_684_800_000; // 2000-01-01
	for (let year = 2000; year < 2400; year += 1) {
		const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
		for (let month = 1; month <= 12; month++) {
			const days = lengths[month - 1]! + (leap && month === 2 ? 1 : 0);
			const first = civilTime(at, 0).monthDay;
			const last = civilTime(at + (days - 1) * 86_400_000, 0).monthDay;
			if (first !== month * 100 + 1 || last !== month * 100 + days)
				equal([first, last], [month * 100 + 1, month * 100 + days], `${year}`);
			at += days * 86_400_000;
		}
	}
});

test("waits stay within their step and use its whole width", () => {
	const backoff = new Backoff(new FakeEntropy(3), 1000, 60_000);
	const steps = [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000];
	const largest = steps.map(() => 0);
	for (let round = 0; round < 50; round++) {
		steps.forEach((limitMs, i) => {
			const waitMs = backoff.next();
			ok(waitMs >= 0 && waitMs <= limitMs, `${waitMs} of ${limitMs}`);
			largest[i] = Math.max(largest[i]!, waitMs);
		});
		backoff.reset();
	}
	steps.forEach((limitMs, i) => ok(largest[i]! > limitMs * 0.8, `step ${i}: ${largest[i]}`));
});

test("the slow wait is one to two caps and the next ones start at the cap", () => {
	const backoff = new Backoff(new FakeEntropy(3), 1000, 60_000);
	const waitMs = backoff.slow();
	ok(waitMs >= 60_000 && waitMs <= 120_000);
	const next = Array.from({ length: 20 }, () => backoff.next());
	ok(Math.max(...next) > 32_000);
});

test("topics carry the attempt in lower-case hexadecimal, and only that form is read", () => {
	equal(requestTopic("TERM0001", 0xabcdef), "q/TERM0001/abcdef");
	equal(attemptOfTopic("r/TERM0001/abcdef", "TERM0001"), 0xabcdef);
	equal(attemptOfTopic("r/TERM0001/1", "TERM0001"), 1);
	const bad = ["", "0", "01", "A", "g", "1000000", "1/", "-1", " 1", "1é"];
	for (const text of bad) equal(attemptOfTopic(`r/TERM0001/${text}`, "TERM0001"), 0, text);
	for (const topic of ["r/TERM0002/1", "q/TERM0001/1", "r/TERM0001", "x"])
		equal(attemptOfTopic(topic, "TERM0001"), 0, topic);
});

test("an attempt before the last one may have been ours, also across the wrap", () => {
	ok(isEarlier(5, 5) && isEarlier(1, 5) && isEarlier(0xfffe, 3));
	ok(
		!isEarlier(6, 5) &&
			!isEarlier(0x7000, 5) &&
			!isEarlier(3, 0xfffe) &&
			!isEarlier(0x10004, 5) &&
			!isEarlier(1, 0),
	);
});

test("response codes become numbers that can be told apart", () => {
	equal([codeNumber("00"), codeNumber("51"), codeNumber("A0")], [0, 51, 1360]);
	equal([codeNumber("0A"), codeNumber(""), codeNumber("?!")], [1010, 9999, 9999]);
});
