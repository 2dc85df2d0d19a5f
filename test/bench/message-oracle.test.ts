/** The terminal's codec and MACs against code that is not its own: OpenSSL and the acquirer of the bench. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../../simulator/bench/acquirer/codec";
import { macOf, sign, verify } from "../../simulator/bench/acquirer/mac";
import { readTlv } from "../../simulator/bench/acquirer/tlv";
import type { Ciphers } from "core/ciphers";
import { checkValue, openKeyBlock } from "message/key-block";
import { aesCmac, macUnionPayEcb, macX919 } from "message/mac";
import { MessageReader } from "message/reader";
import { TlvWriter } from "message/tlv";
import { unionpay } from "message/unionpay";
import { MessageWriter } from "message/writer";
import { recordedCalls, sampleKeys } from "../unit/message/recorded-ciphers";

const rounds = 200;

function tripled(key: Uint8Array): Buffer {
	const parts = key.length === 8 ? [key, key, key] : [key, key.subarray(0, 8)];
	return key.length === 24 ? Buffer.from(key) : Buffer.concat(parts);
}

function openssl(name: string, decrypt: boolean, key: Uint8Array, data: Uint8Array): Buffer {
	const iv = name.endsWith("cbc") ? Buffer.alloc(name.startsWith("aes") ? 16 : 8) : null;
	const cipher = (decrypt ? createDecipheriv : createCipheriv)(name, key, iv);
	cipher.setAutoPadding(false);
	return Buffer.concat([cipher.update(data), cipher.final()]);
}

const ciphers: Ciphers = {
	tdesEncrypt: (key, data) => openssl("des-ede3-ecb", false, tripled(key), data),
	tdesDecrypt: (key, data) => openssl("des-ede3-ecb", true, tripled(key), data),
	aesEncrypt: (key, data) => openssl(`aes-${key.length * 8}-ecb`, false, key, data),
};

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** Whole blocks, at least one, filled up with zeros. */
function zeroPadded(body: Uint8Array, blockLength: number): Buffer {
	const count = Math.max(1, Math.ceil(body.length / blockLength));
	return Buffer.concat([body, Buffer.alloc(count * blockLength - body.length)]);
}

test("the ciphers recorded for XS are what OpenSSL gives", () => {
	equal(recordedCalls.length > 10, true);
	for (const call of recordedCalls) {
		const [operation, key, data, result] = call.split(" ") as [string, string, string, string];
		const [keyBytes, dataBytes] = [Buffer.from(key, "hex"), Buffer.from(data, "hex")];
		const again =
			operation === "E"
				? ciphers.tdesEncrypt(keyBytes, dataBytes)
				: operation === "D"
					? ciphers.tdesDecrypt(keyBytes, dataBytes)
					: ciphers.aesEncrypt(keyBytes, dataBytes);
		equal(hex(again), result);
	}
});

test("the UnionPay MAC is the acquirer's, for keys of 8 and 16 bytes", () => {
	for (let round = 0; round < rounds; round++) {
		const key = randomBytes(round % 2 === 0 ? 16 : 8);
		const body = randomBytes(round);
		equal(hex(macUnionPayEcb(ciphers, key, body)), hex(macOf(key, body)));
	}
});

test("X9.19 is single DES in CBC with the last block under both key halves", () => {
	for (let round = 0; round < rounds; round++) {
		const key = randomBytes(16);
		const padded = zeroPadded(randomBytes(round), 8);
		const left = tripled(key.subarray(0, 8));
		const chain = Buffer.concat([
			Buffer.alloc(8),
			openssl("des-ede3-cbc", false, left, padded.subarray(0, -8)),
		]).subarray(-8);
		const last = Buffer.from(padded.subarray(-8).map((byte, i) => byte ^ chain[i]!));
		const wanted = openssl("des-ede3-ecb", false, tripled(key), last);
		equal(hex(macX919(ciphers, key, padded)), hex(wanted));
	}
});

/** CMAC by the book on whole numbers, with OpenSSL's CBC. */
function cmacReference(key: Buffer, body: Buffer): string {
	const twice = (value: bigint) =>
		((value << 1n) & ((1n << 128n) - 1n)) ^ (value >> 127n === 1n ? 0x87n : 0n);
	const name = `aes-${key.length * 8}`;
	const zero = openssl(`${name}-ecb`, false, key, Buffer.alloc(16));
	const whole = body.length > 0 && body.length % 16 === 0;
	const k1 = twice(BigInt(`0x${hex(zero)}`));
	const padded = whole ? Buffer.from(body) : zeroPadded(Buffer.concat([body, Buffer.of(0x80)]), 16);
	const last = BigInt(`0x${hex(padded.subarray(-16))}`) ^ (whole ? k1 : twice(k1));
	padded.write(last.toString(16).padStart(32, "0"), padded.length - 16, "hex");
	return hex(openssl(`${name}-cbc`, false, key, padded).subarray(-16));
}

test("AES-CMAC agrees with a reference for all lengths and key sizes", () => {
	for (let round = 0; round < rounds; round++) {
		const key = randomBytes([16, 24, 32][round % 3]!);
		const body = randomBytes(round);
		equal(hex(aesCmac(ciphers, key, body)), cmacReference(key, body));
	}
});

test("a key block made by OpenSSL opens, with one bit changed it does not", () => {
	const wrap = (tmk: Buffer, key: Buffer) => [
		ciphers.tdesEncrypt(tmk, key),
		ciphers.tdesEncrypt(key, Buffer.alloc(8)).subarray(0, 4),
	];
	for (let round = 0; round < rounds; round++) {
		const [tmk, pik, mak] = [randomBytes(16), randomBytes(16), randomBytes(16)];
		const block = Buffer.concat([...wrap(tmk, pik), ...wrap(tmk, mak)]);
		const keys = openKeyBlock(ciphers, tmk, block);
		equal(hex(keys!.pik) + hex(keys!.mak), hex(pik) + hex(mak));
		const bit = (round * 7) % 320;
		block[bit >> 3] = block[bit >> 3]! ^ (0x80 >> (bit & 7));
		equal(openKeyBlock(ciphers, tmk, block), undefined);
	}
	equal(hex(checkValue(ciphers, sampleKeys.pik)), hex(sampleKeys.block.subarray(16, 20)));
});

test("a single-length MAK with zeros behind it opens, a single-length PIK does not", () => {
	const [tmk, double, single] = [randomBytes(16), randomBytes(16), randomBytes(8)];
	const zeros = Buffer.alloc(8);
	const check = (key: Buffer) => ciphers.tdesEncrypt(key, zeros).subarray(0, 4);
	const long = [ciphers.tdesEncrypt(tmk, double), check(double)];
	const short = [ciphers.tdesEncrypt(tmk, single), zeros, check(single)];
	const keys = openKeyBlock(ciphers, tmk, Buffer.concat([...long, ...short]));
	equal(hex(keys!.mak), hex(single));
	equal(hex(macUnionPayEcb(ciphers, keys!.mak, zeros)), hex(macOf(single, zeros)));
	equal(openKeyBlock(ciphers, tmk, Buffer.concat([...short, ...long])), undefined);
});

test("the acquirer reads the terminal's 0200 field for field, and its MAC", () => {
	const mak = Buffer.from(sampleKeys.mak);
	const card = new TlvWriter(100)
		.add(0xdfee12, new Uint8Array(10).fill(0xfe))
		.add(0xdfee30, new Uint8Array(24).fill(7))
		.finish();
	const bytes = Buffer.from(
		new MessageWriter(unionpay)
			.begin(0x0200)
			.number(3, 0)
			.number(4, 999_999_999_999)
			.number(7, 731_073012)
			.number(11, 74)
			.number(12, 153012)
			.number(13, 731)
			.digits(22, "052")
			.number(23, 1)
			.number(25, 0)
			.text(41, "T1")
			.text(42, "123456789012345")
			.text(49, "156")
			.bytes(55, Buffer.from("9f36020007", "hex"))
			.bytes(57, card)
			.digits(60, "2200000100060")
			.finishWithMac((body) => macUnionPayEcb(ciphers, mak, body)),
	);
	const message = decode(bytes);
	equal(verify(mak, bytes, message), true);
	const { 55: chip, 57: cardData, 64: mac, ...rest } = message.fields;
	equal(hex(chip as Buffer), "9f36020007");
	equal((mac as Buffer).length, 8);
	equal(
		hex(
			readTlv(cardData as Buffer)!
				.values()
				.next().value!,
		),
		"fe".repeat(10),
	);
	equal(message.mti, "0200");
	deepEqual(rest, {
		3: "000000",
		4: "999999999999",
		7: "0731073012",
		11: "000074",
		12: "153012",
		13: "0731",
		22: "052",
		23: "001",
		25: "00",
		41: "T1      ",
		42: "123456789012345",
		49: "156",
		60: "2200000100060",
	});
});

test("the terminal reads the acquirer's 0210 field for field, and its MAC", () => {
	const mak = Buffer.from(sampleKeys.mak);
	const bytes = sign(mak, {
		mti: "0210",
		fields: {
			3: "000000",
			4: "000000012345",
			11: "999999",
			22: "052",
			23: "001",
			37: "073115301200",
			38: "A1",
			39: "00",
			41: "00001234",
			60: "22000001000",
			62: Buffer.from("00ff", "hex"),
			63: "01 ",
		},
	});
	const reader = new MessageReader(unionpay);
	reader.parse(bytes);
	equal(reader.mti, 0x0210);
	equal(reader.number(4), 12345);
	equal(reader.number(11), 999_999);
	equal(reader.digits(22), "052");
	equal(reader.number(23), 1);
	equal(reader.text(38), "A1");
	equal(reader.text(39), "00");
	equal(reader.digits(60), "22000001000");
	equal(hex(reader.bytes(62)), "00ff");
	equal(reader.text(63), "01 ");
	equal(hex(macUnionPayEcb(ciphers, mak, reader.macBody)), hex(reader.bytes(64)));
});
