import { crc32 } from "core/crc";
import { Fault } from "core/fault";
import { Journal, Mark, MountError } from "journal/journal";
import { equal, ok, test, throwsFault } from "test/harness";
import { FakeFlash, PowerCut } from "test/simulation/fakes/flash";
import { Random } from "test/simulation/fakes/random";

const length = 65536;

function mount(flash: FakeFlash) {
	const journal = new Journal(flash, { retainCount: 40 });
	const report = journal.mount(() => {});
	return { journal, report };
}

function used(): FakeFlash {
	const flash = new FakeFlash({ byteLength: length });
	const { journal } = mount(flash);
	for (let subject = 1; subject <= 60; subject++) {
		journal.append(subject, 1, new Uint8Array(200), Mark.Open);
		journal.append(subject, 2, new Uint8Array(40), Mark.Close);
	}
	return flash;
}

const geometries: readonly (readonly [string, number, number, number])[] = [
	["too small", 7 * 4096, 4096, 4],
	["not a multiple of the block", 65536 + 100, 4096, 4],
	["of blocks that are too short", 65536, 2048, 4],
	["of an odd alignment", 65536, 4096, 12],
	["empty", 0, 4096, 4],
];
for (const [name, byteLength, blockLength, writeAlignment] of geometries)
	test(`a partition that is ${name} is an error and stays untouched`, () => {
		const flash = new FakeFlash({ byteLength, blockLength, writeAlignment });
		const { journal, report } = mount(flash);
		equal(report.error, MountError.Geometry);
		equal(flash.operations, 0);
		ok(!journal.canOpen());
		ok(!journal.idle());
		throwsFault("journal.full", () => journal.append(1, 1, new Uint8Array(1), Mark.Open));
	});

const contents: readonly (readonly [string, (image: Uint8Array) => void])[] = [
	["all zeros", (image) => image.fill(0)],
	["random bytes", (image) => new Random(5).fill(image)],
	["text of somebody else", (image) => image.forEach((_, i) => (image[i] = 32 + (i % 90)))],
];
for (const [name, fill] of contents)
	test(`${name} make a clean start that is reported`, () => {
		const flash = new FakeFlash({ byteLength: length });
		const image = new Uint8Array(length);
		fill(image);
		flash.load(image);
		const { journal, report } = mount(flash);
		equal([report.error, report.cleanStart, report.records], [0, 1, 0]);
		equal(report.foreign, 16);
		journal.append(1, 1, new Uint8Array(9), Mark.Open);
		equal(mount(flash).report.open, 1);
	});

test("foreign data in one block of an else blank partition is left alone in this boot", () => {
	const flash = new FakeFlash({ byteLength: length });
	const text = new Uint8Array(4096).fill(0x41);
	flash.load(text);
	const { journal, report } = mount(flash);
	equal([report.error, report.cleanStart, report.foreign], [0, 1, 1]);
	journal.append(1, 1, new Uint8Array(9), Mark.Open);
	equal(flash.image.subarray(0, 4096), text);
});

test("a head of a newer version is an error, and nothing is touched", () => {
	const flash = used();
	flash.image[3] = 2;
	const view = new DataView(flash.image.buffer);
	view.setUint32(28, crc32(flash.image, 0, 28), true);
	const before = flash.image.slice();
	flash.resetCounters();
	const { journal, report } = mount(flash);
	equal(report.error, MountError.Version);
	equal(flash.operations, 0);
	equal(flash.image, before);
	ok(!journal.canOpen());
});

test("a head for blocks of another length is an error, and nothing is touched", () => {
	const flash = used();
	flash.image[4] = (13 << 4) | 2;
	new DataView(flash.image.buffer).setUint32(28, crc32(flash.image, 0, 28), true);
	flash.resetCounters();
	equal(mount(flash).report.error, MountError.Version);
	equal(flash.operations, 0);
});

/** Reads of these blocks fail. */
function unreadable(flash: FakeFlash, isBad: (block: number) => boolean): FakeFlash {
	const read = flash.read.bind(flash);
	flash.read = (target, byteOffset) => {
		if (isBad(Math.floor(byteOffset / 4096))) throw new Fault("flash.write", byteOffset);
		read(target, byteOffset);
	};
	flash.resetCounters();
	return flash;
}

test("a flash that cannot be read is an error, and nothing is touched", () => {
	const flash = unreadable(used(), () => true);
	const { journal, report } = mount(flash);
	equal([report.error, report.unreadable, flash.operations], [MountError.Damaged, 16, 0]);
	ok(!journal.canOpen() && !journal.idle());
});

test("blocks that cannot be read now are reported and not erased in this boot", () => {
	const before = used();
	const flash = unreadable(before.clone(1), (block) => block === 1 || block === 2);
	const { journal, report } = mount(flash);
	equal([report.error, report.unreadable], [0, 2]);
	ok(report.missing > 0);
	for (let i = 0; i < 30; i++) journal.idle();
	equal(flash.image.slice(4096, 3 * 4096), before.image.slice(4096, 3 * 4096));
	// The next boot can read them again.
	flash.read = FakeFlash.prototype.read.bind(flash);
	equal(mount(flash).report.records, 120);
});

test("when every block that is not the tail cannot be read, nothing is touched", () => {
	const flash = used();
	const tail = newestBlock(flash);
	unreadable(flash, (block) => block !== tail);
	const { report } = mount(flash);
	equal([report.error, flash.operations], [MountError.Damaged, 0]);
});

test("when every head is broken the partition is left alone: it may hold records", () => {
	const flash = used();
	for (let block = 0; block < 16; block++) flash.image.fill(0, block * 4096 + 8, block * 4096 + 20);
	flash.resetCounters();
	const { report } = mount(flash);
	equal(report.error, MountError.Damaged);
	equal(flash.operations, 0);
});

test("heads without a single record, but of blocks that held some, are left alone", () => {
	const flash = used();
	for (let block = 0; block < 16; block++)
		flash.image.fill(0, block * 4096 + 32, (block + 1) * 4096);
	flash.resetCounters();
	equal(mount(flash).report.error, MountError.Damaged);
	equal(flash.operations, 0);
});

test("a first boot that was interrupted over and over is still a clean start", () => {
	const flash = new FakeFlash({ byteLength: length });
	for (let boot = 0; boot < 20; boot++) {
		flash.powerUp();
		flash.cutAt = flash.operations + 3;
		flash.cutWhole = "before";
		throwsCut(() => mount(flash));
	}
	flash.powerUp();
	const { journal, report } = mount(flash);
	equal([report.error, report.cleanStart], [0, 1]);
	ok(journal.canOpen());
});

function throwsCut(body: () => void): void {
	let isCut = false;
	try {
		body();
	} catch (error) {
		isCut = error instanceof PowerCut;
	}
	ok(isCut, "no power cut");
}

test("one broken head hides its block, which is reported and not erased in this boot", () => {
	const flash = used();
	flash.image.fill(0, 4096 + 8, 4096 + 20);
	const before = flash.image.slice(4096, 8192);
	const { journal, report } = mount(flash);
	equal([report.error, report.missing, report.foreign], [0, 1, 1]);
	for (let i = 0; i < 30; i++) journal.idle();
	equal(flash.image.slice(4096, 8192), before);
	equal(journal.blocksOut, 1);
});

test("a wrong bit in a head is put right", () => {
	const flash = used();
	flash.flip((4096 + 9) * 8 + 3);
	const { report } = mount(flash);
	equal([report.error, report.repaired, report.missing, report.skipped], [0, 1, 0, 0]);
	equal(report.records, 120);
});

test("a wrong bit in a list of live subjects, or in its CRC, is put right", () => {
	const flash = used();
	const { journal } = mount(flash);
	for (let subject = 61; subject <= 64; subject++)
		journal.append(subject, 1, new Uint8Array(9), Mark.Open);
	mount(flash);
	// Four entries and their CRC, behind the 32 bytes of the head that the last boot wrote.
	const block = newestBlock(flash);
	for (let bit = 0; bit < (4 * 8 + 4) * 8; bit++) {
		const copy = flash.clone(1);
		copy.flip((block * 4096 + 32) * 8 + bit);
		const after = mount(copy);
		equal([after.report.error, after.report.open, after.report.repaired], [0, 4, 1], `bit ${bit}`);
		ok(after.journal.isOpen(61) && after.journal.isOpen(64), `bit ${bit}`);
	}
});

function newestBlock({ image }: FakeFlash): number {
	const view = new DataView(image.buffer);
	let newest = 0;
	for (let block = 0; block < 16; block++) {
		const sequence = view.getUint32(block * 4096 + 8, true);
		const isHead = view.getUint8(block * 4096) === 0x48;
		if (isHead && sequence > view.getUint32(newest * 4096 + 8, true)) newest = block;
	}
	return newest;
}

test("a damaged record hides only itself", () => {
	const flash = used();
	flash.image.fill(0x55, 4096 + 100, 4096 + 140);
	const { report } = mount(flash);
	equal([report.error, report.skipped], [0, 1]);
	equal(report.records, 119);
});

test("an image of another alignment is read, and continued at one's own", () => {
	const flash = used();
	const other = new FakeFlash({ byteLength: length, writeAlignment: 32 });
	other.load(flash.image);
	const { journal, report } = mount(other);
	equal([report.error, report.records], [0, 120]);
	journal.append(61, 1, new Uint8Array(5), Mark.Open);
	equal(mount(other).report.records, 121);
});

test("random damage never makes mount throw", () => {
	for (let seed = 1; seed <= 12; seed++) {
		const flash = used();
		const random = new Random(seed);
		for (let i = 0; i < 12; i++) {
			const at = random.below(length - 300);
			random.fill(flash.image.subarray(at, at + random.below(300)));
		}
		const { report } = mount(flash);
		equal(report.error, 0);
	}
});
