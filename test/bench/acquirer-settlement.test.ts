/** The end of a batch: totals, upload, differences, the batch after it. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { Acquirer } from "../../simulator/bench/acquirer/acquirer";
import type { Message } from "../../simulator/bench/acquirer/codec";
import {
	Broker,
	endOfUpload,
	field48,
	follow,
	merchantId,
	preauth,
	refund,
	reversal,
	sale,
	settlement,
	startMs,
	storedSale,
	terminalId,
	TestTerminal,
	tmk,
	upload,
	type Detail,
} from "./acquirer-terminal";

let broker: Broker;
let folder: string;
let host: Acquirer;
let terminal: TestTerminal;

before(async () => {
	broker = await Broker.open();
});
after(() => broker.close());

beforeEach(async () => {
	folder = mkdtempSync(join(tmpdir(), "acquirer-"));
	host = new Acquirer({
		mqttUrl: broker.url,
		ledgerFolder: join(folder, "ledger"),
		terminals: [{ id: terminalId, merchantId, tmk }],
		now: () => startMs,
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

const code = (message: Message) => terminal.code(message);
const without37 = ({ fields }: Message): object => ({ ...fields, 37: undefined });

/** A day with something of everything: debits 1000 + 250 + 900 + 100, credits 250 + 400. */
async function day(): Promise<void> {
	const first = await terminal.approve(sale(1, 1000));
	const second = await terminal.approve(storedSale(2, 250));
	const held = await terminal.approve(preauth(3, 1000));
	assert.equal(await code(follow("completion", 4, 900, held)), "00");
	assert.equal(await code(follow("void", 5, 250, second)), "00");
	assert.equal(await code(follow("tip", 6, 1100, first, { 48: "000000000100" })), "00");
	assert.equal(await code(refund(7, 400, first)), "00");
	assert.equal(await code(sale(8, 700)), "00");
	assert.equal(await code(reversal(8, 700)), "00");
	assert.equal(await code(sale(9, 151)), "51");
}
const daySums = [2250, 4, 650, 2] as const;
const dayDetails: readonly Detail[] = [
	["22", 1, 1000, 0],
	["30", 2, 250, 0],
	["20", 4, 900, 0],
	["23", 5, 250, 1],
	["34", 6, 100, 0],
	["25", 7, 400, 1],
];

test("totals that agree are told so, and 207 closes the batch", async () => {
	await day();
	const reply = await terminal.ask(settlement(daySums));
	assert.equal(reply.mti, "0510");
	const numbers = Object.keys(reply.fields).map(Number);
	assert.deepEqual(numbers, [11, 12, 13, 37, 39, 41, 42, 48, 49, 60, 64]);
	assert.equal(reply.fields[39], "00");
	assert.equal(reply.fields[48], field48(daySums, 1));
	const end = await terminal.ask(endOfUpload("207", 0));
	assert.deepEqual([end.mti, end.fields[39], end.fields[62]], ["0330", "00", undefined]);
	assert.equal(host.ledger.batch(terminalId), "000002");
	assert.equal((await terminal.signOn()).fields[60], "00000002003");
	assert.equal(await code(sale(10, 100)), "77");
	assert.equal(await code(sale(10, 100, { 60: "2200000200060" })), "00");
});

test("totals that differ in any part are answered 95 with the host's", async () => {
	await day();
	for (const index of [0, 1, 2, 3] as const) {
		const sums = daySums.map((value, at) => (at === index ? value + 1 : value));
		const reply = await terminal.ask(settlement(sums as never));
		assert.deepEqual([reply.fields[39], reply.fields[48]], ["95", field48(daySums, 2)]);
	}
	const foreign = field48(daySums).slice(0, 31) + "1" + "0".repeat(30);
	assert.equal(await code(settlement(daySums, { 48: foreign })), "95");
	assert.equal(await code(settlement(daySums)), "00", "asked again, looked at again");
	assert.equal(host.ledger.batch(terminalId), "000001");
});

test("an upload shows what each side has alone, and what has another amount", async () => {
	await day();
	assert.equal(await code(settlement([1, 1, 0, 0])), "95");
	const details: Detail[] = [
		...dayDetails.filter(([, stan]) => stan !== 2 && stan !== 7),
		["22", 8, 700, 0],
		["30", 11, 55, 0],
	];
	details[0] = ["22", 1, 1001, 0];
	details[1] = ["20", 4, 900, 1];
	assert.equal(await code(upload(details.slice(0, 4))), "00");
	assert.equal(await code(upload(details.slice(0, 4))), "00");
	assert.equal(await code(upload(details.slice(2, 6))), "00");
	assert.equal(await code(upload([["22", 1, 9999, 0]])), "00", "a second one of a STAN");
	const end = await terminal.ask(endOfUpload("202", details.length));
	assert.equal(end.fields[39], "00");
	assert.equal(
		String(end.fields[62]),
		"A0000010000000010000" +
			"L0000020000000002500" +
			"A0000040000000009000" +
			"L0000070000000004001" +
			"S0000080000000000000" +
			"S0000110000000000000",
	);
});

test("an upload that agrees has no field 62, and a pre-authorisation in it is no difference", async () => {
	await day();
	assert.equal(await code(upload([...dayDetails, ["10", 3, 1000, 0]])), "00");
	const end = await terminal.ask(endOfUpload("202", 7));
	assert.deepEqual([end.fields[39], end.fields[62]], ["00", undefined]);
});

test("of many differences the first twenty are told", async () => {
	for (let from = 1; from <= 24; from += 8)
		await code(upload(Array.from({ length: 8 }, (_, i) => ["22", from + i, 100, 0] as const)));
	const { fields } = await terminal.ask(endOfUpload("202", 24));
	const told = String(fields[62]);
	assert.equal(told.length, 400);
	assert.ok(told.startsWith("S000001") && told.includes("S000020") && !told.includes("S000021"));
});

test("what was asked of a closed batch is answered the same again, also after a crash of the host", async () => {
	await day();
	const first = await terminal.ask(settlement([1, 1, 0, 0]));
	await code(upload([["22", 1, 1000, 0]]));
	const end = await terminal.ask(endOfUpload("202", 1));
	// Forwarded late: the books of the closed batch grow.
	assert.equal(await code(storedSale(20, 77)), "00");
	const repeats = async (): Promise<void> => {
		const again = await terminal.ask(settlement([1, 1, 0, 0]));
		assert.deepEqual(again.fields[37], first.fields[37]);
		assert.deepEqual(without37(again), { ...without37(first), 64: again.fields[64] });
		assert.equal(await code(upload([["22", 2, 5, 0]])), "00");
		const endAgain = await terminal.ask(endOfUpload("202", 1));
		assert.deepEqual(endAgain.fields[62], end.fields[62]);
		assert.equal(host.ledger.batch(terminalId), "000002");
	};
	await repeats();
	host.crash();
	await host.start();
	await terminal.signOn();
	await repeats();
});

test("a batch that is neither open nor closed is answered 77 with the open one", async () => {
	await host.setBatch(terminalId, "000044");
	for (const message of [
		settlement([0, 0, 0, 0]),
		upload([["22", 1, 1, 0]]),
		endOfUpload("207", 0),
	]) {
		const { fields } = await terminal.ask(message);
		assert.equal(fields[39], "77");
		assert.equal(String(fields[60]).slice(2, 8), "000044");
	}
});

test("an empty batch balances, and batch 999999 is followed by 000001", async () => {
	await host.setBatch(terminalId, "999999");
	const sums = [0, 0, 0, 0] as const;
	assert.equal(await code(settlement(sums, { 60: "00999999201" })), "00");
	assert.equal(await code(endOfUpload("207", 0, { 60: "00999999207" })), "00");
	assert.equal((await terminal.signOn()).fields[60], "00000001003");
});

test("field 48 of a wrong form is answered 30 and changes nothing", async () => {
	const bad = [
		settlement([0, 0, 0, 0], { 48: "0" }),
		upload([["22", 1, 1, 0]], { 48: "00" }),
		upload([["22", 1, 1, 0]], { 48: "09" + "0".repeat(21 * 9) }),
		upload([["22", 1, 1, 0]], { 48: "02" + "0".repeat(21) }),
		upload([["22", 1, 1, 2 as never]]),
		endOfUpload("207", 0, { 48: "00001" }),
		endOfUpload("203", 0),
	];
	for (const message of bad) assert.equal(await code(message), "30");
	assert.equal(host.ledger.records().length, 0);
});

test("forced imbalance: the books lack, have one more, or have another amount", async () => {
	const cases = [
		["drop-posting", "S0000010000000000000"],
		["add-posting", "L9000010000000005000"],
		["alter-posting", "A0000010000000005010"],
	] as const;
	for (const [index, [kind, difference]] of cases.entries()) {
		const batch = String(index + 1).padStart(6, "0");
		const of = (type: string, rest: string) => ({ 60: `${type}${batch}${rest}` });
		host.addFault({ kind, mti: "0200" });
		assert.equal(await code(sale(1, 500, of("22", "00060"))), "00");
		assert.equal(await code(settlement([500, 1, 0, 0], of("00", "201"))), "95", kind);
		assert.equal(await code(upload([["22", 1, 500, 0]], of("00", "201"))), "00");
		const { fields } = await terminal.ask(endOfUpload("202", 1, of("00", "202")));
		assert.equal(String(fields[62]), difference);
	}
});

test("silence and a crash at the 0500 or the end: the repeat is answered and the batch closed once", async () => {
	assert.equal(await code(sale(1, 500)), "00");
	host.addFault({ kind: "silence", mti: "0500" });
	assert.deepEqual(await terminal.repliesOn(await terminal.send(settlement([500, 1, 0, 0]))), []);
	assert.equal(await code(settlement([500, 1, 0, 0])), "00");
	host.addFault({ kind: "crash-after", mti: "0320" });
	assert.deepEqual(await terminal.repliesOn(await terminal.send(endOfUpload("207", 1))), []);
	await host.start();
	await terminal.signOn();
	assert.equal(await code(endOfUpload("207", 1)), "00");
	assert.equal(host.ledger.batch(terminalId), "000002");
	assert.equal(host.ledger.records().filter(({ kind }) => kind === "close").length, 1);
});
