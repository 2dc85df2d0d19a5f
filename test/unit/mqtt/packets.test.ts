import { concatBytes, fromHex } from "core/bytes";
import { Fault } from "core/fault";
import {
	encodeConnect,
	encodeDisconnect,
	encodePingreq,
	encodePuback,
	encodePublish,
	encodeSubscribe,
} from "mqtt/encode";
import { decodePacket, PacketParser, type RawPacket } from "mqtt/packets";
import { utf8Text } from "mqtt/utf8";
import { equal, fail, ok, test, throwsFault } from "test/harness";
import { FakeEntropy } from "../fakes/entropy";

function hex(text: string): Uint8Array {
	return fromHex(text.replaceAll(" ", "")) ?? fail(`bad hex ${text}`);
}

function parseAll(parser: PacketParser, ...chunks: Uint8Array[]): RawPacket[] {
	const found: RawPacket[] = [];
	for (const chunk of chunks) {
		parser.push(chunk);
		for (let raw = parser.next(); raw !== undefined; raw = parser.next())
			found.push({ first: raw.first, body: raw.body.slice() });
	}
	return found;
}

function decode(text: string): unknown {
	const raws = parseAll(new PacketParser(2048), hex(text));
	equal(raws.length, 1, "packets");
	return decodePacket(raws[0]!);
}

const plain = { clientId: "T1", user: "", password: "", keepAliveSeconds: 60, clean: true };

test("a CONNECT without credentials has protocol level 4 and the clean flag alone", () => {
	equal(encodeConnect(plain), hex("10 0e 0004 4d515454 04 02 003c 0002 5431"));
});

test("a CONNECT with will, user and password puts its fields in the order of section 3.1.3", () => {
	const will = { topic: "w", payload: hex("0102"), qos: 1, retain: true } as const;
	const packet = encodeConnect({ ...plain, user: "u", password: "p", clean: false, will });
	equal(packet, hex("10 1b 0004 4d515454 04 ec 003c 0002 5431 0001 77 0002 0102 0001 75 0001 70"));
});

test("a PUBLISH with QoS 0 has no packet identifier", () => {
	equal(encodePublish("a/b", hex("ff"), 0, 7), hex("30 06 0003 612f62 ff"));
});

test("a PUBLISH with QoS 1, retain and duplicate carries flags and identifier", () => {
	equal(encodePublish("a", hex(""), 1, 0x1234, true, true), hex("3b 05 0001 61 1234"));
});

test("a remaining length of 128 takes two bytes, of 16384 three", () => {
	equal(encodePublish("a", new Uint8Array(125), 0, 0).subarray(0, 3), hex("30 80 01"));
	equal(encodePublish("a", new Uint8Array(124), 0, 0).subarray(0, 2), hex("30 7f"));
	equal(encodePublish("a", new Uint8Array(16_381), 0, 0).subarray(0, 4), hex("30 80 80 01"));
});

test("the small packets are what the standard prints", () => {
	equal(encodeSubscribe(1, "r/+", 1), hex("82 08 0001 0003 722f2b 01"));
	equal(encodePuback(0xabcd), hex("40 02 abcd"));
	equal(encodePingreq(), hex("c0 00"));
	equal(encodeDisconnect(), hex("e0 00"));
});

test("an empty payload is a message like any other", () => {
	equal(decode("30 03 0001 61"), {
		kind: "publish",
		topic: "a",
		payload: new Uint8Array(0),
		qos: 0,
		duplicate: false,
		retain: false,
		id: 0,
	});
});

test("packets that arrive byte by byte are the same as in one chunk", () => {
	const stream = concatBytes(
		hex("20 02 00 00"),
		encodePublish("topic/1", new Uint8Array(300).fill(7), 1, 9),
		hex("d0 00"),
		encodePublish("t", new Uint8Array(0), 0, 0),
		hex("40 02 00 01"),
	);
	const whole = parseAll(new PacketParser(2048), stream);
	const bytes = Array.from(stream, (byte) => Uint8Array.of(byte));
	equal(whole.length, 5);
	equal(parseAll(new PacketParser(2048), ...bytes), whole);
	equal(parseAll(new PacketParser(2048), stream.subarray(0, 100), stream.subarray(100)), whole);
});

test("the largest packet passes and one byte more is refused as soon as its length is known", () => {
	const packet = encodePublish("t", new Uint8Array(61), 0, 0);
	equal(packet.length, 66);
	equal(parseAll(new PacketParser(66), packet).length, 1);
	throwsFault("mqtt.size", () => parseAll(new PacketParser(65), packet.subarray(0, 2)));
});

test("a length of five bytes is malformed, also for a parser without a useful limit", () => {
	throwsFault("mqtt.packet", () => parseAll(new PacketParser(2 ** 40), hex("30 80 80 80 80")));
});

test("what a broker must not send is malformed", () => {
	const bad = [
		"00 00",
		"10 00",
		"21 02 00 00",
		"20 02 02 00",
		"20 02 01 05",
		"20 03 00 00 00",
		"34 03 0001 61", // QoS 2
		"36 05 0001 61 0001",
		"38 03 0001 61", // duplicate of QoS 0
		"30 01 00",
		"30 02 0000", // empty topic
		"30 03 0002 61", // topic longer than the packet
		"30 04 0002 612b", // wildcard
		"30 04 0002 ff61",
		"32 04 0001 61 00", // identifier cut short
		"32 05 0001 61 0000",
		"40 02 0000",
		"40 03 0001 00",
		"50 02 0001",
		"80 00",
		"90 02 0001",
		"90 03 0001 03",
		"b0 02 0001",
		"c0 00",
		"d0 01 00",
		"e0 00",
		"f0 00",
	];
	for (const text of bad) {
		try {
			decode(text);
		} catch (error) {
			if (error instanceof Fault && error.code === "mqtt.packet") continue;
			throw error;
		}
		fail(`${text} was taken`);
	}
});

test("UTF-8 is read strictly", () => {
	equal(utf8Text(hex("61 c3a9 e59388 f09f9880")), "aé哈😀");
	for (const bad of ["00", "80", "c080", "c3", "e08080", "eda080", "f0808080", "f4908080", "ff"])
		equal(utf8Text(hex(bad)), undefined, bad);
});

test("random streams give packets or a fault of the parser, never anything else", () => {
	const entropy = new FakeEntropy(20_261_122);
	let faults = 0;
	let packets = 0;
	for (let round = 0; round < 3000; round++) {
		const bytes = new Uint8Array(24);
		entropy.fill(bytes);
		// Every other one begins with a plausible PUBLISH, so that the body is reached as well.
		if ((round & 1) === 0)
			bytes.set([0x30 | (bytes[0]! & 0x0f), bytes[1]! % 24, 0, bytes[3]! % 5, 0x61, 0x62], 0);
		try {
			for (const raw of parseAll(new PacketParser(2048), bytes)) {
				decodePacket(raw);
				packets++;
			}
		} catch (error) {
			if (!(error instanceof Fault) || !error.code.startsWith("mqtt.")) throw error;
			faults++;
		}
	}
	ok(faults > 100 && packets > 10, `${faults} faults, ${packets} packets`);
});
