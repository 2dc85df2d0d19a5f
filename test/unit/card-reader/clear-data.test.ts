import { asciiBytes, concatBytes, fromHex } from "core/bytes";
import { LogCode } from "core/log";
import { ViVOtechReader } from "card-reader/card-reader";
import { carriesClearData } from "card-reader/clear-data";
import { equal, ok, test } from "test/harness";
import { FakeBoard, FakePort, randomBytes } from "./fake-port";
import {
	answer,
	ciphertext,
	emvObjects,
	ksn,
	ScriptedReader,
	swipeData,
	tlv,
} from "./scripted-reader";

/** A number with a right check digit, made here so that none stands in the sources. */
function pan(length: number): string {
	const body = "62148312345678901234".slice(0, length - 1);
	let sum = 0;
	for (let i = 0; i < body.length; i++) {
		const digit = Number(body[body.length - 1 - i]);
		sum += i % 2 === 1 ? digit : digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
	}
	return body + String((10 - (sum % 10)) % 10);
}

/** Digits in BCD, filled up with F. */
function bcd(digits: string): Uint8Array {
	return fromHex(digits.length % 2 === 0 ? digits : `${digits}f`)!;
}

function clearAnswers(): { readonly name: string; readonly data: Uint8Array }[] {
	const answers: { name: string; data: Uint8Array }[] = [];
	for (let length = 13; length <= 19; length++) {
		const number = pan(length);
		const swipe = tlv("9f39", Uint8Array.of(0x90));
		const rest = concatBytes(tlv("dfee12", ksn), tlv("dfee30", ciphertext));
		const add = (name: string, data: Uint8Array) =>
			answers.push({ name: `${name} of ${length} digits`, data: concatBytes(swipe, data, rest) });
		add("5A", tlv("5a", bcd(number)));
		add("57", tlv("57", bcd(`${number}d30122010000012345`.slice(0, 37))));
		add("57 without a separator", tlv("57", bcd(`${number}30122010000012345`.slice(0, 36))));
		add("5A with something behind", tlv("5a", bcd(`${number}c${"0".repeat(19 - length)}`)));
		add("9F6B", tlv("9f6b", bcd(`${number}d3012201000001`.slice(0, 37))));
		add("5A inside FFEE01", tlv("ffee01", tlv("5a", bcd(number))));
		add("track 2 in ASCII", tlv("dfee23", asciiBytes(`;${number}=30122010000012345?`)));
		add("track 1 in ASCII", tlv("dfee23", asciiBytes(`%B${number}^TEST/CARD^3012201?`)));
		add("the masked PAN without a mask", tlv("dfef5b", asciiBytes(number)));
		add("track 2 without a separator", tlv("dfee23", asciiBytes(`${number}30122010000012345`)));
	}
	return answers;
}

function play(data: Uint8Array) {
	const board = new FakeBoard();
	const port = new FakePort(board);
	const peer = new ScriptedReader(port);
	const reader = new ViVOtechReader({ ...board, port: port.port });
	let outcome = "";
	peer.onActivate = () => port.feed(answer(0x02, 0x00, data));
	const request = { amountMinor: 1234, currency: 156, emvType: 0, localTime: "", timeoutMs: 5000 };
	reader.activate(request, (result) => {
		outcome = result.kind === "failed" ? result.reason : result.kind;
	});
	board.advance(1000);
	return { outcome, board, port, peer, reader };
}

test("an answer with a clear PAN or track is refused in whatever form it comes", () => {
	for (const { name, data } of clearAnswers()) {
		const { outcome, board } = play(data);
		equal(outcome, "clear-data", name);
		equal(board.logged(LogCode.ReaderClearData), 1, name);
	}
});

test("an unmasked number is refused even when its check digit is wrong", () => {
	const number = pan(16);
	const wrong = number.slice(0, -1) + String((Number(number.slice(-1)) + 1) % 10);
	const data = concatBytes(
		tlv("9f39", Uint8Array.of(0x90)),
		tlv("dfee12", ksn),
		tlv("dfee30", ciphertext),
		tlv("dfef5b", asciiBytes(wrong)),
	);
	const { outcome, board } = play(data);
	equal(outcome, "clear-data");
	equal(board.logged(LogCode.ReaderClearData), 1);
});

test("clear data in a malformed answer is still seen", () => {
	const data = concatBytes(tlv("5a", bcd(pan(16))), fromHex("9f02ff01")!);
	equal(play(data).outcome, "clear-data");
});

test("clear data that nobody asked for is dropped and told", () => {
	const { board, port, reader } = play(swipeData());
	port.feed(answer(0x03, 0x00, tlv("5a", bcd(pan(19)))));
	board.advance(10);
	equal(board.logged(LogCode.ReaderClearData), 1);
	equal(reader.ready, true);
});

test("the bytes that the port gave are zeroed", () => {
	const board = new FakeBoard();
	const given: Uint8Array[] = [];
	const port = new FakePort(board);
	const { io } = port.port;
	class Spy extends io {
		override read(): Uint8Array | undefined {
			const bytes = super.read();
			if (bytes !== undefined) given.push(bytes);
			return bytes;
		}
	}
	new ViVOtechReader({ ...board, port: { ...port.port, io: Spy } });
	port.feed(answer(0x02, 0x00, tlv("5a", bcd(pan(16)))));
	board.advance(10);
	equal(given.length, 1);
	ok(
		given[0]!.every((byte) => byte === 0),
		"not zeroed",
	);
});

test("encrypted answers, masked tracks and random bytes are not taken for clear data", () => {
	equal(carriesClearData(swipeData()), false);
	equal(carriesClearData(emvObjects), false);
	equal(carriesClearData(asciiBytes(";621483******0001=3012*************?")), false);
	equal(carriesClearData(asciiBytes("000000000000000000")), false);
	equal(carriesClearData(randomBytes(100_000, 7)), false);
});
