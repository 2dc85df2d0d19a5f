import { judgeReply, matchFields, type Expected } from "host/matching";
import { macUnionPayEcb } from "message/mac";
import { MessageReader } from "message/reader";
import { unionpay } from "message/unionpay";
import { MessageWriter } from "message/writer";
import { equal, fail, ok, test } from "test/harness";
import { FakeCiphers } from "../fakes/ciphers";
import { FakeEntropy } from "../fakes/entropy";

const ciphers = new FakeCiphers();
const mak = new Uint8Array(16).fill(9);
const mac = (body: Uint8Array) => macUnionPayEcb(ciphers, mak, body);
const reader = new MessageReader(unionpay);

const expected: Expected = {
	mti: 0x210,
	stan: 74,
	terminalId: "TERM01",
	merchantId: "898100012345678",
	batch: 12,
	processingCode: 0,
	amountMinor: 1234,
};

/** A 0210 that agrees with `expected`, but for the fields that are left out. */
function reply(without: readonly number[] = [], code = "00"): Uint8Array {
	const writer = new MessageWriter(unionpay).begin(0x0210);
	const put = (field: number, write: () => unknown) => {
		if (!without.includes(field)) write();
	};
	put(3, () => writer.number(3, 0));
	put(4, () => writer.number(4, 1234));
	put(11, () => writer.number(11, 74));
	put(37, () => writer.text(37, "123456789012"));
	put(38, () => writer.text(38, "AUTH01"));
	put(39, () => writer.text(39, code));
	put(41, () => writer.text(41, "TERM01"));
	put(42, () => writer.text(42, "898100012345678"));
	put(60, () => writer.digits(60, "2200001200060"));
	return without.includes(64) ? writer.finish() : writer.finishWithMac(mac);
}

function check(body: Uint8Array, field64: Uint8Array): boolean {
	const right = mac(body);
	return right.every((byte, i) => byte === field64[i]);
}

test("a reply that agrees and is authenticated gives code, RRN and authorisation code", () => {
	equal(judgeReply(reader, reply(), expected, check), {
		kind: "reply",
		responseCode: "00",
		rrn: "123456789012",
		authCode: "AUTH01",
		authenticated: true,
	});
});

test("a reply without RRN and authorisation code has them empty", () => {
	const verdict = judgeReply(reader, reply([37, 38]), expected, check);
	ok(verdict.kind === "reply" && verdict.rrn === "" && verdict.authCode === "");
});

test("a reply that lacks a field which the request has is foreign", () => {
	for (const field of [3, 4, 11, 39, 41, 42, 60])
		equal(judgeReply(reader, reply([field]), expected, check), { kind: "foreign", field });
});

test("what a request does not have is not asked back", () => {
	const less = { ...expected, processingCode: -1, amountMinor: -1, batch: -1 };
	equal(matchFields(reader, reply([3, 4, 60]), less), "match");
});

test("a foreign reply is foreign before its MAC is looked at", () => {
	const never = () => fail("MAC was checked");
	const verdict = judgeReply(reader, reply(), { ...expected, stan: 75 }, never);
	equal(verdict, { kind: "foreign", field: 11 });
});

test("without field 64 only A0, 97 and 99 are replies, 00 is a wrong MAC, the rest is unproved", () => {
	const kinds: Record<string, string> = {};
	for (const code of ["00", "10", "11", "12", "25", "51", "77", "94", "96", "97", "99", "A0", "A2"])
		kinds[code] = judgeReply(reader, reply([64], code), expected, () => true).kind;
	equal(kinds, {
		"00": "wrong-mac",
		"10": "unproved",
		"11": "unproved",
		"12": "unproved",
		"25": "unproved",
		"51": "unproved",
		"77": "unproved",
		"94": "unproved",
		"96": "unproved",
		"97": "reply",
		"99": "reply",
		A0: "reply",
		A2: "unproved",
	});
});

test("no bit of a reply can be changed without its being refused", () => {
	const good = reply();
	const kinds: Record<string, number> = {};
	for (let bit = 0; bit < good.length * 8; bit++) {
		const bad = good.slice();
		bad[bit >> 3] = bad[bit >> 3]! ^ (1 << (bit & 7));
		const { kind } = judgeReply(reader, bad, expected, check);
		kinds[kind] = (kinds[kind] ?? 0) + 1;
		if (kind === "reply") fail(`bit ${bit}`);
	}
	ok(kinds["malformed"]! > 50 && kinds["foreign"]! > 50 && kinds["wrong-mac"]! > 50);
});

test("cut, lengthened and random payloads are malformed or foreign, never more", () => {
	const good = reply();
	for (let length = 0; length < good.length; length++)
		equal(judgeReply(reader, good.subarray(0, length), expected, check).kind, "malformed");
	const longer = new Uint8Array(good.length + 1);
	longer.set(good);
	equal(judgeReply(reader, longer, expected, check).kind, "malformed");
	const entropy = new FakeEntropy(5);
	for (let round = 0; round < 2000; round++) {
		const bytes = new Uint8Array(round % 150);
		entropy.fill(bytes);
		bytes.set([2, 0x10].slice(0, bytes.length));
		const { kind } = judgeReply(reader, bytes, expected, check);
		if (kind !== "malformed" && kind !== "foreign") fail(`round ${round}: ${kind}`);
	}
});

test("a 0510 gives the host's totals and batch, a 0330 its differences, other replies neither", () => {
	const settled = { ...expected, mti: 0x510, batch: -1, processingCode: -1, amountMinor: -1 };
	const write = (mti: number) =>
		new MessageWriter(unionpay)
			.begin(mti)
			.number(11, 74)
			.text(39, "95")
			.text(41, "TERM01")
			.text(42, "898100012345678");
	const totals = write(0x510).digits(48, "1".repeat(62)).digits(60, "00000013201");
	const reply510 = judgeReply(reader, totals.finishWithMac(mac), settled, check);
	ok(reply510.kind === "reply");
	equal(reply510.settlement, {
		batch: 13,
		digits48: "1".repeat(62),
		differences: new Uint8Array(0),
	});
	const found = write(0x330).digits(60, "00000012202").bytes(62, Uint8Array.of(76, 48));
	const reply330 = judgeReply(reader, found.finishWithMac(mac), { ...settled, mti: 0x330 }, check);
	ok(reply330.kind === "reply");
	equal(reply330.settlement, { batch: 12, digits48: "", differences: Uint8Array.of(76, 48) });
	ok(!("settlement" in judgeReply(reader, reply(), expected, check)));
});

test("a part of the amount counts only with code 10, and only where it was asked for", () => {
	const part = (amountMinor: number, responseCode: string): Uint8Array =>
		new MessageWriter(unionpay)
			.begin(0x210)
			.number(3, 0)
			.number(4, amountMinor)
			.number(11, expected.stan)
			.text(39, responseCode)
			.text(41, expected.terminalId)
			.text(42, expected.merchantId)
			.digits(60, `22${String(expected.batch).padStart(6, "0")}000`)
			.finishWithMac(mac);
	const asked = {
		...expected,
		mti: 0x210,
		processingCode: 0,
		amountMinor: 1234,
		partialAllowed: true,
	};
	const judged = judgeReply(reader, part(1000, "10"), asked, check);
	equal([judged.kind, judged.kind === "reply" && judged.approvedMinor], ["reply", 1000]);
	const whole = judgeReply(reader, part(1234, "10"), asked, check);
	ok(whole.kind === "reply" && !("approvedMinor" in whole));
	for (const bytes of [part(1000, "00"), part(0, "10"), part(1235, "10")])
		equal(judgeReply(reader, bytes, asked, check), { kind: "foreign", field: 4 });
	const unasked = { ...asked, partialAllowed: false };
	equal(judgeReply(reader, part(1000, "10"), unasked, check), { kind: "foreign", field: 4 });
});

test("field 54 comes with the reply to a balance", () => {
	const bytes = new MessageWriter(unionpay)
		.begin(0x210)
		.number(3, 310_000)
		.number(11, expected.stan)
		.text(39, "00")
		.text(41, expected.terminalId)
		.text(42, expected.merchantId)
		.text(54, "0002156C000000123456")
		.digits(60, `01${String(expected.batch).padStart(6, "0")}000`)
		.finishWithMac(mac);
	const asked = { ...expected, mti: 0x210, processingCode: 310_000, amountMinor: -1 };
	const judged = judgeReply(reader, bytes, asked, check);
	equal(judged.kind === "reply" && judged.balance, "0002156C000000123456");
});
