/**
 * A million changed or random inputs over codec, TLV, framing, MQTT and parts of fields: each gives what it says or a Fault of its own,
 * nothing else is ever thrown, and a reader that refused something holds nothing. `npm run bench -- fuzz`.
 */
import { asciiBytes } from "core/bytes";
import { Fault } from "core/fault";
import { FieldType, type Dialect } from "message/dialect";
import { FrameReader, frameBytes, plainFrames, unionpayFrames } from "message/framing";
import { iso87, iso87Binary } from "message/iso87";
import { MessageReader } from "message/reader";
import {
	parametersOf,
	ParameterTag,
	readListRequest,
	readParameterList,
	readParameters,
} from "message/parameter-block";
import {
	batchDetailsOf,
	differencesOf,
	field48Of,
	readBatchDetails,
	readBatchEnd,
	readDifferences,
	readField48,
	readTip,
} from "message/settlement-fields";
import { readField60, readField61, readField90, readKeyBlock } from "message/sub-fields";
import { field54Of, field63Of, readField44, readField54, readField63 } from "message/text-fields";
import { findTag, subset, TlvReader, TlvWriter } from "message/tlv";
import { unionpay } from "message/unionpay";
import { MessageWriter } from "message/writer";
import { decodePacket, PacketParser } from "mqtt/packets";
import { generate } from "mqtt-packet";
import { mutated, randomOf } from "./message-mutations";

export interface FuzzReport {
	readonly inputs: number;
	/** Inputs that were read to their end. */
	readonly taken: number;
	/** Inputs that gave a Fault; of a stream, the length that cannot be. */
	readonly refused: number;
	/** Anything else that was thrown, or a reader that kept something of what it refused. Must be 0. */
	readonly wrong: number;
	/** The first of them. */
	readonly firstWrong: string;
	readonly slowestInputMs: number;
	readonly seconds: number;
}

type Random = (limit: number) => number;
/** @returns true when the input was taken, false when it was refused as it should be */
type Target = (random: Random, bytes: Uint8Array) => boolean;

const codes = /^message\.(field|length|bitmap|value|tlv)$/;
const mqttCodes = /^mqtt\.(packet|size)$/;
/** Bytes of a packet, fixed header included, as the host link takes them. */
const packetBytesMax = 2048;
const textReaders: readonly ((text: string) => unknown)[] = [
	readBatchDetails,
	readBatchEnd,
	readField44,
	readField48,
	readField54,
	readField60,
	readField61,
	readField90,
	readTip,
];
const byteReaders: readonly ((bytes: Uint8Array) => unknown)[] = [
	readDifferences,
	readKeyBlock,
	readListRequest,
	readParameterList,
	readParameters,
];
const dialects: readonly Dialect[] = [unionpay, iso87, iso87Binary];

/** @param inputs divided evenly among the targets @throws Error when something went wrong */
export function fuzzMessages(inputs = 1_000_000, seed = 1): FuzzReport {
	const random = randomOf(seed);
	const targets = makeTargets();
	const count = { taken: 0, refused: 0, wrong: 0 };
	let firstWrong = "";
	let slowestInputMs = 0;
	const startMs = performance.now();
	let beforeMs = startMs;
	for (let run = 0; run < inputs; run++) {
		const { target, samples } = targets[run % targets.length]!;
		const sample = samples[random(samples.length)]!;
		const bytes =
			random(6) === 0
				? Uint8Array.from({ length: random(80) }, () => random(256))
				: mutated(sample, random);
		try {
			if (target(random, bytes)) count.taken++;
			else count.refused++;
		} catch (error) {
			if (count.wrong++ === 0)
				firstWrong = `input ${run}: ${error instanceof Error ? error.message : String(error)}`;
		}
		const nowMs = performance.now();
		slowestInputMs = Math.max(slowestInputMs, nowMs - beforeMs);
		beforeMs = nowMs;
	}
	const seconds = Math.round((performance.now() - startMs) / 100) / 10;
	const report = {
		inputs,
		...count,
		firstWrong,
		slowestInputMs: Math.round(slowestInputMs),
		seconds,
	};
	if (count.wrong > 0) throw new Error(`fuzz: ${JSON.stringify(report)}`);
	return report;
}

function makeTargets(): { readonly target: Target; readonly samples: readonly Uint8Array[] }[] {
	const objects = new TlvWriter(600)
		.add(0x95, new Uint8Array(5))
		.add(0x9f36, Uint8Array.of(1, 2))
		.add(0xdfee30, new Uint8Array(130).fill(9))
		.add(0x71, new Uint8Array(300))
		.finish();
	const messages = dialects.map((dialect) => samplesOf(dialect));
	const none = new Uint8Array(0);
	const framed = messages[0]!.map((message) =>
		frameBytes(unionpayFrames, message, new Uint8Array(5), new Uint8Array(6)),
	);
	const plain = messages[1]!.map((message) => frameBytes(plainFrames, message, none, none));
	return [
		...dialects.map((dialect, i) => ({ target: codecTarget(dialect), samples: messages[i]! })),
		{ target: tlvTarget, samples: [objects] },
		{ target: streamTarget(new FrameReader(unionpayFrames)), samples: framed },
		{
			target: streamTarget(new FrameReader({ ...plainFrames, packedLength: true })),
			samples: plain,
		},
		{ target: packetTarget(), samples: [packetSample(messages[0]![0]!)] },
		{ target: subFieldTarget, samples: subFieldSamples() },
	];
}

/** What a broker sends in one stream, written by another implementation. */
function packetSample(payload: Uint8Array): Uint8Array {
	return Buffer.concat([
		generate({ cmd: "connack", returnCode: 0, sessionPresent: false }),
		generate({ cmd: "suback", messageId: 5, granted: [1] }),
		generate({
			cmd: "publish",
			topic: "r/TERM0001/1f",
			payload: Buffer.from(payload),
			qos: 1,
			messageId: 77,
			dup: false,
			retain: false,
		}),
		generate({ cmd: "puback", messageId: 5 }),
		generate({ cmd: "pingresp" }),
	]);
}

function subFieldSamples(): readonly Uint8Array[] {
	const totals = { debitMinor: 1, debitCount: 1, creditMinor: 0, creditCount: 0, result: 1 };
	const detail = { type: 22, stan: 74, amountMinor: 1, credit: false };
	const texts = [
		"1".repeat(60),
		field48Of(totals, totals),
		batchDetailsOf([detail, detail]),
		field54Of([{ account: 10, type: 2, currency: 156, amountMinor: 1 }]),
		field63Of({ tag: "CUP", terminal: "x" }),
	];
	const phone = { tag: ParameterTag.Phone1, value: asciiBytes("95516") };
	const difference = { kind: "L", stan: 74, amountMinor: 1, credit: false } as const;
	return [
		...texts.map((text) => asciiBytes(text)),
		parametersOf([phone, phone]),
		differencesOf([difference, difference]),
	];
}

/** Two messages with fields of every kind that the dialect has. */
function samplesOf(dialect: Dialect): Uint8Array[] {
	const full = new MessageWriter(dialect).begin(0x0210);
	const small = new MessageWriter(dialect).begin(0x0800).number(11, 74);
	dialect.fields.forEach((format, field) => {
		if (format === undefined || field === 64 || field === 128 || field % 3 === 0) return;
		const length = format.prefixDigits === 0 ? format.length : Math.min(format.length, 20);
		if (format.type === FieldType.Binary) full.bytes(field, new Uint8Array(length).fill(0x42));
		else if (format.type === FieldType.Digits || format.type === FieldType.Track)
			full.digits(field, "1234567890".repeat(5).slice(0, length));
		else full.text(field, "A1 b".repeat(10).slice(0, length));
	});
	return [full, small].map((writer) => writer.finishWithMac(() => new Uint8Array(8)));
}

function codecTarget(dialect: Dialect): Target {
	const reader = new MessageReader(dialect);
	const numbers = dialect.fields.flatMap((format, field) => (format === undefined ? [] : [field]));
	return (_, bytes) => {
		if (!taken(() => reader.parse(bytes))) {
			must(
				reader.mti === 0 && numbers.every((field) => !reader.has(field)),
				"a reader is not empty",
			);
			return false;
		}
		for (const field of numbers) if (reader.has(field)) readField(reader, dialect, field);
		must(reader.macBody.length <= bytes.length, "macBody");
		return true;
	};
}

/** What was taken can be read with every accessor of its type. */
function readField(reader: MessageReader, dialect: Dialect, field: number): void {
	const format = dialect.fields[field]!;
	const { type, length, prefixDigits } = format;
	let count: number;
	if (type === FieldType.Binary) count = reader.bytes(field).length;
	else if (type === FieldType.Digits || type === FieldType.Track) {
		const digits = reader.digits(field);
		must(/^[0-9=]*$/.test(digits), `digits of field ${field}`);
		if (format.valueLimit + format.asciiValueLimit > 0)
			must(reader.number(field) === Number(digits), `number of field ${field}`);
		count = digits.length;
	} else count = reader.text(field).length;
	const exact = prefixDigits === 0 && type !== FieldType.Alphanumeric && type !== FieldType.Special;
	must(exact ? count === length : count <= length, `length of field ${field}`);
}

function tlvTarget(_: Random, bytes: Uint8Array): boolean {
	let length = 0;
	const walked = taken(() => {
		const reader = new TlvReader(bytes);
		while (reader.next()) length += reader.object.length;
	});
	must(length <= bytes.length, "objects beyond their bytes");
	must(taken(() => subset(bytes, [0x95])) === walked, "subset");
	taken(() => findTag(bytes, 0x9f36));
	return walked;
}

/** A stream in random pieces, some of a single byte; after a fault the connection is closed, sometimes it is anyway. */
function streamTarget(reader: FrameReader): Target {
	return (random, bytes) => {
		let at = 0;
		while (at < bytes.length) {
			const end = at + 1 + (random(3) === 0 ? 0 : random(bytes.length));
			const frames = reader.push(bytes.subarray(at, end));
			must(
				frames.every(({ message }) => message.length > 0 && message.length <= 2048),
				"a frame",
			);
			must(reader.pending <= 2050, "more than one frame is held");
			at = end;
		}
		const good = reader.fault === undefined;
		if (!good || random(4) === 0) reader.reset();
		return good;
	};
}

/** As `streamTarget`, for what a broker sends; after a fault the connection is over. */
function packetTarget(): Target {
	let parser = new PacketParser(packetBytesMax);
	return (random, bytes) => {
		let at = 0;
		const good = taken(() => {
			while (at < bytes.length) {
				const end = at + 1 + (random(3) === 0 ? 0 : random(bytes.length));
				parser.push(bytes.subarray(at, end));
				at = end;
				for (let raw = parser.next(); raw !== undefined; raw = parser.next()) {
					must(raw.body.length < packetBytesMax, "a packet over the limit");
					const packet = decodePacket(raw);
					if (packet.kind !== "publish") continue;
					must(!/[+#]/.test(packet.topic) && packet.topic !== "", "a topic");
					must(packet.payload.length < raw.body.length, "a payload beyond its packet");
				}
			}
		}, mqttCodes);
		if (!good || random(4) === 0) parser = new PacketParser(packetBytesMax);
		return good;
	};
}

/** Readers that never throw: what they cannot read is undefined. Field 63, which reads anything, does not count. */
function subFieldTarget(_: Random, bytes: Uint8Array): boolean {
	const text = Buffer.from(bytes).toString("latin1");
	readField63(text);
	return (
		textReaders.some((read) => read(text) !== undefined) ||
		byteReaders.some((read) => read(bytes) !== undefined)
	);
}

/** @returns false for a Fault with one of these codes; anything else goes on */
function taken(action: () => void, faults = codes): boolean {
	try {
		action();
		return true;
	} catch (error) {
		if (error instanceof Fault && faults.test(error.code)) return false;
		throw error;
	}
}

function must(good: boolean, what: string): void {
	if (!good) throw new Error(what);
}
