/** A sample of every message against bytes that another codec has packed (test/fixtures/messages.py). */
import { asciiBytes, fromHex, toHex } from "core/bytes";
import { FieldType, type Dialect } from "message/dialect";
import { iso87, iso87Binary } from "message/iso87";
import { MessageReader } from "message/reader";
import { unionpay } from "message/unionpay";
import { MessageWriter } from "message/writer";
import { iso87Messages, unionpayMessages, type SampleMessage } from "test/fixtures/messages";
import { equal, test, throwsFault } from "test/harness";
import { hex } from "./samples";

function fieldsOf({ fields }: SampleMessage): (readonly [number: number, value: string])[] {
	return fields.split("|").map((part) => {
		const colon = part.indexOf(":");
		return [Number(part.slice(0, colon)), part.slice(colon + 1)];
	});
}

function packed(
	dialect: Dialect,
	sample: SampleMessage,
	writer = new MessageWriter(dialect),
): Uint8Array {
	writer.begin(parseInt(sample.mti, 16));
	for (const [field, value] of fieldsOf(sample)) {
		const { type } = dialect.fields[field]!;
		if (type === FieldType.Binary) writer.bytes(field, fromHex(value)!);
		else if (type === FieldType.Digits) writer.digits(field, value);
		else writer.text(field, value);
	}
	return writer.finish();
}

/** All fields of the dialect that the message has, as the samples write them. */
function unpacked(
	dialect: Dialect,
	bytes: Uint8Array,
	reader = new MessageReader(dialect),
): string {
	reader.parse(bytes);
	const found: string[] = [];
	for (const [field, format] of dialect.fields.entries()) {
		if (format === undefined || !reader.has(field)) continue;
		const { type } = format;
		if (type === FieldType.Binary)
			found.push(`${field}:${toHex(reader.bytes(field)).toUpperCase()}`);
		else if (type === FieldType.Digits) found.push(`${field}:${reader.digits(field)}`);
		else found.push(`${field}:${reader.text(field)}`);
	}
	return `${reader.mti.toString(16).padStart(4, "0")} ${found.join("|")}`;
}

function check(dialect: Dialect, sample: SampleMessage, bytes: Uint8Array): void {
	equal(toHex(packed(dialect, sample)), toHex(bytes));
	equal(unpacked(dialect, bytes), `${sample.mti} ${sample.fields}`);
}

for (const sample of unionpayMessages)
	test(`${sample.name}, ${sample.mti}, is packed and unpacked as another codec does it`, () => {
		check(unionpay, sample, hex(sample.hex));
	});

for (const sample of iso87Messages)
	test(`${sample.name}, ${sample.mti} of ISO 8583:1987, is packed and unpacked as another codec does it`, () => {
		check(iso87, sample, asciiBytes(sample.text));
		check(iso87Binary, sample, hex(sample.hex));
	});

test("one writer and one reader take all of them in turn, and what was handed out stays as it is", () => {
	const writer = new MessageWriter(unionpay);
	const reader = new MessageReader(unionpay);
	const rounds = 3;
	const written: Uint8Array[] = [];
	for (let round = 0; round < rounds; round++)
		for (const sample of unionpayMessages) {
			const bytes = packed(unionpay, sample, writer);
			equal(unpacked(unionpay, bytes, reader), `${sample.mti} ${sample.fields}`);
			throwsFault("message.length", () => writer.begin(0x0200).digits(11, "1"));
			written.push(bytes);
		}
	for (const [i, bytes] of written.entries())
		equal(toHex(bytes), unionpayMessages[i % unionpayMessages.length]!.hex);
});

test("every message that a terminal sends or gets has its sample", () => {
	const mtis = (samples: readonly SampleMessage[]) =>
		[...new Set(samples.map(({ mti }) => mti))].sort().join(" ");
	equal(
		mtis(unionpayMessages),
		"0100 0110 0200 0210 0220 0230 0320 0330 0400 0410 0500 0510 0620 0630 0800 0810 0820 0830",
	);
	equal(
		mtis(iso87Messages),
		"0100 0110 0200 0210 0220 0221 0230 0320 0330 0400 0401 0410 0420 0421 0430 0500 0510 0620 0630 0800 0810",
	);
});
