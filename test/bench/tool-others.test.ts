/** The smaller commands of the tool, against the bench's own frames, keys and MACs. */
import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { macOf } from "../../simulator/bench/acquirer/mac";
import { tdesEncrypt } from "../../simulator/bench/acquirer/tdes";
import { testCards } from "../../simulator/bench/peripheral/cards";
import { tlv } from "../../simulator/bench/peripheral/tlv";
import { commandFrame, responseFrame } from "../../simulator/bench/peripheral/vivotech";
import { iso87, iso87Binary } from "message/iso87";
import { unionpay } from "message/unionpay";
import { decodeMessage } from "../../simulator/bench/tool/iso8583";
import { maskedTrack, scrubBytes, scrubText } from "../../simulator/bench/tool/mask";
import { readObjects, TlvError } from "../../simulator/bench/tool/tlv-objects";
import { holdfast, json } from "./tool-support";

const pan = testCards[0]!.pan;

test("objects are shown nested, with names, card data masked", async () => {
	const inner = Buffer.concat([tlv("9f36", "0042"), tlv("5a", pan)]);
	const bytes = Buffer.concat([
		Buffer.from("00ff", "hex"),
		tlv("70", inner),
		tlv("ffee01", tlv("dfee12", "01")),
	]);
	const { objects } = (await json(["decode", "tlv", "--json", bytes.toString("hex")])) as {
		objects: unknown[];
	};
	deepEqual(objects, [
		{
			tag: "70",
			name: "Record template",
			length: 15,
			valueOffset: 4,
			objects: [
				{
					tag: "9f36",
					name: "Application transaction counter",
					length: 2,
					valueOffset: 7,
					value: "0042",
				},
				{
					tag: "5a",
					name: "PAN",
					length: 8,
					valueOffset: 11,
					value: `${pan.slice(0, 6)}******${pan.slice(-4)}`,
				},
			],
		},
		{
			tag: "ffee01",
			name: "",
			length: 5,
			valueOffset: 23,
			objects: [
				{ tag: "dfee12", name: "Key serial number (KSN)", length: 1, valueOffset: 27, value: "01" },
			],
		},
	]);
	const table = await holdfast(["decode", "tlv", bytes.toString("hex")]);
	match(table.out, /^ {2}9f36 +Application transaction counter +0042$/m);
});

test("an object that is cut short gives its offset and exit code 1", async () => {
	const { code, out } = await holdfast(["decode", "tlv", "--json", "9f3602004295050000"]);
	equal(code, 1);
	deepEqual(JSON.parse(out), { error: { code: "message.tlv", field: null, offset: 5 } });
});

test("reader frames are told apart by direction, with noise and a wrong CRC", async () => {
	const data = Buffer.concat([tlv("9f39", "07"), tlv("57", `${pan}d4912`.padEnd(24, "f"))]);
	const spoilt = responseFrame(0x18, 0, Buffer.alloc(0));
	spoilt[spoilt.length - 1]! ^= 1;
	const capture = Buffer.concat([
		Buffer.from("0000", "hex"),
		commandFrame(0x02, 0x40, Buffer.concat([Buffer.from([30]), tlv("9f02", "000000012345")])),
		responseFrame(0x02, 0x23, data),
		spoilt,
	]);
	const { code, out } = await holdfast(["decode", "vivotech", "--json", capture.toString("hex")]);
	equal(code, 1);
	equal(out.includes(pan.slice(0, 7)), false);
	const { frames, noiseBytes } = JSON.parse(out) as {
		frames: Record<string, unknown>[];
		noiseBytes: number;
	};
	equal(noiseBytes, 2);
	deepEqual(
		frames.map(({ direction, command, detail, name, crcOk }) => [
			direction,
			command,
			detail,
			name,
			crcOk,
		]),
		[
			["command", "02", "40", "activate transaction", true],
			["response", "02", "23", "go online", true],
			[null, "18", "00", "", false],
		],
	);
	equal(frames[0]!["data"], "1e");
	const whole = await holdfast([
		"decode",
		"vivotech",
		responseFrame(0x18, 0, Buffer.alloc(0)).toString("hex"),
	]);
	deepEqual([whole.code, whole.out], [0, "response 18, status 00 (OK), 0 bytes, CRC right\n"]);
	equal((await holdfast(["decode", "vivotech", capture.subarray(0, 40).toString("hex")])).code, 1);
	equal((await holdfast(["decode", "vivotech", "0102"])).code, 1);
});

test("a MAC is the one that the acquirer works out", async () => {
	const key = Buffer.from("0723C80DB5F4CD3D", "hex");
	const body = Buffer.from("02007024048020c0", "hex");
	const { out } = await holdfast(["mac", "--key", key.toString("hex"), body.toString("hex")]);
	equal(out, `${macOf(key, body).toString("hex")}\n`);
	// RFC 4493, example 2, first 8 bytes.
	const cmac = ["mac", "--mac", "aes-cmac", "--key", "2b7e151628aed2a6abf7158809cf4f3c"];
	equal((await holdfast([...cmac, "6bc1bee22e409f96e93d7e117393172a"])).out, "070a16b46b4d4144\n");
	equal((await holdfast(["mac", "--mac", "x9.19", "--key", "00".repeat(8), "00"])).code, 2);
	equal((await holdfast(["mac", "00"])).code, 2);
	equal((await holdfast(["mac", "--mac", "none", "--key", "00".repeat(8), "00"])).code, 2);
});

test("a key block is checked, and no key is shown", async () => {
	const tmk = Buffer.from("404142434445464748494a4b4c4d4e4f", "hex");
	const keys = ["0123456789abcdeffedcba9876543210", "11223344556677889900aabbccddeeff"];
	const block = keys
		.map((hex) => {
			const key = Buffer.from(hex, "hex");
			const check = tdesEncrypt(key, Buffer.alloc(8)).subarray(0, 4);
			return Buffer.concat([tdesEncrypt(tmk, key), check]).toString("hex");
		})
		.join("");
	const args = ["keyblock", "--tmk", tmk.toString("hex")];
	const { code, out } = await holdfast([...args, block]);
	equal(code, 0);
	match(out, /^PIK +16 +[0-9a-f]{8} +[0-9a-f]{8} +right$/m);
	for (const key of keys) equal(out.includes(key.slice(0, 12)), false);
	const wrong = await holdfast([...args, "--json", `${block.slice(0, -2)}00`]);
	equal(wrong.code, 1);
	const view = JSON.parse(wrong.out) as { keys: { use: string; ok: boolean }[] };
	deepEqual(
		view.keys.map(({ use, ok }) => [use, ok]),
		[
			["pik", true],
			["mak", false],
		],
	);
	equal((await holdfast([...args, "00"])).code, 1);
	equal((await holdfast(["keyblock", "--tmk", "00", block])).code, 2);
});

test("response codes are listed, and an unknown one is a decline that keeps its code", async () => {
	const all = (await json(["responses", "--json"])) as { code: string }[];
	equal(all.length > 60, true);
	deepEqual(await json(["responses", "--json", "a0"]), {
		code: "A0",
		class: "sign on",
		known: true,
		action: "declines and signs on",
		sendAgain: false,
		en: "MAC error, sign on",
		zh: "MAC校验错，请重新签到",
	});
	const unknown = (await json(["decode", "responses", "--json", "Z9"])) as Record<string, unknown>;
	deepEqual([unknown["code"], unknown["class"], unknown["known"]], ["Z9", "declined", false]);
	equal((await holdfast(["responses", "123"])).code, 2);
});

test("masks hide a card wherever it stands", () => {
	const masked = `${pan.slice(0, 6)}******${pan.slice(-4)}`;
	equal(scrubText(`a ${pan}.`), `a ${masked}.`);
	equal(scrubText(`;${pan}=49121011?`), `;${masked}=********?`);
	equal(scrubText(`99${pan}99`).includes(pan.slice(0, 9)), false);
	equal(scrubText("000000012345000074"), "000000012345000074");
	equal(scrubBytes(Buffer.from(pan, "hex")), masked);
	equal(scrubBytes(Buffer.from(`ab${pan}d4912201`, "hex")), `ab${masked}d*******`);
	equal(maskedTrack("no separator"), "************");
});

test("whatever bytes it is given, the tool answers with a value or a place", () => {
	let state = 7;
	const random = (limit: number) => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return Math.floor((state / 4294967296) * limit);
	};
	const starts = ["", "0200", "00406000030000603100311300", "600003000060310031130002", "30323030"];
	for (let run = 0; run < 20_000; run++) {
		const start = Buffer.from(starts[run % starts.length]!, "hex");
		const bytes = Buffer.concat([
			start,
			Buffer.from(Array.from({ length: random(60) }, () => random(256))),
		]);
		for (const dialect of [unionpay, iso87, iso87Binary]) {
			const decoded = decodeMessage(bytes, dialect);
			if ("code" in decoded) match(decoded.code, /^message\.(field|length|bitmap|value)$/);
		}
		try {
			readObjects(bytes);
		} catch (error) {
			equal(error instanceof TlvError, true, String(error));
		}
	}
});
