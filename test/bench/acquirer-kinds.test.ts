/** Voids, refunds, pre-authorisations, completions, tips, voice sales: what they need of their original, and what is posted. */
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { Acquirer } from "../../simulator/bench/acquirer/acquirer";
import {
	balance,
	Broker,
	follow,
	merchantId,
	preauth,
	refund,
	reversal,
	reversalOf,
	sale,
	startMs,
	storedSale,
	terminalId,
	TestTerminal,
	tmk,
	voiceSale,
	type Named,
} from "./acquirer-terminal";

let broker: Broker;
let host: Acquirer;
let terminal: TestTerminal;
let nowMs = startMs;

before(async () => {
	broker = await Broker.open();
});
after(() => broker.close());

beforeEach(async () => {
	nowMs = startMs;
	host = new Acquirer({
		mqttUrl: broker.url,
		terminals: [
			{ id: terminalId, merchantId, tmk },
			{ id: "60000002", merchantId, tmk },
		],
		now: () => nowMs,
	});
	await host.start();
	terminal = await TestTerminal.open(broker.url);
	await terminal.signOn();
});
afterEach(async () => {
	await terminal.close();
	await host.stop();
});

const netMinor = (): number => host.ledger.totals().amountMinor;
const code = (message: Parameters<TestTerminal["ask"]>[0]) => terminal.code(message);

test("a void takes a sale back once and wholly; its reversal gives the sale back", async () => {
	const sold = await terminal.approve(sale(1, 500));
	assert.equal(await code(follow("void", 2, 400, sold)), "13", "a part");
	const request = follow("void", 3, 500, sold);
	assert.equal(await code(request), "00");
	assert.equal(netMinor(), 0);
	assert.equal(await code(request), "94", "the same again");
	assert.equal(await code(follow("void", 4, 500, sold)), "12", "another void");
	assert.equal(await code(reversal(1, 500)), "12", "the sale is in use");
	assert.equal(await code(reversalOf(request)), "00");
	assert.equal(await code(reversalOf(request)), "00");
	assert.equal(netMinor(), 500);
	assert.equal(await code(follow("void", 5, 500, sold)), "00");
	assert.equal(netMinor(), 0);
});

test("a void has the answer of a sale, with a number of its own", async () => {
	const sold = await terminal.approve(sale(1, 500));
	const { mti, fields } = await terminal.ask(follow("void", 2, 500, sold));
	assert.equal(mti, "0210");
	const numbers = Object.keys(fields).map(Number);
	assert.deepEqual(numbers, [3, 4, 11, 12, 13, 25, 37, 38, 39, 41, 42, 49, 60, 64]);
	assert.equal(fields[3], "200000");
	assert.notEqual(fields[37], sold.rrn);
});

test("a void whose 37, 38, 61 or date are not the original's finds none", async () => {
	const sold = await terminal.approve(sale(1, 500));
	const strangers: Named[] = [
		{ ...sold, stan: 9 },
		{ ...sold, rrn: "000000000001" },
		{ ...sold, authCode: "000000" },
		{ ...sold, field61: "0000020000010000" },
		{ ...sold, field61: "0000010000010507" },
	];
	for (const [index, named] of strangers.entries())
		assert.equal(await code(follow("void", 20 + index, 500, named)), "25");
	assert.equal(await code(follow("void", 30, 500, { ...sold, field61: "0000010000010506" })), "00");
});

test("what was reversed, declined or never came cannot be voided", async () => {
	const sold = await terminal.approve(sale(1, 500));
	assert.equal(await code(reversal(1, 500)), "00");
	assert.equal(await code(follow("void", 2, 500, sold)), "25");
	assert.equal(await code(sale(3, 551)), "51");
	assert.equal(await code(follow("void", 4, 551, { stan: 3, rrn: "x" })), "25");
	assert.equal(netMinor(), 0);
});

test("a stored sale is voided like any, a sale of an older batch is not", async () => {
	const stored = await terminal.approve(storedSale(1, 500));
	const old = await terminal.approve(storedSale(2, 300));
	assert.equal(await code(follow("void", 3, 500, stored)), "00");
	await host.setBatch(terminalId, "000002");
	const late = { 60: "2300000200060" };
	assert.equal(await code(follow("void", 4, 300, old, late)), "12");
	assert.equal(await code(follow("void", 4, 300, old)), "77");
	assert.equal(netMinor(), 300);
});

test("refunds add up to the original at most, and a repeat of one is told 94", async () => {
	const sold = await terminal.approve(sale(1, 1000));
	const first = refund(2, 400, sold);
	assert.equal(await code(first), "00");
	assert.equal(await code(first), "94");
	assert.equal(await code(refund(3, 700, sold)), "61");
	assert.equal(await code(refund(4, 600, sold)), "00");
	assert.equal(await code(refund(5, 1 + 99, sold)), "61");
	assert.equal(await code(follow("void", 6, 1000, sold)), "12");
	assert.equal(netMinor(), 0);
	assert.equal(host.ledger.totals().refunds, 2);
});

test("a refund of an original that the terminal does not know is found by its RRN", async () => {
	const sold = await terminal.approve(sale(1, 1000));
	const unknown = { ...sold, field61: "0000000000000506" };
	await host.setBatch(terminalId, "000007");
	assert.equal(await code(refund(2, 300, unknown)), "00");
	assert.equal(await code(refund(3, 300, { ...unknown, rrn: "999999999999" })), "25");
	assert.equal(await code(refund(4, 300, { ...unknown, field61: "0000000000000101" })), "25");
	assert.equal(await code(refund(5, 701, unknown)), "61");
	assert.equal(netMinor(), 700);
});

test("a voided sale is not refunded, a refund never reversed", async () => {
	const sold = await terminal.approve(sale(1, 500));
	assert.equal(await code(follow("void", 2, 500, sold)), "00");
	assert.equal(await code(refund(3, 100, sold)), "12");
	assert.equal(await code(reversalOf(refund(3, 100, sold))), "30");
});

test("a pre-authorisation moves no money; its completion does, up to 115 %", async () => {
	const held = await terminal.approve(preauth(1, 1000));
	assert.equal(netMinor(), 0);
	assert.equal(await code(preauth(1, 1000)), "94");
	assert.equal(await code(follow("completion", 2, 1151, held)), "61");
	const request = follow("completion", 3, 1150, held);
	assert.equal(await code(request), "00");
	assert.equal(netMinor(), 1150);
	assert.equal(await code(follow("completion", 4, 100, held)), "12");
	assert.equal(await code(follow("completionAdvice", 5, 100, held)), "12");
	assert.equal(await code(follow("preauthVoid", 6, 1000, held)), "12");
	assert.equal(await code(reversalOf(request)), "00");
	assert.equal(netMinor(), 0);
	assert.equal(await code(follow("completion", 7, 900, held)), "00");
	assert.equal(netMinor(), 900);
});

test("a completion void gives the pre-authorisation back; both voids go once", async () => {
	const held = await terminal.approve(preauth(1, 1000));
	const done = await terminal.approve(follow("completion", 2, 800, held));
	assert.equal(await code(follow("completionVoid", 3, 700, done)), "13");
	assert.equal(await code(follow("completionVoid", 4, 800, done)), "00");
	assert.equal(await code(follow("completionVoid", 5, 800, done)), "12");
	assert.equal(netMinor(), 0);
	const voided = follow("preauthVoid", 6, 1000, held);
	assert.equal(await code(voided), "00");
	assert.equal(await code(follow("completion", 7, 800, held)), "12");
	assert.equal(await code(reversalOf(voided)), "00");
	assert.equal(await code(follow("completion", 8, 800, held)), "00");
});

test("a completion advice is posted once, is refunded, and is never voided", async () => {
	const held = await terminal.approve(preauth(1, 1000));
	const told = await terminal.approve(follow("completionAdvice", 2, 990, held));
	assert.equal(await code(follow("completionAdvice", 2, 990, held)), "94");
	assert.equal(await code(follow("completionVoid", 3, 990, told)), "12");
	assert.equal(await code(refund(4, 90, told)), "00");
	assert.equal(netMinor(), 900);
});

test("a completion of an older batch's pre-authorisation is taken", async () => {
	const held = await terminal.approve(preauth(1, 1000));
	await host.setBatch(terminalId, "000002");
	assert.equal(await code(follow("completion", 2, 1000, held, { 60: "2000000200060" })), "00");
});

test("a tip adds the tip alone, once; a void is then for both", async () => {
	const sold = await terminal.approve(sale(1, 1000));
	const tip = (stan: number, together: number, minor: number) =>
		follow("tip", stan, together, sold, { 48: String(minor).padStart(12, "0") });
	assert.equal(await code(tip(2, 1100, 99)), "13");
	assert.equal(await code(tip(3, 1100, 100)), "00");
	assert.equal(await code(tip(3, 1100, 100)), "94");
	assert.equal(await code(tip(4, 1100, 100)), "12");
	assert.equal(netMinor(), 1100);
	assert.equal(await code(follow("void", 5, 1000, sold)), "13");
	assert.equal(await code(follow("void", 6, 1100, sold)), "00");
	assert.equal(netMinor(), 0);
	const entry = host.ledger.entry(terminalId, "000001", "000003");
	assert.deepEqual([entry?.posted[0]?.amountMinor, entry?.posted[0]?.askedMinor], [100, 1100]);
});

test("01 and 02 refer to the issuer; the voice sale that follows is posted once with its code", async () => {
	assert.equal(await code(sale(1, 10_01)), "01");
	assert.equal(await code(sale(2, 10_02)), "02");
	assert.equal(await code(sale(3, 1)), "00", "small amounts are no trigger");
	assert.equal(await code(voiceSale(4, 10_00, 1, "A1B2C3")), "13");
	const reply = await terminal.ask(voiceSale(5, 10_01, 1, "A1B2C3"));
	assert.deepEqual([reply.fields[39], reply.fields[38]], ["00", "A1B2C3"]);
	assert.equal(await code(voiceSale(5, 10_01, 1, "A1B2C3")), "94");
	assert.equal(await code(voiceSale(6, 10_01, 1, "A1B2C3")), "12");
	assert.equal(await code(voiceSale(7, 1, 3, "A1B2C3")), "12", "never referred");
	assert.equal(await code(voiceSale(8, 10_01, 9, "A1B2C3")), "25");
	const named = { stan: 5, rrn: String(reply.fields[37]), authCode: "A1B2C3" };
	assert.equal(netMinor(), 10_02);
	assert.equal(await code(follow("void", 9, 10_01, named)), "00");
	assert.equal(netMinor(), 1);
});

test("a part is approved where the terminal takes one, and its reversal takes the part back", async () => {
	assert.equal(await code(sale(1, 1010)), "00", "60.6 is not there");
	const reply = await terminal.ask(sale(2, 1011 - 1, { 60: "22000001000601" }));
	assert.deepEqual([reply.fields[39], reply.fields[4]], ["10", "000000000505"]);
	assert.equal(netMinor(), 1515);
	assert.equal(await code(sale(3, 1000, { 60: "22000001000601" })), "00");
	const named = { stan: 2, rrn: String(reply.fields[37]) };
	assert.equal(await code(follow("void", 4, 1010, named)), "13");
	assert.equal(await code(reversal(2, 1010, { 60: "22000001000601" })), "00");
	assert.equal(netMinor(), 2010);
});

test("a balance is told for each copy and moves nothing", async () => {
	const first = await terminal.ask(balance(1));
	const numbers = Object.keys(first.fields).map(Number);
	assert.deepEqual(numbers, [3, 11, 12, 13, 25, 37, 38, 39, 41, 42, 49, 54, 60, 64]);
	assert.match(String(first.fields[54]), /^0002156C\d{12}$/);
	const again = await terminal.ask(balance(1));
	assert.equal(again.fields[54], first.fields[54]);
	assert.equal(again.fields[39], "00");
	const { count, amountMinor, doubled } = host.ledger.totals();
	assert.deepEqual([count, amountMinor, doubled], [0, 0, 0]);
});

test("a script result is noted once, also of a sale that was voided since", async () => {
	const sold = await terminal.approve(sale(1, 500));
	const script = (stan: number) => {
		const message = follow("tip", stan, 500, sold);
		const field55 = Buffer.from("DF3105010203040595050000000000", "hex");
		return {
			mti: "0620",
			fields: { ...message.fields, 55: field55, 60: "00000001951" },
		};
	};
	assert.equal(await code(follow("void", 2, 500, sold)), "00");
	const reply = await terminal.ask(script(3));
	assert.equal(reply.mti, "0630");
	assert.equal(reply.fields[39], "00");
	assert.equal(await code(script(3)), "94");
	assert.equal(netMinor(), 0);
});

test("each kind that goes once is stale after 60 s, and dead after its reversal came first", async () => {
	const sold = await terminal.approve(sale(1, 500));
	const held = await terminal.approve(preauth(2, 500));
	const each = (from: number) => [
		follow("void", from, 500, sold),
		preauth(from + 1, 700),
		follow("completion", from + 2, 500, held),
		follow("preauthVoid", from + 3, 500, held),
	];
	for (const request of each(10)) {
		assert.equal(await code(reversalOf(request)), "00");
		assert.equal(await code(request), "22");
	}
	nowMs += 61_000;
	for (const request of each(20)) assert.equal(await code(request), "22");
	assert.equal(netMinor(), 500);
	assert.equal(host.ledger.totals().tombstones, 4);
});

test("a host without the habits posts late and twice, and knows no original of a reversal", async () => {
	host.setHabits({ idempotent: false, tombstones: false, staleCheck: false });
	nowMs += 3_600_000;
	assert.equal(await code(reversalOf(preauth(1, 700))), "25");
	assert.equal(await code(preauth(1, 700)), "00");
	assert.equal(await code(preauth(1, 700)), "00");
	assert.equal(host.ledger.totals().doubled, 1);
	const sold = await terminal.approve(sale(2, 500));
	assert.equal(await code(refund(3, 100, sold)), "00");
	assert.equal(await code(refund(3, 100, sold)), "00");
	assert.equal(netMinor(), 300);
});

test("a reversal of another kind than what was posted takes nothing back", async () => {
	const sold = await terminal.approve(sale(1, 500));
	assert.equal(await code(reversalOf(follow("void", 1, 500, sold))), "64");
	assert.equal(netMinor(), 500);
});

test("after a sign-off the keys count no more", async () => {
	const signOff = { 7: "0506070809", 60: "00000001002" };
	const { echo } = await import("./acquirer-terminal");
	assert.equal(await code(echo(signOff)), "00");
	assert.equal(await code(sale(1, 100)), "A0");
	await terminal.signOn();
	assert.equal(await code(sale(1, 100)), "00");
});
