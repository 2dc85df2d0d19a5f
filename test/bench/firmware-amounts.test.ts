/** Amounts that are refused before the card is read, with the reason on the display. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { BenchKey } from "../../simulator/bench/peripheral/panel";
import { makeTill, openTill, type Till } from "./firmware-support";

/** A key as the panel sends it, also one that no panel has. */
function pressCode(till: Till, code: number): void {
	till.bench.panel.sendRaw(Uint8Array.of(0x5a, 0xa5, 0x06, 0x83, 0x20, 0x00, 0x01, 0x00, code));
}

test("an amount that cannot be sold is refused with its reason before the card is read", async (context) => {
	let waited = false;
	const till = await openTill(context, {
		transcript: ({ device, text }) => {
			if (device === "reader" && text.includes("02-40")) waited = true;
		},
	});
	const refusals: readonly (readonly [typed: string, reason: RegExp])[] = [
		["", /BAD AMOUNT/],
		["0", /BAD AMOUNT/],
		["0.00", /BAD AMOUNT/],
		["00000", /BAD AMOUNT/],
		["0.001", /BAD AMOUNT/],
		["1.234", /BAD AMOUNT/],
		[".", /BAD AMOUNT/],
		["..", /BAD AMOUNT/],
		["1.2.3", /BAD AMOUNT/],
		[".5", /BAD AMOUNT/],
		["5.", /BAD AMOUNT/],
		["50000.01", /OVER LIMIT/],
		["50001", /OVER LIMIT/],
		["9999999999999", /OVER LIMIT|BAD AMOUNT/],
	];
	for (const [typed, reason] of refusals) {
		assert.equal(await till.bench.enterAmount(typed), false, `"${typed}" was taken`);
		assert.match(till.bench.panel.lines[0] ?? "", reason, `"${typed}"`);
		assert.equal(till.bench.reader.waiting, false);
		await till.bench.pass(100);
	}
	assert.equal(waited, false, "the reader was asked for a card");
	assert.deepEqual(await till.bench.askTransactions(), []);
	await till.sell("50000.00", "unionpay", "chip");
	assert.equal(waited, true);
	await till.close();
});

test("a sign that no key has is noise: it never makes an amount negative", async (context) => {
	const till = await openTill(context);
	for (const keys of ["-5", "5-", "+5", "1e3", "0x1"]) {
		for (const key of keys) {
			pressCode(till, key.charCodeAt(0));
			await till.bench.pass(50);
		}
		// What stands on the display is what will be charged, never less than nothing.
		const shown = till.bench.panel.lines[1] ?? "";
		assert.match(shown, /^[0-9.]*$/, keys);
		till.bench.panel.press("cancel");
		await till.bench.pass(100);
	}
	for (const code of [0x2d, 0x35, 0x2d, 0x0d]) {
		pressCode(till, code);
		await till.bench.pass(50);
	}
	await till.bench.until(() => till.bench.reader.waiting, 2000);
	till.bench.present("unionpay", "tap");
	await till.bench.result();
	const { amountMinor } = await till.newest();
	assert.equal(amountMinor, 500);
	await till.close();
});

test("above the offline limit a sale is refused before the card is read while there is no network", async (context) => {
	const till = await openTill(context);
	till.bench.modem.cut();
	await till.offline();
	assert.equal(await till.bench.enterAmount("500.01"), false);
	assert.match(till.bench.panel.lines[0] ?? "", /LIMIT/);
	assert.equal(till.bench.reader.waiting, false);
	await till.sell("500.00", "unionpay", "tap", "stored");
	till.bench.modem.restore();
	await till.online();
	await till.close();
});

test("before the first sign-on nothing is sold, and the display says why", async (context) => {
	const till = await makeTill(context);
	till.bench.modem.removeSim();
	await till.bench.powerOn();
	await till.bench.pass(3000);
	assert.equal(await till.bench.enterAmount("5.00"), false);
	assert.match(till.bench.panel.lines[0] ?? "", /NO SIGN-ON/);
	till.bench.modem.insertSim();
	await till.online();
	await till.sell("5.00", "unionpay", "tap");
	await till.close();
});

test("any keys in any order leave the till ready", async (context) => {
	const till = await openTill(context);
	const keys: readonly BenchKey[] = [
		"enter",
		"cancel",
		"clear",
		"query",
		"reprint",
		"00",
		".",
		"7",
	];
	for (let i = 0; i < 200; i++) {
		const key = keys[(i * i + (i >> 2)) % keys.length]!;
		till.bench.panel.press(key);
		await till.bench.pass(30);
	}
	till.bench.panel.press("cancel");
	await till.bench.pass(3000);
	till.bench.panel.press("cancel");
	await till.bench.pass(6000);
	await till.sell("4.00", "visa", "tap");
	await till.close();
});
