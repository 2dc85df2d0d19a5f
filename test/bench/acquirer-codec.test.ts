import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CodecError, decode, encode, type Message } from "../../simulator/bench/acquirer/codec";

/** A sign-on put together by hand from docs/host-protocol.md. */
const signOnBytes = Buffer.from(
	[
		"0800", // MTI
		"0220000000c00012", // bits 7, 11, 41, 42, 60, 63
		"0506070809", // 7
		"000001", // 11
		Buffer.from("60000001").toString("hex"), // 41
		Buffer.from("898110012340001").toString("hex"), // 42
		"0011000000000030", // 60: 11 digits, zero nibble on the right
		"0003303120", // 63: "01 "
	].join(""),
	"hex",
);
const signOn: Message = {
	mti: "0800",
	fields: {
		7: "0506070809",
		11: "000001",
		41: "60000001",
		42: "898110012340001",
		60: "00000000003",
		63: "01 ",
	},
};

test("a sign-on written by hand reads as its fields, and packs to the same bytes", () => {
	assert.deepEqual(decode(signOnBytes), signOn);
	assert.deepEqual(encode(signOn), signOnBytes);
});

test("field 22 is padded on the right, 23 on the left, 60 on the right, 25 not at all", () => {
	const bytes = encode({
		mti: "0200",
		fields: { 22: "052", 23: "001", 25: "00", 60: "2200000100060" },
	});
	assert.equal(
		bytes.toString("hex"),
		"0200" + "0000068000000010" + "0520" + "0001" + "00" + "001322000001000600",
	);
});

test("fixed texts are padded with spaces", () => {
	const { fields } = decode(encode({ mti: "0210", fields: { 37: "A", 42: "M" } }));
	assert.deepEqual(fields, { 37: "A           ", 42: "M              " });
});

const digits = (length: number) =>
	fc
		.stringMatching(/^\d*$/, { maxLength: length })
		.map((s) => s.padStart(length, "7").slice(0, length));
const bytes = (max: number) => fc.uint8Array({ maxLength: max }).map((a) => Buffer.from(a));
const messages = fc.record({
	mti: fc.constantFrom("0200", "0210", "0220", "0400", "0810"),
	fields: fc.record(
		{
			4: digits(12),
			22: digits(3),
			23: digits(3),
			39: fc.stringMatching(/^[ -~]{2}$/),
			55: bytes(255),
			57: bytes(255),
			60: fc.stringMatching(/^\d{0,17}$/),
			61: fc.stringMatching(/^\d{0,29}$/),
			63: fc.stringMatching(/^[ -~]{0,163}$/),
			64: fc.uint8Array({ minLength: 8, maxLength: 8 }).map((a) => Buffer.from(a)),
		},
		{ requiredKeys: [] },
	),
});

test("every message packs and unpacks to itself", () => {
	fc.assert(
		fc.property(messages, (message) => {
			const read = decode(encode(message));
			assert.equal(read.mti, message.mti);
			assert.deepEqual({ ...read.fields }, { ...message.fields });
		}),
		{ numRuns: 500 },
	);
});

test("any bytes are read or refused with a codec error, and what is read packs to the same bytes", () => {
	const spoilt = fc.tuple(fc.nat(signOnBytes.length - 1), fc.nat(255)).map(([at, value]) => {
		const copy = Buffer.from(signOnBytes);
		copy.writeUInt8(value, at);
		return copy;
	});
	fc.assert(
		fc.property(fc.oneof(bytes(200), spoilt), (input) => {
			try {
				assert.deepEqual(encode(decode(input)), input);
			} catch (error) {
				assert.ok(error instanceof CodecError, String(error));
			}
		}),
		{ numRuns: 20_000 },
	);
});

function refused(hex: string, field: number, offset: number): void {
	assert.throws(
		() => decode(Buffer.from(hex, "hex")),
		(error) => error instanceof CodecError && error.field === field && error.offset === offset,
	);
}

test("an error names field and offset", () => {
	refused("0800", 0, 2); // no bitmap
	refused("080a0000000000000000", 0, 0); // MTI not BCD
	refused("0200" + "0020000000000000" + "0000", 11, 10); // STAN cut off
	refused("0200" + "0020000000000000" + "00000a", 11, 10); // STAN not BCD
	refused("0200" + "0000040000000000" + "0221", 22, 10); // pad nibble not zero
	refused("0200" + "0000000000000010" + "0031", 60, 10); // 31 digits are too many
	refused("0200" + "0000000000000080" + "0002ff", 57, 12); // value cut off
	refused("0200" + "0000000002000000" + "300a", 39, 10); // not printable
	refused("0200" + "8000000000000000", 1, 10); // a second bitmap is not of this dialect
	refused("0200" + "0020000000000000" + "000001" + "00", 0, 13); // a byte too many
});

test("clear card data is refused wherever it stands", () => {
	for (const field of [2, 14, 35, 36, 45, 52]) {
		const bitmap = Buffer.alloc(8);
		bitmap.writeUInt8(0x80 >> ((field - 1) & 7), (field - 1) >> 3);
		refused(`0200${bitmap.toString("hex")}`, field, 10);
		assert.throws(() => encode({ mti: "0200", fields: { [field]: "0" } }), CodecError);
	}
});

test("a value that its field cannot hold is not packed", () => {
	for (const fields of [
		{ 11: "12345" },
		{ 11: "12345x" },
		{ 39: "000" },
		{ 64: "text" },
		{ 57: Buffer.alloc(256) },
	])
		assert.throws(() => encode({ mti: "0200", fields }), CodecError);
});
