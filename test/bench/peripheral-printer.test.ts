import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import iconv from "iconv-lite";
import { PrinterDevice } from "../../simulator/bench/peripheral/printer";
import { Bench } from "./peripheral-support";

const processId = Buffer.from("1d28480600303041424344", "hex");
const processAnswer = Buffer.from("37224142434400", "hex");
const cut = Buffer.from("1d564200", "hex");

async function makePrinter(paperLines = 1000) {
	const bench = new Bench(new PrinterDevice({ paperLines }));
	await bench.boot();
	return { bench, printer: bench.device };
}

function text(printer: PrinterDevice, slip = -1): string[] {
	return printer.slips.at(slip)?.lines.map((line) => line.text) ?? [];
}

async function realTime(bench: Bench<PrinterDevice>, n: number): Promise<string> {
	return (await bench.ask(Buffer.of(0x10, 0x04, n), 1)).toString("hex");
}

test("lines come out one after the other at the speed of the head", async () => {
	const { bench, printer } = await makePrinter();
	const startUs = bench.scheduler.nowUs();
	bench.give("one\ntwo\nthree\n");
	await bench.run(160);
	const times = printer.slips[0]!.lines.map((line) => line.atUs - startUs);
	deepEqual(text(printer), ["one", "two", "three"]);
	deepEqual(times, [0, 75_000, 150_000]);
});

test("the process id is answered when all before it is on paper, and not earlier", async () => {
	const { bench, printer } = await makePrinter();
	bench.give(Buffer.concat([Buffer.from("a\nb\n"), processId, cut]));
	await bench.run(140);
	equal(bench.take().length, 0);
	await bench.run(20);
	deepEqual(bench.take(), processAnswer);
	equal(printer.slips[0]!.cut, false);
	await bench.run(700);
	equal(printer.slips[0]!.cut, true);
});

test("alignment, size, bold and Chinese text are seen on paper", async () => {
	const { bench, printer } = await makePrinter();
	bench.give(
		Buffer.concat([
			Buffer.from("1b401b61011d2111", "hex"),
			iconv.encode("银联", "gbk"),
			Buffer.from("0a1d21001b61021b4501", "hex"),
			Buffer.from("12.50\n"),
			Buffer.from("1b45001b6100", "hex"),
			iconv.encode("金额: RMB\n", "gbk"),
			Buffer.from("1c2e80800a", "hex"),
		]),
	);
	await bench.run(1000);
	const [title, amount, label, western] = printer.slips[0]!.lines;
	equal(title?.text, " ".repeat(12) + "银联");
	equal(title?.height, 2);
	equal(amount?.text, "12.50".padStart(32));
	equal(amount?.bold, true);
	equal(label?.text, "金额: RMB");
	equal(label?.bold, false);
	equal(western?.text, "ÇÇ");
});

test("a hanzi that comes in two pieces is still one", async () => {
	const { bench, printer } = await makePrinter();
	const bytes = iconv.encode("中\n", "gbk");
	for (const byte of bytes) bench.give(Buffer.of(byte));
	await bench.run(100);
	deepEqual(text(printer), ["中"]);
});

test("a long line goes on in the next one", async () => {
	const { bench, printer } = await makePrinter();
	bench.give(`${"x".repeat(31)}${"\u00d6\u00d0"}\n`);
	await bench.run(500);
	deepEqual(text(printer), ["x".repeat(31), "中"]);
});

test("paper end in the middle of a slip keeps the buffer and goes on after the refill", async () => {
	const { bench, printer } = await makePrinter(2);
	bench.give(Buffer.concat([Buffer.from("a\nb\nc\nd\n"), processId, cut]));
	await bench.run(1000);
	deepEqual(text(printer), ["a", "b"]);
	deepEqual(
		[await realTime(bench, 1), await realTime(bench, 2), await realTime(bench, 4)],
		["1a", "32", "7e"],
	);
	printer.refill(100);
	await bench.run(400);
	deepEqual(text(printer), ["a", "b"]);
	await bench.run(1500);
	deepEqual(text(printer), ["a", "b", "c", "d"]);
	deepEqual(bench.take(), processAnswer);
	equal(await realTime(bench, 1), "12");
});

test("status tells paper low, open cover and jam", async () => {
	const { bench, printer } = await makePrinter(10);
	equal(await realTime(bench, 4), "1e");
	printer.openCover();
	equal(await realTime(bench, 1), "1a");
	equal(await realTime(bench, 2), "16");
	printer.closeCover();
	printer.jam();
	equal(await realTime(bench, 2), "52");
	equal(await realTime(bench, 3), "1a");
	printer.clearJam();
	equal(await realTime(bench, 1), "12");
});

test("a queued status request is answered behind the print data and not while offline", async () => {
	const { bench, printer } = await makePrinter();
	bench.give(Buffer.from("a\n\x1dr\x01", "latin1"));
	await bench.run(70);
	equal(bench.take().length, 0);
	await bench.run(10);
	deepEqual(bench.take(), Buffer.of(0));
	printer.openCover();
	equal((await bench.ask(Buffer.from("1d7201", "hex"), 1000)).length, 0);
	printer.closeCover();
	await bench.run(600);
	deepEqual(bench.take(), Buffer.of(0));
});

test("automatic status comes at once and on every change", async () => {
	const { bench, printer } = await makePrinter();
	deepEqual(await bench.ask(Buffer.from("1d61ff", "hex")), Buffer.from("10000000", "hex"));
	printer.takePaperOut();
	deepEqual(bench.take(), Buffer.from("18000f00", "hex"));
	printer.refill();
	deepEqual(bench.take(), Buffer.from("10000000", "hex"));
});

test("DLE ENQ 2 drops what waits", async () => {
	const { bench, printer } = await makePrinter();
	bench.give(Buffer.concat([Buffer.from("a\nb\nc\n"), Buffer.from("100502", "hex")]));
	await bench.run(1000);
	deepEqual(text(printer), []);
	bench.give("a\nb\nc\n");
	await bench.run(80);
	bench.give(Buffer.from("100502", "hex"));
	await bench.run(1000);
	deepEqual(text(printer), ["a", "b"]);
});

test("power loss empties the buffer and leaves the paper", async () => {
	const { bench, printer } = await makePrinter();
	bench.give(Buffer.concat([Buffer.from("a\nb\nc\n"), processId]));
	await bench.run(80);
	printer.power(false);
	await bench.run(100);
	await bench.boot();
	deepEqual(text(printer), ["a", "b"]);
	equal(bench.take().length, 0);
	bench.give(Buffer.concat([Buffer.from("x\n"), cut]));
	await bench.run(1000);
	equal(printer.slips.length, 1);
	deepEqual(text(printer), ["a", "b", "x"]);
});

test("the buffer holds 4096 bytes: XOFF before it is full, XON when there is room again", async () => {
	const { bench, printer } = await makePrinter();
	printer.openCover();
	for (let i = 0; i < 60; i++) bench.give(`${"y".repeat(59)}\n`);
	deepEqual(bench.take(), Buffer.of(0x13));
	for (let i = 0; i < 60; i++) bench.give(`${"z".repeat(59)}\n`);
	equal(printer.lostBytes, 7200 - 4096);
	equal(await realTime(bench, 1), "1a");
	printer.closeCover();
	await bench.run(20_000);
	deepEqual(bench.take(), Buffer.of(0x11));
});

test("a status request inside an image is executed at once", async () => {
	const { bench, printer } = await makePrinter();
	const image = Buffer.concat([Buffer.from("1d763000", "hex"), Buffer.from([4, 0, 2, 0])]);
	const answer = await bench.ask(
		Buffer.concat([image, Buffer.from("000010040100000000ff", "hex")]),
		1,
	);
	equal(answer.toString("hex"), "12");
	bench.give(Buffer.from("ff", "hex"));
	await bench.ask("a\n", 300);
	deepEqual(text(printer), ["[image 8 bytes]", "a"]);
});

test("images larger than the buffer, QR codes and bar codes are passed over as units", async () => {
	const { bench, printer } = await makePrinter();
	bench.give(Buffer.concat([Buffer.from("1d7630003000f000", "hex")]));
	for (let i = 0; i < 48; i++) bench.give(Buffer.alloc(240, 0x0a));
	await bench.run(5000);
	bench.give(Buffer.from("1d286b0800315030", "hex"));
	bench.give("HELLO");
	bench.give(Buffer.from("1d286b0300315130", "hex"));
	bench.give(Buffer.from("1d6b49037b4231", "hex"));
	bench.give("end\n");
	await bench.run(5000);
	deepEqual(text(printer), ["[image 11520 bytes]", "[QR HELLO]", "[barcode]", "end"]);
	equal(printer.unknownCommands, 0);
});

test("a command without end does not block the printer", async () => {
	const { bench, printer } = await makePrinter();
	bench.give(Buffer.from("1d6b04", "hex"));
	for (let i = 0; i < 70; i++) bench.give(`${"x".repeat(63)}\n`);
	await bench.run(30_000);
	bench.take();
	deepEqual(await bench.ask(Buffer.concat([Buffer.of(0, 0x0a), processId]), 500), processAnswer);
	equal(printer.unknownCommands > 0, true);
});

test("any bytes at all do no harm", async () => {
	const { bench, printer } = await makePrinter();
	let seed = 7;
	for (let i = 0; i < 200; i++) {
		const bytes = Buffer.alloc(64);
		for (let j = 0; j < 64; j++) bytes[j] = (seed = (seed * 1103515245 + 12345) & 0x7fffffff) >> 16;
		bench.give(bytes);
		await bench.run(50);
	}
	printer.power(false);
	await bench.boot();
	deepEqual(await bench.ask(processId), processAnswer);
});
