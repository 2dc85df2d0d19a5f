import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import iconv from "iconv-lite";
import { PanelDevice } from "../../simulator/bench/peripheral/panel";
import { Bench } from "./peripheral-support";

/** A write of text, as a terminal makes it. */
function show(address: number, text: string): Buffer {
	const data = Buffer.alloc(20, 0x20);
	iconv.encode(text, "gbk").copy(data);
	return Buffer.concat([
		Buffer.of(0x5a, 0xa5, data.length + 3, 0x82, address >> 8, address & 0xff),
		data,
	]);
}

async function makePanel() {
	const changes: (readonly string[])[] = [];
	const bench = new Bench(new PanelDevice({ onChange: (lines) => changes.push(lines) }));
	await bench.boot();
	return { bench, panel: bench.device, changes };
}

test("lines stand where they were written, Chinese too", async () => {
	const { bench, panel, changes } = await makePanel();
	bench.give(Buffer.concat([show(0x1000, "请刷卡"), show(0x1020, "12.50 RMB")]));
	deepEqual(panel.lines, ["请刷卡", "", "12.50 RMB", ""]);
	bench.give(show(0x1000, ""));
	deepEqual(changes.at(-1), ["", "", "12.50 RMB", ""]);
});

test("a frame may come byte by byte and after noise", async () => {
	const { bench, panel } = await makePanel();
	for (const byte of Buffer.concat([Buffer.of(0xff, 0x5a, 0x00, 0x5a), show(0x1030, "ready")]))
		bench.give(Buffer.of(byte));
	deepEqual(panel.lines, ["", "", "", "ready"]);
	bench.give(Buffer.of(0x5a, 0xa5, 0x05, 0x82, 0x20, 0x00, 1, 2));
	bench.give(Buffer.of(0x5a, 0xa5, 0x00));
	bench.give(show(0x1000, "still there"));
	equal(panel.lines[0], "still there");
});

test("keys are sent as frames of their own", async () => {
	const { bench, panel } = await makePanel();
	panel.press("7");
	equal(bench.take().toString("hex"), "5aa506832000010037");
	const codes = (["00", ".", "enter", "cancel", "clear", "query", "reprint"] as const).map(
		(key) => {
			panel.press(key);
			return bench.take()[8];
		},
	);
	deepEqual(codes, [0x3a, 0x2e, 0x0d, 0x1b, 0x08, 0x3f, 0x52]);
	panel.power(false);
	panel.press("1");
	equal(bench.take().length, 0);
});

test("power loss clears the display", async () => {
	const { bench, panel } = await makePanel();
	bench.give(show(0x1000, "x"));
	panel.power(false);
	deepEqual(panel.lines, ["", "", "", ""]);
});
