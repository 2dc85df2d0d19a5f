/** The host as a part on the network: scripted faults, going away, coming back, whatever comes in. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { Acquirer } from "../../simulator/bench/acquirer/acquirer";
import { CodecError, decode, encode } from "../../simulator/bench/acquirer/codec";
import type { Fault } from "../../simulator/bench/acquirer/faults";
import { sign, verify } from "../../simulator/bench/acquirer/mac";
import {
	Broker,
	echo,
	merchantId,
	pause,
	reversal,
	sale,
	signOn,
	startMs,
	storedSale,
	terminalId,
	TestTerminal,
	tmk,
} from "./acquirer-terminal";

let broker: Broker;
let folder: string;
let host: Acquirer;
let terminal: TestTerminal;
let due: { delayMs: number; action: () => void }[] = [];
let activity = 0;
const lines: string[] = [];

before(async () => {
	broker = await Broker.open();
});
after(() => broker.close());

beforeEach(async () => {
	folder = mkdtempSync(join(tmpdir(), "acquirer-"));
	due = [];
	activity = 0;
	lines.length = 0;
	host = new Acquirer({
		mqttUrl: broker.url,
		ledgerFolder: join(folder, "ledger"),
		terminals: [{ id: terminalId, merchantId, tmk }],
		now: () => startMs,
		after: (delayMs, action) => {
			const one = { delayMs, action };
			due.push(one);
			return () => void (due = due.filter((other) => other !== one));
		},
		onActivity: () => activity++,
		log: (line) => lines.push(line),
	});
	await host.start();
	terminal = await TestTerminal.open(broker.url);
	await terminal.signOn();
});
afterEach(async () => {
	await terminal.close();
	await host.stop();
	rmSync(folder, { recursive: true });
});

/** Replies to a sale that runs into the fault, and what was posted. */
async function underFault(fault: Fault): Promise<{ replies: readonly Buffer[]; posted: number }> {
	host.addFault(fault);
	const topic = await terminal.send(sale(7, 12_300));
	const replies = await terminal.repliesOn(topic);
	return { replies: replies.map((one) => one.bytes), posted: host.ledger.totals().count };
}

test("silence posts and does not answer; the repeat is told 94", async () => {
	assert.deepEqual(await underFault({ kind: "silence" }), { replies: [], posted: 1 });
	assert.equal(await terminal.code(sale(7, 12_300)), "94");
});

test("silence before posting leaves nothing; the reversal becomes a tombstone", async () => {
	assert.deepEqual(await underFault({ kind: "silence-unposted" }), { replies: [], posted: 0 });
	assert.equal(await terminal.code(reversal(7, 12_300)), "00");
	assert.equal(host.ledger.totals().tombstones, 1);
});

test("a delayed answer goes out when its time has come, a late one after the deadline", async () => {
	for (const [fault, delayMs] of [
		[{ kind: "delay", delayMs: 2500 }, 2500],
		[{ kind: "late" }, 65_000],
	] as const) {
		const { replies } = await underFault(fault);
		assert.deepEqual(replies, []);
		assert.equal(host.ledger.totals().count, 1);
		const waiting = due.shift();
		assert.equal(waiting?.delayMs, delayMs);
		const before = activity;
		waiting?.action();
		assert.equal(activity, before + 1);
		await pause(50);
	}
	assert.equal(host.counters.answered, 3);
});

test("a duplicate answer is the same answer twice", async () => {
	const { replies, posted } = await underFault({ kind: "duplicate" });
	assert.equal(posted, 1);
	assert.equal(replies.length, 2);
	assert.deepEqual(replies[0], replies[1]);
});

test("wrong MAC, STAN and amount differ from a right answer in just that", async () => {
	const cases: [
		Fault["kind"] & ("wrong-mac" | "wrong-stan" | "wrong-amount"),
		boolean,
		string,
		string,
	][] = [
		["wrong-mac", false, "000007", "000000012300"],
		["wrong-stan", true, "000008", "000000012300"],
		["wrong-amount", true, "000007", "000000012301"],
	];
	for (const [kind, macRight, stan, amount] of cases) {
		host.addFault({ kind });
		host.setHabits({ idempotent: false });
		const { bytes } = await terminal.replyOn(await terminal.send(sale(7, 12_300)));
		const reply = decode(bytes);
		assert.equal(verify(terminal.mak, bytes, reply), macRight, kind);
		assert.deepEqual(
			[reply.fields[11], reply.fields[4], reply.fields[39]],
			[stan, amount, "00"],
			kind,
		);
	}
});

test("garbage is no message", async () => {
	const { replies, posted } = await underFault({ kind: "garbage" });
	assert.equal(posted, 1);
	assert.equal(replies.length, 1);
	assert.throws(() => decode(replies[0] ?? Buffer.alloc(0)), CodecError);
});

test("a code on command is answered with a right MAC and nothing is posted", async () => {
	host.addFault({ kind: "code", code: "96", count: 2 });
	assert.equal(await terminal.code(sale(7, 100)), "96");
	assert.equal(await terminal.code(reversal(7, 100)), "96");
	assert.equal(await terminal.code(sale(8, 100)), "00");
	assert.equal(host.ledger.totals().count, 1);
	assert.throws(() => host.addFault({ kind: "code", code: "x" }), RangeError);
});

test("a fault hits only the message that it aims at, once", async () => {
	host.addFault({ kind: "silence", mti: "0400" });
	host.addFault({ kind: "silence", mti: "0820" });
	assert.equal(await terminal.code(sale(7, 100)), "00");
	assert.deepEqual(await terminal.repliesOn(await terminal.send(echo())), []);
	assert.equal(await terminal.code(echo()), "00");
	assert.deepEqual(await terminal.repliesOn(await terminal.send(reversal(7, 100))), []);
	assert.equal(await terminal.code(reversal(7, 100)), "00");
	assert.equal(host.ledger.totals().reversals, 1);
	assert.equal(host.faultCount, 0);
});

test("a crash before posting loses the request, one after posting keeps the money; keys are gone", async () => {
	for (const [kind, posted] of [
		["crash-before", 0],
		["crash-after", 1],
	] as const) {
		assert.deepEqual(await underFault({ kind }), { replies: [], posted });
		assert.equal(host.running, false);
		await host.start();
		assert.equal(host.ledger.totals().count, posted);
		assert.equal(await terminal.code(reversal(7, 12_300)), "A0");
		await terminal.signOn();
	}
	assert.equal(await terminal.code(reversal(7, 12_300)), "00");
	assert.equal(host.ledger.totals().count, 0);
});

test("what comes while the host is stopped vanishes; books and keys are there after the start", async () => {
	assert.equal(await terminal.code(sale(1, 100)), "00");
	host.addFault({ kind: "delay", delayMs: 1000 });
	await terminal.send(sale(2, 100));
	await pause(50);
	const received = host.counters.received;
	const onItsWay = terminal.send(sale(4, 100));
	await host.stop();
	await onItsWay;
	assert.equal(host.counters.received, received, "deaf from the call of stop on");
	assert.equal(due.length, 0, "waiting answers are gone");
	const lost = await terminal.send(storedSale(3, 100));
	await host.start();
	assert.deepEqual(await terminal.repliesOn(lost), []);
	assert.equal(await terminal.code(storedSale(3, 100)), "00");
	assert.equal(await terminal.code(sale(1, 100)), "94");
	assert.equal(host.ledger.totals().count, 3);
	await host.stop();
	await host.stop();
	await assert.rejects(host.setBatch(terminalId, "000002"), /stopped/);
});

test("the host comes back by itself when the broker drops it", async () => {
	const url = broker.url;
	const port = Number(new URL(url).port);
	await broker.close();
	broker = await Broker.open(port);
	const deadline = Date.now() + 8000;
	for (;;) {
		const topic = await terminal.send(echo());
		if ((await terminal.repliesOn(topic)).length > 0) break;
		assert.ok(Date.now() < deadline, "no answer after the broker came back");
	}
	assert.equal(await terminal.code(sale(1, 100)), "00");
});

test("random and spoilt bytes on any topic are dropped and logged, and the host goes on", async () => {
	const message = sign(terminal.mak, sale(7, 100));
	for (let round = 0; round < 300; round++) {
		const spoilt = Buffer.from(message);
		const at = (round * 7) % (message.length - 8);
		spoilt.writeUInt8(spoilt.readUInt8(at) ^ (1 << (round % 8)), at);
		await terminal.publish(`q/${terminalId}/${(round + 100).toString(16)}`, spoilt);
		await terminal.publish(`q/${terminalId}/1`, randomBytes(round * 5));
	}
	const good = encode(signOn());
	for (const topic of [
		"q",
		"q/",
		"q/x/1",
		`q/${terminalId}`,
		`q/${terminalId}/0`,
		`q/${terminalId}/01`,
	])
		await terminal.publish(topic, good);
	for (const topic of [
		`q/${terminalId}/A`,
		`q/${terminalId}/1000000`,
		`q/${terminalId}/1/2`,
		"q/60000002/1",
	])
		await terminal.publish(topic, good);
	await terminal.publish(`q/${terminalId}/1`, Buffer.alloc(0));
	await terminal.publish(`q/${terminalId}/1`, Buffer.alloc(100_000));
	await terminal.publish(`q/${terminalId}/1`, encode({ mti: "0210", fields: { 41: terminalId } }));
	assert.equal(await terminal.code(sale(7, 100)), "00");
	assert.equal(host.ledger.records().length, 1);
	assert.ok(host.counters.dropped > 300);
	assert.ok(lines.some((line) => line.includes("field 41 is not the topic's")));
});

test("a retained request is dropped: it would come again at every start", async () => {
	await host.stop();
	await terminal.publish(`q/${terminalId}/5`, sign(terminal.mak, sale(5, 100)), true);
	await host.start();
	await pause(100);
	await terminal.publish(`q/${terminalId}/5`, Buffer.alloc(0), true);
	assert.equal(host.ledger.records().length, 0);
	assert.ok(lines.some((line) => line.endsWith("retained")));
});

test("a broker that is not there is one clear error, and the host can be started later", async () => {
	const lonely = new Acquirer({ mqttUrl: "mqtt://u:secret@127.0.0.1:1", terminals: [] });
	await assert.rejects(lonely.start(), /^Error: broker mqtt:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/);
	assert.equal(lonely.running, false);
	await lonely.stop();
});
