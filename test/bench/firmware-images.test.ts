/** Flash images as accidents leave them: the terminal boots, says what it could not read and keeps what it could. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../simulator/bench/board/random";
import { makeTill, openTill, type Status, type Till } from "./firmware-support";
import { fillJournal } from "./firmware-used-image";

const blockBytes = 4096;

/** Changes the images while the power is off; the terminal then boots from them. */
async function withImages(
	till: Till,
	change: (journal: Uint8Array, vault: Uint8Array) => void,
): Promise<Status> {
	const { board } = till.bench;
	board.powerCut();
	change(board.journalFlash.image, board.vaultFlash.image);
	assert.ok(await till.bench.powerOn(), "no greeting on the console");
	return till.status();
}

/** Sells when the terminal says that it can; otherwise the display must say why it does not. */
async function sellOrRefuse(till: Till, status: Status, amount: string): Promise<string> {
	if (status.roomForSale) {
		await till.online();
		await till.sell(amount, "unionpay", "tap");
		return "sells";
	}
	assert.equal(await till.bench.enterAmount(amount), false);
	assert.match(till.bench.panel.lines[0] ?? "", /FULL|SIGN-ON/);
	assert.equal(till.bench.reader.waiting, false);
	return "refuses";
}

function randomBytes(target: Uint8Array, seed: number): void {
	const random = new Random(seed, "image");
	for (let i = 0; i < target.length; i++) target[i] = random.below(256);
}

const wholeImages: readonly {
	readonly name: string;
	readonly change: (journal: Uint8Array, vault: Uint8Array) => void;
}[] = [
	{
		name: "all zeros",
		change: (journal, vault) => {
			journal.fill(0);
			vault.fill(0);
		},
	},
	{
		name: "random bytes",
		change: (journal, vault) => {
			randomBytes(journal, 1);
			randomBytes(vault, 2);
		},
	},
	{ name: "a journal of zeros and a blank vault", change: (journal) => void journal.fill(0) },
	{ name: "a blank journal and a random vault", change: (_, vault) => randomBytes(vault, 3) },
];

for (const { name, change } of wholeImages)
	test(`a terminal boots from ${name}, reports it and sells`, async (context) => {
		const till = await makeTill(context);
		change(till.bench.board.journalFlash.image, till.bench.board.vaultFlash.image);
		assert.ok(await till.bench.powerOn());
		const status = await till.status();
		till.assertNoCrash();
		context.diagnostic(`${name}: ${JSON.stringify(status.journal)}`);
		if (/^(all|random|a journal)/.test(name))
			assert.ok(status.journal["foreign"]! > 0, "no report");
		assert.equal(await sellOrRefuse(till, status, "1.00"), "sells");
		till.bench.modem.cut();
		await till.offline();
		await till.sell("2.00", "unionpay", "chip", "stored");
		till.bench.modem.restore();
		await till.online();
		const rows = await till.close();
		assert.deepEqual(
			rows.map(({ state }) => state),
			["approved", "forwarded"],
		);
	});

/** A till with approved, declined, reversed and forwarded sales behind it. */
async function usedTill(context: Parameters<typeof openTill>[0]): Promise<Till> {
	const till = await openTill(context);
	for (let i = 1; i <= 12; i++)
		await till.sell(`${i}.00`, "unionpay", i % 2 === 0 ? "tap" : "chip");
	till.bench.acquirer.addFault({ kind: "silence", mti: "0200" });
	await till.sell("20.00", "visa", "tap", "unknown");
	await till.drained();
	await till.printed(0, 12);
	await till.bench.pass(20_000);
	return till;
}

test("one flipped byte anywhere costs at most the record that it hits", async (context) => {
	const till = await usedTill(context);
	const { board } = till.bench;
	const clean = await till.bench.askTransactions();
	board.powerCut();
	const journal = Uint8Array.from(board.journalFlash.image);
	const vault = Uint8Array.from(board.vaultFlash.image);
	const written = [...journal.keys()].filter((at) => journal[at] !== 0xff);
	const random = new Random(5, "flips");
	let reported = 0;
	const rounds = 24;
	for (let i = 0; i < rounds; i++) {
		const at = written[random.below(written.length)]!;
		const mask = 1 + random.below(255);
		board.journalFlash.image.set(journal);
		board.vaultFlash.image.set(vault);
		board.journalFlash.image[at]! ^= mask;
		assert.ok(await till.bench.powerOn(), `no greeting with byte ${at} flipped`);
		const status = await till.status();
		const { skipped, missing, repaired, torn, foreign } = status.journal;
		const told = skipped! + missing! + repaired! + torn! + foreign! + status.unreadableRecords;
		if (told > 0) reported++;
		const rows = await till.bench.askTransactions();
		const states = new Map(rows.map((row) => [row.number, row.state]));
		const same = clean.filter((row) => states.get(row.number) === row.state).length;
		const where = `byte ${at} ^ ${mask}: ${JSON.stringify(status.journal)}`;
		assert.ok(same >= clean.length - 1, `${clean.length - same} changed, ${where}`);
		assert.ok(status.roomForSale, where);
		till.assertNoCrash();
		board.powerCut();
	}
	context.diagnostic(`${rounds} flips, ${reported} reported`);
	assert.ok(reported >= rounds / 2);
});

test("with bytes flipped in a used image the next sales have one fate", async (context) => {
	const till = await usedTill(context);
	const random = new Random(6, "flips");
	for (let i = 0; i < 4; i++) {
		const status = await withImages(till, (journal) => {
			const written = [...journal.keys()].filter((at) => journal[at] !== 0xff);
			journal[written[random.below(written.length)]!]! ^= 1 << random.below(8);
		});
		await sellOrRefuse(till, status, `${30 + i}.00`);
		await till.bench.pass(5000);
	}
	assert.equal(await till.drained(), 0);
	till.assertNoCrash();
	const { ledger } = till.bench.acquirer;
	assert.equal(ledger.totals().doubled, 0);
	const posted = ledger.list().filter((entry) => entry.posted.length > entry.reversed.length);
	// Twelve before and one after each flip; the reversed one is not among them.
	assert.equal(posted.length, 16);
	const stans = posted.map(({ batch, stan }) => `${batch}/${stan}`);
	assert.equal(new Set(stans).size, stans.length, "a STAN was used twice");
});

test("half of the erased blocks gone to zero: nothing recorded is lost", async (context) => {
	const till = await usedTill(context);
	const before = await till.bench.askTransactions();
	const status = await withImages(till, (journal) => {
		for (let at = journal.length / 2; at < journal.length; at += blockBytes) {
			const block = journal.subarray(at, at + blockBytes);
			if (block.every((byte) => byte === 0xff)) block.fill(0, 0, blockBytes / 2);
		}
	});
	assert.ok(status.journal["foreign"]! > 0, JSON.stringify(status.journal));
	const states = (rows: typeof before) => rows.map(({ number, state }) => `${number} ${state}`);
	assert.deepEqual(states(await till.bench.askTransactions()), states(before));
	assert.equal(await sellOrRefuse(till, status, "40.00"), "sells");
	await till.close();
});

test("a journal of a newer firmware is left alone and sales are refused with the reason", async (context) => {
	const till = await usedTill(context);
	let copy = new Uint8Array(0);
	const status = await withImages(till, (journal) => {
		// Every head is spoilt: what it was cannot be known, so nothing may be written over it.
		for (let at = 0; at < journal.length; at += blockBytes)
			if (journal[at] !== 0xff) for (let i = 4; i < 40; i++) journal[at + i]! ^= 0x5a;
		copy = Uint8Array.from(journal);
	});
	context.diagnostic(JSON.stringify(status.journal));
	assert.equal(status.roomForSale, false);
	assert.ok(status.journal["error"]! > 0);
	assert.equal(await sellOrRefuse(till, status, "40.00"), "refuses");
	await till.bench.pass(60_000);
	till.assertNoCrash();
	assert.deepEqual(Buffer.from(till.bench.board.journalFlash.image), Buffer.from(copy));
});

test("a terminal whose flash is lost takes no STAN again that the host may know", async (context) => {
	const till = await openTill(context);
	for (let i = 0; i < 5; i++) await till.sell("5.00", "unionpay", "tap");
	await till.bench.pass(20_000);
	await withImages(till, (journal) => void journal.fill(0));
	await till.online();
	// The host posts and is silent: what is reversed must be this sale, not one of before.
	till.bench.acquirer.addFault({ kind: "silence", mti: "0200" });
	await till.sell("5.00", "unionpay", "tap", "unknown");
	assert.equal(await till.drained(), 0);
	for (let i = 0; i < 5; i++) await till.sell("5.00", "unionpay", "tap");
	const { count, doubled, repeats, reversals } = till.bench.acquirer.ledger.totals();
	assert.deepEqual(
		{ count, doubled, repeats, reversals },
		{ count: 10, doubled: 0, repeats: 0, reversals: 1 },
	);
});

test("damage to the newest counters repeats no STAN either", async (context) => {
	const till = await makeTill(context);
	const { board } = till.bench;
	const { lastCountersAt, stan } = fillJournal(board.journalFlash.image, 100);
	assert.ok(stan >= 100);
	board.journalFlash.image[lastCountersAt + 9]! ^= 0x10;
	await till.open();
	const { skipped, missing, torn } = (await till.status()).journal;
	assert.ok(skipped! + missing! + torn! > 0, "the damage is not reported");
	context.diagnostic(JSON.stringify((await till.status()).journal));
	await till.sell("5.00", "unionpay", "tap");
	const { stan: next } = await till.newest();
	assert.ok(Number(next) > stan, `STAN ${next} after ${stan}`);
	till.assertNoCrash();
});

test("stored sales wait for a journal that cannot be read now, card data and all", async (context) => {
	const till = await openTill(context);
	// A journal of several blocks, so that it is known for one.
	await till.restart();
	await till.restart();
	till.bench.modem.cut();
	await till.offline();
	await till.sell("2.00", "unionpay", "chip", "stored");
	let good = new Uint8Array(0);
	await withImages(till, (journal) => {
		good = Uint8Array.from(journal);
		for (let at = 0; at < journal.length; at += blockBytes)
			if (journal[at] !== 0xff) for (let i = 4; i < 40; i++) journal[at + i]! ^= 0x5a;
	});
	const status = await till.status();
	assert.ok(status.journal["error"]! > 0);
	assert.equal(status.vault, 1);
	await till.bench.pass(30_000);
	await withImages(till, (journal) => void journal.set(good));
	till.bench.modem.restore();
	await till.online();
	const rows = await till.close();
	assert.deepEqual(
		rows.map(({ state }) => state),
		["forwarded"],
	);
});

test("flash that fails to program or erase never crashes the terminal or loses a swipe", async (context) => {
	const till = await openTill(context);
	const { board } = till.bench;
	for (const failures of [1, 2, 3, 6, 30]) {
		board.journalFlash.failNext = failures;
		await till.bench.sell(`${failures}.00`, "unionpay", "tap");
		await till.bench.pass(5000);
		board.journalFlash.failNext = 0;
		till.bench.panel.press("cancel");
		await till.bench.pass(2000);
	}
	await till.online();
	await till.sell("9.00", "unionpay", "tap");
	await till.close({ surprises: true });
});

test("flash that fails for good while the reply is awaited: after a restart with good flash the sale is reversed", async (context) => {
	let broken = false;
	const till = await openTill(context, {
		transcript: ({ device, text }) => {
			if (broken && device === "modem" && text.includes("takes"))
				till.bench.board.journalFlash.failNext = 1_000_000;
		},
	});
	broken = true;
	await till.bench.sell("5.00", "unionpay", "tap").catch(() => undefined);
	broken = false;
	context.diagnostic(
		`${till.bench.panel.lines.join(" | ")}; ${till.bench.board.crashReasons.join("; ")}`,
	);
	till.bench.board.journalFlash.failNext = 0;
	till.bench.board.powerCut();
	await till.open();
	assert.equal(await till.drained(), 0);
	assert.equal(till.bench.acquirer.ledger.totals().count, 0);
	assert.equal((await till.newest()).state, "reversed");
	await till.sell("9.00", "unionpay", "tap");
});
