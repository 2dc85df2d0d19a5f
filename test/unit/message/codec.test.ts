import { concatBytes, equalBytes, toHex } from "core/bytes";
import { Fault, type FaultCode } from "core/fault";
import { FieldType, fixed, makeDialect } from "message/dialect";
import { MessageReader } from "message/reader";
import { unionpay } from "message/unionpay";
import { MessageWriter } from "message/writer";
import { equal, fail, ok, test, throwsFault } from "test/harness";
import {
	hex,
	layouts,
	packRequest,
	packRequestReady,
	replyBytes,
	requestBytes,
	sample,
} from "./samples";

/** Only what `fields` adds, as hex. */
function written(fields: (writer: MessageWriter) => void): string {
	const writer = new MessageWriter(unionpay).begin(0x0800);
	fields(writer);
	return toHex(writer.finish().slice(10));
}

function parsed(text: string): MessageReader {
	const reader = new MessageReader(unionpay);
	reader.parse(hex(text));
	return reader;
}

/** Fault of a parse, as "code field offset". */
function refusal(text: string): string {
	try {
		parsed(text);
	} catch (error) {
		if (error instanceof Fault) return `${error.code} ${error.a} ${error.b}`;
		throw error;
	}
	return fail("nothing was thrown");
}

test("the 237-byte 0200 is packed byte for byte", () => {
	equal(requestBytes.length, 237);
	equal(toHex(packRequest(new MessageWriter(layouts), 74)), toHex(requestBytes));
	equal(toHex(packRequestReady(new MessageWriter(layouts), 74)), toHex(requestBytes));
});

test("the 122-byte 0210 is unpacked field for field", () => {
	equal(replyBytes.length, 122);
	const reader = new MessageReader(layouts);
	reader.parse(replyBytes);
	equal(reader.mti, 0x0210);
	equal(reader.number(3), 0);
	equal(reader.number(4), 12345);
	equal(reader.number(11), 74);
	equal(reader.digits(12), "153013");
	equal(reader.number(13), 731);
	equal(reader.text(37), "073115301200");
	equal(reader.text(38), "A1B2C3");
	equal(reader.text(39), "00");
	equal(reader.text(41), sample.terminal);
	ok(!reader.has(42));
	equal(toHex(reader.bytes(55)), sample.replyChip);
	equal(reader.text(60), sample.field60);
	equal(toHex(reader.bytes(64)), sample.mac);
	ok(equalBytes(reader.macBody, replyBytes.subarray(0, 114)));
});

test("a writer packs one message after the other", () => {
	const writer = new MessageWriter(layouts);
	packRequest(writer, 1);
	writer.begin(0x0820).number(11, 1);
	equal(toHex(packRequest(writer, 74)), toHex(requestBytes));
});

test("an odd digit count is padded on the side that the table says", () => {
	equal(
		written((w) => w.number(22, 22)),
		"0220",
	);
	equal(
		written((w) => w.digits(22, "052")),
		"0520",
	);
	equal(
		written((w) => w.number(23, 123)),
		"0123",
	);
	equal(
		written((w) => w.digits(23, "123")),
		"0123",
	);
	equal(
		written((w) => w.digits(60, "22000001000")),
		"0011220000010000",
	);
	equal(
		written((w) => w.digits(61, "123")),
		"00031230",
	);
	const reader = parsed("0800 0000060000000018 0520 0123 0011220000010000 00031230");
	equal(reader.number(22), 52);
	equal(reader.digits(22), "052");
	equal(reader.number(23), 123);
	equal(reader.digits(23), "123");
	equal(reader.digits(60), "22000001000");
	equal(reader.digits(61), "123");
});

test("fixed text is padded with spaces and read without them", () => {
	equal(
		written((w) => w.text(41, "T1").text(49, "")),
		"5431202020202020202020",
	);
	const reader = parsed("0800 0000000000808000 5431202020202020 202020");
	equal(reader.text(41), "T1");
	equal(reader.text(49), "");
});

test("variable text keeps its spaces", () => {
	equal(
		written((w) => w.text(63, "01 ")),
		"0003303120",
	);
	equal(parsed("0800 0000000000000002 0003303120").text(63), "01 ");
});

test("the MAC is calculated over MTI to field 63 with bit 64 set", () => {
	let body = "";
	const bytes = new MessageWriter(unionpay)
		.begin(0x0200)
		.number(11, 74)
		.finishWithMac((view) => {
			body = toHex(view);
			return hex("3132333435363738");
		});
	equal(body, "02000020000000000001000074");
	equal(toHex(bytes), `${body}3132333435363738`);
	const reader = new MessageReader(unionpay);
	reader.parse(bytes);
	equal(toHex(reader.macBody), body);
});

test("without field 64 the whole message is the MAC body", () => {
	equal(parsed("0800 0020000000000000 000074").macBody.length, 13);
});

test("fields above 64 bring a second bitmap, and the MAC goes to 128", () => {
	const dialect = makeDialect(
		"wide",
		200,
		{ 90: fixed(FieldType.Digits, 42), 128: fixed(FieldType.Binary, 8) },
		unionpay,
	);
	const original = "020000007407311530120000000000000000000000";
	const bytes = new MessageWriter(dialect)
		.begin(0x0400)
		.number(11, 75)
		.digits(90, original)
		.finishWithMac(() => hex("0102030405060708"));
	equal(
		toHex(bytes),
		`0400${"8020000000000000"}${"0000004000000001"}000075${original}0102030405060708`,
	);
	const reader = new MessageReader(dialect);
	reader.parse(bytes);
	equal(reader.number(11), 75);
	equal(reader.digits(90), original);
	equal(reader.macBody.length, bytes.length - 8);
});

test("content that does not fit is refused, and the message with it", () => {
	const writer = new MessageWriter(unionpay);
	const refused = (code: FaultCode, field: () => void) => {
		writer.begin(0x0800).number(11, 74);
		throwsFault(code, field);
		throwsFault("bug", () => writer.finish());
		throwsFault("bug", () => writer.number(63, 1));
	};
	for (const value of [1_000_000, -1, 1.5, NaN, Infinity])
		refused("message.value", () => writer.number(12, value));
	refused("message.value", () => writer.digits(12, "12345x"));
	refused("message.value", () => writer.digits(12, "12345="));
	refused("message.value", () => writer.digits(12, "1234\u0135\u0136"));
	refused("message.value", () => writer.digits(60, "12\u5341"));
	refused("message.length", () => writer.digits(12, "12345"));
	refused("message.length", () => writer.digits(61, "1".repeat(30)));
	refused("message.field", () => writer.number(16, 1));
	refused("message.value", () => writer.text(41, "日本"));
	refused("message.value", () => writer.text(41, "é"));
	refused("message.value", () => writer.text(41, "\x7f"));
	refused("message.value", () => writer.text(37, "12-34"));
	refused("message.length", () => writer.text(41, "123456789"));
	refused("message.length", () => writer.bytes(55, new Uint8Array(256)));
	refused("message.length", () => writer.bytes(64, new Uint8Array(7)));
	refused("message.length", () => writer.bytes(41, new Uint8Array(7)));
	equal(toHex(writer.begin(0x0800).number(11, 74).finish()), "08000020000000000000000074");
});

test("wrong order, wrong method and use after the end are bugs", () => {
	const writer = new MessageWriter(unionpay);
	throwsFault("bug", () => writer.number(11, 1));
	throwsFault("bug", () => writer.finish());
	const bug = (field: () => void) => {
		writer.begin(0x0800).number(11, 74);
		throwsFault("bug", field);
	};
	bug(() => writer.number(11, 74));
	bug(() => writer.number(4, 1));
	bug(() => writer.text(12, "153012"));
	bug(() => writer.number(41, 1));
	bug(() => writer.digits(63, "01"));
	bug(() => writer.number(60, 1));
	writer.begin(0x0800).number(11, 74).finish();
	throwsFault("bug", () => writer.finish());
});

test("a message that grows over its limit is refused", () => {
	const writer = new MessageWriter(makeDialect("short", 32, {}, unionpay)).begin(0x0800);
	throwsFault("message.length", () => writer.bytes(55, new Uint8Array(100)));
	equal(writer.begin(0x0800).bytes(55, new Uint8Array(12)).finish().length, 24);
});

test("lengths that lie are refused with field and offset", () => {
	equal(refusal("0800 0020000000000000 0000"), "message.length 11 10");
	equal(refusal("0800 0000000000000200 0004 303120"), "message.length 55 12");
	equal(refusal("0800 0000000000000200 00"), "message.length 55 10");
	equal(refusal("0800 0000000000000200 0256"), "message.length 55 10");
	equal(refusal("0800 0000000000000200 000a"), "message.length 55 10");
	equal(refusal("0800 0000000000000200 f001"), "message.length 55 10");
	equal(refusal("0800 0000000100000000 1201"), "message.length 32 10");
	equal(refusal("0800 0020000000000000 000074 00"), "message.length 0 13");
});

test("bitmaps that promise too much are refused", () => {
	equal(refusal(""), "message.bitmap 1 0");
	equal(refusal("0800 00200000000000"), "message.bitmap 1 9");
	equal(refusal("0800 8020000000000000 000074"), "message.bitmap 1 13");
	equal(refusal("0800 8000000000000001 0000000000000000 0000000000000000"), "message.bitmap 64 2");
	equal(refusal("0800 0820000000000000 000074"), "message.field 5 10");
	equal(refusal("0800 8000000000000000 8000000000000000"), "message.field 65 18");
});

test("content that does not fit its type is refused", () => {
	equal(refusal("0a00 0020000000000000 000074"), "message.value 0 0");
	equal(refusal("0800 0020000000000000 00007a"), "message.value 11 12");
	equal(refusal("0800 0000040000000000 0521"), "message.value 22 11");
	equal(refusal("0800 0000020000000000 1123"), "message.value 23 10");
	equal(refusal("0800 0000000002000000 302d"), "message.value 39 11");
	equal(refusal("0800 0000000000000002 0003 301f31"), "message.value 63 13");
});

test("texts of the host may hold GBK bytes", () => {
	equal(parsed("0810 0000000000000002 0004 bdbbd2d7").text(63).length, 4);
});

test("after a refusal the reader is empty", () => {
	const reader = new MessageReader(unionpay);
	reader.parse(hex("0800 0020000000000000 000074"));
	throwsFault("message.length", () => reader.parse(hex("0800 0030000000000000 000074 1530")));
	equal(reader.mti, 0);
	ok(!reader.has(11));
	throwsFault("message.field", () => reader.number(11));
	throwsFault("message.field", () => reader.digits(11));
	equal(reader.macBody.length, 0);
});

test("what is absent or unknown is a fault, the wrong accessor a bug", () => {
	const reader = parsed("0800 0020000000800000 000074 5431202020202020");
	throwsFault("message.field", () => reader.text(42));
	throwsFault("message.field", () => reader.bytes(64));
	throwsFault("message.field", () => reader.number(0));
	throwsFault("message.field", () => reader.number(500));
	throwsFault("bug", () => reader.text(11));
	throwsFault("bug", () => reader.number(41));
	throwsFault("bug", () => parsed("0800 0000000000000010 0002 00").number(60));
	throwsFault("bug", () => reader.bytes(41));
});

test("a longer message than the dialect allows is not looked at", () => {
	throwsFault("message.length", () => new MessageReader(unionpay).parse(new Uint8Array(2049)));
});

test("a changed, cut or grown message gives a fault or a message, nothing else", () => {
	const reader = new MessageReader(layouts);
	let seed = 7;
	const random = (limit: number): number => {
		seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
		return Math.floor((seed / 4294967296) * limit);
	};
	let refused = 0;
	for (let run = 0; run < 2000; run++) {
		let bytes = replyBytes.slice();
		bytes[random(bytes.length)] = random(256);
		if (run % 3 === 1) bytes = bytes.slice(0, random(bytes.length));
		if (run % 3 === 2) bytes = concatBytes(bytes, bytes.slice(0, random(9))) as typeof bytes;
		try {
			reader.parse(bytes);
		} catch (error) {
			ok(error instanceof Fault && error.code.startsWith("message."), String(error));
			refused++;
		}
	}
	ok(refused > 1000 && refused < 2000, String(refused));
});
