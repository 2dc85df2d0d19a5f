import { fromHex, toHex } from "core/bytes";
import { EntryMode } from "core/card";
import { Requests, type Request } from "host/requests";
import type { HostRequest } from "host/link";
import { MessageReader } from "message/reader";
import { unionpay } from "message/unionpay";
import { equal, fail, test, throwsFault } from "test/harness";
import { ReversalReason, type Transaction } from "transaction/transaction";
import { sampleTransaction } from "../fakes/sample";
import { card, config, startMs } from "./fake-host";

const bodies: Uint8Array[] = [];

function mac(body: Uint8Array): Uint8Array {
	bodies.push(body.slice());
	return Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
}

function build(message: HostRequest["message"], transaction: Partial<Transaction> = {}): Request {
	const request = { message, transaction: sampleTransaction(transaction), timeoutMs: 60_000 };
	return new Requests(config).transaction(
		message === "reversal" ? request : { ...request, card },
		startMs,
		mac,
	);
}

/** Field numbers of a message. */
function fieldsOf({ message }: Request): number[] {
	const reader = read(message);
	return Array.from({ length: 63 }, (_, i) => i + 2).filter((field) => reader.has(field));
}

function read(message: Uint8Array): MessageReader {
	const reader = new MessageReader(unionpay);
	reader.parse(message);
	return reader;
}

const chipData =
	fromHex("9505000000000082027d009f36020123" + "9f1003aabbcc9f1e0131") ?? fail("hex");

test("a 0200 has the fields of the page and the MAC is over all before field 64", () => {
	bodies.splice(0);
	const request = build("request", { chipData });
	equal(fieldsOf(request), [3, 4, 7, 11, 12, 13, 22, 23, 25, 41, 42, 49, 55, 57, 60, 64]);
	equal(request.message.subarray(0, -8), bodies[0]);
	const reader = read(request.message);
	equal([reader.mti, reader.number(4), reader.number(11), reader.number(23)], [0x200, 1234, 74, 1]);
	equal([reader.digits(22), reader.digits(25), reader.text(49)], ["052", "00", "156"]);
	equal(reader.digits(60), "2200001200060");
	equal(reader.bytes(55), chipData);
});

test("a 0200 of a swipe has no chip fields", () => {
	const request = build("request", { entryMode: EntryMode.Swipe, panSequence: -1 });
	equal(fieldsOf(request), [3, 4, 7, 11, 12, 13, 22, 25, 41, 42, 49, 57, 60, 64]);
	equal(read(request.message).digits(22), "022");
	equal(read(build("request", { entryMode: EntryMode.Tap }).message).digits(22), "072");
});

test("field 57 is KSN and ciphertext as BER-TLV", () => {
	const { message } = build("request");
	equal(toHex(read(message).bytes(57)), `dfee120a${toHex(card.ksn)}dfee3028${"5a".repeat(40)}`);
});

test("a message without card data that needs it is a fault", () => {
	const request = { message: "request", transaction: sampleTransaction(), timeoutMs: 1 } as const;
	throwsFault("message.field", () => new Requests(config).transaction(request, startMs, mac));
});

test("an amount that field 4 cannot carry is a fault, and the builder still works", () => {
	const requests = new Requests(config);
	const transaction = sampleTransaction({ amountMinor: 10 ** 12 });
	const request = { message: "request", transaction, card, timeoutMs: 1 } as const;
	throwsFault("message.value", () => requests.transaction(request, startMs, mac));
	const good = { ...request, transaction: sampleTransaction() };
	equal(read(requests.transaction(good, startMs, mac).message).number(4), 1234);
});

test("a 0400 has the reason, a subset of field 55 and no card data; 60 is the original's", () => {
	const request = build("reversal", { chipData, reason: ReversalReason.WrongMac });
	equal(fieldsOf(request), [3, 4, 7, 11, 12, 13, 22, 23, 25, 39, 41, 42, 49, 55, 60, 64]);
	const reader = read(request.message);
	equal([reader.mti, reader.text(39), reader.digits(60)], [0x400, "A0", "2200001200060"]);
	equal(toHex(reader.bytes(55)), "950500000000009f360201239f1003aabbcc9f1e0131");
});

test("the reasons of a 0400 are 98, A0 and 06, and a swipe has no field 55", () => {
	const codes = [0, ReversalReason.NoReply, ReversalReason.WrongMac, ReversalReason.CardFailed];
	equal(
		codes.map((reason) =>
			read(build("reversal", { reason: reason as 0 | ReversalReason }).message).text(39),
		),
		["98", "98", "A0", "06"],
	);
	equal(fieldsOf(build("reversal", { entryMode: EntryMode.Swipe })).includes(55), false);
});

test("a 0220 is a 0200 with type 30 for a swipe and 36 for chip and tap", () => {
	const swipe = read(build("stored-sale", { entryMode: EntryMode.Swipe }).message);
	const tap = read(build("stored-sale", { entryMode: EntryMode.Tap }).message);
	equal([swipe.mti, swipe.digits(60)], [0x220, "3000001200060"]);
	equal([tap.digits(60), tap.has(57)], ["3600001200060", true]);
});

test("a card read before the clock was known keeps the same 12 and 13 for ever", () => {
	const reader = read(build("stored-sale", { openedMs: 0 }).message);
	equal([reader.digits(12), reader.digits(13)], ["000000", "0101"]);
});

test("QoS and the reply that is expected follow the message", () => {
	const { expected, qos } = build("request");
	equal(qos, 0);
	equal(expected, {
		mti: 0x210,
		stan: 74,
		batch: 12,
		terminalId: "TERM0001",
		merchantId: "898100012345678",
		processingCode: 0,
		amountMinor: 1234,
	});
	equal([build("reversal").qos, build("reversal").expected.mti], [1, 0x410]);
	equal([build("stored-sale").qos, build("stored-sale").expected.mti], [1, 0x230]);
});

test("a 0500 and a 0320 have the fields of the page, their batch is that of the request", () => {
	const common = { stan: 77, batch: 11, currency: 156, timeoutMs: 1 };
	const totals = {
		...common,
		message: "settlement",
		network: 201,
		digits48: "0".repeat(62),
	} as const;
	const settlement = new Requests(config).settlement(totals, startMs, mac);
	equal(fieldsOf(settlement), [7, 11, 41, 42, 48, 49, 60, 63, 64]);
	const { mti, stan, batch } = settlement.expected;
	equal([mti, stan, batch, settlement.qos], [0x510, 77, -1, 1]);
	equal(read(settlement.message).digits(60), "00000011201");
	const end = { ...common, message: "upload", network: 202, digits48: "0002" } as const;
	const upload = new Requests(config).settlement(end, startMs, mac);
	equal(fieldsOf(upload), [7, 11, 41, 42, 48, 49, 60, 64]);
	equal([upload.expected.mti, read(upload.message).digits(60)], [0x330, "00000011202"]);
	throwsFault("message.value", () =>
		new Requests(config).settlement({ ...end, stan: 1_000_000 }, startMs, mac),
	);
});
