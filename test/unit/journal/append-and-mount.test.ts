import { Journal, Mark, type JournalRecord } from "journal/journal";
import { equal, ok, test, throwsFault } from "test/harness";
import { FakeFlash } from "test/simulation/fakes/flash";

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

function mounted(flash: FakeFlash): { journal: Journal; records: JournalRecord[] } {
	const journal = new Journal(flash, { retainCount: 40 });
	const records: JournalRecord[] = [];
	equal(journal.mount((record) => records.push(record)).error, 0);
	return { journal, records };
}

function text(records: readonly JournalRecord[]): string {
	return records.map((r) => `${r.subject}:${r.kind}:${r.payload.length}`).join(" ");
}

test("a blank partition is a reported clean start", () => {
	const journal = new Journal(new FakeFlash({ byteLength: 65536 }));
	const report = journal.mount(() => {});
	equal([report.error, report.cleanStart, report.records, report.foreign], [0, 1, 0, 0]);
	equal(report.erases, 1);
	ok(journal.canOpen());
});

for (const writeAlignment of [4, 16, 32])
	test(`what was appended comes back in order after a boot, alignment ${writeAlignment}`, () => {
		const flash = new FakeFlash({ byteLength: 65536, writeAlignment });
		const { journal } = mounted(flash);
		journal.append(1, 1, bytes(320, 1), Mark.Open);
		journal.append(0, 16, bytes(13, 2), Mark.More);
		journal.append(1, 2, bytes(0, 0), Mark.More);
		journal.append(2, 1, bytes(220, 3), Mark.Open);
		journal.append(1, 3, bytes(41, 4), Mark.Close);
		journal.append(1, 4, bytes(2, 5), Mark.More);
		const again = mounted(flash);
		equal(text(again.records), "1:1:320 1:2:0 2:1:220 1:3:41 1:4:2 0:16:13");
		equal(again.records[0]!.payload, bytes(320, 1));
		equal(again.journal.openCount, 1);
		ok(again.journal.isOpen(2));
		equal(again.journal.newestSubject, 2);
	});

test("a payload of any length, from any place of its buffer, comes back as it was", () => {
	const source = Uint8Array.from({ length: 330 }, (_, i) => (i * 37 + 11) & 0xff);
	for (const from of [0, 1, 4, 6])
		for (const length of [0, 3, 63, 64, 65, 66, 67, 320]) {
			const flash = new FakeFlash({ byteLength: 65536, writeAlignment: 16 });
			const payload = source.subarray(from, from + length);
			mounted(flash).journal.append(1, 1, payload, Mark.Open);
			equal(mounted(flash).records[0]!.payload, payload.slice(), `${length} from ${from}`);
		}
});

test("each append is one program operation and reads nothing", () => {
	const flash = new FakeFlash({ byteLength: 65536 });
	const { journal } = mounted(flash);
	flash.resetCounters();
	for (let i = 0; i < 5; i++)
		journal.append(1, 1 + i, bytes(100, i), i === 0 ? Mark.Open : Mark.More);
	equal([flash.programs, flash.erases, flash.readBytes], [5, 0, 0]);
	equal(flash.programmedBytes, 5 * 108);
});

test("of the settings only the newest record of each kind comes back, however old it is", () => {
	const flash = new FakeFlash({ byteLength: 65536 });
	let { journal } = mounted(flash);
	journal.append(0, 20, bytes(9, 7), Mark.More);
	for (let subject = 1; subject <= 400; subject++) {
		journal.append(subject, 1, bytes(220, 1), Mark.Open);
		journal.append(0, 16, bytes(4, subject & 255), Mark.More);
		journal.append(subject, 2, bytes(40, 2), Mark.Close);
		while (journal.idle());
		if (subject % 90 === 0) journal = mounted(flash).journal;
	}
	const settings = mounted(flash).records.filter((record) => record.subject === 0);
	equal(text(settings), "0:20:9 0:16:4");
	equal(settings[0]!.payload, bytes(9, 7));
	equal(settings[1]!.payload, bytes(4, 400 & 255));
});

test("a subject is opened again after it was closed", () => {
	const flash = new FakeFlash({ byteLength: 65536 });
	const { journal } = mounted(flash);
	journal.append(1, 1, bytes(50, 1), Mark.Open);
	journal.append(1, 2, bytes(50, 2), Mark.Close);
	journal.append(1, 2, bytes(50, 3), Mark.Open);
	equal(journal.openCount, 1);
	for (let subject = 2; subject <= 300; subject++) {
		journal.append(subject, 1, bytes(220, 1), Mark.Open);
		journal.append(subject, 2, bytes(40, 2), Mark.Close);
		journal.idle();
	}
	const again = mounted(flash);
	ok(again.journal.isOpen(1));
	const own = again.records.filter((record) => record.subject === 1);
	equal(text(own), "1:1:50 1:2:50");
	equal(own[1]!.payload, bytes(50, 3));
});

test("a record that is too long, or of no kind, is refused and nothing is written", () => {
	const flash = new FakeFlash({ byteLength: 65536 });
	const { journal } = mounted(flash);
	flash.resetCounters();
	throwsFault("journal.size", () => journal.append(1, 1, bytes(321, 0), Mark.Open));
	throwsFault("journal.size", () => journal.append(1, 0, bytes(3, 0), Mark.Open));
	throwsFault("journal.size", () => journal.append(1, 256, bytes(3, 0), Mark.Open));
	equal(flash.operations, 0);
	equal(journal.openCount, 0);
});

test("beyond the limit nothing can be opened, but all that is open can be closed", () => {
	const flash = new FakeFlash({ byteLength: 65536 });
	const { journal } = mounted(flash);
	let subject = 0;
	while (journal.canOpen()) journal.append(++subject, 1, bytes(320, 1), Mark.Open);
	equal(subject, journal.openLimit);
	throwsFault("journal.full", () => journal.append(subject + 1, 1, bytes(3, 0), Mark.Open));
	for (let round = 0; round < 40; round++)
		for (let each = 1; each <= subject; each++)
			journal.append(each, 2, bytes(320, round), Mark.More);
	for (let each = 1; each <= subject; each++) journal.append(each, 3, bytes(320, 9), Mark.Close);
	equal(mounted(flash).journal.openCount, 0);
	ok(journal.canOpen());
});

test("without idle time the longest commit is one erase longer", () => {
	const flash = new FakeFlash({ byteLength: 65536 });
	const { journal } = mounted(flash);
	let longestMs = 0;
	for (let subject = 1; subject <= 300; subject++) {
		const before = flash.busyMs;
		journal.append(subject, 1, bytes(320, 1), Mark.Open);
		longestMs = Math.max(longestMs, flash.busyMs - before);
		journal.append(subject, 2, bytes(40, 1), Mark.Close);
	}
	ok(longestMs <= 50, `${longestMs} ms`);
	ok(longestMs > 45, `${longestMs} ms`);
});

test("with heads and tail alone the open subjects are known, and appends go on", () => {
	const flash = new FakeFlash({ byteLength: 65536 });
	const { journal } = mounted(flash);
	for (let subject = 1; subject <= 200; subject++) {
		journal.append(subject, 1, bytes(200, 1), Mark.Open);
		if (subject % 50 !== 0) journal.append(subject, 2, bytes(40, 2), Mark.Close);
		journal.idle();
	}
	const headsOnly = new Journal(flash, { retainCount: 40 });
	equal(headsOnly.mount().open, 4);
	for (let subject = 201; subject <= 400; subject++) {
		headsOnly.append(subject, 1, bytes(200, 1), Mark.Open);
		headsOnly.append(subject, 2, bytes(40, 2), Mark.Close);
		headsOnly.idle();
	}
	const again = mounted(flash);
	equal(again.journal.openCount, 4);
	const opens = again.records.filter((record) => [50, 100, 150, 200].includes(record.subject));
	equal(text(opens), "50:1:200 100:1:200 150:1:200 200:1:200");
});

/** A ring with 200 closed subjects, of which 17 and 120 are still open, and a settings record long ago. */
function busyRing(): FakeFlash {
	const flash = new FakeFlash({ byteLength: 65536 * 4 });
	const journal = new Journal(flash);
	journal.mount(() => {});
	journal.append(0, 20, bytes(9, 7), Mark.More);
	for (let subject = 1; subject <= 200; subject++) {
		journal.append(subject, 1, bytes(220, 1), Mark.Open);
		if (subject !== 17 && subject !== 120) journal.append(subject, 2, bytes(40, 2), Mark.Close);
		if (subject === 30) journal.append(17, 3, bytes(30, 3), Mark.More);
	}
	return flash;
}

test("a limited mount visits every open subject whole, the newest ones and the settings", () => {
	const flash = busyRing();
	const all: JournalRecord[] = [];
	new Journal(flash).mount((record) => all.push(record));
	const some: JournalRecord[] = [];
	const limit = { newest: 20, settings: [20] };
	const report = new Journal(flash).mount((record) => some.push(record), limit);
	equal([report.error, report.open], [0, 2]);
	for (const subject of [0, 17, 120, ...Array.from({ length: 20 }, (_, i) => 181 + i)])
		equal(
			text(some.filter((r) => r.subject === subject)),
			text(all.filter((r) => r.subject === subject)),
			`subject ${subject}`,
		);
});

test("a limited mount reads only the end of the log when nothing old is open", () => {
	const flash = busyRing();
	const journal = new Journal(flash);
	journal.mount();
	journal.append(17, 2, bytes(40, 2), Mark.Close);
	journal.append(120, 2, bytes(40, 2), Mark.Close);
	flash.resetCounters();
	let visited = 0;
	new Journal(flash).mount(() => visited++, { newest: 20, settings: [] });
	ok(visited >= 40 && visited < 100, `${visited} records`);
	ok(flash.readBytes < 40_000, `${flash.readBytes} bytes`);
});

test("what a limited mount left is read in idle time, and old open subjects survive turns of the ring", () => {
	const flash = busyRing();
	for (let boot = 0; boot < 6; boot++) {
		const journal = new Journal(flash, { retainCount: 40 });
		journal.mount(() => {}, { newest: 10, settings: [20] });
		for (let i = 0; i < 60; i++) {
			const subject = 201 + boot * 200 + i;
			journal.append(subject, 1, bytes(220, 1), Mark.Open);
			journal.append(subject, 2, bytes(40, 2), Mark.Close);
			if (boot % 2 === 0) journal.idle();
		}
	}
	const records: JournalRecord[] = [];
	new Journal(flash).mount((record) => records.push(record));
	equal(text(records.filter((r) => r.subject === 17)), "17:1:220 17:3:30");
	equal(text(records.filter((r) => r.subject === 120)), "120:1:220");
	equal(text(records.filter((r) => r.subject === 0)), "0:20:9");
});

test("what mount leaves out is told in idle time, newest first", () => {
	const flash = busyRing();
	const all: JournalRecord[] = [];
	new Journal(flash.clone(1)).mount((record) => all.push(record));
	const journal = new Journal(flash);
	// The old ones that are open would make mount read everything.
	journal.mount();
	for (const subject of [17, 120]) journal.append(subject, 2, bytes(44, 2), Mark.Close);
	const later = new Journal(flash);
	const seen: JournalRecord[] = [];
	const older: JournalRecord[] = [];
	later.mount((record) => seen.push(record), {
		newest: 20,
		settings: [],
		older: (record) => older.push(record),
	});
	ok(later.isPartlyVisited);
	while (later.idle());
	ok(!later.isPartlyVisited);
	for (const { subject, kind } of all) {
		if (subject === 0) continue;
		const is = (r: JournalRecord): boolean => r.subject === subject && r.kind === kind;
		const told = seen.findLast(is) ?? older.find(is);
		const closed = kind === 2 && [17, 120].includes(subject);
		const newest = closed ? bytes(44, 2) : all.findLast(is)!.payload;
		equal(told?.payload, newest, `#${subject}, kind ${kind}`);
	}
});

test("the records of one subject are found wherever they stand, and only their blocks are read", () => {
	const flash = new FakeFlash({ byteLength: 65536 * 2 });
	let { journal } = mounted(flash);
	const sell = (from: number, count: number): void => {
		for (let subject = from; subject < from + count; subject++) {
			journal.append(subject, 1, bytes(220, 1), Mark.Open);
			journal.append(subject, 2, bytes(40, 2), Mark.Close);
		}
	};
	sell(1, 9);
	journal.append(10, 1, bytes(100, 1), Mark.Open);
	sell(11, 20);
	journal.append(10, 2, bytes(41, 2), Mark.Close);
	journal.append(3, 3, bytes(5, 5), Mark.More);
	const visit = (subject: number): string => {
		const records: JournalRecord[] = [];
		journal.visitSubject(subject, (record) => records.push(record));
		return text(records);
	};
	for (const isFresh of [false, true]) {
		if (isFresh) journal = mounted(flash).journal;
		equal([visit(10), visit(3)], ["10:1:100 10:2:41", "3:1:220 3:2:40 3:3:5"]);
		equal([visit(0), visit(31)], ["", ""]);
		flash.resetCounters();
		equal(visit(5), "5:1:220 5:2:40");
		equal(flash.readBytes, 4096);
		equal(visit(3), "3:1:220 3:2:40 3:3:5");
		ok(flash.readBytes <= 4096 * 5, `${flash.readBytes}`);
	}
	// Far longer than the ring is: it is carried, and once it is closed it goes.
	journal.append(31, 1, bytes(90, 1), Mark.Open);
	sell(32, 300);
	equal(visit(31), "31:1:90");
	journal.append(31, 2, bytes(30, 1), Mark.Close);
	sell(332, 20);
	equal(visit(31), "31:1:90 31:2:30");
	sell(352, 300);
	equal([visit(31), visit(5)], ["", ""]);
});
