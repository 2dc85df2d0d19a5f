import { Journal, Mark } from "journal/journal";
import { equal, ok, test } from "test/harness";
import { FakeFlash } from "test/simulation/fakes/flash";

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

function sell(journal: Journal, from: number, count: number): void {
	for (let subject = from; subject < from + count; subject++) {
		journal.append(subject, 1, bytes(220, 1), Mark.Open);
		journal.append(subject, 2, bytes(16, 2), Mark.More);
		journal.append(subject, 2, bytes(40, 3), Mark.Close);
		while (journal.idle());
	}
}

function visit(flash: FakeFlash, subject: number): string {
	const kinds: string[] = [];
	// On a copy of the flash: the other journal goes on.
	new Journal(flash.clone(1), { retainCount: 40 }).mount((record) => {
		if (record.subject === subject) kinds.push(`${record.kind}:${record.payload[0]}`);
	});
	return kinds.join(" ");
}

test("seven open subjects outlive many turns of the ring and cost little", () => {
	const flash = new FakeFlash({ byteLength: 65536 });
	const journal = new Journal(flash, { retainCount: 40 });
	journal.mount(() => {});
	for (let subject = 1; subject <= 7; subject++) {
		journal.append(subject, 1, bytes(250, subject), Mark.Open);
		journal.append(subject, 2, bytes(30, 100 + subject), Mark.More);
	}
	sell(journal, 8, 1000);
	ok(journal.carried > 0);
	equal(visit(flash, 3), "1:3 2:103");
	equal(new Journal(flash).mount().open, 7);
});

test("carrying keeps the newest record of each kind and the order", () => {
	const flash = new FakeFlash({ byteLength: 65536 });
	const journal = new Journal(flash, { retainCount: 40 });
	journal.mount(() => {});
	journal.append(1, 1, bytes(250, 1), Mark.Open);
	for (let i = 0; i < 10; i++) {
		journal.append(1, 2, bytes(30, 10 + i), Mark.More);
		sell(journal, 2 + i * 40, 40);
	}
	journal.append(1, 3, bytes(2, 77), Mark.More);
	sell(journal, 500, 300);
	equal(visit(flash, 1), "1:1 2:19 3:77");
});

test("a subject that was closed after a long time stays as long as others that were closed then", () => {
	const flash = new FakeFlash({ byteLength: 65536 });
	const journal = new Journal(flash, { retainCount: 40 });
	journal.mount(() => {});
	journal.append(1, 1, bytes(250, 1), Mark.Open);
	sell(journal, 2, 300);
	journal.append(1, 2, bytes(30, 2), Mark.Close);
	sell(journal, 302, 38);
	equal(visit(flash, 1), "1:1 2:2");
	equal(journal.openCount, 0);
	sell(journal, 340, 300);
	equal(visit(flash, 1), "");
});

test("all blocks wear alike", () => {
	const flash = new FakeFlash({ byteLength: 65536 });
	const journal = new Journal(flash, { retainCount: 40 });
	journal.mount(() => {});
	journal.append(1, 1, bytes(250, 1), Mark.Open);
	sell(journal, 2, 2000);
	const spread = Math.max(...flash.eraseCounts) - Math.min(...flash.eraseCounts);
	ok(Math.min(...flash.eraseCounts) >= 8, `turns ${Math.min(...flash.eraseCounts)}`);
	ok(spread <= 1, `spread ${spread}`);
});

test("idle work does at most one erase a call and comes to an end", () => {
	const flash = new FakeFlash({ byteLength: 65536 });
	const journal = new Journal(flash, { retainCount: 40 });
	journal.mount(() => {});
	for (let subject = 1; subject <= 400; subject++) {
		journal.append(subject, 1, bytes(220, 1), Mark.Open);
		journal.append(subject, 2, bytes(40, 3), Mark.Close);
		let calls = 0;
		for (let more = true; more; calls++) {
			const before = flash.erases;
			more = journal.idle();
			ok(flash.erases - before <= 1);
			ok(calls < 20);
		}
	}
});

test("64 open subjects and all settings that stand together are carried also when nothing is ever idle", () => {
	const flash = new FakeFlash({ byteLength: 512 * 1024, writeAlignment: 16 });
	const journal = new Journal(flash);
	journal.mount(() => {});
	equal(journal.openLimit, 64);
	for (let kind = 16; kind < 40; kind++) journal.append(0, kind, bytes(320, kind), Mark.More);
	for (let kind = 1; kind <= 3; kind++)
		for (let subject = 1; subject <= 63; subject++)
			journal.append(subject, kind, bytes(310, subject), kind === 1 ? Mark.Open : Mark.More);
	for (let subject = 64; subject < 900; subject++) {
		ok(journal.canOpen());
		journal.append(subject, 1, bytes(320, 1), Mark.Open);
		journal.append(subject, 2, bytes(300, 2), Mark.Close);
		ok(journal.freeBlocks >= 3, `free ${journal.freeBlocks}`);
	}
	equal(journal.carried, 3 * 63 + 24);
	let count = 0;
	let settings = 0;
	const report = new Journal(flash).mount(({ subject }) => {
		if (subject === 0) settings++;
		else if (subject < 64) count++;
	});
	equal([report.open, count, settings], [63, 3 * 63, 24]);
});
