/** The firmware's host link against the acquirer of the bench, through a real broker on real TCP. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, test } from "node:test";
import { EntryMode } from "core/card";
import { LogCode } from "core/log";
import { LinkState, type HostLink, type HostOutcome, type HostRequest } from "host/link";
import type { Transaction } from "transaction/transaction";
import { Acquirer } from "../../simulator/bench/acquirer/acquirer";
import { Broker } from "../../simulator/bench/broker/broker";
import * as support from "./mqtt-link-support";
import { liveLink, merchantId, terminalId, traffic, type LogEvent } from "./mqtt-link-support";
import { NetSocket, until } from "./mqtt-support";

const tmk = randomBytes(16);

let broker: Broker;
let acquirer: Acquirer;
let link: HostLink;
let events: readonly LogEvent[];
const isoBytes: number[] = [];

beforeEach(async () => {
	NetSocket.chunkBytes = 65_536;
	broker = new Broker({
		capture: ({ command, payload }) => {
			if (command === "publish") isoBytes.push(payload.length);
		},
	});
	await broker.start();
	acquirer = new Acquirer({
		mqttUrl: broker.url,
		terminals: [{ id: terminalId, merchantId, tmk }],
	});
	await acquirer.start();
	({ link, events } = liveLink({ port: broker.port, tmk, password: "secret" }));
	await until(() => link.state === LinkState.Up);
});

afterEach(async () => {
	link.close();
	await acquirer.stop();
	await broker.stop();
});

function transaction(more: Partial<Transaction> = {}): Transaction {
	return support.transaction(link, more);
}

function send(
	message: HostRequest["message"],
	about: Transaction,
	timeoutMs?: number,
): Promise<HostOutcome> {
	return support.outcomeOf(link, message, about, timeoutMs);
}

async function codeOf(message: HostRequest["message"], about: Transaction): Promise<string> {
	const outcome = await send(message, about);
	assert.equal(outcome.kind, "reply");
	return outcome.kind === "reply" ? outcome.responseCode : "";
}

test("it signs on, takes the host's batch, and a sale is approved with a MAC", async () => {
	assert.equal(link.batch, 1);
	const outcome = await send("request", transaction());
	assert.ok(outcome.kind === "reply");
	assert.deepEqual([outcome.responseCode, outcome.authenticated], ["00", true]);
	assert.match(outcome.rrn, /^\d{12}$/);
	assert.match(outcome.authCode, /^\d{6}$/);
});

test("a reversal is accepted, also twice, and a second sale with its STAN is a duplicate", async () => {
	const sale = transaction();
	assert.equal(await codeOf("request", sale), "00");
	assert.equal(await codeOf("request", sale), "94");
	assert.equal(await codeOf("reversal", sale), "00");
	assert.equal(await codeOf("reversal", sale), "00");
});

test("a stored sale is posted once and is a duplicate then", async () => {
	const stored = transaction();
	assert.equal(await codeOf("stored-sale", stored), "00");
	assert.equal(await codeOf("stored-sale", stored), "94");
});

test("chip data and PAN sequence number are understood", async () => {
	const chipData = Uint8Array.from(Buffer.from("950500000000009f3602012382027d00", "hex"));
	const sale = transaction({ entryMode: EntryMode.Chip, chipData, panSequence: 1 });
	assert.equal(await codeOf("request", sale), "00");
	assert.equal(await codeOf("reversal", sale), "00");
});

test("eight stored sales in flight each get their own reply", async () => {
	const sent = Array.from({ length: 8 }, () => send("stored-sale", transaction()));
	assert.equal(link.inFlight, 8);
	const outcomes = await Promise.all(sent);
	for (const outcome of outcomes)
		assert.ok(outcome.kind === "reply" && outcome.responseCode === "00");
});

test("a wrong MAC from the host is an outcome, and after signing on again all is well", async () => {
	acquirer.addFault({ kind: "wrong-mac" });
	const sale = transaction();
	assert.deepEqual(await send("request", sale), { kind: "wrong-mac" });
	assert.notEqual(link.state, LinkState.Up);
	await until(() => link.state === LinkState.Up);
	assert.equal(await codeOf("reversal", { ...sale, reason: 2 }), "00");
});

test("a host that lost its keys answers A0, and after signing on again all is well", async () => {
	acquirer.crash();
	await acquirer.start();
	const outcome = await send("request", transaction());
	assert.ok(outcome.kind === "reply");
	assert.deepEqual([outcome.responseCode, outcome.authenticated], ["A0", false]);
	await until(() => link.state === LinkState.Up);
	assert.equal(await codeOf("request", transaction()), "00");
});

test("a new batch at the host: 77, sign-on, and the link has it", async () => {
	acquirer.setBatch(terminalId, "000002");
	assert.equal(await codeOf("request", transaction()), "77");
	await until(() => link.state === LinkState.Up);
	assert.equal(link.batch, 2);
	assert.equal(await codeOf("request", transaction()), "00");
});

test("wrong STAN, wrong amount, garbage and silence are no reply", async () => {
	for (const kind of ["wrong-stan", "wrong-amount", "garbage", "silence"] as const) {
		acquirer.addFault({ kind });
		assert.deepEqual(await send("request", transaction(), 300), { kind: "no-reply" }, kind);
	}
	const codes = events.map(({ code }) => code);
	assert.equal(codes.filter((code) => code === LogCode.ForeignReply).length, 2);
	assert.equal(codes.filter((code) => code === LogCode.BadMessage).length, 1);
	assert.equal(link.state, LinkState.Up);
});

test("a late and a duplicate reply are noted and change nothing", async () => {
	acquirer.addFault({ kind: "delay", delayMs: 200 });
	assert.deepEqual(await send("request", transaction(), 100), { kind: "no-reply" });
	acquirer.addFault({ kind: "duplicate" });
	assert.equal(await codeOf("request", transaction()), "00");
	await until(() => events.filter(({ code }) => code === LogCode.LateReply).length === 2);
});

test("a broker that dies while a reply is awaited: no reply at once, and the link comes back", async () => {
	acquirer.addFault({ kind: "delay", delayMs: 1000 });
	const outcome = send("request", transaction(), 60_000);
	broker.kill();
	assert.deepEqual(await outcome, { kind: "no-reply" });
	await until(() => link.state === LinkState.Up);
	assert.equal(await codeOf("request", transaction()), "00");
});

test("replies cut into single bytes are replies", async () => {
	NetSocket.chunkBytes = 1;
	assert.equal(await codeOf("request", transaction()), "00");
});

test("one online sale costs at most 40 bytes beyond its messages, one reversal at most 55", async () => {
	for (const [message, limit] of [
		["request", 40],
		["reversal", 55],
	] as const) {
		isoBytes.splice(0);
		traffic.bytes = 0;
		assert.equal(await codeOf(message, transaction()), "00");
		await new Promise((resolve) => setTimeout(resolve, 50));
		// Every message passes the broker twice: from the one client and to the other.
		const iso = isoBytes.reduce((sum, bytes) => sum + bytes, 0) / 2;
		const beyond = traffic.bytes - iso;
		console.log(`# ${message}: ${iso} bytes of ISO 8583, ${beyond} beyond`);
		assert.ok(beyond <= limit, `${beyond} bytes`);
	}
});
