/** Notices: what they say, when they go out, and what becomes of them. */
import assert from "node:assert/strict";
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { connectAsync, type MqttClient } from "mqtt";
import { Acquirer } from "../../simulator/bench/acquirer/acquirer";
import { decode, type Message } from "../../simulator/bench/acquirer/codec";
import { signNotice, verifyNotice, x919Of } from "../../simulator/bench/acquirer/mac";
import { encodeNotice } from "../../simulator/bench/acquirer/notice-content";
import { tdesDecrypt } from "../../simulator/bench/acquirer/tdes";
import {
	Broker,
	echo,
	endOfUpload,
	merchantId,
	pause,
	refund,
	sale,
	settlement,
	signOn,
	startMs,
	storedSale,
	terminalId,
	TestTerminal,
	tmk,
} from "./acquirer-terminal";
import { framed, TcpLink } from "./acquirer-tcp-terminal";

let broker: Broker;
let folder: string;
let host: Acquirer;
let terminal: TestTerminal;
let listener: MqttClient;
let nowMs = startMs;
let due: { readonly delayMs: number; readonly action: () => void }[] = [];
/** What came on n/TID/…: topic and bytes. */
let came: { readonly topic: string; readonly bytes: Buffer }[] = [];

before(async () => {
	broker = await Broker.open();
});
after(() => broker.close());

function makeHost(): Acquirer {
	return new Acquirer({
		mqttUrl: broker.url,
		tcp: { port: 0 },
		ledgerFolder: join(folder, "ledger"),
		terminals: [{ id: terminalId, merchantId, tmk }],
		funding: { outcome: "paid", delayMs: 86_400_000, feeRate: 60 },
		now: () => nowMs,
		after: (delayMs, action) => {
			const one = { delayMs, action };
			due.push(one);
			return () => void (due = due.filter((other) => other !== one));
		},
	});
}

beforeEach(async () => {
	folder = mkdtempSync(join(tmpdir(), "acquirer-"));
	nowMs = startMs;
	due = [];
	came = [];
	host = makeHost();
	await host.start();
	terminal = await TestTerminal.open(broker.url);
	listener = await connectAsync(broker.url, { clean: true });
	listener.on("message", (topic, bytes) => came.push({ topic, bytes }));
	await listener.subscribeAsync("n/#", { qos: 1 });
});
afterEach(async () => {
	await listener.endAsync();
	await terminal.close();
	await host.stop();
	rmSync(folder, { recursive: true });
});

/** The next notice; its MAC must be right. */
async function notice(): Promise<Message> {
	for (let tries = 0; came.length === 0 && tries < 1000; tries++) await pause(2);
	const { topic, bytes } = came.shift() ?? assert.fail("no notice came");
	const message = decode(bytes);
	assert.ok(verifyNotice(terminal.mak, bytes, message), "MAC");
	assert.equal(topic, `n/${terminalId}/${Number(message.fields[11]).toString(16)}`);
	return message;
}

async function nothing(): Promise<void> {
	await pause(150);
	assert.equal(came.length, 0);
}

function answerBytes(number: number, code: string, highest: number, network = "901"): Buffer {
	const six = (value: number): string => String(value).padStart(6, "0");
	return signNotice(terminal.mak, {
		mti: "0630",
		fields: {
			7: "0506070809",
			11: six(number),
			39: code,
			41: terminalId,
			42: merchantId,
			60: `00000000${network}`,
			62: Buffer.from(`C903${six(highest)}`, "hex"),
		},
	});
}

async function answer(number: number, code: string, highest = number): Promise<void> {
	const topic = `a/${terminalId}/${number.toString(16)}`;
	await terminal.publish(topic, answerBytes(number, code, highest));
}

/** The timer that sends an unanswered notice again, or one that is not due yet. */
function timers(): readonly number[] {
	return due.map(({ delayMs }) => delayMs);
}

async function fire(delayMs: number): Promise<void> {
	const one = due.find((other) => other.delayMs === delayMs) ?? assert.fail("no such timer");
	due = due.filter((other) => other !== one);
	nowMs += delayMs;
	one.action();
	await pause(30);
}

const states = (): string =>
	host
		.notices(terminalId)
		.map(({ state }) => state)
		.join();

test("a notice goes out after the sign-on under its keys, and again after 30, 60, 120 s until it is answered", async () => {
	await host.notify(terminalId, { kind: "sign-on" });
	await nothing();
	await terminal.signOn();
	const first = await notice();
	assert.deepEqual(Object.keys(first.fields).map(Number), [7, 11, 41, 42, 60, 62, 64]);
	assert.equal(first.mti, "0620");
	assert.equal(first.fields[60], "00000000906");
	assert.deepEqual(first.fields[62], Buffer.from("C00101", "hex"));
	for (const delayMs of [30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000]) {
		await nothing();
		assert.deepEqual(timers(), [delayMs]);
		await fire(delayMs);
		assert.equal((await notice()).fields[11], "000001");
	}
	await answer(1, "00");
	await nothing();
	assert.deepEqual([timers(), states()], [[], "taken"]);
});

test("one at a time, the lowest first; after a sign-on the unanswered one comes under the new keys", async () => {
	await terminal.signOn();
	for (const outcome of ["paid", "held"] as const)
		await host.notify(terminalId, {
			kind: "settlement",
			batch: "000001",
			outcome,
			date: "20300507",
		});
	assert.equal((await notice()).fields[11], "000001");
	await nothing();
	await terminal.signOn();
	assert.equal((await notice()).fields[11], "000001");
	await answer(1, "94", 1);
	const second = await notice();
	assert.equal(second.fields[11], "000002");
	assert.equal(
		String((second.fields[62] as Buffer).toString("hex")),
		"c00101c103000001c30102c40420300507",
	);
	await answer(2, "00");
	await nothing();
	assert.equal(states(), "taken,taken");
});

test("30, 40 and 13 stop a notice and the next one goes on; 96 sends it again later", async () => {
	await terminal.signOn();
	for (let i = 0; i < 4; i++) await host.notify(terminalId, { kind: "sign-on" });
	for (const [index, code] of ["30", "40", "13"].entries()) {
		assert.equal(Number((await notice()).fields[11]), index + 1);
		await answer(index + 1, code, 0);
	}
	assert.equal((await notice()).fields[11], "000004");
	await answer(4, "96", 0);
	await nothing();
	assert.equal(states(), "stopped,stopped,stopped,sent");
	await fire(30_000);
	assert.equal((await notice()).fields[11], "000004");
});

test("a terminal that is ahead gets the notice under a number above its own", async () => {
	await terminal.signOn();
	await host.notify(terminalId, { kind: "sign-on" });
	await notice();
	await answer(1, "94", 500);
	assert.equal((await notice()).fields[11], "000501");
	await answer(501, "00");
	await nothing();
	assert.equal(states(), "taken");
});

test("what is unanswered outlives the host, and a number is never used twice", async () => {
	await terminal.signOn();
	await host.notify(terminalId, { kind: "sign-on" });
	await host.notify(terminalId, { kind: "sign-on" });
	await notice();
	host.crash();
	await host.start();
	await nothing();
	await terminal.signOn();
	assert.equal((await notice()).fields[11], "000001");
	await answer(1, "00");
	assert.equal((await notice()).fields[11], "000002");
	await answer(2, "00");
	await nothing();
	await host.stop();
	host = makeHost();
	await host.start();
	await terminal.signOn();
	await host.notify(terminalId, { kind: "sign-on" });
	assert.equal((await notice()).fields[11], "000003");
});

test("an answer that is no answer changes nothing: wrong MAC, topic, terminal, fields", async () => {
	await terminal.signOn();
	await host.notify(terminalId, { kind: "sign-on" });
	await notice();
	const good = answerBytes(1, "00", 1, "906");
	const spoilt = Buffer.from(good);
	spoilt.writeUInt8(spoilt.readUInt8(40) ^ 1, 40);
	const own = terminal.mak;
	terminal.mak = randomBytes(16);
	const foreign = answerBytes(1, "00", 1);
	terminal.mak = own;
	const { sign } = await import("../../simulator/bench/acquirer/mac");
	for (const bytes of [spoilt, foreign, sign(own, decode(good)), randomBytes(90), Buffer.alloc(0)])
		await terminal.publish(`a/${terminalId}/1`, bytes);
	await terminal.publish(`a/${terminalId}/2`, good);
	await terminal.publish("a/60000009/1", good);
	await nothing();
	assert.equal(states(), "sent");
	assert.equal(host.counters.dropped, 7);
	await terminal.publish(`a/${terminalId}/1`, good);
	await nothing();
	assert.equal(states(), "taken");
});

test("a closed batch is told to be paid a day later with the sums of the books, also after a restart", async () => {
	await terminal.signOn();
	const sold = await terminal.approve(sale(1, 100_000));
	assert.equal(await terminal.code(refund(2, 20_000, sold)), "00");
	assert.equal(await terminal.code(settlement([100_000, 1, 20_000, 1])), "00");
	assert.equal(await terminal.code(endOfUpload("207", 0)), "00");
	assert.equal(await terminal.code(endOfUpload("207", 0)), "00");
	await nothing();
	assert.equal(states(), "due");
	await host.stop();
	assert.deepEqual(timers(), []);
	await host.start();
	await terminal.signOn();
	await nothing();
	await fire(86_400_000);
	const { fields } = await notice();
	const wanted =
		"c00101" + "c103000001" + "c30101" + "c40420300507" + "c606000000079400" + "c706000000000600";
	const reference = `c80f${Buffer.from("S20300507000001").toString("hex")}`;
	assert.equal((fields[62] as Buffer).toString("hex"), wanted + reference);
	assert.equal(host.notices(terminalId).length, 1);
	await host.settle(terminalId, "000001", { outcome: "held", reason: "0101" });
	await assert.rejects(host.settle(terminalId, "000002", { outcome: "paid" }), /is not closed/);
	await answer(1, "00");
	assert.match(
		((await notice()).fields[62] as Buffer).toString("hex"),
		/c30102c40420300507c5020101/,
	);
});

test("on TCP the terminal polls: notices one by one, then the 0830; the header says that some wait", async () => {
	await host.stop();
	await host.start();
	const link = await TcpLink.open(host.tcpPort);
	link.send(signOn(), terminal.mak);
	const block = (await link.reply()).message.fields[62];
	terminal.mak = tdesDecrypt(tmk, (block as Buffer).subarray(20, 36));
	await listener.unsubscribeAsync("n/#");
	await host.notify(terminalId, { kind: "sign-on" });
	await host.notify(terminalId, { kind: "sign-on" });
	link.send(storedSale(1, 100), terminal.mak);
	assert.equal((await link.reply()).header[5], "1");
	const poll = echo({ 60: "00000001900", 11: "000777" });
	const polling = await TcpLink.open(host.tcpPort);
	polling.send(poll, terminal.mak);
	for (const number of [1, 2]) {
		const { message, bytes } = await polling.reply();
		assert.equal(message.mti, "0620");
		assert.ok(verifyNotice(terminal.mak, bytes, message));
		assert.equal(Number(message.fields[11]), number);
		polling.socket.write(framed(answerBytes(number, "00", number, "906")));
	}
	const { message, header } = await polling.reply();
	assert.deepEqual([message.mti, message.fields[11], message.fields[39]], ["0830", "000777", "00"]);
	assert.equal(message.fields[60], "00000001900");
	assert.equal(header[5], "0");
	assert.equal(states(), "taken,taken");
	polling.send(poll, terminal.mak);
	assert.equal((await polling.reply()).message.mti, "0830");
	link.close();
	polling.close();
});

test("faults hit notices: silence, doubled, wrong MAC, garbage", async () => {
	await terminal.signOn();
	for (const kind of ["silence", "wrong-mac", "garbage", "duplicate"] as const)
		host.addFault({ kind, mti: "notice" });
	await host.notify(terminalId, { kind: "sign-on" });
	await nothing();
	for (const delayMs of [30_000, 60_000]) {
		await fire(delayMs);
		await assert.rejects(notice());
	}
	await fire(120_000);
	await notice();
	await notice();
});

test("every kind of content has the bytes of the page", () => {
	const hex = (content: Parameters<typeof encodeNotice>[0]): string => {
		const { network, content: bytes } = encodeNotice(content);
		return `${network} ${bytes.toString("hex")}`;
	};
	const windows = [{ of: "bank", from: "203005062200", to: "203005062330" }] as const;
	assert.equal(
		hex({ kind: "maintenance", windows }),
		"902 c00101" + "d10d02203005062200203005062330",
	);
	assert.equal(hex({ kind: "maintenance", windows: [] }), "902 c00101");
	assert.equal(
		hex({ kind: "calendar", year: 2030, workingDays: [1, 8, 10, 365] }),
		"903 c00101d3022030d42e" + "8140" + "00".repeat(43) + "08",
	);
	assert.equal(
		hex({ kind: "parameters", reset: true, values: [{ number: 6, value: 75 }] }),
		"904 c00101d600d505060000004b",
	);
	assert.equal(
		hex({ kind: "fees", rates: [{ card: "debit", rate: 50, capMinor: 2000 }] }),
		"905 c00101d707010032000007d0",
	);
	const full = {
		kind: "settlement",
		batch: "000012",
		stan: "000034",
		outcome: "returned",
		date: "20300507",
		reason: "0202",
		netMinor: 1234,
		feesMinor: 5,
		reference: "AB 1",
	} as const;
	assert.equal(
		hex(full),
		"901 c00101c103000012c203000034c30103c40420300507c5020202c606000000001234c706000000000005c80441422031",
	);
	for (const wrong of [{ batch: "12" }, { reason: "x" }, { reference: "" }, { netMinor: -1 }])
		assert.throws(() => encodeNotice({ ...full, ...wrong }), RangeError);
	assert.throws(() => encodeNotice({ kind: "raw", network: "801", content: Buffer.alloc(1) }));
	assert.throws(() =>
		encodeNotice({ kind: "fees", rates: [{ card: "debit", rate: 70_000, capMinor: 0 }] }),
	);
});

test("the MAC of a notice is X9.19, computed in another way too", () => {
	for (let length = 1; length < 60; length++) {
		const key = randomBytes(16);
		const bytes = randomBytes(length);
		const padded = Buffer.concat([bytes, Buffer.alloc((8 - (length % 8)) % 8)]);
		const three = (half: Buffer): Buffer => Buffer.concat([half, half, half]);
		const [left, right] = [three(key.subarray(0, 8)), three(key.subarray(8))];
		const cbc = createCipheriv("des-ede3-cbc", left, Buffer.alloc(8)).setAutoPadding(false);
		const last = cbc.update(padded).subarray(-8);
		const back = createDecipheriv("des-ede3-ecb", right, null).setAutoPadding(false).update(last);
		const wanted = createCipheriv("des-ede3-ecb", left, null).setAutoPadding(false).update(back);
		assert.deepEqual(x919Of(key, bytes), wanted);
	}
});

test("a notice for an unknown terminal, or while the host is stopped, is refused", async () => {
	await assert.rejects(host.notify("69999999", { kind: "sign-on" }), RangeError);
	await host.stop();
	await assert.rejects(host.notify(terminalId, { kind: "sign-on" }), /stopped/);
});
