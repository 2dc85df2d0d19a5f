import { fromHex, toHex } from "core/bytes";
import { EntryMode } from "core/card";
import { Requests, type Request } from "host/requests";
import type { HostRequest } from "host/link";
import { MessageReader } from "message/reader";
import { unionpay } from "message/unionpay";
import { equal, fail, test, throwsFault } from "test/harness";
import { Kind } from "transaction/kinds";
import { ReversalReason, type Transaction } from "transaction/transaction";
import { noOriginal, sampleTransaction } from "../fakes/sample";
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

/** Fields of a request of each kind without a card, as docs/host-protocol.md lists them. */
const original = {
	...noOriginal,
	number: 3,
	kind: Kind.Sale,
	batch: 12,
	stan: 70,
	monthDay: 1122,
	amountMinor: 2000,
	rrn: "600408000001",
	authCode: "A1B2C3",
};
const noCard = { entryMode: EntryMode.None, panSequence: -1, original } as const;
const noCardFields = [3, 4, 7, 11, 12, 13, 22, 25, 37, 38, 41, 42, 49, 60, 61, 64];

/** MTI, 3, 22, 25, 60, 61 of a message. */
function headOf(message: Uint8Array): string {
	const reader = read(message);
	const mti = reader.mti.toString(16).padStart(4, "0");
	const fields = [3, 22, 25, 60, 61].map((n) => (reader.has(n) ? reader.digits(n) : "-"));
	return [mti, ...fields].join(" ");
}

test("each kind that names an original has the fields of the page", () => {
	const rows: readonly (readonly [Kind, string])[] = [
		[Kind.Void, "0200 200000 012 00 2300001200060 0000120000701122"],
		[Kind.PreAuthVoid, "0100 200000 012 06 1100001200060 0000120000701122"],
		[Kind.Completion, "0200 000000 012 06 2000001200060 0000120000701122"],
		[Kind.CompletionVoid, "0200 200000 012 06 2100001200060 0000120000701122"],
		[Kind.CompletionAdvice, "0220 000000 012 06 2400001200060 0000120000701122"],
	];
	for (const [kind, head] of rows) {
		const request = build("request", { kind, ...noCard });
		equal([headOf(request.message), fieldsOf(request)], [head, noCardFields]);
		equal(read(request.message).text(37), "600408000001");
	}
});

test("a refund has card, 37 and 61 but no 38; of an original that is unknown here what the cashier typed", () => {
	const refund = build("request", { kind: Kind.Refund, original, chipData });
	equal(headOf(refund.message), "0220 200000 052 00 2500001200060 0000120000701122");
	equal(fieldsOf(refund), [3, 4, 7, 11, 12, 13, 22, 23, 25, 37, 41, 42, 49, 55, 57, 60, 61, 64]);
	equal(refund.qos, 1);
	const foreign = { ...noOriginal, rrn: "600408000009", monthDay: 131 };
	const unknown = read(build("request", { kind: Kind.Refund, original: foreign }).message);
	equal([unknown.text(37), unknown.digits(61)], ["600408000009", "0000000000000131"]);
});

test("a tip tells the new total and, in 48, the tip", () => {
	const request = build("request", { kind: Kind.Tip, amountMinor: 300, ...noCard });
	const reader = read(request.message);
	equal([reader.number(4), reader.digits(48)], [2300, "000000000300"]);
	equal(headOf(request.message), "0220 000000 012 00 3400001200060 0000120000701122");
	equal(request.expected.amountMinor, 2300);
});

test("a voice sale has the code that was told, and no 37", () => {
	const request = build("request", { kind: Kind.VoiceSale, ...noCard });
	equal(headOf(request.message), "0220 000000 012 00 3200001200060 0000120000701122");
	equal(
		fieldsOf(request),
		noCardFields.filter((field) => field !== 37),
	);
});

test("a pre-authorisation is a 0100 and its reply a 0110; a balance has no amount", () => {
	const preauth = build("request", { kind: Kind.PreAuth });
	equal(headOf(preauth.message), "0100 030000 052 06 1000001200060 -");
	equal([preauth.expected.mti, preauth.qos], [0x110, 0]);
	const balance = build("request", { kind: Kind.Balance, amountMinor: 0 });
	equal(headOf(balance.message), "0200 310000 052 00 0100001200060 -");
	equal(fieldsOf(balance), [3, 7, 11, 12, 13, 22, 23, 25, 41, 42, 49, 57, 60, 64]);
	equal([balance.expected.amountMinor, balance.qos], [-1, 0]);
});

test("a script result speaks of its original and goes in a 0620", () => {
	const script = { kind: Kind.ScriptResult, chipData, amountMinor: 2000 };
	const sale = build("request", { ...script, ...noCard });
	equal(headOf(sale.message), "0620 000000 012 00 00000012951 0000120000701122");
	equal([sale.expected.mti, sale.qos], [0x630, 1]);
	equal(fieldsOf(sale), [...noCardFields.slice(0, 13), 55, 60, 61, 64]);
	const held = { ...noCard, original: { ...original, kind: Kind.PreAuth } };
	equal(
		headOf(build("request", { ...script, ...held }).message).slice(0, 18),
		"0620 030000 012 06",
	);
});

test("a 0400 of another kind has 3, 22, 25, 60, 61 of its request and no 37, 38, 57", () => {
	for (const kind of [Kind.Void, Kind.PreAuthVoid, Kind.Completion, Kind.CompletionVoid]) {
		const request = headOf(build("request", { kind, ...noCard }).message);
		const reversal = build("reversal", { kind, ...noCard });
		equal(headOf(reversal.message).slice(4), request.slice(4));
		equal(fieldsOf(reversal), [3, 4, 7, 11, 12, 13, 22, 25, 39, 41, 42, 49, 60, 61, 64]);
	}
});

test("60.6 says that a part is taken, also in the reversal, never in a stored sale", () => {
	const partial = { partialAllowed: true } as const;
	equal(read(build("request", partial).message).digits(60), "22000012000601");
	equal(read(build("reversal", partial).message).digits(60), "22000012000601");
	equal(read(build("stored-sale", partial).message).digits(60), "3600001200060");
	equal(
		[
			build("request", partial).expected.partialAllowed,
			build("reversal", partial).expected.partialAllowed,
		],
		[true, undefined],
	);
});
