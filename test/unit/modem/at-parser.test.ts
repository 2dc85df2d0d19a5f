import { asciiBytes, asciiText } from "core/bytes";
import { AtParser, lineByteLimit, type AtSink } from "modem/at-parser";
import { equal, test } from "test/harness";
import { asciiLatin } from "./fixture";

/** Notes what it hears; a line "+RAW: n" announces n bytes. */
class Ear implements AtSink {
	readonly heard: string[] = [];
	line(text: string): number {
		this.heard.push(text);
		return text.startsWith("+RAW: ") ? Number(text.slice(6)) : 0;
	}
	prompt(): void {
		this.heard.push("<prompt>");
	}
	raw(bytes: Uint8Array): void {
		this.heard.push(`<raw ${asciiText(bytes)}>`);
	}
	broken(): void {
		this.heard.push("<broken>");
	}
	overlong(): void {
		this.heard.push("<overlong>");
	}
}

/** What is heard of `text`, cut into pieces of `size`. */
function hear(text: string, size = 1_000, promptExpected = false): string[] {
	const ear = new Ear();
	const parser = new AtParser(ear, asciiBytes("\r\n\r\n"));
	parser.expectPrompt(promptExpected);
	const bytes = asciiLatin(text);
	for (let at = 0; at < bytes.length; at += size) parser.feed(bytes.subarray(at, at + size));
	return ear.heard;
}

test("cuts are the same wherever the pieces end", () => {
	const text =
		"AT\r\r\nOK\r\n\r\n+RAW: 8\r\na\r\nOK\r\nb\r\n\r\nOK\r\n\r\n+X: 1\r\n\r\n> \r\nSEND OK\r\n";
	const expected = ["AT", "OK", "+RAW: 8", "<raw a\r\nOK\r\nb>", "OK", "+X: 1", ">", "SEND OK"];
	for (let size = 1; size <= 20; size++) equal(hear(text, size), expected);
});

test("prompt counts only when expected, at a line start, once", () => {
	equal(hear("\r\n> ", 1, false), []);
	equal(hear("\r\n> ", 1, true), ["<prompt>"]);
	equal(hear("\r\n>", 1, true), ["<prompt>"]);
	equal(hear("a > b\r\n> ", 3, true), ["a > b", "<prompt>"]);
	equal(hear("\r\n> \r\n> x\r\n", 2, true), ["<prompt>", "> x"]);
});

test("lost LF, noise and blanks are borne", () => {
	equal(hear("\x00\x00\xff\r\nRDY\r\n"), ["RDY"]);
	equal(hear("OK\r+CSQ: 1,2\r\n"), ["OK", "+CSQ: 1,2"]);
	equal(hear("\r\r\n\n\n  OK \t\r\n"), ["OK"]);
	equal(hear("a\x00b\r\n"), ["a\x00b"]);
});

test("block without its tail is broken, and so is a header without its line end", () => {
	equal(hear("+RAW: 5\r\nabcd\r\n\r\nOK\r\n"), ["+RAW: 5", "<broken>", "OK"]);
	equal(hear("+RAW: 5\rabcde\r\n\r\nOK\r\n"), ["+RAW: 5", "<broken>", "OK"]);
});

test("line of the limit passes, a longer one is dropped whole", () => {
	const full = "x".repeat(lineByteLimit - 1);
	equal(hear(`${full}\r\nOK\r\n`, 100), [full, "OK"]);
	for (const size of [1, 100, 5_000])
		equal(hear(`${full}yz\r\nOK\r\n`, size), ["<overlong>", "OK"]);
});
