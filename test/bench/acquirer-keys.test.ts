import assert from "node:assert/strict";
import { createCipheriv, randomBytes } from "node:crypto";
import { test } from "node:test";
import { isLuhn, readCard } from "../../simulator/bench/acquirer/card-data";
import { decode } from "../../simulator/bench/acquirer/codec";
import {
	dataKey,
	decryptCardData,
	initialKey,
	transactionKey,
} from "../../simulator/bench/acquirer/dukpt";
import { checkValue, KeyTable } from "../../simulator/bench/acquirer/keys";
import { macOf, sign, verify } from "../../simulator/bench/acquirer/mac";
import { tdesDecrypt } from "../../simulator/bench/acquirer/tdes";
import { field57, ksn, madeUpPan, sale, swipeTrack, tmk } from "./acquirer-terminal";

const bdk = Buffer.from("0123456789ABCDEFFEDCBA9876543210", "hex");
const hex = (text: string): Buffer => Buffer.from(text, "hex");

test("DUKPT keys are those of ANSI X9.24-1", () => {
	const at = (counter: string): string =>
		transactionKey(bdk, hex(`FFFF9876543210${counter}`)).toString("hex");
	assert.equal(
		initialKey(bdk, hex("FFFF9876543210E00000")).toString("hex"),
		"6ac292faa1315b4d858ab3a3d7d5933a",
	);
	assert.equal(at("E00001"), "042666b49184cfa368de9628d0397bc9");
	assert.equal(at("E00002"), "c46551cef9fd24b0aa9ad834130d3bc7");
	assert.equal(at("E00003"), "0df3d9422aca56e547676d07ad6badfa");
	assert.equal(at("EFF800"), "f9cdfebf4f5b1d9eb3ec12454527e176");
	assert.equal(dataKey(bdk, ksn).toString("hex"), "448d3f076d8304036a55a3d7e0055a78");
});

test("a KSN or a ciphertext of a wrong form is refused", () => {
	const block = Buffer.alloc(8);
	for (const bad of ["FFFF9876543210E00000", "FFFF9876543210FFFFFF", "FFFF98"])
		assert.throws(() => decryptCardData(bdk, hex(bad), block), RangeError);
	assert.throws(() => decryptCardData(bdk, ksn, Buffer.alloc(7)), RangeError);
	assert.throws(() => decryptCardData(bdk, ksn, Buffer.alloc(0)), RangeError);
});

test("a swiped track, a track 2 equivalent and a wrapped one give the same card", () => {
	const pan = madeUpPan();
	const nibbles = hex(`${pan}D35122010000000000F`.padEnd(38, "0").slice(0, 36));
	const card = { maskedPan: `621483******${pan.slice(-4)}`, expiry: "3512", luhn: true };
	assert.deepEqual(readCard(bdk, field57(swipeTrack())), card);
	assert.deepEqual(readCard(bdk, field57(Buffer.concat([swipeTrack(), Buffer.from("4")]))), card);
	assert.deepEqual(readCard(bdk, field57(nibbles)), card);
	const wrapped = Buffer.concat([Buffer.from([0x57, nibbles.length]), nibbles]);
	assert.deepEqual(readCard(bdk, field57(wrapped)), card);
});

test("field 57 that is no card gives a reason, not an exception", () => {
	for (let round = 0; round < 2000; round++)
		assert.equal(typeof readCard(bdk, randomBytes(round % 90)), "string");
	assert.equal(typeof readCard(bdk, field57(randomBytes(40))), "string");
	assert.equal(typeof readCard(bdk, field57(swipeTrack("3513"))), "string");
	const otherReader = field57(swipeTrack());
	otherReader.writeUInt8(otherReader.readUInt8(13) ^ 2, 13);
	assert.equal(typeof readCard(bdk, otherReader), "string");
});

test("a wrong check digit is seen", () => {
	const pan = madeUpPan();
	const wrong = pan.slice(0, -1) + String((Number(pan.at(-1)) + 1) % 10);
	assert.ok(isLuhn(pan));
	assert.ok(!isLuhn(wrong));
	const card = readCard(bdk, field57(swipeTrack("3512", wrong)));
	assert.ok(typeof card !== "string" && !card.luhn);
});

/** The same MAC seen another way: CBC over the 16 hex characters of the folded message, last block. */
function macByCbc(mak: Buffer, bytes: Buffer): string {
	const folded = [0n];
	for (let at = 0; at < bytes.length; at += 8)
		folded[0] =
			(folded[0] ?? 0n) ^ BigInt(`0x${bytes.toString("hex", at, at + 8).padEnd(16, "0")}`);
	const text = (folded[0] ?? 0n).toString(16).padStart(16, "0").toUpperCase();
	const cipher = createCipheriv("des-ede-cbc", mak, Buffer.alloc(8)).setAutoPadding(false);
	const out = Buffer.concat([cipher.update(text, "latin1"), cipher.final()]);
	return out.toString("hex", 8, 12).toUpperCase();
}

test("the MAC equals one computed in another way, for every length", () => {
	const mak = hex("0123456789ABCDEF1133557799BBDDFF");
	for (let length = 0; length < 70; length++) {
		const bytes = randomBytes(length);
		assert.equal(macOf(mak, bytes).toString("latin1"), macByCbc(mak, bytes));
	}
});

test("a signed message verifies; any changed byte or another key does not", () => {
	const mak = randomBytes(16);
	const bytes = sign(mak, sale(1, 100));
	assert.ok(verify(mak, bytes, decode(bytes)));
	assert.ok(!verify(randomBytes(16), bytes, decode(bytes)));
	const changed = Buffer.from(bytes);
	changed.writeUInt8(changed.readUInt8(15) ^ 1, 15);
	assert.ok(!verify(mak, changed, decode(changed)));
	assert.ok(!verify(mak, bytes, sale(1, 100)));
});

test("a key block unwraps under the master key, its check values are right, and only the newest MAK counts", () => {
	const setup = { id: "60000001", merchantId: "M1", tmk };
	const table = new KeyTable([setup], randomBytes);
	assert.equal(table.mak(setup.id), undefined);
	const first = table.renew(setup);
	const second = table.renew(setup);
	assert.equal(second.length, 40);
	assert.ok(!first.equals(second));
	const [pik, mak] = [
		tdesDecrypt(tmk, second.subarray(0, 16)),
		tdesDecrypt(tmk, second.subarray(20, 36)),
	];
	assert.deepEqual(table.pik(setup.id), pik);
	assert.deepEqual(table.mak(setup.id), mak);
	assert.deepEqual(second.subarray(16, 20), checkValue(pik));
	assert.deepEqual(second.subarray(36), checkValue(mak));
	table.forget();
	assert.equal(table.mak(setup.id), undefined);
});

test("the check value of a known key is right", () => {
	// Single DES of zeros under 0123456789ABCDEF is D5D44FF720683D0D.
	assert.equal(checkValue(hex("0123456789ABCDEF0123456789ABCDEF")).toString("hex"), "d5d44ff7");
});

test("a terminal set up wrongly is refused with its number", () => {
	for (const wrong of [{ id: "6000001" }, { merchantId: "" }, { tmk: Buffer.alloc(8) }])
		assert.throws(
			() => new KeyTable([{ id: "60000001", merchantId: "M", tmk, ...wrong }], randomBytes),
			RangeError,
		);
	const good = { id: "60000001", merchantId: "M", tmk };
	assert.throws(() => new KeyTable([good, good], randomBytes), /60000001 is given twice/);
});
