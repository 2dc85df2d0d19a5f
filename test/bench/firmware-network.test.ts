/** Modem, broker and host in trouble: every swipe keeps one fate and the till finds back by itself. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LogCode } from "core/log";
import { openTill, type Till } from "./firmware-support";

/** Fates in the order of the sales. */
async function fates(till: Till): Promise<readonly string[]> {
	return (await till.close()).map(({ state }) => state);
}

test("SIM out and in: stored meanwhile, forwarded afterwards", async (context) => {
	const till = await openTill(context);
	till.bench.modem.removeSim();
	await till.offline();
	assert.match((await till.status()).network, /sim/);
	await till.sell("2.00", "unionpay", "tap", "stored");
	await till.sell("3.00", "visa", "chip", "stored");
	till.bench.modem.insertSim();
	await till.online();
	await till.sell("4.00", "visa", "chip");
	assert.deepEqual(await fates(till), ["forwarded", "forwarded", "approved"]);
});

test("the SIM goes while the reply is awaited: in doubt, reversed", async (context) => {
	const till = await openTill(context);
	till.bench.acquirer.addFault({ kind: "delay", delayMs: 5000 });
	const sale = till.sell("2.00", "unionpay", "chip", "unknown");
	till.bench.scheduler.after(6_000_000, () => till.bench.modem.removeSim());
	await sale;
	till.bench.modem.insertSim();
	await till.online();
	assert.deepEqual(await fates(till), ["reversed"]);
});

test("a modem that is silent for 60 s is found dead, and alive again", async (context) => {
	const till = await openTill(context);
	till.bench.modem.setSilent(true);
	await till.bench.sell("2.00", "unionpay", "tap");
	await till.bench.pass(60_000);
	assert.ok(till.bench.panel.lines.some((line) => line.includes("OFFLINE")));
	const logged = await till.logged();
	assert.ok(logged.has(LogCode.ModemTimeout) || logged.has(LogCode.ModemReset));
	till.bench.modem.setSilent(false);
	await till.online();
	await till.sell("3.00", "unionpay", "tap");
	const [first, second] = await fates(till);
	assert.match(first!, /reversed|abandoned|forwarded/);
	assert.equal(second, "approved");
});

test("the modem restarts at any moment of a request: one fate", async (context) => {
	const till = await openTill(context);
	const seen: string[] = [];
	for (const afterMs of [1400, 1500, 1540, 1580, 1600, 1700]) {
		till.bench.acquirer.addFault({ kind: "delay", delayMs: 100, mti: "0200" });
		assert.ok(await till.bench.enterAmount("2.00"));
		till.bench.present("unionpay", "chip");
		till.bench.scheduler.after(afterMs * 1000, () => till.bench.modem.reset());
		seen.push((await till.bench.result()).outcome);
		await till.online();
		await till.drained();
		till.bench.acquirer.clearFaults();
	}
	for (const fault of ["reset-in-read", "drop-prompt", "send-fail", "no-answer", "late"] as const) {
		till.bench.modem.failNext(fault);
		seen.push((await till.bench.sell("2.00", "unionpay", "tap")).outcome);
		await till.bench.pass(30_000);
		await till.online();
		await till.drained();
	}
	const states = await fates(till);
	context.diagnostic(`${seen.join(" ")}: ${states.join(" ")}`);
	assert.equal(states.length, seen.length);
	const good = {
		approved: "approved",
		unknown: "reversed",
		stored: "forwarded",
		"not-sent": "abandoned",
	};
	for (const [i, outcome] of seen.entries())
		assert.equal(states[i], good[outcome as keyof typeof good], `sale ${i + 1}, seen ${outcome}`);
});

test("the broker restarts: idle, and while a reply is awaited", async (context) => {
	const till = await openTill(context);
	const broker = till.bench.broker!;
	const restart = async (): Promise<void> => {
		await broker.stop();
		await broker.start();
	};
	await restart();
	await hostIsBack(till);
	await till.sell("2.00", "unionpay", "tap");
	till.bench.acquirer.addFault({ kind: "silence", mti: "0200" });
	const sale = till.sell("3.00", "unionpay", "tap", "unknown");
	till.bench.scheduler.after(5_000_000, () => void restart());
	await sale;
	await till.bench.pass(30_000);
	await hostIsBack(till);
	assert.deepEqual(await fates(till), ["approved", "reversed"]);
});

/** The host connects again: by itself it does so after half a second of wall time, which is long for this bench. */
async function hostIsBack(till: Till): Promise<void> {
	await till.bench.acquirer.stop();
	await till.bench.acquirer.start();
	await till.online();
}

test("the host stops between sales: nobody answers, nothing is lost", async (context) => {
	const till = await openTill(context);
	await till.bench.acquirer.stop();
	await till.sell("2.00", "unionpay", "tap", "unknown");
	await till.bench.sell("3.00", "visa", "tap");
	await till.bench.acquirer.start();
	await till.online();
	await till.drained();
	await till.sell("4.00", "unionpay", "tap");
	const [first, second, third] = await fates(till);
	assert.equal(first, "reversed");
	assert.match(second!, /reversed|forwarded|abandoned/);
	assert.equal(third, "approved");
});

test("late, doubled and wrong replies approve nothing; the log has them", async (context) => {
	const till = await openTill(context);
	const { acquirer } = till.bench;
	const stories = [
		["late", "unknown", LogCode.LateReply],
		["duplicate", "approved", LogCode.LateReply],
		["wrong-mac", "unknown", LogCode.BadMac],
		["wrong-stan", "unknown", LogCode.ForeignReply],
		["wrong-amount", "unknown", LogCode.ForeignReply],
		["garbage", "unknown", LogCode.BadMessage],
	] as const;
	for (const [kind, outcome, code] of stories) {
		const sinceMs = await till.ticksMs();
		acquirer.addFault({ kind, mti: "0200" });
		await till.sell("2.00", "unionpay", "tap", outcome);
		await till.bench.pass(10_000);
		assert.ok((await till.logged(sinceMs)).has(code), `no event for ${kind}`);
		await till.drained();
	}
	const states = await fates(till);
	assert.deepEqual(
		states,
		stories.map(([, outcome]) => (outcome === "approved" ? "approved" : "reversed")),
	);
});

test("a host that dies before or after posting: the books agree", async (context) => {
	const till = await openTill(context);
	for (const kind of ["crash-before", "crash-after"] as const) {
		till.bench.acquirer.addFault({ kind, mti: "0200" });
		await till.sell("2.00", "unionpay", "tap", "unknown");
		await till.bench.acquirer.start();
		await till.bench.pass(5000);
		await till.drained();
	}
	await till.sell("3.00", "unionpay", "tap");
	assert.deepEqual(await fates(till), ["reversed", "reversed", "approved"]);
});

test("a host that answers everything twice costs no byte and no connection", async (context) => {
	const till = await openTill(context);
	for (let i = 1; i <= 4; i++) {
		till.bench.acquirer.addFault({ kind: "duplicate", mti: "0200" });
		await till.sell(`${i}.00`, "unionpay", "tap");
		await till.bench.pass(8000);
	}
	await till.close();
	assert.equal(till.bench.board.lostBytes.modem, 0, "the modem's FIFO overran");
	assert.ok(!(await till.logged()).has(LogCode.MqttError), "the connection was lost over it");
});
