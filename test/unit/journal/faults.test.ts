import { Fault } from "core/fault";
import { Journal, Mark } from "journal/journal";
import { equal, ok, test } from "test/harness";
import { FakeFlash } from "test/simulation/fakes/flash";
import { JournalWorld } from "../../simulation/journal-world";

test("programs and erases that fail now and then lose nothing", () => {
	for (let seed = 1; seed <= 6; seed++) {
		const world = new JournalWorld({ seed, retainCount: 10, longLived: 2 });
		world.boot();
		for (let i = 0; i < 150; i++) world.step();
		world.flash.failEvery = 25;
		for (let i = 0; i < 150; i++) world.step();
		world.flash.failEvery = 0;
		world.boot();
		for (let i = 0; i < 60; i++) world.step();
		world.boot();
	}
});

test("blocks that can no longer be erased are passed over", () => {
	const flash = new FakeFlash({ byteLength: 65536 });
	flash.deadBlocks.add(3).add(4).add(9);
	const journal = new Journal(flash, { retainCount: 20 });
	journal.mount(() => {});
	for (let subject = 1; subject <= 400; subject++) {
		journal.append(subject, 1, new Uint8Array(220), Mark.Open);
		journal.append(subject, 2, new Uint8Array(40), Mark.Close);
		journal.idle();
	}
	equal(journal.blocksOut, 3);
	ok(journal.canOpen());
});

test("a flash that fails for good is a Fault of append and an error of mount", () => {
	const flash = new FakeFlash({ byteLength: 65536 });
	const journal = new Journal(flash);
	journal.mount(() => {});
	flash.failEvery = 1;
	let code = "";
	try {
		journal.append(1, 1, new Uint8Array(220), Mark.Open);
	} catch (error) {
		if (error instanceof Fault) code = error.code;
	}
	equal(code, "flash.write");
	equal(journal.openCount, 0);
	equal([journal.isStopped, journal.canOpen()], [true, false]);
	flash.failEvery = 0;
	journal.mount(() => {});
	equal([journal.isStopped, journal.canOpen()], [false, true]);
	flash.failEvery = 1;
	equal(new Journal(flash).mount().error, 3);
});

test("a program that fails is repeated once in the next place, and the record comes back once", () => {
	const flash = new FakeFlash({ byteLength: 65536, seed: 3 });
	const journal = new Journal(flash);
	journal.mount(() => {});
	let failures = 0;
	const write = flash.write.bind(flash);
	flash.write = (source, byteOffset) => {
		write(source, byteOffset);
		if (failures++ === 0) throw new Fault("flash.write", byteOffset);
	};
	journal.append(1, 1, new Uint8Array(220), Mark.Open);
	equal(failures, 2);
	flash.write = write;
	const report = new Journal(flash).mount(() => {});
	equal([report.records, report.open], [1, 1]);
});
