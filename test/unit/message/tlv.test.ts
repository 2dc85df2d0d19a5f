import { toHex } from "core/bytes";
import { Fault } from "core/fault";
import { TlvReader, TlvWriter, findTag, subset } from "message/tlv";
import { equal, fail, ok, test, throwsFault } from "test/harness";
import { hex } from "./samples";

/** All objects as "tag=value". */
function objects(text: string): string {
	const reader = new TlvReader(hex(text));
	const seen: string[] = [];
	while (reader.next()) seen.push(`${reader.tag.toString(16)}=${toHex(reader.value)}`);
	return seen.join(" ");
}

function refusal(text: string): string {
	try {
		objects(text);
	} catch (error) {
		if (error instanceof Fault) return `${error.code} ${error.a.toString(16)} ${error.b}`;
		throw error;
	}
	return fail("nothing was thrown");
}

test("tags of one, two and three bytes are read", () => {
	equal(objects("9501aa 9f360200 01 dfee1200"), "95=aa 9f36=0001 dfee12=");
	equal(objects(""), "");
});

test("lengths of one, two and three bytes are read, also longer ones than needed", () => {
	const long = "5a".repeat(200);
	equal(objects(`8f81c8${long}`), `8f=${long}`);
	equal(objects(`8f8200c8${long}`), `8f=${long}`);
	equal(objects("8f810155 8f820001 66"), "8f=55 8f=66");
});

test("00 and FF between objects are skipped", () => {
	equal(objects("0000 9501aa ff00 9a0100 ff"), "95=aa 9a=00");
	equal(objects("00ff"), "");
});

test("a nested object is walked by a reader of its own", () => {
	const outer = new TlvReader(hex("7005 9f36020007"));
	ok(outer.next());
	equal(toHex(findTag(outer.value, 0x9f36) ?? hex("ee")), "0007");
	ok(!outer.next());
});

test("what cannot be read is refused with tag and offset", () => {
	equal(refusal("9502aa"), "message.tlv 95 1");
	equal(refusal("95"), "message.tlv 95 1");
	equal(refusal("9501aa 9f"), "message.tlv 0 3");
	equal(refusal("9f36"), "message.tlv 9f36 2");
	equal(refusal("dfee92 01 00"), "message.tlv 0 0");
	equal(refusal("9580 00"), "message.tlv 95 1");
	equal(refusal("9581"), "message.tlv 95 1");
	equal(refusal("958200"), "message.tlv 95 1");
	equal(refusal("9583000001aa"), "message.tlv 95 1");
	equal(refusal("9582ffff"), "message.tlv 95 1");
});

test("findTag gives the first object or undefined", () => {
	const bytes = hex("9501aa 9501bb 9c00");
	equal(toHex(findTag(bytes, 0x95)!), "aa");
	equal(findTag(bytes, 0x9c)?.length, 0);
	equal(findTag(bytes, 0x9a), undefined);
});

test("subset keeps the named objects unchanged and in order", () => {
	const bytes = hex("9f2601aa 9f3602 0007 00 958101ee 9f1e00 9c01 00");
	equal(toHex(subset(bytes, [0x95, 0x9f1e, 0x9f10, 0x9f36])), "9f36020007958101ee9f1e00");
	equal(subset(bytes, []).length, 0);
	throwsFault("message.tlv", () => subset(hex("9501"), [0x9a]));
});

test("the writer chooses the shortest length and reads back", () => {
	const writer = new TlvWriter(1000);
	writer.add(0x95, hex("aa")).add(0x9f36, new Uint8Array(0x7f)).add(0xdfee12, new Uint8Array(0x80));
	writer.add(0x70, new Uint8Array(0x100));
	const bytes = writer.finish();
	equal(toHex(bytes.slice(0, 6)), "9501aa9f367f");
	equal(toHex(bytes.slice(133, 138)), "dfee128180");
	equal(toHex(bytes.slice(266, 270)), "70820100");
	const reader = new TlvReader(bytes);
	const lengths: number[] = [];
	while (reader.next()) lengths.push(reader.value.length);
	equal(lengths, [1, 0x7f, 0x80, 0x100]);
});

test("the writer refuses what could not be read back, and has a limit", () => {
	const writer = new TlvWriter(8);
	for (const tag of [
		0, -1, 0.5, 0x1f, 0xff, 0x9f80, 0x95aa, 0xff8105, 0x9f3612, 0xdfee92, 0x1000000,
	])
		throwsFault("message.tlv", () => writer.add(tag, new Uint8Array(0)));
	writer.add(0x9f36, hex("0001"));
	throwsFault("message.tlv", () => writer.add(0x95, hex("0011")));
	equal(toHex(writer.add(0x95, hex("ee")).finish()), "9f360200019501ee");
});
