/** The tool's reader of flash images against the firmware's own journal and book. */
import { deepEqual, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { Random } from "test/simulation/fakes/random";
import { readingOf } from "../../simulator/bench/tool/journal/command";
import { openImage, type FlashImage } from "../../simulator/bench/tool/journal/image";
import { readLog } from "../../simulator/bench/tool/journal/log";
import { transactionsOf } from "../../simulator/bench/tool/journal/transactions";
import { damageLine, type Damage } from "../../simulator/bench/tool/journal/damage";
import { restored, Till } from "./journal-till";

const alignments = [4, 16, 32] as const;

function imageOf(bytes: Buffer): FlashImage {
	const image = openImage(bytes);
	ok(!("reason" in image), "no image");
	return image;
}

function damageOf(bytes: Buffer): readonly Damage[] {
	const reading = readingOf(bytes);
	ok(!("reason" in reading), "no image");
	return reading.image.findings.damage;
}

/** Of every subject its records in order, as the firmware visits them and as the tool reads them. */
function sameRecords(bytes: Buffer, alignment: number, what: string): void {
	const { visited } = restored(bytes, alignment);
	const log = readLog(imageOf(bytes));
	const theirs = visited.map((r) => textOf(r.subject, r.kind, r.payload));
	const mine = [...log.subjects]
		.filter(([subject]) => !log.remnants.has(subject))
		.flatMap(([subject, list]) => list.map((r) => textOf(subject, r.kind, r.payload)));
	deepEqual(inOrder(mine), inOrder(theirs), what);
	sameTransactions(bytes, alignment, what);
}

/** The tool's transactions and those of a book that a boot filled. */
function sameTransactions(bytes: Buffer, alignment: number, what: string): void {
	const { book } = restored(bytes, alignment);
	const views = new Map(transactionsOf(readLog(imageOf(bytes))).map((view) => [view.number, view]));
	for (const t of book.all()) {
		const { intent, state } = views.get(t.number)!;
		const { stan, batch, amountMinor, currency, maskedPan, entryMode } = intent;
		deepEqual(
			{ stan, batch, amountMinor, currency, maskedPan, entryMode, state: state?.state ?? 1 },
			{
				...{ stan: t.stan, batch: t.batch, amountMinor: t.amountMinor, currency: t.currency },
				...{ maskedPan: t.maskedPan, entryMode: t.entryMode, state: t.state },
			},
			`${what}, #${t.number}`,
		);
	}
	const numbers = book.all().map(({ number }) => number);
	// The book forgets closed ones beyond a hundred.
	const listed = [...views.keys()].filter(
		(number) => views.size <= 100 || numbers.includes(number),
	);
	deepEqual(listed, numbers, what);
	ok(numbers.length > 0, what);
}

function textOf(subject: number, kind: number, payload: Uint8Array): string {
	return `${subject} ${kind} ${Buffer.from(payload).toString("hex")}`;
}

/** By subject; within one the order stays. */
function inOrder(texts: readonly string[]): string[] {
	return [...texts].sort((a, b) => parseInt(a) - parseInt(b));
}

for (const alignment of alignments)
	test(`after power cuts the tool reads what a boot reads, alignment ${alignment}`, () => {
		let cuts = 0;
		let carried = 0;
		for (let seed = 1; seed <= 12; seed++) {
			const till = new Till({ seed, alignment, blocks: seed % 2 === 0 ? 12 : 16 });
			for (let round = 0; round < 12; round++) {
				const cutAfter = round % 3 === 0 ? 0 : 1 + ((seed * 7919 + round * 104729) % 300);
				const up = till.work(200, cutAfter);
				if (!up) cuts++;
				if (!up && round % 2 === 1) till.boot(1 + ((seed + round) % 6));
				sameRecords(till.image, alignment, `seed ${seed} round ${round}`);
				const { kept } = readLog(imageOf(till.image));
				carried += kept.flatMap(({ content }) => content.records).filter((r) => r.copy).length;
				while (!up && !till.boot());
			}
		}
		ok(cuts >= 40 && carried > 300, `${cuts} cuts, ${carried} copies`);
	});

for (const alignment of alignments)
	test(`a bit that flips in what the log needs is reported, alignment ${alignment}`, () => {
		const till = new Till({ seed: 3, alignment, retainCount: 1000 });
		till.sell(60);
		till.boot();
		till.sell(3);
		const whole = till.image;
		deepEqual(damageOf(whole).map(damageLine), []);
		const random = new Random(alignment);
		const { kept } = readLog(imageOf(whole));
		const before = transactionsOf(readLog(imageOf(whole))).length;
		for (let i = 0; i < 400; i++) {
			const block = kept[random.below(kept.length)]!;
			const at = block.head.block * 4096 + random.below(block.end);
			const bytes = Buffer.from(whole);
			bytes[at]! ^= 1 << random.below(8);
			ok(damageOf(bytes).length > 0, `block ${block.head.block}, byte ${at % 4096}`);
			const left = transactionsOf(readLog(imageOf(bytes))).length;
			ok(left >= before - 1, `${before - left} transactions lost by one bit`);
		}
	});

for (const alignment of alignments)
	test(`with damage the tool lists the transactions that a boot finds, alignment ${alignment}`, () => {
		const random = new Random(alignment);
		for (let seed = 1; seed <= 20; seed++) {
			const till = new Till({ seed, alignment, retainCount: seed % 2 === 0 ? 30 : 1000 });
			till.work(seed % 2 === 0 ? 600 : 250);
			till.boot();
			till.work(50);
			for (let i = 0; i < 8; i++) {
				const bytes = till.image;
				const { kept } = readLog(imageOf(bytes));
				for (let flips = 0; flips <= i % 4; flips++) {
					const { head, end } = kept[random.below(kept.length)]!;
					bytes[head.block * 4096 + random.below(end)]! ^= 1 << random.below(8);
				}
				sameTransactions(bytes, alignment, `seed ${seed}, ${i}`);
			}
		}
	});

test("verify names a skipped place, a missing block and a foreign one", () => {
	const till = new Till({ seed: 5, alignment: 16, retainCount: 1000 });
	till.sell(80);
	const { kept } = readLog(imageOf(till.image));
	const [, second, third] = kept;
	const skipped = till.image;
	const record = second!.content.records[3]!;
	skipped.fill(
		0,
		second!.head.block * 4096 + record.offset,
		second!.head.block * 4096 + record.end,
	);
	const [first] = damageOf(skipped);
	deepEqual(
		[first!.code, first!.block, first!.offset],
		["skipped", second!.head.block, record.offset],
	);
	const missing = till.image;
	new Random(1).fill(missing.subarray(third!.head.block * 4096, (third!.head.block + 1) * 4096));
	const codes = damageOf(missing).map(({ code }) => code);
	ok(codes.includes("missing") && codes.includes("foreign"), codes.join());
	const broken = till.image;
	broken.fill(0, second!.head.block * 4096 + 8, second!.head.block * 4096 + 16);
	ok(damageOf(broken).some(({ code }) => code === "missing"));
});

test("heads without a record are damage when they tell of records", () => {
	const till = new Till({ seed: 8, alignment: 16, retainCount: 1000 });
	till.sell(60);
	const { image } = till;
	for (let block = 0; block < 16; block++) image.fill(0, block * 4096 + 32, (block + 1) * 4096);
	ok(damageOf(image).some(({ code, text }) => code === "missing" && /no record/.test(text)));
});

test("states in an order that no terminal writes are reported", () => {
	const till = new Till({ seed: 6, alignment: 4, retainCount: 1000 });
	till.sell(3);
	deepEqual(damageOf(till.image), []);
	till.append(2, 2, Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
	till.append(3, 2, Uint8Array.of(12, 0, 0, 0));
	till.append(4, 2, Uint8Array.of(12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
	deepEqual(
		damageOf(till.image).map(({ code, subject, text }) => `#${subject} ${code}: ${text}`),
		[
			"#3 payload: 4 bytes are no payload of kind 2",
			"#2 sequence: sending after approved",
			"#2 sequence: sending, but no longer carried: what closed it is not there",
			"#4 sequence: its intent is not there",
		],
	);
});

test("anything at all gives clear lines and no exception", () => {
	const till = new Till({ seed: 7, alignment: 16 });
	till.sell(40);
	const image = till.image;
	const random = new Random(7);
	const none: readonly [Buffer, RegExp][] = [
		[Buffer.alloc(0), /empty/],
		[Buffer.alloc(65536, 0xff), /erased/],
		[Buffer.alloc(65536), /of 00/],
		[Buffer.from(random.fill(new Uint8Array(65536))), /foreign data/],
		[Buffer.from("not an image of anything"), /foreign data/],
	];
	for (const [bytes, reason] of none) {
		const reading = readingOf(bytes);
		ok("reason" in reading);
		match(reading.reason, reason);
	}
	ok(damageOf(image.subarray(0, 50_000)).some(({ code }) => code === "size"));
	ok(damageOf(image.subarray(0, 4 * 4096)).some(({ code }) => code === "size"));
	for (let i = 0; i < 150; i++) {
		const bytes = Buffer.from(image);
		const from = random.below(bytes.length);
		random.fill(bytes.subarray(from, from + random.below(9000)));
		const reading = readingOf(bytes.subarray(0, random.below(4) > 0 ? bytes.length : from));
		if ("reason" in reading) continue;
		JSON.stringify(reading.view());
		ok(reading.lines().length > 0 || reading.image.kind === "journal");
	}
});
