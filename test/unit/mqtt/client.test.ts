import { asciiBytes, concatBytes, fromHex } from "core/bytes";
import { Fault } from "core/fault";
import { CloseReason, MqttClient, type MqttOptions } from "mqtt/client";
import { encodePublish } from "mqtt/encode";
import { equal, fail, ok, test, throwsFault } from "test/harness";
import { FakeTime } from "../fakes/clock-and-timers";
import { FakeEntropy } from "../fakes/entropy";
import { fakeSockets } from "../fakes/socket";

function hex(text: string): Uint8Array {
	return fromHex(text.replaceAll(" ", "")) ?? fail(`bad hex ${text}`);
}

const connack = hex("20 02 00 00");

/** A client, its time, its socket, and what it said. */
function start(options: Partial<MqttOptions> = {}) {
	const time = new FakeTime();
	const sockets = fakeSockets();
	const calls: string[] = [];
	const client = new MqttClient({
		Socket: sockets.Socket,
		host: "broker.test",
		port: 1883,
		clientId: "TERM0001",
		user: "",
		password: "",
		keepAliveMs: 60_000,
		clean: true,
		timers: time,
		onOpen: (sessionPresent) => calls.push(`open ${sessionPresent}`),
		onMessage: (topic, payload, info) =>
			calls.push(`message ${topic} ${payload.length} q${info.qos}${info.duplicate ? " dup" : ""}`),
		onClosed: (reason, detail) => calls.push(`closed ${reason} ${detail}`),
		...options,
	});
	return { time, sockets, calls, client };
}

function startOpen(options: Partial<MqttOptions> = {}) {
	const started = start(options);
	const socket = started.sockets.last;
	socket.writable();
	socket.receive(connack);
	socket.take();
	started.calls.splice(0);
	return { ...started, socket };
}

test("CONNECT goes out when the socket opens, and the CONNACK opens the client", () => {
	const { sockets, calls, client } = start();
	equal(sockets.last.options.host, "broker.test");
	equal(sockets.last.writes.length, 0);
	sockets.last.writable();
	equal(sockets.last.take(), [hex("10 14 0004 4d515454 04 02 003c 0008 5445524d30303031")]);
	ok(!client.open);
	sockets.last.receive(hex("20 02 01 00"));
	ok(client.open);
	equal(calls, ["open true"]);
});

test("a refusal is told with the code of the CONNACK", () => {
	const { sockets, calls, client } = start();
	sockets.last.writable();
	sockets.last.receive(hex("20 02 00 05"));
	equal(calls, [`closed ${CloseReason.Refused} 5`]);
	ok(!client.open && sockets.last.closed);
});

test("no CONNACK within the deadline ends the connection", () => {
	const { sockets, calls, time } = start();
	sockets.last.writable();
	time.advance(19_999);
	equal(calls, []);
	time.advance(1);
	equal(calls, [`closed ${CloseReason.ConnectTimeout} 0`]);
	equal(time.count, 0);
});

test("a socket class that throws is told like a socket that fails, later", () => {
	class Refusing {
		constructor() {
			throw new Fault("io.closed");
		}
		read(): undefined {}
		write(): number {
			return 0;
		}
		close(): void {}
	}
	const { calls, time } = start({ Socket: Refusing });
	equal(calls, []);
	time.settle();
	equal(calls, [`closed ${CloseReason.Socket} 0`]);
});

test("the pins reach the socket, and a carrier without TLS is told apart from one that fails", () => {
	const tls = { pins: ["pin"] };
	equal(start({ tls }).sockets.last.options.tls, tls);
	class Clear {
		constructor() {
			throw new Fault("io.tls");
		}
	}
	const { time, calls } = start({ tls, Socket: Clear as unknown as MqttOptions["Socket"] });
	time.advance(0);
	equal(calls, [`closed ${CloseReason.Socket} 1`]);
});

test("a socket that fails closes the client once and leaves no timer", () => {
	const { calls, client, socket, time } = startOpen();
	client.publish("q", hex("01"), 1);
	socket.fail();
	socket.fail();
	equal(calls, [`closed ${CloseReason.Socket} 0`]);
	ok(!client.publish("q", hex("01"), 0));
	time.advance(200_000);
	equal(calls.length, 1);
	equal(time.count, 0);
});

test("each packet is one write to the socket", () => {
	const { client, socket } = startOpen();
	ok(client.publish("q/T/1", hex("0102"), 0));
	ok(client.publish("q/T/2", hex("0304"), 1));
	ok(client.subscribe("r/T/+", 1, () => {}));
	equal(socket.take(), [
		hex("30 09 0005 712f542f31 0102"),
		hex("32 0b 0005 712f542f32 0001 0304"),
		hex("82 0a 0002 0005 722f542f2b 01"),
	]);
});

test("before the CONNACK nothing can be published and nothing is written", () => {
	const { client, sockets } = start();
	ok(!client.publish("q", hex("01"), 0));
	sockets.last.writable();
	sockets.last.take();
	ok(!client.publish("q", hex("01"), 0));
	equal(sockets.last.take(), []);
});

test("without room in the socket publish says false and nothing left", () => {
	const { client, socket } = startOpen();
	socket.room = 5;
	ok(!client.publish("q", hex("0102030405"), 1));
	equal(socket.take(), []);
	socket.writable();
	ok(client.publish("q", hex("0102030405"), 1));
	equal(socket.take(), [hex("32 0a 0001 71 0001 0102030405")]);
});

test("a socket that throws the unknown may have sent: publish says true and the connection ends", () => {
	const { client, socket, calls, time } = startOpen();
	socket.failure = new TypeError("driver");
	ok(client.publish("q", hex("01"), 0));
	equal(calls, []);
	time.settle();
	equal(calls, [`closed ${CloseReason.Socket} 0`]);
});

test("an outgoing packet above the limit is a fault and nothing left", () => {
	const { client, socket } = startOpen();
	throwsFault("mqtt.size", () => client.publish("q", new Uint8Array(2043), 0));
	ok(client.publish("q", new Uint8Array(2042), 0));
	equal(
		socket.take().map((write) => write.length),
		[2048],
	);
});

test("an incoming QoS 1 message is acknowledged only after its handler returned", () => {
	const order: string[] = [];
	const { socket } = startOpen({
		onMessage: () => order.push(`handler, ${socket.writes.length} written`),
	});
	socket.receive(encodePublish("r", hex("01"), 1, 0x0102));
	equal(order, ["handler, 0 written"]);
	equal(socket.take(), [hex("40 02 0102")]);
});

test("a QoS 0 message and one with an empty payload are delivered, and the first is not acknowledged", () => {
	const { socket, calls } = startOpen();
	socket.receive(
		encodePublish("r", hex("01"), 0, 0),
		encodePublish("r", hex(""), 1, 7, false, true),
	);
	equal(calls, ["message r 1 q0", "message r 0 q1 dup"]);
	equal(socket.take(), [hex("40 02 0007")]);
});

test("a handler that throws ends the connection and its message is not acknowledged", () => {
	const closed: number[] = [];
	const { socket } = startOpen({
		onMessage: () => fail("handler"),
		onClosed: (reason) => closed.push(reason),
	});
	socket.receive(encodePublish("r", hex("01"), 1, 1));
	equal(closed, [CloseReason.Handler]);
	equal(socket.take(), []);
});

test("a handler that closes the client gets nothing more, though more is there", () => {
	const { socket, client, calls } = startOpen({
		onMessage: (topic) => {
			calls.push(topic);
			client.close();
		},
	});
	socket.receive(concatBytes(encodePublish("a", hex(""), 1, 1), encodePublish("b", hex(""), 1, 2)));
	equal(calls, ["a"]);
	equal(socket.take(), [hex("e0 00")]);
	ok(socket.closed);
});

test("acknowledgements without room wait and go out first when there is room", () => {
	const { socket, client } = startOpen();
	socket.room = 0;
	socket.receive(encodePublish("r", hex("01"), 1, 1), encodePublish("r", hex("02"), 1, 2));
	ok(!client.publish("q", hex("01"), 0));
	socket.room = 6;
	ok(!client.publish("q", hex("01"), 0));
	socket.writable();
	ok(client.publish("q", hex("01"), 0));
	equal(socket.take(), [hex("40 02 0001"), hex("40 02 0002"), hex("30 04 0001 71 01")]);
});

test("a socket without room for ever ends the connection before memory fills", () => {
	const { socket, calls } = startOpen();
	socket.room = 0;
	for (let id = 1; id <= 65; id++) socket.receive(encodePublish("r", hex("01"), 1, id));
	equal(calls[calls.length - 1], `closed ${CloseReason.Stalled} 0`);
	equal(calls.length, 66);
});

test("PUBACK reaches its publish alone, whatever the order", () => {
	const { socket, client } = startOpen();
	const acked: number[] = [];
	for (const n of [1, 2, 3]) client.publish("q", hex("01"), 1, () => acked.push(n));
	socket.receive(hex("40 02 0002"), hex("40 02 0099"), hex("40 02 0002"), hex("40 02 0001"));
	equal(acked, [2, 1]);
	equal(
		client.unacknowledged().map(({ id }) => id),
		[3],
	);
});

test("a SUBACK tells the granted QoS or the refusal", () => {
	const { socket, client } = startOpen();
	const granted: number[] = [];
	client.subscribe("a", 1, (code) => granted.push(code));
	client.subscribe("b", 1, (code) => granted.push(code));
	socket.receive(hex("90 03 0001 01"), hex("90 03 0002 80"));
	equal(granted, [1, 0x80]);
});

test("what was acknowledged has no deadline any more", () => {
	const { client, socket, calls, time } = startOpen({ keepAliveMs: 0 });
	client.publish("q", hex("01"), 1);
	client.subscribe("r", 1, () => {});
	socket.receive(hex("40 02 0001"), hex("90 03 0002 01"));
	equal(time.count, 0);
	time.advance(100_000);
	equal(calls, []);
});

test("no PUBACK within the deadline ends the connection", () => {
	const { client, calls, time } = startOpen({ keepAliveMs: 0 });
	client.publish("q", hex("01"), 1);
	time.advance(29_999);
	equal(calls, []);
	time.advance(1);
	equal(calls, [`closed ${CloseReason.AckTimeout} 0`]);
});

test("too many unacknowledged publishes are refused, QoS 0 still goes", () => {
	const { client } = startOpen({ limits: { unacknowledged: 2 } });
	ok(client.publish("q", hex("01"), 1));
	ok(client.publish("q", hex("01"), 1));
	ok(!client.publish("q", hex("01"), 1));
	ok(client.publish("q", hex("01"), 0));
});

test("what was not acknowledged can be sent again with DUP by the next connection", () => {
	const first = startOpen();
	first.client.publish("q/a", hex("0a"), 1);
	first.client.publish("q/b", hex("0b"), 1);
	first.socket.receive(hex("40 02 0001"));
	first.socket.fail();
	const acked: boolean[] = [];
	const second = start({ redeliver: first.client.unacknowledged() });
	second.sockets.last.writable();
	second.sockets.last.take();
	second.sockets.last.receive(hex("20 02 01 00"));
	equal(second.sockets.last.take(), [hex("3a 08 0003 712f62 0002 0b")]);
	second.client.publish("q/c", hex("0c"), 1, () => acked.push(true));
	equal(second.sockets.last.take(), [hex("32 08 0003 712f63 0003 0c")]);
	second.sockets.last.receive(hex("40 02 0002"), hex("40 02 0003"));
	equal([acked.length, second.client.unacknowledged().length], [1, 0]);
});

test("silence for half the keep-alive time makes a ping, traffic both ways makes none", () => {
	const { socket, time, client, calls } = startOpen();
	const talk = () => {
		client.publish("q", hex("01"), 0);
		socket.receive(encodePublish("r", hex("01"), 0, 0));
	};
	talk();
	socket.take();
	time.advance(30_000);
	equal(socket.take(), []);
	time.advance(30_000);
	equal(socket.take(), [hex("c0 00")]);
	socket.receive(hex("d0 00"));
	time.advance(30_000);
	equal(socket.take(), []);
	equal(calls, ["message r 1 q0"]);
});

test("sending into silence is no proof that the connection lives: it is pinged too", () => {
	const { socket, time, client } = startOpen();
	time.advance(29_000);
	socket.receive(hex("d0 00"));
	client.publish("q", hex("01"), 0);
	time.advance(30_000);
	client.publish("q", hex("01"), 0);
	ok(!socket.take().some((write) => write[0] === 0xc0));
	time.advance(1000);
	equal(socket.take(), [hex("c0 00")]);
});

test("a ping without answer ends the connection", () => {
	const { time, calls } = startOpen();
	time.advance(60_000 + 19_999);
	equal(calls, []);
	time.advance(20_000);
	equal(calls, [`closed ${CloseReason.PingTimeout} 0`]);
});

test("malformed, oversized and misplaced packets close with the reason", () => {
	const cases: readonly (readonly [string, number])[] = [
		["f0 00", CloseReason.Malformed],
		["34 03 0001 61", CloseReason.Malformed],
		["30 ff 7f", CloseReason.TooLarge],
		["20 02 00 00", CloseReason.Malformed],
	];
	for (const [bytes, reason] of cases) {
		const { socket, calls } = startOpen();
		socket.receive(hex(bytes));
		ok(
			calls.length === 1 && calls[0]!.startsWith(`closed ${reason} `),
			`${bytes}: ${calls.join()}`,
		);
		ok(socket.closed);
	}
	const early = start();
	early.sockets.last.writable();
	early.sockets.last.receive(hex("d0 00"));
	equal(early.calls, [`closed ${CloseReason.Malformed} 0`]);
});

test("one byte at a time is as good as all at once", () => {
	const { sockets, calls } = start();
	sockets.last.writable();
	sockets.last.receiveSlowly(connack);
	sockets.last.receiveSlowly(encodePublish("r/T/1", asciiBytes("x".repeat(200)), 1, 3));
	equal(calls, ["open false", "message r/T/1 200 q1"]);
});

test("random packets end in callbacks or a closed connection, never in an exception", () => {
	const entropy = new FakeEntropy(77);
	let messages = 0;
	let ends = 0;
	for (let round = 0; round < 400; round++) {
		const { socket, client, calls } = startOpen();
		client.publish("q", hex("01"), 1);
		for (let n = 0; n < 6; n++) {
			const bytes = new Uint8Array(12);
			entropy.fill(bytes);
			const heads = [0x20, 0x30, 0x32, 0x33, 0x40, 0x90, 0xd0, bytes[0]!];
			bytes.set([heads[bytes[1]! % heads.length]!, 10, 0, bytes[3]! % 7, 0x61 + (bytes[4]! % 26)]);
			bytes.fill(0x62, 5, 9);
			socket.receive(bytes);
		}
		messages += calls.filter((call) => call.startsWith("message")).length;
		ends += calls.filter((call) => call.startsWith("closed")).length;
		ok(calls.filter((call) => call.startsWith("closed")).length <= 1);
	}
	ok(messages > 50 && ends > 100, `${messages} messages, ${ends} ends`);
});

test("close says DISCONNECT, closes the socket and is quiet from then on", () => {
	const { client, socket, time, calls } = startOpen();
	client.close();
	client.close();
	equal(socket.take(), [hex("e0 00")]);
	ok(socket.closed);
	socket.receive(hex("f0 00"));
	socket.fail();
	time.advance(200_000);
	equal(calls, []);
	equal(time.count, 0);
});
