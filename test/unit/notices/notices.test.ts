import { Fault } from "core/fault";
import { daysSince1970 } from "core/local-time";
import { defaultParameters } from "core/parameters";
import { Notices } from "notices/notices";
import { NoticeRecord, noticeRecordKinds } from "notices/records";
import { equal, ok, test } from "test/harness";
import { FakeJournal } from "../fakes/fake-journal";
import { about, held, paid, tlv, version } from "./samples";

function start() {
	const journal = new FakeJournal();
	const notices = new Notices({ journal });
	notices.idle(0);
	return { journal, notices };
}

/** As a boot finds it: the newest record of each kind. */
function reboot(journal: FakeJournal): Notices {
	const notices = new Notices({ journal });
	for (const kind of noticeRecordKinds) {
		const record = journal.records.filter((each) => each.kind === kind).pop();
		if (record !== undefined) ok(notices.restore(record));
	}
	notices.idle(0);
	return notices;
}

test("a terminal that was told nothing has the defaults", () => {
	const { notices } = start();
	equal([notices.highest, notices.parameters === defaultParameters], [0, true]);
	equal([notices.fundings, notices.maintenance, notices.fees, notices.calendar], [[], [], [], []]);
	equal(notices.fundingOf(12, 1), undefined);
});

test("what is taken is on flash before it is known, one append each, and survives a boot", () => {
	const { journal, notices } = start();
	equal(notices.take(5, 901, paid), "00");
	equal(notices.take(6, 902, tlv(version, [0xd1, "01202611251800202611252230"])), "00");
	equal(notices.take(9, 904, tlv(version, [0xd5, "0500000003"])), "00");
	equal(notices.take(10, 905, tlv(version, [0xd7, "01003200000708"])), "00");
	equal(notices.take(11, 906, tlv(version)), "00");
	equal(
		journal.records.map(({ subject, kind }) => [subject, kind]),
		[
			[0, NoticeRecord.Funding],
			[0, NoticeRecord.Maintenance],
			[0, NoticeRecord.Parameters],
			[0, NoticeRecord.Fees],
			[0, NoticeRecord.Number],
		],
	);
	for (const each of [notices, reboot(journal)]) {
		equal([each.highest, each.parameters.offlineCountMax], [11, 3]);
		const { notice, batch, date, netMinor, feesMinor, reference } = each.fundingOf(12, 7)!;
		equal([notice, batch, date], [5, 12, 20_261_124]);
		equal([netMinor, feesMinor, reference], [1_230_000, 4567, "REF 12"]);
		equal(each.maintenanceAt(1_795_629_600_000, 1)?.toMs, 1_795_645_800_000);
		equal(each.maintenanceAt(1_795_629_600_000, 2), undefined);
		equal(each.maintenanceAt(1_795_645_800_000, 1), undefined);
		equal(each.fees, [{ card: 1, rate: 50, capMinor: 1800 }]);
	}
});

test("a refused notice changes nothing, neither on flash nor in memory", () => {
	const { journal, notices } = start();
	equal(notices.take(1, 904, tlv(version, [0xd5, "0500000003"])), "00");
	equal(notices.take(2, 904, tlv(version, [0xd5, "0500000004"], [0xd5, "0200000002"])), "13");
	equal(notices.take(3, 908, paid), "40");
	equal(notices.take(4, 901, paid.subarray(2)), "30");
	equal([journal.records.length, notices.highest, notices.parameters.offlineCountMax], [1, 1, 3]);
});

test("flash that cannot be written: 96, and nothing has changed", () => {
	const journal = {
		isPartlyVisited: false,
		visitSettings: () => undefined,
		append: () => {
			throw new Fault("flash.write");
		},
	};
	const notices = new Notices({ journal });
	equal(notices.idle(0), false);
	for (const [kind, content] of [
		[901, paid],
		[902, tlv(version)],
		[904, tlv(version, [0xd5, "0500000003"])],
		[905, tlv(version)],
		[906, tlv(version)],
	] as const)
		equal(notices.take(1, kind, content), "96");
	equal([notices.highest, notices.fundings.length], [0, 0]);
	equal(notices.parameters, defaultParameters);
	equal(notices.idle(0), false);
});

test("parameters add up; a reset takes all back", () => {
	const { journal, notices } = start();
	notices.take(1, 904, tlv(version, [0xd5, "0500000003"]));
	notices.take(2, 904, tlv(version, [0xd5, "0100004e20"], [0xd5, "0500000004"]));
	equal([notices.parameters.offlineCountMax, notices.parameters.replyTimeoutMs], [4, 20_000]);
	notices.take(3, 904, tlv(version, [0xd6, ""], [0xd5, "0200000001"]));
	const { offlineCountMax, replyTimeoutMs, reversalBlock } = reboot(journal).parameters;
	equal([offlineCountMax, replyTimeoutMs, reversalBlock], [50, 60_000, 1]);
});

test("the newest word about a batch counts, and one about a transaction counts more for it", () => {
	const { notices } = start();
	notices.take(1, 901, held("000012", "0105"));
	notices.take(2, 901, about("000012", "000077", "03"));
	notices.take(3, 901, paid);
	equal([notices.fundingOf(12, 1)?.status, notices.fundingOf(12, 77)?.status], [1, 3]);
	equal(
		notices.fundings.map(({ notice }) => notice),
		[2, 3],
	);
	equal(notices.fundingOf(13, 77), undefined);
});

test("48 words about money are kept; beyond that the oldest that says paid goes first", () => {
	const { journal, notices } = start();
	const batch = (n: number): string => String(n).padStart(6, "0");
	for (let n = 1; n <= 48; n++)
		notices.take(n, 901, held(batch(n), "0101", n === 20 || n === 30 ? "01" : "02"));
	equal(notices.fundings.length, 48);
	notices.take(49, 901, held(batch(100), "0101"));
	notices.take(50, 901, held(batch(101), "0101"));
	notices.take(51, 901, held(batch(102), "0101"));
	const after = reboot(journal);
	equal(after.fundings.length, 48);
	equal(
		[20, 30, 1].map((n) => after.fundingOf(n, 1)),
		[undefined, undefined, undefined],
	);
	ok([2, 48, 100, 101, 102].every((n) => after.fundingOf(n, 1) !== undefined));
	equal(after.highest, 51);
});

test("every record fits the journal, at its largest", () => {
	const { journal, notices } = start();
	const reference = "41".repeat(20);
	for (let n = 1; n <= 48; n++)
		notices.take(
			999_000 + n,
			901,
			tlv(
				version,
				[0xc1, String(900_000 + n)],
				[0xc3, "02"],
				[0xc4, "20991231"],
				[0xc6, "999999999999"],
				[0xc7, "999999999999"],
				[0xc8, reference],
			),
		);
	const window = "0220991231000020991231" + "2359";
	notices.take(
		999_100,
		902,
		tlv(version, ...Array.from({ length: 8 }, () => [0xd1, window] as const)),
	);
	for (const year of ["2026", "2027", "2028"])
		notices.take(999_101, 903, tlv(version, [0xd3, year], [0xd4, "00".repeat(46)]));
	const longest = Math.max(...journal.records.map(({ payload }) => payload.length));
	ok(longest <= 320, `${longest}`);
	equal(notices.fundingOf(900_048, 1)?.netMinor, 999_999_999_999);
	equal(
		notices.calendar.map(({ year }) => year),
		[2027, 2028],
	);
});

test("the calendar says which days the banks work, and without it Monday to Friday do", () => {
	const { notices } = start();
	// 2026-10-01 is a Thursday and a holiday; Saturday the 10th is worked.
	const thursday = daysSince1970(2026, 10, 1);
	const saturday = daysSince1970(2026, 10, 10);
	equal([notices.isWorkingDay(thursday), notices.isWorkingDay(saturday)], [true, false]);
	const days = new Uint8Array(46);
	for (let day = daysSince1970(2026, 1, 1); day < daysSince1970(2027, 1, 1); day++) {
		const index = day - daysSince1970(2026, 1, 1);
		const holiday = day >= thursday && day < thursday + 7;
		const works = day === saturday || ((day + 3) % 7 < 5 && !holiday);
		if (works) days[index >> 3]! |= 0x80 >> (index & 7);
	}
	const hex = [...days].map((byte) => byte.toString(16).padStart(2, "0")).join("");
	equal(notices.take(1, 903, tlv(version, [0xd3, "2026"], [0xd4, hex])), "00");
	equal([notices.isWorkingDay(thursday), notices.isWorkingDay(saturday)], [false, true]);
	equal(notices.workingDayAfter(daysSince1970(2026, 9, 30), 1), daysSince1970(2026, 10, 8));
	equal(notices.workingDayAfter(saturday - 1, 1), saturday);
	equal(notices.workingDayAfter(saturday, 0), saturday);
});

test("idle work writes every kind once, and again before it is too far back for a boot", () => {
	const { journal, notices } = start();
	notices.take(7, 904, tlv(version, [0xd5, "0500000003"]));
	let count = 0;
	while (notices.idle(100)) count++;
	equal(count, noticeRecordKinds.length - 1);
	equal(
		noticeRecordKinds.every((kind) => journal.records.some((each) => each.kind === kind)),
		true,
	);
	equal([notices.idle(111), notices.highest], [false, 7]);
	const before = journal.records.length;
	while (notices.idle(132));
	equal(journal.records.length - before, noticeRecordKinds.length);
	const after = reboot(journal);
	equal([after.highest, after.parameters.offlineCountMax], [7, 3]);
	equal(after.idle(133), false);
	ok(after.idle(150), "its age is not known, so it is taken to be 20 transactions old");
});

test("a record that cannot be read leaves the defaults, and other kinds are not ours", () => {
	const { notices } = start();
	equal(
		notices.restore({ subject: 0, kind: NoticeRecord.Parameters, payload: new Uint8Array(2) }),
		true,
	);
	equal(notices.parameters, defaultParameters);
	equal(notices.restore({ subject: 0, kind: 16, payload: new Uint8Array(13) }), false);
});

test("a value on flash that is out of range today becomes the nearest that is allowed", () => {
	const { notices } = start();
	const payload = Uint8Array.of(0, 0, 4, 2, 1, 0, 0, 0, 1, 200, 0, 0, 0, 1);
	notices.restore({ subject: 0, kind: NoticeRecord.Parameters, payload });
	equal([notices.parameters.replyTimeoutMs, notices.highest], [20_000, 4]);
});

test("until the whole journal has been read the highest number is not known, and nothing is written", () => {
	const { journal, notices } = start();
	notices.take(7, 904, tlv(version, [0xd5, "0500000003"]));
	const after = new Notices({ journal });
	journal.isPartlyVisited = true;
	const count = journal.records.length;
	equal([after.idle(10), after.highest, journal.records.length], [false, undefined, count]);
	journal.isPartlyVisited = false;
	after.idle(10);
	equal([after.highest, after.parameters.offlineCountMax], [7, 3]);
});
