/** The whole firmware, its modem and the host's second address: the broker goes, sales go on, and MQTT is used again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LogCode } from "core/log";
import { openTill, type Status, type Till } from "./firmware-support";

async function channel(till: Till): Promise<string> {
	return (await till.bench.askData<Status & { readonly channel: string }>("status")).channel;
}

/** Lets time pass until the link is up over a channel. */
async function upOver(till: Till, wanted: string, limitMs: number): Promise<void> {
	for (let waitedMs = 0; waitedMs < limitMs; waitedMs += 5000) {
		await till.bench.pass(5000);
		const { link } = await till.status();
		if (link === "up" && (await channel(till)) === wanted) return;
	}
	assert.fail(`not up over ${wanted} within ${limitMs} ms`);
}

test("without a broker the till sells over the backup channel, and returns to MQTT by itself", async (context) => {
	const till = await openTill(context, { backup: true });
	assert.equal(await channel(till), "MQTT");
	await till.sell("1.00", "unionpay", "chip");
	await till.bench.broker?.stop();
	await upOver(till, "backup", 120_000);
	await till.sell("2.00", "unionpay", "chip");
	await till.sell("3.00", "visa", "tap");
	await till.bench.broker?.start();
	await upOver(till, "MQTT", 900_000);
	await till.sell("4.00", "unionpay", "chip");
	const logged = await till.logged();
	assert.ok(logged.has(LogCode.ChannelChanged));
	const states = (await till.close()).map(({ state }) => state);
	assert.deepEqual(states, ["approved", "approved", "approved", "approved"]);
});

test("the broker goes while a reply is awaited: the sale is reversed over the backup channel, and sent there never", async (context) => {
	const till = await openTill(context, { backup: true });
	till.bench.acquirer.addFault({ kind: "delay", delayMs: 20_000, mti: "0200" });
	const sale = till.sell("2.00", "unionpay", "chip", "unknown");
	till.bench.scheduler.after(8_000_000, () => void till.bench.broker?.stop());
	await sale;
	await upOver(till, "backup", 120_000);
	const states = (await till.close()).map(({ state }) => state);
	assert.deepEqual(states, ["reversed"]);
	assert.equal(await channel(till), "backup");
});

test("what was stored without any network is forwarded over the backup channel", async (context) => {
	const till = await openTill(context, { backup: true });
	till.bench.modem.removeSim();
	await till.offline();
	for (const amount of ["2.00", "3.00", "4.00"])
		await till.sell(amount, "unionpay", "tap", "stored");
	await till.bench.broker?.stop();
	till.bench.modem.insertSim();
	await upOver(till, "backup", 240_000);
	const states = (await till.close()).map(({ state }) => state);
	assert.deepEqual(states, ["forwarded", "forwarded", "forwarded"]);
});

test("a limit that the acquirer sends holds also after a power cut", async (context) => {
	const till = await openTill(context, { backup: true });
	const { acquirer } = till.bench;
	await acquirer.notify("TERM0001", {
		kind: "parameters",
		values: [{ number: 3, value: 500 }],
	});
	await till.bench.pass(40_000);
	assert.deepEqual(
		acquirer.notices("TERM0001").map(({ code }) => code),
		["00"],
	);
	await till.restart();
	await till.bench.pass(5000);
	till.bench.modem.removeSim();
	await till.offline();
	await till.sell("5.00", "unionpay", "tap", "stored");
	assert.equal((await till.bench.sell("5.01", "unionpay", "tap")).outcome, "refused");
	till.bench.modem.insertSim();
	await till.online();
	const states = (await till.close()).map(({ state }) => state);
	assert.deepEqual(states, ["forwarded"]);
});
