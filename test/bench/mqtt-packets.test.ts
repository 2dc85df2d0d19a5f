/** The firmware's MQTT packets against npm `mqtt-packet`, both ways. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { generate, parser, type Packet as OraclePacket } from "mqtt-packet";
import { Fault } from "core/fault";
import {
	encodeConnect,
	encodeDisconnect,
	encodePingreq,
	encodePuback,
	encodePublish,
	encodeSubscribe,
} from "mqtt/encode";
import { decodePacket, PacketParser, type Packet } from "mqtt/packets";

const runs = 2000;
const byte = fc.integer({ min: 0, max: 255 });
const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
/** Text that MQTT allows: no U+0000 (and the generator makes no lone surrogates). */
const text = (maxLength: number, minLength = 0) =>
	fc.string({ minLength, maxLength, unit: "binary" }).filter((value) => !value.includes("\0"));
const topic = text(40, 1).filter((value) => !/[+#]/.test(value));
const id = fc.integer({ min: 1, max: 65_535 });
const qos = fc.constantFrom<0 | 1>(0, 1);

/** What `mqtt-packet` reads in our bytes. */
function readByOracle(packet: Uint8Array): OraclePacket {
	const found: OraclePacket[] = [];
	const oracle = parser({ protocolVersion: 4 });
	oracle.on("packet", (read) => found.push(read));
	oracle.on("error", (error) => {
		throw error;
	});
	assert.equal(oracle.parse(Buffer.from(packet)), 0, "bytes left over");
	assert.equal(found.length, 1);
	return found[0]!;
}

/** What we read in the bytes of `mqtt-packet`. */
function readByUs(packet: OraclePacket): Packet {
	const ours = new PacketParser(70_000);
	ours.push(Uint8Array.from(generate(packet)));
	const raw = ours.next();
	assert.ok(raw !== undefined);
	assert.equal(ours.next(), undefined);
	return decodePacket(raw);
}

test("CONNECT is read by the oracle as it was meant, and is byte-identical", () => {
	const will = fc.record({ topic, payload: bytes(50), qos, retain: fc.boolean() });
	const options = fc.record({
		clientId: text(23, 1),
		user: text(20),
		password: text(20),
		keepAliveSeconds: fc.integer({ min: 0, max: 65_535 }),
		clean: fc.boolean(),
		will: fc.option(will, { nil: undefined }),
	});
	fc.assert(
		fc.property(options, (connect) => {
			const packet = encodeConnect(connect);
			const read = readByOracle(packet);
			assert.ok(read.cmd === "connect");
			assert.equal(read.clientId, connect.clientId);
			assert.equal(read.clean, connect.clean);
			assert.equal(read.keepalive, connect.keepAliveSeconds);
			assert.equal(read.protocolVersion, 4);
			assert.equal(read.username ?? "", connect.user);
			const password = connect.user === "" ? "" : connect.password;
			assert.equal(read.password?.toString() ?? "", password);
			assert.equal(read.will?.topic, connect.will?.topic);
			assert.equal(read.will?.qos, connect.will?.qos);
			assert.deepEqual(Buffer.from(packet), generate(read));
		}),
		{ numRuns: runs },
	);
});

test("PUBLISH is byte-identical with the oracle's", () => {
	fc.assert(
		fc.property(
			fc.record({ topic, payload: bytes(400), qos, id, retain: fc.boolean(), dup: fc.boolean() }),
			(sample) => {
				const dup = sample.dup && sample.qos === 1;
				const ours = encodePublish(
					sample.topic,
					sample.payload,
					sample.qos,
					sample.id,
					sample.retain,
					dup,
				);
				const theirs = generate({
					cmd: "publish",
					topic: sample.topic,
					payload: Buffer.from(sample.payload),
					qos: sample.qos,
					retain: sample.retain,
					dup,
					messageId: sample.id,
				});
				assert.deepEqual(Buffer.from(ours), theirs);
			},
		),
		{ numRuns: runs },
	);
});

test("the small packets are byte-identical with the oracle's", () => {
	fc.assert(
		fc.property(id, text(40, 1), qos, (messageId, filter, grant) => {
			const subscriptions = [{ topic: filter, qos: grant }];
			assert.deepEqual(
				Buffer.from(encodeSubscribe(messageId, filter, grant)),
				generate({ cmd: "subscribe", messageId, subscriptions }),
			);
			assert.deepEqual(
				Buffer.from(encodePuback(messageId)),
				generate({ cmd: "puback", messageId }),
			);
		}),
		{ numRuns: runs },
	);
	assert.deepEqual(Buffer.from(encodePingreq()), generate({ cmd: "pingreq" }));
	assert.deepEqual(Buffer.from(encodeDisconnect()), generate({ cmd: "disconnect" }));
});

test("what the oracle publishes is read as it was meant", () => {
	fc.assert(
		fc.property(
			fc.record({ topic, payload: bytes(400), qos, id, retain: fc.boolean(), dup: fc.boolean() }),
			(sample) => {
				const dup = sample.dup && sample.qos === 1;
				const { payload, qos: level, retain } = sample;
				const read = readByUs({
					cmd: "publish",
					topic: sample.topic,
					payload: Buffer.from(payload),
					qos: level,
					retain,
					dup,
					messageId: sample.id,
				});
				const expected = { topic: sample.topic, payload, qos: level, retain, duplicate: dup };
				assert.deepEqual(read, {
					kind: "publish",
					...expected,
					id: level === 1 ? sample.id : 0,
				});
			},
		),
		{ numRuns: runs },
	);
});

test("the oracle's acknowledgements are read as they were meant", () => {
	fc.assert(
		fc.property(id, fc.constantFrom(0, 1, 2, 0x80), (messageId, granted) => {
			assert.deepEqual(readByUs({ cmd: "puback", messageId }), { kind: "puback", id: messageId });
			assert.deepEqual(readByUs({ cmd: "suback", messageId, granted: [granted] }), {
				kind: "suback",
				id: messageId,
				codes: Uint8Array.of(granted),
			});
		}),
		{ numRuns: 200 },
	);
	for (const returnCode of [0, 1, 2, 3, 4, 5])
		assert.deepEqual(readByUs({ cmd: "connack", returnCode, sessionPresent: false }), {
			kind: "connack",
			sessionPresent: false,
			code: returnCode,
		});
	assert.deepEqual(readByUs({ cmd: "pingresp" }), { kind: "pingresp" });
});

test("a stream cut anywhere gives the same packets", () => {
	const packet = fc.record({ topic, payload: bytes(300), qos, id });
	fc.assert(
		fc.property(
			fc.array(packet, { minLength: 1, maxLength: 6 }),
			fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 }),
			(packets, sizes) => {
				const stream = Buffer.concat(
					packets.map((p) => encodePublish(p.topic, p.payload, p.qos, p.id)),
				);
				const ours = new PacketParser(2048);
				const found: Packet[] = [];
				for (let at = 0, turn = 0; at < stream.length; turn++) {
					const end = at + sizes[turn % sizes.length]!;
					ours.push(Uint8Array.from(stream.subarray(at, end)));
					at = end;
					for (let raw = ours.next(); raw !== undefined; raw = ours.next())
						found.push(decodePacket(raw));
				}
				assert.deepEqual(
					found.map((p) => (p.kind === "publish" ? [p.topic, p.payload] : p)),
					packets.map((p) => [p.topic, p.payload]),
				);
			},
		),
		{ numRuns: 500 },
	);
});

/** 300,000 streams, in turn noise and good streams with a byte or two changed. Only mqtt faults may come out. */
test("mutated and random streams give packets or a fault of the parser, never anything else", () => {
	let seed = 20_261_122;
	const next = (limit: number) => {
		seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((seed / 2 ** 32) * limit);
	};
	const good = Buffer.concat([
		generate({ cmd: "connack", returnCode: 0, sessionPresent: false }),
		encodePublish("r/TERM0001/1f", new Uint8Array(20), 1, 77),
		generate({ cmd: "puback", messageId: 5 }),
		generate({ cmd: "suback", messageId: 5, granted: [1] }),
		generate({ cmd: "pingresp" }),
	]);
	const counts = { packets: 0, faults: 0 };
	for (let round = 0; round < 300_000; round++) {
		const mutated = round % 4 !== 0;
		const stream = mutated ? Uint8Array.from(good) : new Uint8Array(24);
		if (mutated) for (let n = 0; n <= round % 3; n++) stream[next(stream.length)] = next(256);
		else for (let i = 0; i < stream.length; i++) stream[i] = next(256);
		feed(stream, counts);
	}
	assert.ok(counts.packets > 100_000 && counts.faults > 100_000, JSON.stringify(counts));
});

function feed(stream: Uint8Array, counts: { packets: number; faults: number }): void {
	const ours = new PacketParser(2048);
	try {
		ours.push(stream);
		for (let raw = ours.next(); raw !== undefined; raw = ours.next()) {
			decodePacket(raw);
			counts.packets++;
		}
	} catch (error) {
		if (!(error instanceof Fault) || !/^mqtt\.(packet|size)$/.test(error.code)) throw error;
		counts.faults++;
	}
}

test("no single byte in front of a body makes the reader accept what the oracle refuses to write", () => {
	fc.assert(
		fc.property(byte, bytes(30), (first, body) => {
			const ours = new PacketParser(2048);
			ours.push(Uint8Array.from([first, body.length, ...body]));
			try {
				const raw = ours.next();
				assert.ok(raw !== undefined);
				const packet = decodePacket(raw);
				if (packet.kind !== "publish") return;
				const { topic: name, payload, qos: level, retain, duplicate } = packet;
				const again = encodePublish(name, payload, level, packet.id, retain, duplicate);
				assert.deepEqual(Buffer.from(again), Buffer.from([first, body.length, ...body]));
			} catch (error) {
				assert.ok(error instanceof Fault && error.code === "mqtt.packet", String(error));
			}
		}),
		{ numRuns: runs },
	);
});
