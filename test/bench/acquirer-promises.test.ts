/** Each promise of docs/host-protocol.md, over a real broker. */
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { Acquirer } from "../../simulator/bench/acquirer/acquirer";
import { decode } from "../../simulator/bench/acquirer/codec";
import type { Habits } from "../../simulator/bench/acquirer/decision";
import {
	Broker,
	echo,
	field57,
	madeUpPan,
	merchantId,
	reversal,
	sale,
	signOn,
	startMs,
	storedSale,
	swipeTrack,
	terminalId,
	TestTerminal,
	tmk,
} from "./acquirer-terminal";

let broker: Broker;
let host: Acquirer;
let terminal: TestTerminal;
let nowMs = startMs;
const lines: string[] = [];

before(async () => {
	broker = await Broker.open();
});
after(() => broker.close());

beforeEach(async () => {
	nowMs = startMs;
	lines.length = 0;
	host = new Acquirer({
		mqttUrl: broker.url,
		terminals: [{ id: terminalId, merchantId, tmk }],
		now: () => nowMs,
		log: (line) => lines.push(line),
	});
	await host.start();
	terminal = await TestTerminal.open(broker.url);
	await terminal.signOn();
});
afterEach(async () => {
	await terminal.close();
	await host.stop();
});

function without(habits: Partial<Record<keyof Habits, false>>): void {
	host.setHabits(habits);
}

test("a sign-on is answered with the host's batch, its local time and a key block", async () => {
	const reply = await terminal.ask(signOn({ 60: "00000777003" }));
	const { 62: block, 37: rrn, ...rest } = reply.fields;
	assert.ok(Buffer.isBuffer(block) && block.length === 40);
	assert.match(String(rrn), /^012615\d{6}$/);
	assert.equal(reply.mti, "0810");
	assert.deepEqual(rest, {
		11: "000001",
		12: "150809",
		13: "0506",
		39: "00",
		41: terminalId,
		42: merchantId,
		60: "00000001003",
	});
});

test("an echo is answered with its own field 60 and without MAC", async () => {
	const { mti, fields } = await terminal.ask(echo({ 60: "00000321301" }));
	assert.equal(mti, "0830");
	assert.deepEqual(Object.keys(fields).map(Number), [11, 12, 13, 39, 41, 42, 60]);
	assert.equal(fields[60], "00000321301");
	assert.equal(fields[39], "00");
});

test("an approved sale is posted and answered with all its fields under the same attempt at QoS 0", async () => {
	const topic = await terminal.send(sale(7, 12_300, { 60: "2200000100060" }));
	const { bytes, qos } = await terminal.replyOn(topic);
	const reply = decode(bytes);
	const fieldNumbers = Object.keys(reply.fields).map(Number);
	assert.deepEqual(fieldNumbers, [3, 4, 11, 12, 13, 25, 37, 38, 39, 41, 42, 49, 60, 64]);
	assert.equal(reply.mti, "0210");
	assert.equal(reply.fields[4], "000000012300");
	assert.equal(reply.fields[60], "2200000100060");
	assert.equal(qos, 0);
	const totals = host.ledger.totals(terminalId);
	assert.equal(totals.count, 1);
	assert.equal(totals.amountMinor, 12_300);
});

test("reversals and stored sales are answered at QoS 1", async () => {
	assert.equal((await terminal.replyOn(await terminal.send(reversal(1, 100)))).qos, 1);
	assert.equal((await terminal.replyOn(await terminal.send(storedSale(2, 100)))).qos, 1);
});

test("a sale that comes twice is posted once and answered 94 with the first RRN", async () => {
	const first = await terminal.ask(sale(7, 100));
	const second = await terminal.ask(sale(7, 100));
	assert.equal(second.fields[39], "94");
	assert.equal(second.fields[37], first.fields[37]);
	const totals = host.ledger.totals();
	assert.deepEqual([totals.count, totals.repeats, totals.doubled], [1, 1, 0]);
});

test("a declined sale that comes twice is answered 94 and never posted", async () => {
	assert.equal(await terminal.code(sale(7, 151)), "51");
	assert.equal(await terminal.code(sale(7, 151)), "94");
	assert.equal(host.ledger.totals().count, 0);
});

test("a late copy of a posted sale is told 94, not 22", async () => {
	assert.equal(await terminal.code(sale(7, 100)), "00");
	nowMs += 3_600_000;
	assert.equal(await terminal.code(sale(7, 100)), "94");
});

test("the same STAN in another batch is another sale", async () => {
	assert.equal(await terminal.code(sale(7, 100)), "00");
	await host.setBatch(terminalId, "000002");
	assert.equal(await terminal.code(sale(7, 100, { 60: "2200000200060" })), "00");
	assert.equal(host.ledger.totals().count, 2);
});

test("a host without idempotence posts twice, and its books show it", async () => {
	without({ idempotent: false });
	assert.equal(await terminal.code(sale(7, 100)), "00");
	assert.equal(await terminal.code(sale(7, 100)), "00");
	assert.equal(host.ledger.totals().doubled, 1);
	assert.equal(host.ledger.totals().amountMinor, 200);
	assert.equal(await terminal.code(reversal(7, 100)), "00");
	assert.equal(await terminal.code(reversal(7, 100)), "00");
	assert.equal(await terminal.code(reversal(7, 100)), "25");
	assert.equal(host.ledger.totals().amountMinor, 0);
});

test("a sale is taken 60 s after field 7 and refused at 61 s", async () => {
	nowMs = startMs + 60_999;
	assert.equal(await terminal.code(sale(1, 100)), "00");
	nowMs = startMs + 61_000;
	assert.equal(await terminal.code(sale(2, 100)), "22");
	assert.equal(host.ledger.totals().count, 1);
});

test("a sale from the future is taken up to the margin of 30 s", async () => {
	nowMs = startMs - 30_000;
	assert.equal(await terminal.code(sale(1, 100)), "00");
	nowMs = startMs - 31_000;
	assert.equal(await terminal.code(sale(2, 100)), "22");
});

test("the turn of the year does not make a sale stale", async () => {
	nowMs = Date.UTC(2031, 0, 1, 0, 0, 20);
	assert.equal(await terminal.code(sale(1, 100, { 7: "1231235959", 13: "0101" })), "00");
});

test("a host without the check takes a sale of any age", async () => {
	without({ staleCheck: false });
	nowMs += 3_600_000;
	assert.equal(await terminal.code(sale(1, 100)), "00");
});

test("a reversal takes the posting back; a repeat is answered 00 again and changes nothing", async () => {
	await terminal.code(sale(7, 100));
	const first = await terminal.ask(reversal(7, 100));
	assert.equal(first.mti, "0410");
	assert.deepEqual(
		Object.keys(first.fields).map(Number),
		[3, 4, 11, 12, 13, 25, 37, 39, 41, 42, 49, 60, 64],
	);
	assert.equal(first.fields[39], "00");
	const again = await terminal.ask(reversal(7, 100));
	assert.equal(again.fields[39], "00");
	assert.equal(again.fields[37], first.fields[37]);
	const totals = host.ledger.totals();
	assert.deepEqual([totals.count, totals.amountMinor, totals.reversals], [0, 0, 1]);
	assert.equal(await terminal.code(sale(7, 100)), "94", "the sale cannot come back");
});

test("a reversal that overtakes its original leaves a tombstone: the original is refused 22", async () => {
	assert.equal(await terminal.code(reversal(7, 100)), "00");
	assert.equal(await terminal.code(reversal(7, 100)), "00");
	assert.equal(await terminal.code(sale(7, 100)), "22");
	assert.equal(await terminal.code(sale(7, 100)), "22");
	const totals = host.ledger.totals();
	assert.deepEqual([totals.count, totals.tombstones], [0, 1]);
});

test("the reversal of a declined sale is answered 00", async () => {
	assert.equal(await terminal.code(sale(7, 105)), "05");
	assert.equal(await terminal.code(reversal(7, 105)), "00");
});

test("a host without tombstones answers 25 and posts the original when it comes", async () => {
	without({ tombstones: false });
	assert.equal(await terminal.code(reversal(7, 100)), "25");
	assert.equal(await terminal.code(sale(7, 100)), "00");
	assert.equal(await terminal.code(reversal(7, 100)), "00");
	assert.equal(host.ledger.totals().count, 0);
});

test("a reversal of another amount takes nothing back", async () => {
	await terminal.code(sale(7, 100));
	assert.equal(await terminal.code(reversal(7, 101)), "64");
	assert.equal(host.ledger.totals().amountMinor, 100);
});

test("reversals and stored sales of an older batch are taken, a sale of another batch is answered 77", async () => {
	await terminal.code(sale(7, 100));
	await host.setBatch(terminalId, "000002");
	const refused = await terminal.ask(sale(8, 100));
	assert.equal(refused.fields[39], "77");
	assert.ok(refused.fields[64] !== undefined, "77 carries a MAC");
	assert.equal(await terminal.code(reversal(7, 100)), "00");
	assert.equal(await terminal.code(storedSale(9, 100)), "00");
	assert.equal((await terminal.signOn()).fields[60], "00000002003");
	assert.equal(await terminal.code(sale(8, 100, { 60: "2200000200060" })), "00");
});

test("a stored sale is posted once however often and however late it comes", async () => {
	nowMs += 40 * 86_400_000;
	assert.equal(await terminal.code(storedSale(9, 500)), "00");
	assert.equal(await terminal.code(storedSale(9, 500)), "94");
	const totals = host.ledger.totals();
	assert.deepEqual([totals.count, totals.forwards, totals.repeats], [1, 1, 1]);
});

test("a stored sale that was reversed before is refused, so that both sides count it out", async () => {
	await terminal.code(reversal(9, 500));
	assert.equal(await terminal.code(storedSale(9, 500)), "12");
	await terminal.code(sale(10, 500));
	await terminal.code(reversal(10, 500));
	assert.equal(await terminal.code(storedSale(10, 500)), "12");
	assert.equal(host.ledger.totals().count, 0);
});

test("a stored sale that was refused for good stays refused, whatever a later copy says", async () => {
	assert.equal(await terminal.code(storedSale(11, 151)), "51");
	assert.equal(await terminal.code(storedSale(11, 100)), "51");
	assert.equal(host.ledger.totals().count, 0);
});

test("amount endings are triggers; 91 and 96 pass at the second try of a stored sale", async () => {
	const codes = ["05", "51", "55", "61", "65", "91", "96"];
	for (const [index, code] of codes.entries())
		assert.equal(await terminal.code(sale(20 + index, 100_00 + Number(code))), code);
	assert.equal(await terminal.code(storedSale(40, 191)), "91");
	assert.equal(await terminal.code(storedSale(40, 191)), "00");
	assert.equal(await terminal.code(storedSale(41, 151)), "51");
	assert.equal(await terminal.code(storedSale(41, 151)), "51");
	assert.equal(await terminal.code(sale(42, 0)), "13");
	assert.equal(host.ledger.totals().count, 1);
});

test("a card is judged by what is decrypted", async () => {
	const card = (clear: Buffer) => ({ 57: field57(clear) });
	const pan = madeUpPan();
	const wrong = pan.slice(0, -1) + String((Number(pan.at(-1)) + 5) % 10);
	assert.equal(await terminal.code(sale(1, 100, card(swipeTrack("3005")))), "00");
	assert.equal(await terminal.code(sale(2, 100, card(swipeTrack("3004")))), "54");
	assert.equal(await terminal.code(sale(3, 100, card(swipeTrack("3512", wrong)))), "14");
	assert.equal(await terminal.code(sale(4, 100, card(Buffer.from("no track")))), "30");
	assert.equal(await terminal.code(sale(5, 100, { 57: Buffer.from("00", "hex") })), "30");
});

test("a card is judged by the month of the transaction, and by today's when that lies ahead", async () => {
	nowMs = Date.UTC(2030, 10, 2);
	const card = (expiry: string) => ({ 57: field57(swipeTrack(expiry)) });
	assert.equal(await terminal.code(storedSale(1, 100, { 13: "1030", ...card("3010") })), "00");
	assert.equal(await terminal.code(storedSale(2, 100, { 13: "1101", ...card("3010") })), "54");
	assert.equal(await terminal.code(storedSale(3, 100, { 13: "0101", ...card("3011") })), "00");
});

test("only first six and last four digits of a card are in books and log", async () => {
	await terminal.code(sale(1, 100));
	await terminal.code(sale(2, 151));
	const pan = madeUpPan();
	const text = JSON.stringify(host.ledger.records()) + lines.join();
	assert.ok(text.includes(`621483******${pan.slice(-4)}`));
	assert.ok(!text.includes(pan) && !text.includes(pan.slice(4, 12)));
});

test("chip and tap carry field 55 and their own type of stored sale", async () => {
	const field55 = Buffer.from("9F260801020304050607089F36020001950500000000009F100101", "hex");
	const chip = { 22: "052", 23: "001", 55: field55 };
	assert.equal(await terminal.code(sale(1, 100, chip)), "00");
	assert.equal(await terminal.code(storedSale(2, 100, { ...chip, 60: "3600000100060" })), "00");
	assert.equal(await terminal.code(storedSale(3, 100, chip)), "30", "type 30 is for a swipe");
	const subset = Buffer.from("9F36020001950500000000009F100101", "hex");
	assert.equal(await terminal.code(reversal(1, 100, { ...chip, 55: field55 })), "30");
	assert.equal(await terminal.code(reversal(1, 100, { ...chip, 55: subset })), "00");
});

test("a request that breaks the page is answered 30 and leaves no money", async () => {
	const clearPan = Buffer.from("5A086214830000000000", "hex");
	const broken = [
		sale(1, 100, { 25: "06" }),
		sale(0, 100),
		sale(1, 100, { 60: "2300000100060" }),
		sale(1, 100, { 39: "00" }),
		sale(1, 100, { 55: Buffer.from("9F3602", "hex") }),
		sale(1, 100, { 22: "052", 55: clearPan }),
		sale(1, 100, { 22: "052", 55: Buffer.from("9F36", "hex") }),
		reversal(1, 100, { 39: "00" }),
		sale(1, 100, { 7: "1399000000" }),
	];
	for (const message of broken) assert.equal(await terminal.code(message), "30");
	assert.equal(host.ledger.totals().count, 0);
	assert.equal(await terminal.code(sale(9, 100, { 42: "OTHER" })), "03");
});

test("a wrong MAC, no MAC and an old key are answered A0 without MAC, and nothing is posted", async () => {
	const oldMak = terminal.mak;
	await terminal.signOn();
	for (const mak of [oldMak, Buffer.alloc(16, 1)]) {
		const reply = decode((await terminal.replyOn(await terminal.send(sale(1, 100), mak))).bytes);
		assert.equal(reply.fields[39], "A0");
		assert.equal(reply.fields[64], undefined);
	}
	assert.equal(host.ledger.records().length, 0);
	assert.equal(await terminal.code(sale(1, 100)), "00");
});

test("an unknown terminal is answered 97 without MAC", async () => {
	const stranger = { ...signOn({ 41: "69999999" }) };
	const { encode } = await import("../../simulator/bench/acquirer/codec");
	await terminal.publish("q/69999999/a1", encode(stranger));
	const reply = decode((await terminal.replyOn("r/69999999/a1")).bytes);
	assert.equal(reply.mti, "0810");
	assert.equal(reply.fields[39], "97");
	assert.equal(reply.fields[62], undefined);
});
