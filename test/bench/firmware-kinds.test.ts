/** Every kind of transaction, from the keys of the panel to the host's ledger and the paper. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { netAmountMinor } from "../../simulator/bench/acquirer/entry";
import { terminalId } from "../../simulator/bench/bench";
import { openTill, type Till } from "./firmware-support";

/** What the host has posted of the newest transaction, signed. */
async function hostMinor(till: Till): Promise<number> {
	const { batch, stan } = await till.newest();
	const entry = till.bench.acquirer.ledger.entry(terminalId, batch, stan);
	return entry === undefined ? 0 : netAmountMinor(entry);
}

/** The newest slip as text, when it is cut. */
async function slip(till: Till, before: number): Promise<string> {
	await till.printed(before);
	return till.bench.printer.slips
		.at(-1)!
		.lines.map((line) => line.text)
		.join("\n");
}

test("a sale is voided by the number on its slip, once, and the slip names the original", async (context) => {
	const till = await openTill(context);
	await till.sell("12.30", "unionpay", "chip");
	const stan = await till.newestStan();
	await till.printed(0);
	const before = till.slips;
	const done = await till.order(`menu 2 ${stan} enter enter`, "approved");
	assert.equal(done.lines[1], "12.30");
	const row = await till.newest();
	assert.deepEqual([row.kind, row.original, row.state], ["void", 1, "approved"]);
	assert.equal(await hostMinor(till), -1230);
	const text = await slip(till, before);
	assert.match(text, /消费撤销\/VOID/);
	assert.match(text, /RMB -12\.30/);
	assert.match(text, new RegExp(`原凭证号/ORIG TRACE +${stan}`));
	await till.bench.pressKeys(`menu 2 ${stan} enter`);
	assert.match(till.bench.panel.lines[0]!, /VOIDED/);
	assert.equal((await till.bench.ask("why 1"))?.includes("cancelled again by a void"), true);
	await till.close();
});

test("a void whose answer is lost is reversed, and the sale can be voided again", async (context) => {
	const till = await openTill(context);
	await till.sell("20.00", "unionpay", "chip");
	const stan = await till.newestStan();
	till.bench.acquirer.addFault({ kind: "silence", mti: "0200" });
	await till.order(`menu 2 ${stan} enter enter`, "unknown");
	await till.drained();
	assert.equal((await till.newest()).state, "reversed");
	await till.order(`menu 2 ${stan} enter enter`, "approved");
	assert.equal(await hostMinor(till), -2000);
	await till.close();
});

test("refunds add up to the sale and no further; a lost answer is repeated, never reversed", async (context) => {
	const till = await openTill(context);
	await till.sell("30.00", "unionpay", "chip");
	const stan = await till.newestStan();
	till.bench.acquirer.addFault({ kind: "silence", mti: "0220" });
	await till.order(`menu 3 ${stan} enter 10 enter`, "stored", "unionpay");
	assert.equal((await till.newest()).state, "advice due");
	assert.equal((await till.status()).vault, 1);
	await till.bench.pressKeys(`menu 3 ${stan} enter`);
	assert.match(till.bench.panel.lines[0]!, /PENDING/);
	await till.bench.pressKeys("cancel");
	await till.drained();
	assert.equal((await till.newest()).state, "approved");
	assert.equal(await hostMinor(till), -1000);
	assert.equal((await till.status()).vault, 0);
	await till.order(`menu 3 ${stan} enter 20.01 enter`, "refused", "unionpay");
	assert.match(till.bench.panel.lines[0]!, /TOO MUCH/);
	await till.order(`menu 3 ${stan} enter 20 enter`, "approved", "unionpay");
	assert.equal(await hostMinor(till), -2000);
	await till.close({ surprises: true });
	assert.deepEqual(till.surprises, []);
});

test("a pre-authorisation moves nothing; its completion does, and can be voided; or it is voided itself", async (context) => {
	const till = await openTill(context);
	await till.order("menu 4 100 enter", "approved", "unionpay");
	const held = await till.newestStan();
	assert.equal(await hostMinor(till), 0);
	await till.bench.pressKeys(`menu 6 ${held} enter 115.01 enter`);
	assert.match(till.bench.panel.lines[0]!, /LIMIT/);
	await till.order(`menu 6 ${held} enter 115 enter`, "approved");
	assert.equal(await hostMinor(till), 11_500);
	const completion = await till.newestStan();
	await till.bench.pressKeys(`menu 5 ${held} enter`);
	assert.match(till.bench.panel.lines[0]!, /COMPLETED/);
	await till.order(`menu 7 ${completion} enter enter`, "approved");
	assert.equal(await hostMinor(till), -11_500);
	await till.order(`menu 9 1 ${held} enter 80 enter`, "approved");
	assert.equal((await till.newest()).kind, "completion advice");
	assert.equal(await hostMinor(till), 8000);
	await till.order("menu 4 50 enter", "approved", "unionpay-2");
	await till.order(`menu 5 ${await till.newestStan()} enter enter`, "approved");
	assert.equal(await hostMinor(till), 0);
	await till.close();
});

test("a tip is added once, within its limit, and a void takes sale and tip back", async (context) => {
	const till = await openTill(context);
	await till.sell("40.00", "visa", "tap");
	const stan = await till.newestStan();
	await till.bench.pressKeys(`menu 8 ${stan} enter 12.01 enter`);
	assert.match(till.bench.panel.lines[0]!, /TIP LIMIT/);
	await till.order(`menu 8 ${stan} enter 5 enter`, "approved");
	assert.equal(await hostMinor(till), 500);
	await till.bench.pressKeys(`menu 8 ${stan} enter`);
	assert.match(till.bench.panel.lines[0]!, /TIPPED/);
	const done = await till.order(`menu 2 ${stan} enter enter`, "approved");
	assert.equal(done.lines[1], "45.00");
	assert.equal(await hostMinor(till), -4500);
	await till.close();
});

test("a balance is shown and stands nowhere else: not printed, not journalled", async (context) => {
	const till = await openTill(context);
	const before = till.slips;
	const done = await till.order("menu 9 3", "approved", "unionpay");
	assert.match(done.lines[1]!, /BALANCE/);
	assert.match(done.lines[2]!, /^-?[0-9]+\.[0-9]{2}$/);
	await till.bench.pass(5000);
	assert.equal(till.slips, before);
	const row = await till.newest();
	assert.deepEqual([row.kind, row.state, row.amountMinor], ["balance", "approved", 0]);
	await till.close();
});

test("the same card and amount again is asked about, and nothing is recorded before the answer", async (context) => {
	const till = await openTill(context);
	await till.sell("9.00", "unionpay", "tap");
	await till.bench.enterAmount("9.00");
	till.bench.present("unionpay", "tap");
	const asked = (): boolean => till.bench.panel.lines[0]?.includes("DUPLICATE") === true;
	assert.ok(await till.bench.until(asked, 5000));
	assert.equal((await till.bench.askTransactions()).length, 1);
	await till.bench.pressKeys("cancel");
	await till.bench.pass(200);
	assert.match(till.bench.panel.lines[0]!, /CANCELLED/);
	await till.bench.enterAmount("9.00");
	till.bench.present("unionpay", "tap");
	assert.ok(await till.bench.until(asked, 5000));
	await till.bench.pressKeys("enter");
	assert.equal((await till.bench.result()).outcome, "approved");
	assert.equal((await till.bench.askTransactions()).length, 2);
	await till.close();
});

test("what belongs to what is known again after a boot", async (context) => {
	const till = await openTill(context);
	await till.sell("12.00", "unionpay", "chip");
	const stan = await till.newestStan();
	await till.order(`menu 3 ${stan} enter 7 enter`, "approved", "unionpay");
	await till.restart();
	await till.bench.pressKeys(`menu 2 ${stan} enter`);
	assert.match(till.bench.panel.lines[0]!, /REFUNDED/);
	await till.order(`menu 3 ${stan} enter 5.01 enter`, "refused", "unionpay");
	await till.order(`menu 3 ${stan} enter 5 enter`, "approved", "unionpay");
	await till.close();
});

test("a power cut in the middle of a refund leaves it due, with its card, and it goes on by itself", async (context) => {
	const till = await openTill(context);
	await till.sell("15.00", "unionpay", "chip");
	const stan = await till.newestStan();
	till.bench.acquirer.addFault({ kind: "delay", delayMs: 8000, mti: "0220" });
	await till.bench.pressKeys(`menu 3 ${stan} enter 15 enter`);
	assert.ok(await till.bench.until(() => till.bench.reader.waiting, 3000));
	till.bench.present("unionpay", "chip");
	await till.bench.pass(6000);
	await till.restart();
	await till.drained();
	const row = await till.newest();
	assert.deepEqual([row.kind, row.state], ["refund", "approved"]);
	assert.equal(await hostMinor(till), -1500);
	await till.close();
});

test("without a link only sales are taken, and each other kind says so before a card is read", async (context) => {
	const till = await openTill(context);
	await till.sell("5.00", "unionpay", "chip");
	const stan = await till.newestStan();
	till.bench.modem.cut();
	await till.offline();
	for (const keys of ["menu 4 5 enter", `menu 2 ${stan} enter enter`, "menu 9 3"]) {
		await till.bench.pressKeys(keys);
		assert.match(till.bench.panel.lines[0]!, /NO NETWORK/, keys);
		assert.equal(till.bench.reader.waiting, false);
		await till.bench.pressKeys("cancel");
	}
	await till.sell("6.00", "unionpay", "chip", "stored");
	till.bench.modem.restore();
	await till.online();
	await till.close();
});
