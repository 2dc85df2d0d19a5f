import { asciiBytes, concatBytes, fromHex, toHex } from "core/bytes";
import { EntryMode } from "core/card";
import type { CardOutcome, CardRequest } from "core/devices";
import { LogCode } from "core/log";
import { ViVOtechReader } from "card-reader/card-reader";
import { equal, fail, ok, test, throwsFault } from "test/harness";
import { FakeBoard, FakePort, randomBytes } from "./fake-port";
import {
	answer,
	chipData,
	ciphertext,
	emvObjects,
	ksn,
	maskedPan,
	ScriptedReader,
	swipeData,
	tlv,
} from "./scripted-reader";

const request: CardRequest = {
	amountMinor: 1234,
	currency: 156,
	emvType: 0,
	localTime: "261122093005",
	timeoutMs: 60_000,
};

function setup() {
	const board = new FakeBoard();
	const port = new FakePort(board);
	const peer = new ScriptedReader(port);
	const reader = new ViVOtechReader({ ...board, port: port.port });
	return { board, port, peer, reader };
}

/** Activates and collects what `done` gets; fails when it is called from inside or twice. */
function activate(reader: ViVOtechReader): { readonly outcome: () => CardOutcome | undefined } {
	let outcome: CardOutcome | undefined;
	let inside = true;
	reader.activate(request, (result) => {
		if (inside) fail("done was called from inside activate");
		if (outcome !== undefined) fail("done was called twice");
		outcome = result;
	});
	inside = false;
	return { outcome: () => outcome };
}

/** Plays one activation that the reader answers with this frame. */
function read(frame: Uint8Array): { readonly outcome: CardOutcome; readonly board: FakeBoard } {
	const { board, port, peer, reader } = setup();
	peer.onActivate = () => port.feed(frame);
	const sale = activate(reader);
	board.advance(1000);
	return { outcome: sale.outcome() ?? fail("no outcome"), board };
}

function failed(frame: Uint8Array): string {
	const { outcome } = read(frame);
	return outcome.kind === "failed" ? outcome.reason : outcome.kind;
}

test("a reader that answers the first ping is ready", () => {
	const { board, peer, reader } = setup();
	equal(reader.ready, false);
	board.advance(100);
	equal(reader.ready, true);
	equal(peer.heard, ["1801"]);
	board.advance(30_000);
	equal(peer.heard, ["1801", "1801"]);
});

test("a reader that stops answering is not ready, and ready again when it is back", () => {
	const { board, peer, reader } = setup();
	board.advance(100);
	peer.alive = false;
	board.advance(32_000);
	equal(reader.ready, false);
	peer.alive = true;
	board.advance(6_000);
	equal(reader.ready, true);
	equal(board.logged(LogCode.ReaderFault, 1), 1);
});

test("the activation carries time-out, amount, type, currency, date and time", () => {
	const { board, peer, reader } = setup();
	activate(reader);
	board.advance(1000);
	equal(toHex(peer.activation), "3c9f02060000000012349c01005f2a0201569a032611229f2103093005");
});

test("a swipe gives masked PAN, KSN and ciphertext and no chip data", () => {
	const { outcome } = read(answer(0x02, 0x00, swipeData()));
	equal(outcome, {
		kind: "card",
		card: {
			entryMode: EntryMode.Swipe,
			maskedPan,
			ksn,
			ciphertext,
			chipData: new Uint8Array(0),
			panSequence: -1,
			onlinePin: false,
		},
	});
});

test("a chip gives the objects of DE55 without name and expiry, and the PAN sequence", () => {
	const { outcome } = read(answer(0x02, 0x23, chipData()));
	ok(outcome.kind === "card", "no card");
	equal(outcome.card.entryMode, EntryMode.Chip);
	equal(toHex(outcome.card.chipData), toHex(emvObjects));
	equal(outcome.card.panSequence, 1);
	equal(outcome.card.onlinePin, false);
});

test("a tap whose card wants an online PIN says so", () => {
	for (const method of ["020000", "420300"]) {
		const objects = concatBytes(
			tlv("9f34", fromHex(method)!),
			tlv("9f26", fromHex("1122334455667788")!),
			tlv("9f27", fromHex("80")!),
		);
		const { outcome } = read(answer(0x02, 0x23, chipData(objects, 0x07)));
		ok(outcome.kind === "card", "no card");
		equal(outcome.card.entryMode, EntryMode.Tap);
		equal(outcome.card.onlinePin, true);
	}
});

test("a chip that declines is refused", () => {
	const objects = concatBytes(
		tlv("9f26", fromHex("1122334455667788")!),
		tlv("9f27", fromHex("00")!),
	);
	equal(failed(answer(0x02, 0x23, chipData(objects))), "refused");
});

test("a chip that signed another amount is a bad read", () => {
	const objects = concatBytes(
		tlv("9f26", fromHex("1122334455667788")!),
		tlv("9f27", fromHex("80")!),
		tlv("9f02", fromHex("000000001235")!),
	);
	equal(failed(answer(0x02, 0x23, chipData(objects))), "bad-read");
});

test("time-out, failed read and refusal of the reader are told apart", () => {
	equal(failed(answer(0x02, 0x08)), "timeout");
	equal(failed(answer(0x02, 0x0a)), "bad-read");
	equal(failed(answer(0x02, 0x05)), "refused");
	equal(failed(answer(0x02, 0x0b)), "refused");
});

test("an answer without key serial number, ciphertext, PAN or entry mode is a bad read", () => {
	const parts = [
		tlv("9f39", Uint8Array.of(0x90)),
		tlv("dfee12", ksn),
		tlv("dfee30", ciphertext),
		tlv("dfef5b", asciiBytes(maskedPan)),
	];
	for (let i = 0; i < parts.length; i++) {
		const rest = parts.filter((_, index) => index !== i);
		equal(failed(answer(0x02, 0x00, concatBytes(...rest))), "bad-read");
	}
	equal(failed(answer(0x02, 0x00, concatBytes(...parts).slice(0, -1))), "bad-read");
	equal(failed(answer(0x02, 0x00)), "bad-read");
});

test("a PAN with too many digits visible is masked to six and four", () => {
	const data = concatBytes(
		tlv("9f39", Uint8Array.of(0x90)),
		tlv("dfee12", ksn),
		tlv("dfee30", ciphertext),
		tlv("dfef5b", asciiBytes("62148300****200001")),
	);
	const { outcome } = read(answer(0x02, 0x00, data));
	ok(outcome.kind === "card", "no card");
	equal(outcome.card.maskedPan, "621483********0001");
});

test("no answer to the question whether it is there ends the activation after a second", () => {
	const { board, peer, reader } = setup();
	board.advance(100);
	peer.alive = false;
	const sale = activate(reader);
	board.advance(900);
	equal(sale.outcome(), undefined);
	board.advance(200);
	equal(sale.outcome(), { kind: "failed", reason: "no-reader" });
	equal(reader.ready, false);
});

test("a reader that falls silent while a card is awaited ends it at the deadline", () => {
	const { board, peer, reader } = setup();
	peer.onActivate = () => {
		peer.alive = false;
	};
	const sale = activate(reader);
	board.advance(65_000);
	equal(sale.outcome(), undefined);
	board.advance(1_100);
	equal(sale.outcome(), { kind: "failed", reason: "no-reader" });
	equal(reader.ready, false);
});

test("an answer that was garbled is asked for once more", () => {
	const good = answer(0x02, 0x00, swipeData());
	const wrongCrc = good.slice();
	wrongCrc[40]! ^= 0x20;
	for (const garbled of [wrongCrc, good.slice(0, 60), randomBytes(120, 5)]) {
		const { board, port, peer, reader } = setup();
		peer.onActivate = () => {
			peer.result = swipeData();
			port.feed(garbled);
		};
		const sale = activate(reader);
		board.advance(1000);
		equal(sale.outcome()?.kind, "card");
		equal(peer.heard.slice(-1), ["0340"]);
	}
});

test("the card of an earlier sale is never taken for this one", () => {
	const { board, port, peer, reader } = setup();
	// A reader that had read a card before we started, and an activation that got lost.
	peer.result = swipeData();
	const first = activate(reader);
	board.advance(1000);
	port.feed(randomBytes(50, 6));
	board.advance(66_000);
	equal(first.outcome(), { kind: "timeout" });
	// A card of our own, and the next activation gets lost.
	peer.onActivate = () => port.feed(answer(0x02, 0x00, swipeData()));
	const second = activate(reader);
	board.advance(1000);
	equal(second.outcome()?.kind, "card");
	peer.onActivate = () => {};
	const third = activate(reader);
	board.advance(1000);
	port.feed(randomBytes(50, 6));
	board.advance(66_000);
	equal(third.outcome(), { kind: "timeout" });
});

test("noise while the reader waits for a card does not end the wait", () => {
	const { board, port, peer, reader } = setup();
	const sale = activate(reader);
	board.advance(1000);
	port.feed(randomBytes(50, 6));
	board.advance(1000);
	equal(peer.heard.slice(-1), ["0340"]);
	equal(sale.outcome(), undefined);
	port.feed(answer(0x02, 0x00, swipeData()));
	board.advance(10);
	equal(sale.outcome()?.kind, "card");
});

test("an answer that never came is asked for at the deadline", () => {
	const { board, peer, reader } = setup();
	const sale = activate(reader);
	board.advance(60_000);
	peer.result = swipeData();
	board.advance(6_000);
	equal(sale.outcome()?.kind, "card");
});

test("a reader that has nothing at the deadline is a time-out and is cancelled", () => {
	const { board, peer, reader } = setup();
	const sale = activate(reader);
	board.advance(66_000);
	equal(sale.outcome(), { kind: "timeout" });
	equal(peer.heard.slice(-2), ["0340", "0501"]);
	equal(reader.ready, true);
});

test("a cancel while the result is asked for ends the wait", () => {
	const { board, port, peer, reader } = setup();
	const sale = activate(reader);
	board.advance(1000);
	port.feed(randomBytes(50, 6));
	peer.alive = false;
	board.advance(300);
	peer.alive = true;
	reader.cancel();
	board.advance(100);
	equal(sale.outcome(), { kind: "cancelled" });
});

test("a cancel ends the wait, and the next card is read", () => {
	const { board, port, peer, reader } = setup();
	const first = activate(reader);
	board.advance(1000);
	reader.cancel();
	equal(first.outcome(), undefined);
	board.advance(100);
	equal(first.outcome(), { kind: "cancelled" });
	peer.onActivate = () => port.feed(answer(0x02, 0x00, swipeData()));
	const second = activate(reader);
	board.advance(1000);
	equal(second.outcome()?.kind, "card");
	equal(peer.heard.slice(-3), ["0501", "0340", "0240"]);
});

test("a cancel before the reader has answered ends the activation without a card", () => {
	const { board, peer, reader } = setup();
	const sale = activate(reader);
	reader.cancel();
	board.advance(1000);
	equal(sale.outcome(), { kind: "cancelled" });
	ok(!peer.heard.includes("0240"), "the reader was activated");
});

test("a card that was faster than the cancel is given", () => {
	const { board, port, peer, reader } = setup();
	const sale = activate(reader);
	board.advance(1000);
	peer.onCancel = () => port.feed(answer(0x02, 0x00, swipeData()));
	reader.cancel();
	board.advance(1000);
	equal(sale.outcome()?.kind, "card");
});

test("a cancel that the reader does not hear is tried twice and then given up", () => {
	const { board, peer, reader } = setup();
	const sale = activate(reader);
	board.advance(1000);
	peer.mute = true;
	reader.cancel();
	board.advance(1100);
	equal(sale.outcome(), { kind: "cancelled" });
	equal(peer.heard.slice(-2), ["0501", "0501"]);
});

test("a card answer that belongs to an earlier activation is not taken for the next", () => {
	const { board, port, peer, reader } = setup();
	activate(reader);
	board.advance(1000);
	peer.mute = true;
	reader.cancel();
	board.advance(1100);
	peer.mute = false;
	peer.onCancel = () => port.feed(answer(0x02, 0x00, swipeData()));
	const second = activate(reader);
	board.advance(1000);
	equal(second.outcome(), undefined);
	equal(peer.heard.slice(-3), ["0501", "0340", "0240"]);
	equal(board.logged(LogCode.ReaderFault, 4), 1);
});

test("a second activation while a card is awaited is refused", () => {
	const { reader } = setup();
	activate(reader);
	throwsFault("io.busy", () => activate(reader));
});

test("done may activate again", () => {
	const { board, port, peer, reader } = setup();
	peer.onActivate = () => port.feed(answer(0x02, 0x0a));
	let second: { readonly outcome: () => CardOutcome | undefined } | undefined;
	reader.activate(request, () => {
		second = activate(reader);
	});
	board.advance(1000);
	equal(second?.outcome(), { kind: "failed", reason: "bad-read" });
});

test("a port without a class or a baud rate is refused and nothing is opened", () => {
	const board = new FakeBoard();
	const port = new FakePort(board);
	throwsFault(
		"io.options",
		() => new ViVOtechReader({ ...board, port: { ...port.port, baud: 0 } }),
	);
	equal(port.opened, 0);
	equal(board.timerCount, 0);
});

test("close gives everything back, twice is fine, and nothing is called afterwards", () => {
	const { board, port, reader } = setup();
	const sale = activate(reader);
	board.advance(1000);
	port.feed(answer(0x02, 0x00, swipeData()));
	reader.close();
	reader.close();
	equal(port.closed, 1);
	board.advance(100_000);
	equal(sale.outcome(), undefined);
	equal(board.timerCount, 0);
	throwsFault("io.closed", () => activate(reader));
});

test("a port that breaks ends the activation", () => {
	const { board, port, reader } = setup();
	const sale = activate(reader);
	board.advance(1000);
	port.fail();
	board.advance(1);
	equal(sale.outcome(), { kind: "failed", reason: "no-reader" });
	equal(reader.ready, false);
});

test("ten thousand random bytes change nothing, and the next card is read", () => {
	const { board, port, peer, reader } = setup();
	board.advance(100);
	const noise = randomBytes(10_000, 20_261_122);
	for (let at = 0; at < noise.length; at += 100) {
		port.feed(noise.subarray(at, at + 100));
		board.advance(10);
	}
	board.advance(1000);
	ok(reader.noiseBytes >= 9_990, `only ${reader.noiseBytes} counted`);
	peer.onActivate = () => port.feed(answer(0x02, 0x00, swipeData()));
	const sale = activate(reader);
	board.advance(1000);
	equal(sale.outcome()?.kind, "card");
	equal(board.logged(LogCode.ReaderFault, 2), 1);
});
