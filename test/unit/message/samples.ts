/**
 * The two messages that the codec is measured with. They are spelled out by hand, so that they stand apart from the
 * writer. Their dialect is the UnionPay terminal's but for field 60, which is ans there. No digit of them is a card's.
 */
import { asciiBytes, fromHex } from "core/bytes";
import { FieldType, lllvar, makeDialect } from "message/dialect";
import type { MessageReader } from "message/reader";
import { unionpay } from "message/unionpay";
import type { MessageWriter } from "message/writer";

export const layouts = makeDialect(
	"layouts",
	2048,
	{ 60: lllvar(FieldType.Special, 99) },
	unionpay,
);

export function hex(text: string): Uint8Array {
	const bytes = fromHex(text.replaceAll(" ", ""));
	if (bytes === undefined) throw new Error("not hex");
	return bytes;
}

/** Hex of ASCII text. */
function ascii(text: string): string {
	let result = "";
	for (const char of text) result += char.charCodeAt(0).toString(16);
	return result;
}

export const sample = Object.freeze({
	card: "1234567890123456",
	track: "1234567890123456=49121011234567890",
	terminal: "00001234",
	merchant: "123456789012345",
	field60: "2200000100060012345678",
	chip: "9f3602".repeat(40),
	replyChip: "91".repeat(29),
	mac: "4142434445463031",
});

/** 0200, 237 bytes. */
export const requestBytes = hex(
	[
		"0200 7038048020c08211",
		"16 1234567890123456",
		"000000",
		"000000012345",
		"000074",
		"153012 0731",
		"0220",
		"00",
		"34 1234567890123456d49121011234567890",
		ascii(sample.terminal),
		ascii(sample.merchant),
		ascii("156"),
		`0120${sample.chip}`,
		`0022${ascii(sample.field60)}`,
		sample.mac,
	].join(""),
);

/** 0210, 122 bytes. */
export const replyBytes = hex(
	[
		"0210 303800800e808211",
		"000000",
		"000000012345",
		"000074",
		"153013 0731",
		"00",
		ascii("073115301200"),
		ascii("A1B2C3"),
		ascii("00"),
		ascii(sample.terminal),
		ascii("156"),
		`0029${sample.replyChip}`,
		`0022${ascii(sample.field60)}`,
		sample.mac,
	].join(""),
);

const chipBytes = hex(sample.chip);
const macBytes = hex(sample.mac);

/** Packs the 0200 with all content as text. @param stan 0 to 999999 */
export function packRequest(writer: MessageWriter, stan: number): Uint8Array {
	return writer
		.begin(0x0200)
		.digits(2, sample.card)
		.number(3, 0)
		.number(4, 12345)
		.number(11, stan)
		.number(12, 153012)
		.number(13, 731)
		.number(22, 22)
		.number(25, 0)
		.digits(35, sample.track)
		.text(41, sample.terminal)
		.text(42, sample.merchant)
		.text(49, "156")
		.bytes(55, chipBytes)
		.text(60, sample.field60)
		.bytes(64, macBytes)
		.finish();
}

const ready = Object.freeze({
	card: hex(sample.card),
	track: hex(sample.track.replace("=", "d")),
	terminal: asciiBytes(sample.terminal),
	merchant: asciiBytes(sample.merchant),
	currency: asciiBytes("156"),
	field60: asciiBytes(sample.field60),
});

/** The same message; what does not change is coded once, as the link does it. */
export function packRequestReady(writer: MessageWriter, stan: number): Uint8Array {
	return writer
		.begin(0x0200)
		.bytes(2, ready.card)
		.number(3, 0)
		.number(4, 12345)
		.number(11, stan)
		.number(12, 153012)
		.number(13, 731)
		.number(22, 22)
		.number(25, 0)
		.bytes(35, ready.track)
		.bytes(41, ready.terminal)
		.bytes(42, ready.merchant)
		.bytes(49, ready.currency)
		.bytes(55, chipBytes)
		.bytes(60, ready.field60)
		.bytes(64, macBytes)
		.finish();
}

/** Unpacks the 0210: every field is checked, the response code is read. */
export function unpackReply(reader: MessageReader, bytes: Uint8Array): boolean {
	reader.parse(bytes);
	return reader.text(39) === "00";
}
