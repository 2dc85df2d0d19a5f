/** The firmware's drivers against the bench's devices, two pieces of code that share nothing but the manuals. */
import assert from "node:assert/strict";
import { createDecipheriv } from "node:crypto";
import { test } from "node:test";
import { ViVOtechReader } from "card-reader/card-reader";
import { EntryMode } from "core/card";
import type { CardOutcome, ChipOutcome, PanelKey, PrintOutcome } from "core/devices";
import { DgusPanel } from "panel/panel";
import { EscPosPrinter } from "printer/printer";
import { slipOf } from "receipt/layout";
import { State } from "transaction/states";
import { cardNamed, track2, type Presentation } from "../../simulator/bench/peripheral/cards";
import {
	benchBdk,
	dataKey,
	initialKey,
	transactionKey,
} from "../../simulator/bench/peripheral/dukpt";
import { PanelDevice } from "../../simulator/bench/peripheral/panel";
import { PrinterDevice } from "../../simulator/bench/peripheral/printer";
import { CardReaderDevice, type ReaderFault } from "../../simulator/bench/peripheral/reader";
import { chip, config, render, swipe } from "../unit/receipt/sample";
import { DriverBench } from "./driver-support";

const request = {
	amountMinor: 1234,
	currency: 156,
	emvType: 0,
	localTime: "261122093005",
	timeoutMs: 60_000,
};

async function readerBench() {
	const device = new CardReaderDevice();
	const bench = new DriverBench(device);
	const reader = new ViVOtechReader(bench);
	await bench.run(6000);
	const activate = () => {
		const result: { outcome?: CardOutcome } = {};
		reader.activate(request, (outcome) => (result.outcome = outcome));
		return result;
	};
	return { device, bench, reader, activate };
}

async function present(way: Presentation, card: string, fault?: ReaderFault) {
	const { device, bench, activate, reader } = await readerBench();
	const result = activate();
	await bench.run(100);
	if (fault !== undefined) device.failNext(fault);
	assert.ok(device.present(card, way));
	await bench.run(3000);
	return { bench, result, device, reader };
}

test("swipe, chip and tap come through, and the ciphertext is the card's track 2", async () => {
	const modes = { swipe: EntryMode.Swipe, chip: EntryMode.Chip, tap: EntryMode.Tap } as const;
	for (const way of ["swipe", "chip", "tap"] as const) {
		const { result } = await present(way, "unionpay");
		assert.equal(result.outcome?.kind, "card");
		const { card } = result.outcome;
		assert.equal(card.entryMode, modes[way]);
		assert.match(card.maskedPan, /^621483\*+\d{4}$/);
		assert.equal(card.chipData.length > 0, way !== "swipe");
		const key = dataKey(transactionKey(initialKey(benchBdk, card.ksn), card.ksn));
		const cipher = createDecipheriv(
			"des-ede3-cbc",
			Buffer.concat([key, key.subarray(0, 8)]),
			Buffer.alloc(8),
		);
		const clear = Buffer.concat([
			cipher.setAutoPadding(false).update(card.ciphertext),
			cipher.final(),
		]);
		assert.ok(clear.toString("latin1").startsWith(track2(cardNamed("unionpay"))));
	}
});

test("a card that wants an online PIN says so on chip and tap", async () => {
	for (const way of ["chip", "tap"] as const) {
		const { result } = await present(way, "unionpay-pin");
		assert.ok(result.outcome?.kind === "card" && result.outcome.card.onlinePin);
	}
});

test("a chip has its last word through the driver, a swipe and a tap have none", async () => {
	for (const way of ["swipe", "tap"] as const) {
		const { reader } = await present(way, "unionpay");
		assert.equal(reader.awaitsHost, false);
	}
	for (const [fault, kind] of [
		[undefined, "approved"],
		["refuses", "declined"],
		["pulled", "failed"],
		["mute", "failed"],
	] as const) {
		const { bench, device, reader } = await present("chip", "unionpay");
		assert.equal(reader.awaitsHost, true);
		if (fault !== undefined) device.chipFails(fault);
		let outcome: ChipOutcome | undefined;
		reader.complete(
			{ responseCode: "00", issuerData: new Uint8Array(0) },
			(last) => (outcome = last),
		);
		await bench.run(10_500);
		assert.equal(outcome?.kind, kind);
		assert.equal(outcome.cryptogram.length, kind === "failed" ? 0 : 8);
	}
});

test("every fault of the reader has its outcome", async () => {
	const expected: Record<ReaderFault, string> = {
		"bad-read": "bad-read",
		silent: "waits",
		garbage: "card",
		"noise-before": "card",
		truncated: "card",
		"wrong-crc": "card",
		"clear-data": "clear-data",
	};
	for (const [fault, name] of Object.entries(expected)) {
		const { result } = await present("chip", "unionpay", fault as ReaderFault);
		const { outcome } = result;
		const actual = outcome?.kind === "failed" ? outcome.reason : (outcome?.kind ?? "waits");
		assert.equal(actual, name, fault);
	}
});

test("an answer that was lost as a whole is fetched at the deadline", async () => {
	const { result, bench } = await present("swipe", "unionpay", "silent");
	const early = result.outcome?.kind;
	await bench.run(66_000);
	assert.deepEqual([early, result.outcome?.kind], [undefined, "card"]);
});

test("a wait is cancelled and the next card is read", async () => {
	const { device, bench, reader, activate } = await readerBench();
	const first = activate();
	await bench.run(500);
	reader.cancel();
	await bench.run(100);
	assert.deepEqual(first.outcome, { kind: "cancelled" });
	const second = activate();
	await bench.run(100);
	assert.ok(device.present("visa", "tap"));
	await bench.run(1000);
	assert.equal(second.outcome?.kind, "card");
});

test("the reader's own time-out comes through", async () => {
	const { bench, activate } = await readerBench();
	const result = activate();
	await bench.run(61_000);
	assert.deepEqual(result.outcome, { kind: "timeout" });
});

async function printerBench(paperLines = 5000) {
	const device = new PrinterDevice({ paperLines });
	const bench = new DriverBench(device);
	const printer = new EscPosPrinter({ ...bench, port: bench.port, onStatus: () => {} });
	await bench.run(5000);
	const print = (sale = swipe) => {
		const result: { outcome?: PrintOutcome } = {};
		const lines = (["merchant", "cardholder"] as const).flatMap((copy) =>
			slipOf(sale, config, { copy, reprint: false }),
		);
		printer.print(lines, (outcome) => (result.outcome = outcome));
		return result;
	};
	return { device, bench, printer, print };
}

test("a slip reads on paper as it was laid out", async () => {
	const { device, bench, print } = await printerBench();
	const result = print(chip);
	await bench.run(10_000);
	assert.equal(result.outcome, "printed");
	assert.equal(device.unknownCommands, 0);
	assert.equal(device.lostBytes, 0);
	assert.equal(device.slips.length, 1);
	assert.ok(device.slips[0]!.cut);
	const expected = (["merchant", "cardholder"] as const).flatMap((copy) =>
		render(slipOf(chip, config, { copy, reprint: false })),
	);
	const onPaper = device.slips[0]!.lines.map(({ text, bold, height }) =>
		height > 1 ? `#${text.trim()}` : (bold ? "*" : " ") + text,
	);
	assert.deepEqual(
		onPaper.map((line) => line.trimEnd()),
		expected.map((line) => line.replace(/^# +/, "#").trimEnd()),
	);
});

test("paper that ends in a slip holds it, and new paper finishes and proves it", async () => {
	const { device, bench, printer, print } = await printerBench(30);
	const result = print();
	await bench.run(600_000);
	assert.equal(result.outcome, undefined);
	assert.equal(printer.status.paperOut, true);
	device.refill();
	await bench.run(10_000);
	assert.equal(result.outcome, "printed");
	assert.equal(device.slips.length, 1);
});

test("a cover that is opened for a minute only delays the slip", async () => {
	const { device, bench, print } = await printerBench();
	const result = print();
	await bench.run(1000);
	device.openCover();
	await bench.run(60_000);
	assert.equal(result.outcome, undefined);
	device.closeCover();
	await bench.run(10_000);
	assert.equal(result.outcome, "printed");
});

test("a jam ends as uncertain, and the reprint stands alone", async () => {
	const { device, bench, print } = await printerBench();
	const result = print();
	await bench.run(1000);
	device.jam();
	await bench.run(25_000);
	assert.equal(result.outcome, "uncertain");
	device.clearJam();
	await bench.run(10_000);
	const second = print({ ...swipe, state: State.Approved });
	await bench.run(10_000);
	assert.equal(second.outcome, "printed");
	const last = device.slips.at(-1)!;
	assert.match(last.lines[0]!.text, /银联POS签购单/);
	assert.equal(last.lines.filter(({ text }) => text.includes("银联POS签购单")).length, 2);
});

test("a power cut of the printer, long or short, never counts as printed", async () => {
	for (const offMs of [1, 100, 500, 2000, 10_000])
		for (const afterMs of [120, 400, 1500, 3000]) {
			const { device, bench, print } = await printerBench();
			const result = print();
			await bench.run(afterMs);
			device.power(false);
			await bench.run(offMs);
			device.power(true);
			await bench.run(40_000);
			assert.equal(result.outcome, "uncertain", `off ${offMs} ms after ${afterMs} ms`);
		}
});

test("a printer without a cable is gone and the slip did not start", async () => {
	const { device, bench, printer, print } = await printerBench();
	device.unplug();
	await bench.run(6000);
	assert.equal(printer.status.present, false);
	const result = print();
	await bench.run(2000);
	assert.equal(result.outcome, "not-started");
});

test("the panel shows what was meant and tells every key", async () => {
	const device = new PanelDevice();
	const bench = new DriverBench(device);
	const keys: PanelKey[] = [];
	const panel = new DgusPanel({ ...bench, port: bench.port, onKey: (key) => keys.push(key) });
	panel.show(["请刷卡 RMB 12.34", "PRESENT CARD"]);
	await bench.run(2000);
	assert.deepEqual(device.lines, ["请刷卡 RMB 12.34", "PRESENT CARD", "", ""]);
	for (const key of ["1", "00", ".", "enter", "cancel", "clear", "query", "reprint"] as const)
		device.press(key);
	await bench.run(100);
	assert.deepEqual(keys, ["1", "00", ".", "enter", "cancel", "clear", "query", "reprint"]);
	assert.equal(device.badFrames, 0);
});
