import { asciiBytes, toHex } from "core/bytes";
import type { PrinterStatus, PrintLine, PrintOutcome } from "core/devices";
import { LogCode } from "core/log";
import { EscPosPrinter } from "printer/printer";
import { equal, fail, ok, test, throwsFault } from "test/harness";
import { FakeBoard, FakePort, randomBytes } from "../card-reader/fake-port";
import { ScriptedPrinter } from "./scripted-printer";

function setup() {
	const board = new FakeBoard();
	const port = new FakePort(board);
	const peer = new ScriptedPrinter(board, port);
	const seen: PrinterStatus[] = [];
	const onStatus = (status: PrinterStatus) => seen.push(status);
	const printer = new EscPosPrinter({ ...board, port: port.port, onStatus });
	return { board, port, peer, printer, seen };
}

/** A slip of numbered lines. */
function slip(count: number): PrintLine[] {
	return Array.from({ length: count }, (_, i) => ({ text: `line ${i}` }));
}

function onPaper(count: number): string[] {
	return slip(count).map(({ text }) => toHex(asciiBytes(text)));
}

function print(
	printer: EscPosPrinter,
	lines: readonly PrintLine[],
): () => PrintOutcome | undefined {
	let outcome: PrintOutcome | undefined;
	let inside = true;
	printer.print(lines, (result) => {
		if (inside) fail("done was called from inside print");
		if (outcome !== undefined) fail("done was called twice");
		outcome = result;
	});
	inside = false;
	return () => outcome;
}

test("a printer is present and ready once it has answered the three status requests", () => {
	const { board, peer, printer, seen } = setup();
	equal(printer.status.present, false);
	board.advance(100);
	equal(peer.asked, [1, 2, 4]);
	equal(printer.status.ready, true);
	equal(seen.length, 1);
	board.advance(2000);
	equal(peer.asked, [1, 2, 4, 1, 2, 4]);
	equal(seen.length, 1);
});

test("paper low, paper out and open cover are told when they change", () => {
	const { board, peer, printer, seen } = setup();
	board.advance(100);
	peer.paperLow = true;
	board.advance(2100);
	equal([printer.status.ready, printer.status.paperLow], [true, true]);
	peer.paperOut = true;
	board.advance(2100);
	equal([printer.status.ready, printer.status.paperOut], [false, true]);
	peer.coverOpen = true;
	board.advance(2100);
	equal([printer.status.ready, printer.status.coverOpen], [false, true]);
	equal(seen.length, 4);
	equal(board.logged(LogCode.PrinterStatus), 4);
});

test("a printer that stops answering is gone after three seconds and comes back", () => {
	const { board, peer, printer } = setup();
	board.advance(100);
	peer.alive = false;
	board.advance(2500);
	equal(printer.status.present, true);
	board.advance(3000);
	equal(printer.status.present, false);
	peer.alive = true;
	board.advance(2500);
	equal(printer.status.ready, true);
});

test("a slip is printed when the printer has sent back the process ID, and is cut", () => {
	const { board, peer, printer } = setup();
	board.advance(100);
	const outcome = print(printer, slip(5));
	board.advance(5 * 75);
	equal(outcome(), undefined);
	board.advance(200);
	equal(outcome(), "printed");
	equal(peer.paper, [...onPaper(5), "CUT"]);
	equal(peer.errors, []);
});

test("a long slip never leaves more than the window waiting in the printer", () => {
	const { board, peer, printer } = setup();
	board.advance(100);
	const line = { text: "0123456789012345678901234567".padEnd(32, "x") };
	const lines = Array.from({ length: 100 }, () => line);
	const outcome = print(printer, lines);
	board.advance(100 * 75 + 1000);
	equal(outcome(), "printed");
	equal(peer.lines, 100);
	ok(peer.waitingMax < 1300, `${peer.waitingMax} bytes waited`);
});

test("the status is asked for while a slip is being printed", () => {
	const { board, peer, printer } = setup();
	board.advance(100);
	print(printer, slip(40));
	const before = peer.asked.length;
	board.advance(3000);
	const rounds = (peer.asked.length - before) / 3;
	ok(rounds >= 5 && rounds <= 7, `${rounds} rounds`);
});

test("nothing is sent to a printer that is not ready", () => {
	for (const fault of ["paperOut", "coverOpen", "error"] as const) {
		const { board, port, peer, printer } = setup();
		board.advance(100);
		peer[fault] = true;
		const outcome = print(printer, slip(3));
		board.advance(100);
		equal(outcome(), "not-started");
		ok(!port.sent.includes(0x0a), "a line was sent");
	}
});

test("nothing is sent to a printer that does not answer", () => {
	const { board, peer, printer } = setup();
	peer.alive = false;
	const outcome = print(printer, slip(3));
	board.advance(1400);
	equal(outcome(), undefined);
	board.advance(200);
	equal(outcome(), "not-started");
	peer.alive = true;
	board.advance(1000);
	const second = print(printer, slip(1));
	board.advance(1000);
	equal(second(), "printed");
});

test("a slip waits an hour for paper and is then proved once", () => {
	const { board, peer, printer } = setup();
	board.advance(100);
	peer.paperLines = 3;
	const outcome = print(printer, slip(60));
	board.advance(3_600_000);
	equal(outcome(), undefined);
	equal(printer.status.paperOut, true);
	equal(peer.lines, 3);
	peer.refill();
	board.advance(10_000);
	equal(outcome(), "printed");
	equal(peer.paper, [...onPaper(60), "CUT"]);
});

test("a printer that goes away in the middle leaves the slip uncertain after three seconds", () => {
	const { board, port, printer } = setup();
	board.advance(100);
	const outcome = print(printer, slip(40));
	board.advance(1000);
	port.plugged = false;
	board.advance(2000);
	equal(outcome(), undefined);
	board.advance(2000);
	equal(outcome(), "uncertain");
});

test("a printer that goes away while it waits for paper leaves the slip uncertain", () => {
	const { board, peer, printer } = setup();
	board.advance(100);
	peer.paperLines = 3;
	const outcome = print(printer, slip(10));
	board.advance(60_000);
	peer.powerOff();
	board.advance(4000);
	equal(outcome(), "uncertain");
});

test("a printer that lost its buffer for a moment cannot prove the slip", () => {
	const { board, peer, printer } = setup();
	board.advance(100);
	const outcome = print(printer, slip(100));
	board.advance(1500);
	peer.powerOff();
	board.advance(300);
	peer.alive = true;
	board.advance(15_000);
	equal(outcome(), undefined);
	board.advance(10_000);
	equal(outcome(), "uncertain");
	ok(peer.lines < 100, "all lines are on paper");
});

test("no proof within twenty seconds with paper in is uncertain, and what waits is cleared", () => {
	const { board, peer, printer } = setup();
	board.advance(100);
	peer.muteIds = true;
	const outcome = print(printer, slip(3));
	board.advance(19_000);
	equal(outcome(), undefined);
	board.advance(2_000);
	equal(outcome(), "uncertain");
	equal(peer.cleared, 1);
});

test("the slip after an uncertain one is cut off from it", () => {
	const { board, peer, printer } = setup();
	board.advance(100);
	peer.muteIds = true;
	print(printer, slip(3));
	board.advance(21_000);
	peer.muteIds = false;
	const second = print(printer, slip(2));
	board.advance(1000);
	equal(second(), "printed");
	equal(peer.paper, [...onPaper(3), "CUT", "CUT", ...onPaper(2), "CUT"]);
	const third = print(printer, slip(1));
	board.advance(1000);
	equal(third(), "printed");
	equal(peer.paper.slice(-2), [...onPaper(1), "CUT"]);
});

test("the process ID of an earlier slip proves nothing", () => {
	const { board, port, peer, printer } = setup();
	board.advance(100);
	peer.muteIds = true;
	print(printer, slip(1));
	board.advance(1000);
	const id = port.sent.slice(port.sent.indexOf(0x28) + 6, port.sent.indexOf(0x28) + 10);
	equal(id.length, 4);
	board.advance(20_000);
	const second = print(printer, slip(1));
	board.advance(1000);
	port.feed([0x37, 0x22, ...id, 0]);
	board.advance(1000);
	equal(second(), undefined);
});

test("XOFF holds the slip and XON lets it go on", () => {
	const { board, port, printer } = setup();
	board.advance(100);
	const outcome = print(printer, slip(60));
	board.advance(50);
	port.feed([0x13]);
	board.advance(200);
	const before = port.sent.filter((byte) => byte === 0x0a).length;
	board.advance(2000);
	equal(port.sent.filter((byte) => byte === 0x0a).length, before);
	ok(before < 60, "nothing left to hold");
	port.feed([0x11]);
	board.advance(10_000);
	equal(outcome(), "printed");
});

test("status told without being asked counts at once", () => {
	const { board, port, printer } = setup();
	board.advance(100);
	port.feed([0x18, 0x00, 0x0c, 0x00]);
	board.advance(5);
	equal(printer.status.paperOut, true);
	port.feed([0x30, 0x00, 0x00, 0x00]);
	board.advance(5);
	equal(printer.status.coverOpen, true);
});

test("one lost status answer does not disturb a slip", () => {
	const { board, port, printer } = setup();
	board.advance(100);
	const outcome = print(printer, slip(40));
	board.advance(490);
	port.plugged = false;
	board.advance(5);
	port.plugged = true;
	board.advance(5000);
	equal(outcome(), "printed");
});

test("a second slip while one is being printed is refused", () => {
	const { board, printer } = setup();
	board.advance(100);
	print(printer, slip(3));
	throwsFault("io.busy", () => print(printer, slip(3)));
});

test("done may print again", () => {
	const { board, peer, printer } = setup();
	board.advance(100);
	let second: (() => PrintOutcome | undefined) | undefined;
	printer.print(slip(1), () => {
		second = print(printer, slip(2));
	});
	board.advance(2000);
	equal(second?.(), "printed");
	equal(peer.paper, [...onPaper(1), "CUT", ...onPaper(2), "CUT"]);
});

test("onStatus may print", () => {
	const board = new FakeBoard();
	const port = new FakePort(board);
	const peer = new ScriptedPrinter(board, port);
	let outcome: (() => PrintOutcome | undefined) | undefined;
	const printer: EscPosPrinter = new EscPosPrinter({
		...board,
		port: port.port,
		onStatus: () => {
			outcome ??= print(printer, slip(1));
		},
	});
	board.advance(1000);
	equal(outcome?.(), "printed");
	equal(peer.lines, 1);
});

test("an empty slip is a cut", () => {
	const { board, peer, printer } = setup();
	board.advance(100);
	const outcome = print(printer, []);
	board.advance(100);
	equal(outcome(), "printed");
	equal(peer.paper, ["CUT"]);
});

test("a port without a class or a baud rate is refused and nothing is opened", () => {
	const board = new FakeBoard();
	const port = new FakePort(board);
	const bad = { ...port.port, baud: Number.NaN };
	throwsFault("io.options", () => new EscPosPrinter({ ...board, port: bad, onStatus: () => {} }));
	equal(port.opened, 0);
	equal(board.timerCount, 0);
});

test("close gives everything back, twice is fine, and nothing is called afterwards", () => {
	const { board, port, printer, seen } = setup();
	board.advance(100);
	const outcome = print(printer, slip(20));
	board.advance(200);
	printer.close();
	printer.close();
	equal(port.closed, 1);
	board.advance(100_000);
	equal(outcome(), undefined);
	equal(seen.length, 1);
	equal(board.timerCount, 0);
	throwsFault("io.closed", () => print(printer, []));
});

test("a port that breaks ends the slip as uncertain and later ones do not start", () => {
	const { board, port, printer } = setup();
	board.advance(100);
	const outcome = print(printer, slip(20));
	board.advance(500);
	port.fail();
	board.advance(1);
	equal(outcome(), "uncertain");
	equal(printer.status.present, false);
	const second = print(printer, slip(1));
	board.advance(1);
	equal(second(), "not-started");
});

test("ten thousand random bytes change nothing for good, and the next slip is printed", () => {
	const { board, port, printer } = setup();
	board.advance(100);
	const noise = randomBytes(10_000, 20_261_122);
	for (let at = 0; at < noise.length; at += 50) {
		port.feed(noise.subarray(at, at + 50));
		board.advance(10);
	}
	board.advance(5000);
	equal(printer.status.ready, true);
	ok(printer.noiseBytes > 5_000, `only ${printer.noiseBytes} counted`);
	const outcome = print(printer, slip(3));
	board.advance(2000);
	equal(outcome(), "printed");
});

test("random bytes while a slip is being printed never prove it", () => {
	const { board, port, peer, printer } = setup();
	board.advance(100);
	peer.muteIds = true;
	const outcome = print(printer, slip(3));
	const noise = randomBytes(10_000, 4);
	for (let at = 0; at < noise.length; at += 50) {
		port.feed(noise.subarray(at, at + 50));
		board.advance(10);
	}
	ok(outcome() !== "printed", "noise proved the slip");
});
