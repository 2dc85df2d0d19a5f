import { asciiBytes, asciiText, concatBytes, toHex } from "core/bytes";
import { Fault } from "core/fault";
import {
	FieldType,
	fixed,
	lllvar,
	llvar,
	makeDialect,
	type Dialect,
	type FieldFormat,
} from "message/dialect";
import { iso87, iso87Binary } from "message/iso87";
import { answerTo, repeatOf } from "message/mti";
import { MessageReader } from "message/reader";
import { field90Of } from "message/sub-fields";
import { unionpay } from "message/unionpay";
import { MessageWriter } from "message/writer";
import { equal, fail, ok, test, throwsFault } from "test/harness";
import { hex } from "./samples";

/** Network management request (echo), spelled out by hand. */
const echoText = "0800" + "8220000000000000" + "0400000000000000" + "0731153012" + "000074" + "301";

/** Reversal advice, sent again, with two bitmaps, original data elements and a MAC in field 128. */
const reversalText = [
	"0401",
	"B22000010AC18000",
	"0000004000000001",
	"000000", // 3
	"000000012345", // 4
	"0731153112", // 7
	"000074", // 11
	"0812345678", // 32
	"073115301200", // 37
	"98", // 39
	"00001234", // 41
	"123456789012345", // 42
	"0045A1=", // 48
	"156", // 49
	"020000007407311530120001234567800000000000", // 90
	"0123456789ABCDEF", // 128
].join("");

function written(): MessageWriter {
	return new MessageWriter(iso87)
		.begin(repeatOf(iso87, 0x0400))
		.number(3, 0)
		.number(4, 12345)
		.number(7, 731153112)
		.number(11, 74)
		.digits(32, "12345678")
		.text(37, "073115301200")
		.text(39, "98")
		.text(41, "00001234")
		.text(42, "123456789012345")
		.text(48, "5A1=")
		.text(49, "156");
}

function parsed(dialect: Dialect, bytes: Uint8Array): MessageReader {
	const reader = new MessageReader(dialect);
	reader.parse(bytes);
	return reader;
}

/** Fault of a parse, as "code field offset". */
function refusal(dialect: Dialect, bytes: Uint8Array): string {
	const reader = new MessageReader(dialect);
	try {
		reader.parse(bytes);
	} catch (error) {
		if (!(error instanceof Fault)) throw error;
		equal(reader.mti, 0);
		equal(reader.has(11), false);
		return `${error.code} ${error.a} ${error.b}`;
	}
	return fail("nothing was thrown");
}

test("an echo in characters is packed and unpacked character by character", () => {
	const bytes = new MessageWriter(iso87)
		.begin(0x0800)
		.number(7, 731153012)
		.number(11, 74)
		.number(70, 301)
		.finish();
	equal(asciiText(bytes), echoText);
	const reader = parsed(iso87, bytes);
	equal(reader.mti, 0x0800);
	equal(reader.number(7), 731153012);
	equal(reader.digits(11), "000074");
	equal(reader.number(70), 301);
	equal(reader.has(64), false);
});

test("a repeated reversal carries its MTI, the original data elements and a MAC over what is sent", () => {
	const text = reversalText;
	const original = { mti: 0x0200, stan: 74, transmission: 731153012 };
	let body = "";
	const bytes = written()
		.digits(90, field90Of({ ...original, acquirer: "12345678", forwarder: "" }))
		.finishWithMac((view) => {
			body = asciiText(view);
			return hex("0123456789ABCDEF");
		});
	equal(asciiText(bytes), text);
	equal(body, text.slice(0, -16));
	const reader = parsed(iso87, bytes);
	equal(reader.mti, 0x0401);
	equal(reader.digits(32), "12345678");
	equal(reader.digits(90), text.slice(-58, -16));
	equal(toHex(reader.bytes(128)), "0123456789abcdef");
	equal(asciiText(reader.macBody), body);
});

test("with one bitmap the MAC is field 64 and the message has no second one", () => {
	const bytes = new MessageWriter(iso87)
		.begin(0x0210)
		.number(11, 74)
		.finishWithMac(() => hex("fedcba9876543210"));
	equal(asciiText(bytes), "02100020000000000001000074FEDCBA9876543210");
	equal(asciiText(parsed(iso87, bytes).macBody), "02100020000000000001000074");
});

test("the other variant has bitmaps and b fields as bytes", () => {
	const bytes = new MessageWriter(iso87Binary)
		.begin(0x0200)
		.number(11, 74)
		.bytes(55, hex("9f3602"))
		.finishWithMac(() => hex("fedcba9876543210"));
	const expected = concatBytes(
		asciiBytes("0200"),
		hex("0020000000000201"),
		asciiBytes("000074003"),
		hex("9f3602fedcba9876543210"),
	);
	equal(toHex(bytes), toHex(expected));
	const reader = parsed(iso87Binary, bytes);
	equal(toHex(reader.bytes(55)), "9f3602");
	equal(reader.number(11), 74);
});

test("track data keep their separator", () => {
	const track = "1234567890123456=49121011234567890";
	const bytes = new MessageWriter(iso87).begin(0x0200).digits(35, track).finish();
	equal(asciiText(bytes), `0200000000002000000034${track}`);
	equal(parsed(iso87, bytes).digits(35), track);
	throwsFault("message.value", () => new MessageWriter(iso87).begin(0x0200).digits(35, "12D4"));
});

test("ready content of digits in ASCII is taken as characters", () => {
	const bytes = new MessageWriter(iso87)
		.begin(0x0200)
		.bytes(3, asciiBytes("000000"))
		.bytes(32, asciiBytes("123"))
		.finish();
	equal(asciiText(bytes), "0200200000010000000000000003123");
	throwsFault("message.length", () =>
		new MessageWriter(iso87).begin(0x0200).bytes(3, hex("000000")),
	);
	throwsFault("message.length", () =>
		new MessageWriter(iso87).begin(0x0200).bytes(64, new Uint8Array(16)),
	);
	throwsFault("message.length", () =>
		new MessageWriter(iso87).begin(0x0200).bytes(32, asciiBytes("123456789012")),
	);
});

test("coding of the content, of the length and of the head do not depend on each other", () => {
	const value = hex("0102030405");
	for (const asciiMti of [false, true])
		for (const hexBitmap of [false, true])
			for (const asciiPrefix of [false, true])
				for (const asciiContent of [false, true]) {
					const coded = (format: FieldFormat) => ({ ...format, asciiPrefix, asciiContent });
					const dialect = makeDialect(
						"mixed",
						512,
						{
							2: coded(llvar(FieldType.Digits, 19)),
							4: coded(fixed(FieldType.Digits, 5, true)),
							5: coded(fixed(FieldType.Digits, 5)),
							35: coded(llvar(FieldType.Track, 37)),
							46: coded(lllvar(FieldType.Special, 300)),
							52: coded(fixed(FieldType.Binary, 5)),
							55: coded(lllvar(FieldType.Binary, 300)),
							70: coded(fixed(FieldType.Digits, 3)),
						},
						undefined,
						{ asciiMti, hexBitmap },
					);
					const bytes = new MessageWriter(dialect)
						.begin(0x0200)
						.digits(2, "12345")
						.number(4, 54)
						.number(5, 321)
						.digits(35, "123=4")
						.text(46, "x".repeat(123))
						.bytes(52, value)
						.bytes(55, value)
						.number(70, 301)
						.finish();
					const reader = parsed(dialect, bytes);
					const head = (asciiMti ? 4 : 2) + (hexBitmap ? 32 : 16);
					const prefixes = asciiPrefix ? 2 + 2 + 3 + 3 : 1 + 1 + 2 + 2;
					const contents = asciiContent ? 5 + 5 + 5 + 5 + 10 + 10 + 3 : 3 + 3 + 3 + 3 + 5 + 5 + 2;
					equal(bytes.length, head + prefixes + contents + 123);
					equal(reader.mti, 0x0200);
					equal(reader.digits(2), "12345");
					equal(reader.number(4), 54);
					equal(reader.digits(5), "00321");
					equal(reader.digits(35), "123=4");
					equal(reader.text(46), "x".repeat(123));
					equal(toHex(reader.bytes(52)), toHex(value));
					equal(toHex(reader.bytes(55)), toHex(value));
					equal(reader.number(70), 301);
				}
});

test("hex in lower case is read too", () => {
	const reader = parsed(iso87, asciiBytes("02100020000000000001000074fedcba9876543210"));
	equal(toHex(reader.bytes(64)), "fedcba9876543210");
});

test("a head that is cut short or not what it should be is refused with its offset", () => {
	const at = (text: string) => refusal(iso87, asciiBytes(text));
	equal(at(""), "message.bitmap 1 0");
	equal(at(echoText.slice(0, 19)), "message.bitmap 1 19");
	equal(at(echoText.slice(0, 35)), "message.bitmap 1 35");
	equal(at(echoText.replace("0800", "08G0")), "message.value 0 2");
	equal(at(echoText.replace("0800", "08A0")), "message.value 0 0");
	equal(at(echoText.replace("8220", "82x0")), "message.bitmap 1 6");
	equal(at(echoText.replace("0400000000000000", "040000000000000 ")), "message.bitmap 1 34");
	equal(at(echoText.replace("8220000000000000", "8220000000000001")), "message.bitmap 64 4");
});

test("a field that lies or does not fit its type is refused with field and offset", () => {
	const at = (text: string) => refusal(iso87, asciiBytes(text));
	equal(at(echoText.slice(0, -1)), "message.length 70 52");
	equal(at(`${echoText}0`), "message.length 0 55");
	equal(at(echoText.replace("000074", "00007x")), "message.value 11 51");
	equal(at(echoText.replace("0400", "8400")), "message.field 65 52");
	const variable = (length: string) => at(`02000000000100000000${length}123456789012`);
	equal(variable("12"), "message.length 32 20");
	equal(variable("1x"), "message.length 32 20");
	equal(variable(" 1"), "message.length 32 20");
	equal(variable("99"), "message.length 32 20");
	equal(at("020000000001000000001"), "message.length 32 20");
	equal(at("02000000000000000001FEDCBA987654321x"), "message.value 64 35");
	equal(at("02000000000000000200001999"), "message.length 0 25");
	equal(at("020000000000000002000019"), "message.length 55 23");
	equal(at("02000000000000000200256"), "message.length 55 20");
});

test("values that a field in characters cannot hold are refused, and the message is lost", () => {
	const writer = new MessageWriter(iso87);
	throwsFault("message.value", () => writer.begin(0x0200).number(11, 1_000_000));
	throwsFault("bug", () => writer.number(12, 1));
	throwsFault("message.value", () => writer.begin(0x0200).number(11, -1));
	throwsFault("message.value", () => writer.begin(0x0200).digits(11, "00007x"));
	throwsFault("message.value", () => writer.begin(0x0200).digits(11, "00007\u0430"));
	throwsFault("message.length", () => writer.begin(0x0200).digits(11, "74"));
	throwsFault("message.length", () => writer.begin(0x0200).digits(32, "123456789012"));
	throwsFault("message.length", () => writer.begin(0x0200).bytes(55, new Uint8Array(256)));
	throwsFault("bug", () => writer.begin(0x0200).digits(55, "00"));
	throwsFault("bug", () => writer.begin(0x0200).number(90, 1));
	throwsFault("bug", () => writer.begin(0x0200).number(41, 1));
});

test("a message over the limit of the dialect is refused", () => {
	const writer = new MessageWriter(iso87).begin(0x0200);
	const long = "x".repeat(999);
	throwsFault("message.length", () => writer.text(46, long).text(47, long).text(48, long));
	equal(refusal(iso87, new Uint8Array(2049)), "message.length 0 2048");
});

test("accessors of the wrong type are a bug and absent fields a fault", () => {
	const reader = parsed(iso87, asciiBytes(echoText));
	throwsFault("bug", () => reader.bytes(11));
	throwsFault("bug", () => reader.text(11));
	throwsFault("message.field", () => reader.number(12));
	ok(!reader.has(90));
});

test("repeats are marked where the dialect says so, and have the same answer", () => {
	equal(repeatOf(iso87, 0x0400), 0x0401);
	equal(repeatOf(iso87, 0x0421), 0x0421);
	equal(repeatOf(iso87Binary, 0x0220), 0x0221);
	equal(repeatOf(unionpay, 0x0400), 0x0400);
	equal(answerTo(0x0400), 0x0410);
	equal(answerTo(0x0401), 0x0410);
	equal(answerTo(0x0221), 0x0230);
});

test("a dialect takes over fields and traits of its base", () => {
	const own = makeDialect("own", 512, { 60: lllvar(FieldType.Special, 10) }, iso87, {
		repeatMti: false,
	});
	equal(own.asciiMti, true);
	equal(own.hexBitmap, true);
	equal(own.repeatMti, false);
	equal(own.fields[90], iso87.fields[90]);
	equal(own.fields[60]?.length, 10);
});
