import { deepEqual, equal, ok } from "node:assert/strict";
import { createDecipheriv } from "node:crypto";
import { test } from "node:test";
import { arpcOf } from "../../simulator/bench/peripheral/chip";
import { cardNamed, testCards } from "../../simulator/bench/peripheral/cards";
import {
	benchBdk,
	dataKey,
	initialKey,
	transactionKey,
} from "../../simulator/bench/peripheral/dukpt";
import { CardReaderDevice } from "../../simulator/bench/peripheral/reader";
import { luhnValid } from "../../simulator/bench/peripheral/redact";
import { parseTlvs } from "../../simulator/bench/peripheral/tlv";
import { commandFrame, crcCcitt } from "../../simulator/bench/peripheral/vivotech";
import { Bench, makeTranscript } from "./peripheral-support";

const ping = commandFrame(0x18, 0x01, Buffer.alloc(0));
const cancel = commandFrame(0x05, 0x01, Buffer.alloc(0));
const request = Buffer.from(
	"1e" + "9f0206000000012345" + "9c0100" + "5f2a020156" + "9a03260105" + "9f2103121314",
	"hex",
);
const activate = commandFrame(0x02, 0x40, request);

async function makeReader() {
	const transcript = makeTranscript();
	const bench = new Bench(new CardReaderDevice({ transcript: transcript.hook }));
	await bench.boot();
	return { bench, reader: bench.device, transcript: transcript.entries };
}

/** Checks the frame and cuts it up. */
function open(frame: Buffer) {
	equal(frame.subarray(0, 10).toString("latin1"), "ViVOtech2\0");
	const length = frame.readUInt16BE(12);
	equal(frame.length, 16 + length);
	equal(frame.readUInt16BE(14 + length), crcCcitt(frame.subarray(0, 14 + length)));
	const data = frame.subarray(14, 14 + length);
	const objects = new Map(parseTlvs(data)?.map((one) => [one.tag, one.value]));
	return { command: frame[10], status: frame[11], data, objects };
}

/** The last of several frames; the ones before it are "under way" and words for a display. */
function lastOf(bytes: Buffer) {
	return open(bytes.subarray(bytes.lastIndexOf("ViVOtech2\0", undefined, "latin1")));
}

function decrypt(objects: Map<string, Buffer>): string {
	const ksn = objects.get("DFEE12")!;
	const key = dataKey(transactionKey(initialKey(benchBdk, ksn), ksn));
	const whole = Buffer.concat([key, key.subarray(0, 8)]);
	const decipher = createDecipheriv("des-ede3-cbc", whole, Buffer.alloc(8));
	decipher.setAutoPadding(false);
	const clear = Buffer.concat([decipher.update(objects.get("DFEE30")!), decipher.final()]);
	return clear.toString("latin1").replace(/\0+$/, "");
}

test("a ping in the published bytes gets the published answer", async () => {
	const { bench } = await makeReader();
	const published = Buffer.from("5669564f746563683200180100 00b3cd".replaceAll(" ", ""), "hex");
	deepEqual(ping, published);
	const answer = await bench.ask(published);
	deepEqual(answer, Buffer.from("5669564f7465636832001800 0000fa83".replaceAll(" ", ""), "hex"));
});

test("all test cards have a right check digit", () => {
	for (const card of testCards) ok(luhnValid(card.pan), card.name);
});

test("a swipe gives masked PAN and a track that only the host's key opens", async () => {
	const { bench, reader } = await makeReader();
	equal((await bench.ask(activate)).length, 0);
	ok(reader.present("unionpay", "swipe"));
	await bench.run(400);
	const { command, status, data, objects } = open(bench.take());
	const { pan, expiry } = cardNamed("unionpay");
	equal(command, 0x02);
	equal(status, 0x00);
	equal(objects.get("9F39")?.toString("hex"), "90");
	equal(objects.get("DFEF5B")?.toString(), `${pan.slice(0, 6)}******${pan.slice(-4)}`);
	equal(objects.get("DFEE12")?.toString("hex"), "ffff9876543210e00001");
	ok(decrypt(objects).startsWith(`;${pan}=${expiry}201`));
	ok(!data.toString("latin1").includes(pan));
	ok(!data.toString("hex").includes(pan));
});

test("a chip gives the EMV objects of this sale", async () => {
	const { bench, reader } = await makeReader();
	await bench.ask(activate);
	ok(reader.present("unionpay-pin", "chip"));
	await bench.run(1600);
	const { command, status, objects } = lastOf(bench.take());
	deepEqual([command, status], [0x60, 0x00]);
	equal(objects.get("DFEE25")?.toString("hex"), "0004");
	equal(objects.get("9F39")?.toString("hex"), "05");
	equal(objects.get("9F02")?.toString("hex"), "000000012345");
	equal(objects.get("9A")?.toString("hex"), "260105");
	equal(objects.get("9F34")![0]! & 0x3f, 0x02);
	equal(objects.get("5F34")?.toString("hex"), "01");
	for (const tag of ["5A", "57", "5F20", "5F24"]) equal(objects.has(tag), false, tag);
	equal(decrypt(objects).slice(1, 17), cardNamed("unionpay-pin").pan);
});

/** A chip that has given its first cryptogram. */
async function chipWaits() {
	const { bench, reader, transcript } = await makeReader();
	await bench.ask(activate);
	reader.present("unionpay", "chip");
	await bench.run(1600);
	const arqc = lastOf(bench.take()).objects.get("9F26")!;
	return { bench, reader, transcript, arqc };
}

/** 60-12 with a code and the issuer's cryptogram for it. */
function hostAnswer(arqc: Buffer, arc: string, more = ""): Buffer {
	const code = Buffer.from(arc, "latin1");
	const issuer = Buffer.concat([arpcOf(arqc, code), code]);
	const data = Buffer.concat([
		Buffer.from([1, 0x8a, 2]),
		code,
		Buffer.from([0x91, issuer.length]),
		issuer,
		Buffer.from(more, "hex"),
	]);
	return commandFrame(0x60, 0x12, data);
}

test("a chip that its issuer proves himself to gives a TC", async () => {
	const { bench, reader, arqc } = await chipWaits();
	const { status, objects } = lastOf(await bench.ask(hostAnswer(arqc, "00"), 1000));
	equal(status, 0x00);
	deepEqual(
		["DFEE25", "9F27"].map((tag) => objects.get(tag)?.toString("hex")),
		["0002", "40"],
	);
	equal(reader.lastWord, "approved");
});

test("a chip that is told a refusal, or somebody else's cryptogram, gives an AAC", async () => {
	for (const [code, flip] of [
		["51", 0],
		["00", 1],
	] as const) {
		const { bench, reader, arqc } = await chipWaits();
		arqc[0]! ^= flip;
		const { objects } = lastOf(await bench.ask(hostAnswer(arqc, code), 1000));
		deepEqual(
			["DFEE25", "9F27"].map((tag) => objects.get(tag)?.toString("hex")),
			["0003", "00"],
		);
		equal(reader.lastWord, "declined");
	}
});

test("the issuer's scripts leave their results", async () => {
	const { bench, arqc } = await chipWaits();
	const script = "720f9f180400000001860684240000025a";
	const { objects } = lastOf(await bench.ask(hostAnswer(arqc, "00", script), 1000));
	equal(objects.get("9F5B")?.toString("hex"), "2100000000");
});

test("a chip is told once, and can be pulled, refuse or say nothing", async () => {
	const { bench, reader, arqc } = await chipWaits();
	await bench.ask(hostAnswer(arqc, "00"), 1000);
	equal(lastOf(await bench.ask(hostAnswer(arqc, "00"), 1000)).status, 0x0b);
	for (const [fault, status, word] of [
		["pulled", 0x0a, undefined],
		["refuses", 0x00, "declined"],
		["mute", 0x63, undefined],
	] as const) {
		await bench.ask(cancel);
		await bench.ask(activate);
		reader.present("unionpay", "chip");
		await bench.run(1600);
		const next = lastOf(bench.take()).objects.get("9F26")!;
		reader.chipFails(fault);
		equal(lastOf(await bench.ask(hostAnswer(next, "00"), 1000)).status, status, fault);
		equal(reader.lastWord, word, fault);
	}
});

test("the key serial number rises with every card and survives the power", async () => {
	const { bench, reader } = await makeReader();
	for (const last of ["01", "02"]) {
		await bench.ask(activate);
		reader.present("visa", "tap");
		await bench.run(500);
		const { objects } = open(bench.take());
		equal(objects.get("DFEE12")?.toString("hex"), `ffff9876543210e000${last}`);
		reader.power(false);
		await bench.boot();
	}
});

test("no card in time is answered 08", async () => {
	const { bench, reader } = await makeReader();
	await bench.ask(activate, 29_000);
	equal(reader.waiting, true);
	await bench.run(1100);
	equal(open(bench.take()).status, 0x08);
	equal(reader.waiting, false);
});

test("a cancel is answered, the activation then is not", async () => {
	const { bench, reader } = await makeReader();
	await bench.ask(activate);
	reader.present("visa", "chip");
	const { command, status } = open(await bench.ask(cancel, 60_000));
	deepEqual([command, status], [0x05, 0x00]);
	equal(open(await bench.ask(ping)).status, 0x00);
});

test("while a card is awaited only a cancel is accepted", async () => {
	const { bench } = await makeReader();
	await bench.ask(activate);
	equal(open(await bench.ask(ping)).status, 0x0b);
	equal(open(await bench.ask(activate)).status, 0x0b);
});

test("noise, a wrong CRC and half a command do no harm", async () => {
	const { bench } = await makeReader();
	equal(open(await bench.ask(Buffer.concat([Buffer.from("ViVViVO\0\xff"), ping]))).status, 0x00);
	const wrong = Buffer.from(ping);
	wrong[14]! ^= 1;
	equal(open(await bench.ask(wrong)).status, 0x04);
	await bench.ask(activate.subarray(0, 20), 500);
	equal(open(await bench.ask(ping)).status, 0x00);
	equal(open(await bench.ask(commandFrame(0x77, 0, Buffer.alloc(0)))).status, 0x02);
	equal(open(await bench.ask(commandFrame(0x02, 0x40, Buffer.alloc(1)))).status, 0x05);
});

test("faults hit the answer to one card", async () => {
	const { bench, reader } = await makeReader();
	for (const fault of ["bad-read", "silent", "truncated", "wrong-crc", "noise-before"] as const)
		reader.failNext(fault);
	const answers: Buffer[] = [];
	for (let i = 0; i < 6; i++) {
		await bench.ask(activate);
		reader.present("visa", "swipe");
		await bench.run(400);
		answers.push(bench.take());
	}
	equal(open(answers[0]!).status, 0x0a);
	equal(answers[1]!.length, 0);
	ok(answers[2]!.length < answers[5]!.length);
	const wrong = answers[3]!;
	ok(wrong.readUInt16BE(wrong.length - 2) !== crcCcitt(wrong.subarray(0, -2)));
	ok(answers[4]!.length > answers[5]!.length);
	equal(open(answers[5]!).status, 0x00);
});

test("without encryption the card stands in clear on the wire, but in no transcript", async () => {
	const { bench, reader, transcript } = await makeReader();
	reader.setEncryption(false);
	await bench.ask(activate);
	reader.present("visa", "swipe");
	await bench.run(400);
	const { objects } = open(bench.take());
	equal(objects.get("5A")?.toString("hex"), cardNamed("visa").pan);
	equal(objects.has("DFEE30"), false);
	const text = transcript.map((entry) => entry.text).join("\n");
	ok(text.includes("411111******1111"));
	ok(!text.includes(cardNamed("visa").pan));
});

test("an unplugged or unpowered reader neither hears nor answers", async () => {
	const { bench, reader } = await makeReader();
	reader.unplug();
	equal((await bench.ask(ping)).length, 0);
	reader.replug();
	equal((await bench.ask(ping)).length, 16);
	reader.power(false);
	equal((await bench.ask(ping)).length, 0);
});

test("any bytes at all do no harm", async () => {
	const { bench } = await makeReader();
	let seed = 11;
	for (let i = 0; i < 300; i++) {
		const bytes = Buffer.alloc(40);
		for (let j = 0; j < 40; j++) bytes[j] = (seed = (seed * 1103515245 + 12345) & 0x7fffffff) >> 16;
		bench.give(i % 2 === 0 ? bytes : Buffer.concat([ping.subarray(0, 10 + (i % 5)), bytes]));
		await bench.run(5);
	}
	await bench.run(500);
	await bench.ask(cancel);
	equal(open(await bench.ask(ping)).status, 0x00);
});
