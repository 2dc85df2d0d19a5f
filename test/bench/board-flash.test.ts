import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
	blockEraseUs,
	blockLength,
	NorFlash,
	pageProgramUs,
} from "../../simulator/bench/board/flash";
import { Random } from "../../simulator/bench/board/random";
import { memoryStorage, openStorage } from "../../simulator/bench/board/storage";
import { makeBench } from "./board-support";

test("programming only clears bits, erasing sets a block", async (t) => {
	const bench = await makeBench(
		t,
		`
		const row = new Uint8Array(16);
		const show = (at) => { journalFlash.read(row, at); print(hex(row.subarray(0, 2))); };
		show(4096);
		journalFlash.write(new Uint8Array(16).fill(0xf0), 4096);
		journalFlash.write(new Uint8Array(16).fill(0x3c), 4096);
		show(4096);
		journalFlash.write(new Uint8Array(16), 8192);
		journalFlash.eraseBlock(1);
		show(4096);
		show(8192);
		vaultFlash.read(row, 4096);
		print(hex(row.subarray(0, 2)), journalFlash.byteLength, vaultFlash.byteLength);
	`,
	);
	await bench.boot(100);
	assert.deepEqual(bench.prints, ["ffff", "3030", "ffff", "0000", "ffff 524288 65536"]);
	assert.equal(bench.board.journalFlash.counters.bytesReprogrammed, 16);
});

test("what is out of range or not aligned is refused and changes nothing", async (t) => {
	const bench = await makeBench(
		t,
		`
		attempt(() => journalFlash.write(new Uint8Array(16), 8));
		attempt(() => journalFlash.write(new Uint8Array(8), 16));
		attempt(() => journalFlash.write(new Uint8Array(16), 512 * 1024));
		attempt(() => journalFlash.write(new Uint8Array(16), -16));
		attempt(() => journalFlash.read(new Uint8Array(16), 512 * 1024 - 8));
		attempt(() => vaultFlash.eraseBlock(16));
	`,
	);
	await bench.boot(10);
	assert.deepEqual(bench.prints, Array(6).fill("flash.range"));
	assert.ok(bench.board.journalFlash.image.every((byte) => byte === 0xff));
});

test("a failing chip is told as a fault", async (t) => {
	const bench = await makeBench(
		t,
		`
		attempt(() => journalFlash.write(new Uint8Array(16), 0));
		attempt(() => journalFlash.eraseBlock(0));
		attempt(() => journalFlash.write(new Uint8Array(16), 0));
	`,
	);
	bench.board.journalFlash.failNext = 2;
	await bench.boot(100);
	assert.deepEqual(bench.prints, ["flash.write", "flash.erase", "ok"]);
});

test("programs cost 0.7 ms a page touched, erases 45 ms, and the engine waits for them", async (t) => {
	const bench = await makeBench(
		t,
		`
		const timed = (body) => { const at = clock.ticksMs(); body(); print(clock.ticksMs() - at); };
		timed(() => journalFlash.write(new Uint8Array(256 * 10), 0));
		timed(() => journalFlash.write(new Uint8Array(32), 4096 - 16));
		timed(() => journalFlash.eraseBlock(3));
	`,
	);
	await bench.boot(200);
	const [ten, two, erase] = bench.prints.map(Number);
	// Copying the bytes costs the engine some time as well.
	assert.ok(ten! >= 7 && ten! <= 10, `${ten}`);
	assert.ok(Math.abs(two! - 1.4) <= 1, `${two}`);
	assert.ok(Math.abs(erase! - 45) <= 1, `${erase}`);
});

const writer = `
	const row = new Uint8Array(16);
	let next = 0;
	const step = () => {
		journalFlash.write(row.fill(next + 1), next * 16);
		next++;
		timers.set(step, 5);
	};
	journalFlash.read(row, 0);
	print(hex(row.subarray(0, 1)));
	if (row[0] === 0xff) step();
`;

test("a power cut keeps the image", async (t) => {
	const bench = await makeBench(t, writer);
	await bench.boot(100);
	const before = Buffer.from(bench.board.journalFlash.image);
	bench.board.powerCut();
	await bench.boot(10);
	assert.deepEqual(bench.prints, ["ff", "01"]);
	assert.ok(before.equals(bench.board.journalFlash.image));
});

test("an image in a folder is there for the next process", async (t) => {
	const folder = mkdtempSync(join(tmpdir(), "board-"));
	t.after(() => rmSync(folder, { recursive: true }));
	const first = await makeBench(t, `${writer} keys.write("k", Uint8Array.of(9));`, {
		storage: openStorage(folder),
	});
	await first.boot(100);
	const image = readFileSync(join(folder, "journal.bin"));
	assert.ok(image.equals(first.board.journalFlash.image));
	assert.equal(image[16], 2);
	const second = await makeBench(t, `${writer} print(hex(keys.read("k")));`, {
		storage: openStorage(folder),
	});
	await second.boot(10);
	assert.deepEqual(second.prints, ["01", "09"]);
});

test("a cut is made at the operation that was planned, right after it or inside it", async (t) => {
	for (const torn of [false, true]) {
		const bench = await makeBench(t, writer);
		bench.board.powerCut({ when: "after", operations: 4, of: "flash", torn });
		await bench.boot(200);
		assert.equal(bench.board.powered, false);
		const { writes, tornWrites } = bench.board.journalFlash.counters;
		assert.deepEqual([writes, tornWrites], torn ? [3, 1] : [4, 0]);
		const row = bench.board.journalFlash.image.subarray(48, 64);
		assert.equal(
			row.every((byte) => byte === 4),
			!torn,
		);
		assert.ok(bench.board.journalFlash.image.subarray(64).every((byte) => byte === 0xff));
	}
});

test("a cut that falls into a running erase tears it", async (t) => {
	const storage = memoryStorage({ journal: new Uint8Array(512 * 1024) });
	const bench = await makeBench(
		t,
		`timers.set(() => { journalFlash.eraseBlock(2); print("done"); }, 10);`,
		{ storage },
	);
	bench.board.powerOn();
	bench.scheduler.after((250 + 10 + 20) * 1000, () => bench.board.powerCut());
	await bench.run(400);
	assert.equal(bench.board.powered, false);
	assert.deepEqual(bench.prints, []);
	assert.deepEqual(
		[bench.board.journalFlash.counters.erases, bench.board.journalFlash.counters.tornErases],
		[0, 1],
	);
	const image = bench.board.journalFlash.image;
	assert.ok(image.subarray(0, 2 * blockLength).every((byte) => byte === 0));
	assert.ok(image.subarray(3 * blockLength).every((byte) => byte === 0));
});

/** A block with old content, and an operation on it that is torn half-way. */
function tornFlash(
	seed: number,
	operation: "write" | "erase",
): { flash: NorFlash; old: Uint8Array } {
	const random = new Random(seed, "content");
	const storage = memoryStorage();
	const flash = new NorFlash(storage.journal, new Random(seed, "flash"), 16);
	const old = random.bytes(blockLength);
	flash.write(0, old, 0, () => {});
	const wait = (us: number) => flash.tear(us / 2);
	const outcome =
		operation === "write"
			? flash.write(blockLength, old.subarray(0, 64), 0, wait)
			: flash.erase(0, 0, wait);
	assert.equal(outcome, "power-cut");
	return { flash, old };
}

test("a torn program leaves between nothing and all of it, and never sets a bit", () => {
	let partial = 0;
	for (let seed = 0; seed < 80; seed++) {
		const { flash, old } = tornFlash(seed, "write");
		const bytes = flash.image.subarray(blockLength, blockLength + 64);
		bytes.forEach((byte, i) => assert.equal(byte & old[i]!, old[i]));
		const missing = bytes.some((byte, i) => byte !== old[i]);
		if (missing && bytes.some((byte) => byte !== 0xff)) partial++;
		assert.ok(flash.image.subarray(blockLength + 64).every((byte) => byte === 0xff));
	}
	assert.ok(partial > 50, `${partial} of 80 partial`);
});

test("a torn erase may leave anything, also a block that looks blank or untouched", () => {
	let untouched = 0;
	let blank = 0;
	let between = 0;
	let unstable = 0;
	for (let seed = 0; seed < 80; seed++) {
		const { flash, old } = tornFlash(seed, "erase");
		const bytes = flash.image.subarray(0, blockLength);
		if (Buffer.from(bytes).equals(old)) untouched++;
		else if (bytes.every((byte) => byte === 0xff)) blank++;
		else between++;
		const reads = [1, 2].map(() => Buffer.from(flash.read(0, blockLength)!));
		if (!reads[0]!.equals(reads[1]!)) unstable++;
		assert.equal(
			flash.erase(0, 0, () => {}),
			"done",
		);
		assert.ok(flash.read(0, blockLength)!.every((byte) => byte === 0xff));
	}
	assert.ok(Math.min(untouched, blank, between, unstable) >= 5);
});

test("the times are those of the note", () => {
	const flash = new NorFlash(memoryStorage().vault, new Random(1, "flash"), 32);
	const waited: number[] = [];
	flash.write(0, new Uint8Array(256), 0, (us) => waited.push(us));
	flash.write(224, new Uint8Array(64), 0, (us) => waited.push(us));
	flash.erase(0, 0, (us) => waited.push(us));
	assert.deepEqual(waited, [pageProgramUs, 2 * pageProgramUs, blockEraseUs]);
	assert.equal(
		flash.write(16, new Uint8Array(32), 0, () => {}),
		"range",
	);
});
