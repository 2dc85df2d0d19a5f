import { concatBytes, fromHex, toHex } from "core/bytes";
import type { PanelKey } from "core/devices";
import { LogCode } from "core/log";
import { DgusPanel } from "panel/panel";
import { equal, ok, test, throwsFault } from "test/harness";
import { FakeBoard, FakePort, randomBytes } from "../card-reader/fake-port";

function setup() {
	const board = new FakeBoard();
	const port = new FakePort(board);
	const keys: PanelKey[] = [];
	const panel = new DgusPanel({ ...board, port: port.port, onKey: (key) => keys.push(key) });
	return { board, port, keys, panel };
}

function key(code: number): Uint8Array {
	return concatBytes(fromHex("5aa50683200001")!, Uint8Array.of(0, code));
}

/** Text of a written line as hex, by its address. */
function written(port: FakePort, from = 0): string[] {
	const hex = toHex(Uint8Array.from(port.sent.slice(from)));
	return hex.split("5aa51782").slice(1);
}

test("lines are written in GBK, padded to 20 columns, at their own addresses", () => {
	const { board, port, panel } = setup();
	panel.show(["金额 12.34", "ready"]);
	board.advance(100);
	const blank = "20".repeat(20);
	equal(written(port), [
		`1000bdf0b6ee2031322e3334${"20".repeat(10)}`,
		`10107265616479${"20".repeat(15)}`,
		`1020${blank}`,
		`1030${blank}`,
	]);
});

test("only a line that changed is written", () => {
	const { board, port, panel } = setup();
	panel.show(["a", "b", "c", "d"]);
	board.advance(2000);
	const before = port.sent.length;
	panel.show(["a", "B", "c", "d"]);
	board.advance(100);
	equal(written(port, before), [`101042${"20".repeat(19)}`]);
	panel.show(["a", "B", "c", "d"]);
	board.advance(100);
	equal(port.sent.length, before + 26);
});

test("what does not fit is cut between characters", () => {
	const { board, port, panel } = setup();
	panel.show(["1234567890123456789银联", "银银银银银银银银银银银"]);
	board.advance(100);
	const [first, second] = written(port);
	equal(first, "1000" + "31323334353637383930313233343536373839" + "20");
	equal(second, `1010${"d2f8".repeat(10)}`);
});

test("of many texts in a row the newest stays, and the port is never overrun", () => {
	const { board, port, panel } = setup();
	board.advance(2000);
	const before = port.sent.length;
	for (let i = 0; i < 1000; i++) panel.show([`text ${i}`, `${i}`, `${i}`, `${i}`]);
	board.advance(1000);
	const lines = written(port, before);
	ok(lines.length <= 16, `${lines.length} lines were written`);
	for (const address of ["1000", "1010", "1020", "1030"]) {
		const last = lines.filter((line) => line.startsWith(address)).pop()!;
		ok(last.includes("393939"), `line ${address} shows ${last}`);
	}
});

test("what was shown while the panel started is written once more", () => {
	const { board, port, panel } = setup();
	port.plugged = false;
	panel.show(["hello"]);
	board.advance(200);
	port.plugged = true;
	board.advance(2000);
	equal(written(port).length, 4);
	ok(written(port)[0]!.startsWith("100068656c6c6f"), "the text is missing");
});

test("every key is told", () => {
	const { board, port, keys } = setup();
	const codes = [...Array.from({ length: 10 }, (_, i) => 0x30 + i), 0x3a, 0x2e, 0x0d, 0x1b];
	for (const code of [...codes, 0x08, 0x3f, 0x52]) port.feed(key(code));
	board.advance(10);
	const digits: PanelKey[] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
	equal(keys, [...digits, "00", ".", "enter", "cancel", "clear", "query", "reprint"]);
});

test("keys are found byte by byte, behind noise and behind a frame that lost bytes", () => {
	const { board, port, keys } = setup();
	for (const byte of key(0x31)) port.feed([byte]);
	port.feed(concatBytes(fromHex("005a5aff")!, key(0x32)));
	port.feed(key(0x33).slice(0, 4));
	board.advance(10);
	port.feed(key(0x34));
	board.advance(1000);
	port.feed(key(0x35));
	board.advance(10);
	equal(keys, ["1", "2", "4", "5"]);
});

test("a length that lies holds keys back for a moment only", () => {
	const { board, port, keys } = setup();
	port.feed(concatBytes(fromHex("5aa510")!, key(0x37)));
	board.advance(10);
	equal(keys, []);
	board.advance(500);
	equal(keys, ["7"]);
	port.feed(concatBytes(fromHex("5aa5ff")!, key(0x38)));
	board.advance(10);
	equal(keys, ["7", "8"]);
});

test("acknowledgements are no noise; unknown keys and frames are", () => {
	const { board, port, keys } = setup();
	port.feed(fromHex("5aa503824f4b")!);
	board.advance(10);
	equal(board.logged(LogCode.PanelNoise), 0);
	port.feed(key(0x41));
	port.feed(fromHex("5aa5068320010100" + "31")!);
	board.advance(10);
	equal(keys, []);
	equal(board.logged(LogCode.PanelNoise), 1);
});

test("a port without a class or a baud rate is refused and nothing is opened", () => {
	const board = new FakeBoard();
	const port = new FakePort(board);
	const bad = { ...port.port, baud: -1 };
	throwsFault("io.options", () => new DgusPanel({ ...board, port: bad, onKey: () => {} }));
	equal(port.opened, 0);
	equal(board.timerCount, 0);
});

test("close gives everything back, twice is fine, and no key comes afterwards", () => {
	const { board, port, keys, panel } = setup();
	port.feed(key(0x31));
	panel.close();
	panel.close();
	equal(port.closed, 1);
	board.advance(5000);
	equal(keys, []);
	equal(board.timerCount, 0);
	throwsFault("io.closed", () => panel.show([]));
});

test("a port that breaks takes texts without harm", () => {
	const { board, port, panel } = setup();
	board.advance(100);
	port.fail();
	board.advance(1);
	panel.show(["still alive"]);
	board.advance(2000);
	equal(board.timerCount, 0);
});

test("ten thousand random bytes press no key, and the next key counts", () => {
	const { board, port, keys, panel } = setup();
	const noise = randomBytes(10_000, 20_261_122);
	for (let at = 0; at < noise.length; at += 50) {
		port.feed(noise.subarray(at, at + 50));
		board.advance(10);
	}
	board.advance(1000);
	equal(keys, []);
	equal(panel.noiseBytes, 10_000);
	port.feed(key(0x0d));
	board.advance(10);
	equal(keys, ["enter"]);
	equal(board.logged(LogCode.PanelNoise), 1);
});
