/** A chip has the last word on an approval: the whole firmware, with the bench's reader and issuer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LogCode } from "core/log";
import { openTill } from "./firmware-support";

test("the chip checks the issuer's cryptogram and gives its TC before the sale is approved", async (context) => {
	const till = await openTill(context);
	await till.sell("2.00", "unionpay", "chip");
	assert.equal(till.bench.reader.lastWord, "approved");
	assert.equal(till.bench.reader.holdsChip, false);
	const [row] = await till.close();
	assert.equal(row?.state, "approved");
});

test("a chip that refuses, is pulled or says nothing: the approval is reversed with reason 06", async (context) => {
	const till = await openTill(context);
	for (const [fault, amount] of [
		["refuses", "2.00"],
		["pulled", "3.00"],
		["mute", "4.00"],
	] as const) {
		till.bench.reader.chipFails(fault);
		await till.sell(amount, "unionpay", "chip", "unknown");
	}
	assert.ok((await till.logged()).has(LogCode.ChipRefused));
	const rows = await till.close();
	assert.deepEqual(
		rows.map(({ state }) => state),
		["reversed", "reversed", "reversed"],
	);
	const { reversals } = till.bench.acquirer.ledger.totals();
	assert.equal(reversals, 3);
});

test("a cryptogram that the issuer did not make is refused by the card", async (context) => {
	const till = await openTill(context);
	till.bench.acquirer.addFault({ kind: "wrong-arpc" });
	await till.sell("2.00", "unionpay", "chip", "unknown");
	assert.equal(till.bench.reader.lastWord, "declined");
	assert.equal((await till.close())[0]?.state, "reversed");
});

test("what became of the issuer's script is told to the host before the next sale", async (context) => {
	const till = await openTill(context);
	till.bench.acquirer.addFault({ kind: "script" });
	await till.sell("2.00", "unionpay", "chip");
	await till.sell("3.00", "visa", "tap");
	assert.equal(await till.drained(), 0);
	const kinds = till.bench.acquirer.ledger.records().map(({ kind }) => kind);
	assert.deepEqual(kinds, ["sale", "script", "sale"]);
});

test("the power goes while the chip thinks: reversed after the boot", async (context) => {
	const till = await openTill(context);
	till.bench.reader.chipFails("mute");
	assert.ok(await till.bench.enterAmount("2.00"));
	till.bench.present("unionpay", "chip");
	await till.bench.pass(4000);
	assert.equal(till.bench.reader.holdsChip, false);
	await till.restart();
	assert.equal((await till.close())[0]?.state, "reversed");
});
