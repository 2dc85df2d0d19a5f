import { concatBytes, fromHex, toHex } from "core/bytes";
import type { ChipOutcome, HostAnswer } from "core/devices";
import { equal, fail, ok, test, throwsFault } from "test/harness";
import { activate, setup } from "./reader-setup";
import { answer, chipData, swipeData, tlv } from "./scripted-reader";

const none = new Uint8Array(0);
const approval: HostAnswer = {
	responseCode: "00",
	issuerData: fromHex("910a11223344556677883030")!,
};
const goOnline = tlv("dfee25", fromHex("0004")!);

/** 60-frame of a reader that has come to an end. */
function lastWord(result: string, information: string, more: Uint8Array = none): Uint8Array {
	const data = concatBytes(
		tlv("dfee25", fromHex(result)!),
		tlv("9f26", fromHex("a1a2a3a4a5a6a7a8")!),
		tlv("9f27", fromHex(information)!),
		more,
	);
	return answer(0x60, 0x00, data);
}

/** A chip was read over 60-frames and waits for the host. */
function chipWaits() {
	const { board, port, peer, reader } = setup();
	peer.onActivate = () => {
		port.feed(answer(0x60, 0x63));
		port.feed(answer(0x61, 0x01, Uint8Array.of(0, 4, 0x1c)));
		port.feed(answer(0x60, 0x00, concatBytes(goOnline, chipData())));
	};
	const sale = activate(reader);
	board.advance(1000);
	equal(sale.outcome()?.kind, "card");
	return { board, port, peer, reader };
}

/** Tells the chip the host's answer; the reader answers with these frames. */
function complete(frames: readonly Uint8Array[]): ChipOutcome {
	const { board, port, peer, reader } = chipWaits();
	peer.onComplete = () => frames.forEach((frame) => port.feed(frame));
	let outcome: ChipOutcome | undefined;
	reader.complete(approval, (result) => {
		if (outcome !== undefined) fail("done was called twice");
		outcome = result;
	});
	ok(outcome === undefined, "not from inside");
	board.advance(10_001);
	return outcome ?? fail("no outcome");
}

test("a chip that answers over contact frames is read and waits for the host", () => {
	const { reader } = chipWaits();
	equal(reader.awaitsHost, true);
});

test("a swipe does not wait for the host", () => {
	const { board, port, peer, reader } = setup();
	peer.onActivate = () => port.feed(answer(0x02, 0x00, swipeData()));
	activate(reader);
	board.advance(1000);
	equal(reader.awaitsHost, false);
	throwsFault("io.busy", () => reader.complete(approval, () => fail("never")));
});

test("the host's answer goes to the reader as its guide says", () => {
	const { board, peer, reader } = chipWaits();
	reader.complete(approval, () => {});
	board.advance(100);
	equal(toHex(peer.completion), "018a023030910a11223344556677883030");
});

test("a TC is the card's approval, with its cryptogram", () => {
	equal(complete([answer(0x60, 0x63), lastWord("0002", "40")]), {
		kind: "approved",
		cryptogram: fromHex("a1a2a3a4a5a6a7a8")!,
		scriptResults: none,
	});
});

test("an AAC is the card's refusal, whatever the kernel calls it", () => {
	equal(complete([lastWord("0003", "00")]).kind, "declined");
	equal(complete([lastWord("0002", "00")]).kind, "declined");
	equal(complete([lastWord("0003", "40")]).kind, "declined");
});

test("results of the issuer's scripts are handed on", () => {
	const results = tlv("9f5b", fromHex("2100000000")!);
	equal(toHex(complete([lastWord("0002", "40", results)]).scriptResults), "2100000000");
});

test("a card that was pulled, a broken answer and silence are failures, each told once", () => {
	equal(complete([answer(0x60, 0x0a)]).kind, "failed");
	equal(complete([answer(0x60, 0x00, Uint8Array.of(0x9f))]).kind, "failed");
	equal(complete([]).kind, "failed");
	equal(complete([answer(0x60, 0x63)]).kind, "failed");
});

test("card data in clear in the chip's last word is a failure", () => {
	const clear = tlv("5a", fromHex("4111111111111111")!);
	equal(complete([lastWord("0002", "40", clear)]).kind, "failed");
});

test("the answer is given to a chip once", () => {
	const { board, peer, reader } = chipWaits();
	reader.complete(approval, () => {});
	throwsFault("io.busy", () => reader.complete(approval, () => {}));
	board.advance(60_000);
	equal(peer.heard.filter((name) => name === "6012").length, 1);
});

test("the reader is left alone while its chip waits for the host", () => {
	const { board, peer } = chipWaits();
	const before = peer.heard.length;
	board.advance(60_000);
	equal(peer.heard.length, before);
});

test("the next activation cancels a chip that was never told", () => {
	const { board, peer, reader } = chipWaits();
	peer.onActivate = () => {};
	activate(reader);
	equal(reader.awaitsHost, false);
	board.advance(1000);
	ok(peer.heard.slice(-3).includes("0501"), peer.heard.join(" "));
	equal(peer.heard[peer.heard.length - 1], "0240");
});

test("a chip that the kernel declined by itself is no card to charge", () => {
	for (const result of ["0001", "0003", "0010"]) {
		const { board, port, peer, reader } = setup();
		peer.onActivate = () =>
			port.feed(answer(0x60, 0x00, concatBytes(tlv("dfee25", fromHex(result)!), chipData())));
		const sale = activate(reader);
		board.advance(1000);
		equal(sale.outcome(), { kind: "failed", reason: "refused" });
	}
});
