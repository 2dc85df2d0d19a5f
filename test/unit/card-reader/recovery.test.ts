import { LogCode } from "core/log";
import { equal, ok, test } from "test/harness";
import { randomBytes } from "./fake-port";
import { activate, setup } from "./reader-setup";
import { answer, swipeData } from "./scripted-reader";

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
