/** The ISO 8583:1987 dialect against npm iso_8583, and bad input over all dialects. */
import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { FieldType } from "message/dialect";
import { iso87Binary } from "message/iso87";
import { MessageReader } from "message/reader";
import { MessageWriter } from "message/writer";
import { iso87Messages } from "../fixtures/messages";
import { peerBytes, peerFields } from "./iso-8583-peer";
import { fuzzMessages } from "./message-fuzz";

/** The package always writes two bitmaps, so there is a field above 64. */
const digits = {
	2: "1234567890123456",
	3: "000000",
	4: "000000012345",
	7: "0731153012",
	11: "000074",
	12: "153012",
	13: "0731",
	32: "12345678",
	35: "1234567890123456=4912",
	90: "020000007407311530120001234567800000000000",
};
const texts = {
	37: "073115301200",
	39: "98",
	41: "00001234",
	42: "123456789012345",
	48: "5A1",
	49: "156",
	102: "ACCOUNT 1",
};
const fields = { ...digits, ...texts };

test("what npm iso_8583 writes is read field for field", () => {
	const reader = new MessageReader(iso87Binary);
	reader.parse(Uint8Array.from(peerBytes({ 0: "0400", ...fields })));
	equal(reader.mti, 0x0400);
	for (const [field, value] of Object.entries(digits)) equal(reader.digits(Number(field)), value);
	for (const [field, value] of Object.entries(texts)) equal(reader.text(Number(field)), value);
});

test("npm iso_8583 reads what is written, and its bytes are the same", () => {
	const writer = new MessageWriter(iso87Binary).begin(0x0400);
	for (const [number, value] of Object.entries(fields)) {
		const field = Number(number);
		if (Object.hasOwn(digits, field)) writer.digits(field, value);
		else writer.text(field, value);
	}
	const bytes = Buffer.from(writer.finish());
	deepEqual(peerFields(bytes), { 0: "0400", ...fields });
	deepEqual(bytes, peerBytes({ 0: "0400", ...fields }));
});

/** What the package can express as this dialect does: two bitmaps, and no b fields, which it writes as hex. */
const peerSamples = iso87Messages
	.map(({ mti, fields }) => ({
		mti,
		fields: fields
			.split("|")
			.map((part) => part.split(":") as [field: string, value: string])
			.filter(([field]) => iso87Binary.fields[Number(field)]!.type !== FieldType.Binary),
	}))
	.filter(({ fields }) => fields.some(([field]) => Number(field) > 64));

test("each message that npm iso_8583 can express has its bytes, and is read as it reads it", () => {
	equal(peerSamples.length, 33);
	const reader = new MessageReader(iso87Binary);
	for (const { mti, fields } of peerSamples) {
		const writer = new MessageWriter(iso87Binary).begin(parseInt(mti, 16));
		for (const [field, value] of fields)
			if (iso87Binary.fields[Number(field)]!.type === FieldType.Digits)
				writer.digits(Number(field), value);
			else writer.text(Number(field), value);
		const bytes = Buffer.from(writer.finish());
		const wanted = { 0: mti, ...Object.fromEntries(fields) };
		deepEqual(bytes, peerBytes(wanted));
		deepEqual(peerFields(bytes), wanted);
		reader.parse(bytes);
		for (const [field, value] of fields) {
			const digits = iso87Binary.fields[Number(field)]!.type === FieldType.Digits;
			equal(digits ? reader.digits(Number(field)) : reader.text(Number(field)), value);
		}
	}
});

test("70,000 bad inputs over codec, TLV, framing, MQTT and parts of fields give a Fault or what they say", () => {
	const { taken, refused, wrong } = fuzzMessages(70_000, 2);
	equal(wrong, 0);
	equal(taken > 5000 && refused > 5000, true, `${taken} taken, ${refused} refused`);
});
