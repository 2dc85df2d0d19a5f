import { asciiBytes, concatBytes, fromHex, toHex } from "core/bytes";
import { EntryMode } from "core/card";
import type { CardOutcome } from "core/devices";
import { LogCode } from "core/log";
import { ViVOtechReader } from "card-reader/card-reader";
import { equal, fail, ok, test, throwsFault } from "test/harness";
import { FakeBoard, FakePort, randomBytes } from "./fake-port";
import { activate, request, setup } from "./reader-setup";
import {
	answer,
	chipData,
	ciphertext,
	emvObjects,
	ksn,
	maskedPan,
	swipeData,
	tlv,
} from "./scripted-reader";

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
	equal(
		toHex(peer.activation),
		"3c9f02060000000012349c01005f2a0201569a032611229f2103093005dfef1f020101",
	);
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
