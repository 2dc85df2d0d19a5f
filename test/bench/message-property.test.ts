/** What must hold for every message and every input, however bad. */
import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Fault } from "core/fault";
import { FieldType, fixed, lllvar, llvar, makeDialect, type Field } from "message/dialect";
import { MessageReader } from "message/reader";
import { TlvReader, TlvWriter, findTag, subset } from "message/tlv";
import { unionpay } from "message/unionpay";
import { MessageWriter } from "message/writer";
import { mutated, randomOf } from "./message-mutations";

/** UnionPay's fields and some of each kind above 64. */
const wide = makeDialect(
	"wide",
	4096,
	{
		65: fixed(FieldType.Binary, 1),
		70: fixed(FieldType.Digits, 3),
		90: fixed(FieldType.Digits, 42),
		96: fixed(FieldType.Alphanumeric, 3),
		97: fixed(FieldType.Digits, 5, true),
		100: llvar(FieldType.Digits, 11),
		102: llvar(FieldType.Special, 28),
		120: lllvar(FieldType.Binary, 300),
		128: fixed(FieldType.Binary, 8),
	},
	unionpay,
);

type Value = string | Uint8Array;
type Fields = ReadonlyMap<number, Value>;

const alphabets: Readonly<Record<number, string>> = {
	[FieldType.Digits]: "0123456789",
	[FieldType.Track]: "0123456789=",
	[FieldType.Alphanumeric]: " 0129ABYZabyz",
	[FieldType.Special]: " !/09:@AZ[`az{~",
};

function valueOf(field: Field): fc.Arbitrary<Value> {
	const { type, length } = field;
	const isFixed = field.prefixBytes === 0;
	if (type === FieldType.Binary)
		return fc.uint8Array({ minLength: isFixed ? length : 0, maxLength: length, size: "max" });
	const unit = fc.constantFrom(...alphabets[type]!);
	// A fixed text may be shorter: it is padded.
	const minLength = isFixed && field.packed ? length : 0;
	const text = fc.string({ unit, minLength, maxLength: length, size: "max" });
	return isFixed ? text.map((value) => value.trimEnd()) : text;
}

const numbers = wide.fields.flatMap((field, number) => (field === undefined ? [] : [number]));

const fieldsArbitrary: fc.Arbitrary<Fields> = fc
	.subarray(numbers.filter((number) => number !== 64 && number !== 128))
	.chain((chosen) =>
		fc
			.tuple(...chosen.map((number) => valueOf(wide.fields[number]!)))
			.map((values) => new Map(chosen.map((number, i) => [number, values[i]!]))),
	);

function pack(writer: MessageWriter, fields: Fields): void {
	for (const [number, value] of fields) {
		const { packed } = wide.fields[number]!;
		if (typeof value !== "string") writer.bytes(number, value);
		else if (packed) writer.digits(number, value);
		else writer.text(number, value);
	}
}

function unpack(reader: MessageReader): Fields {
	const fields = new Map<number, Value>();
	for (const number of numbers) {
		if (!reader.has(number)) continue;
		const { type, packed } = wide.fields[number]!;
		if (type === FieldType.Binary) fields.set(number, Uint8Array.from(reader.bytes(number)));
		else fields.set(number, packed ? reader.digits(number) : reader.text(number));
	}
	return fields;
}

test("every message unpacks to what was packed, with and without MAC", () => {
	const writer = new MessageWriter(wide);
	const reader = new MessageReader(wide);
	const mac = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
	fc.assert(
		fc.property(fieldsArbitrary, fc.boolean(), (fields, withMac) => {
			writer.begin(0x0200);
			pack(writer, fields);
			let body = new Uint8Array();
			const bytes = withMac
				? writer.finishWithMac((view) => {
						body = Uint8Array.from(view);
						return mac;
					})
				: writer.finish();
			reader.parse(bytes);
			const macField = Math.max(...fields.keys(), 0) > 64 ? 128 : 64;
			deepEqual(unpack(reader), withMac ? new Map([...fields, [macField, mac]]) : fields);
			if (withMac) deepEqual(Uint8Array.from(reader.macBody), body);
			equal(reader.macBody.length, withMac ? bytes.length - 8 : bytes.length);
		}),
		{ numRuns: 2000 },
	);
});

test("every number of a fixed field unpacks to itself", () => {
	const writer = new MessageWriter(wide);
	const reader = new MessageReader(wide);
	const withValue = numbers.filter((number) => wide.fields[number]!.valueLimit > 0);
	equal(withValue.length > 10, true);
	fc.assert(
		fc.property(fc.constantFrom(...withValue), fc.maxSafeInteger(), (number, any) => {
			const field = wide.fields[number]!;
			const value = Math.abs(any) % field.valueLimit;
			reader.parse(writer.begin(0x0200).number(number, value).finish());
			equal(reader.number(number), value);
			equal(reader.digits(number), String(value).padStart(field.length, "0"));
		}),
		{ numRuns: 5000 },
	);
});

/** @returns true when it was taken */
function taken(action: () => void, codes: RegExp): boolean {
	try {
		action();
		return true;
	} catch (error) {
		equal(error instanceof Fault && codes.test(error.code), true, String(error));
		return false;
	}
}

/** Packs what the reader holds again, from its accessors alone. */
function repack(writer: MessageWriter, reader: MessageReader): Uint8Array {
	writer.begin(reader.mti);
	for (const [number, value] of unpack(reader)) {
		const field = wide.fields[number]!;
		const ready = typeof value === "string" && /[\x80-\xff]/.test(value);
		if (ready) writer.bytes(number, Buffer.from(value.padEnd(field.byteLength, " "), "latin1"));
		else pack(writer, new Map([[number, value]]));
	}
	return writer.finish();
}

test("300,000 changed or random messages give a Fault or are exactly what they say", () => {
	const writer = new MessageWriter(wide);
	const reader = new MessageReader(wide);
	const random = randomOf(1);
	const samples = fc.sample(fieldsArbitrary, { numRuns: 300, seed: 1 }).map((fields) => {
		pack(writer.begin(0x0210), fields);
		return writer.finishWithMac(() => new Uint8Array(8));
	});
	const codes = /^message\.(field|length|bitmap|value)$/;
	let count = 0;
	for (let run = 0; run < 300_000; run++) {
		const bytes =
			run % 10 === 0
				? Uint8Array.from({ length: random(40) }, () => random(256))
				: mutated(samples[run % samples.length]!, random);
		if (!taken(() => reader.parse(bytes), codes)) {
			equal(reader.mti, 0);
			equal(reader.has(11), false);
			continue;
		}
		count++;
		// An empty second bitmap is the one thing that is not written back.
		const high = numbers.some((number) => number > 64 && reader.has(number));
		if (high || bytes[2]! < 0x80) deepEqual(repack(writer, reader), bytes);
	}
	equal(count > 10_000 && count < 200_000, true, `${count} taken`);
});

test("objects unpack to what was packed, and subsets keep them", () => {
	const tag = fc.constantFrom(0x95, 0x9f36, 0xdfee12, 0x70, 0x9c, 0x5f2a, 0xdf8129);
	const value = fc.uint8Array({ maxLength: 400, size: "max" });
	fc.assert(
		fc.property(fc.array(fc.tuple(tag, value), { maxLength: 8 }), tag, (objects, wanted) => {
			const writer = new TlvWriter(4000);
			for (const [number, content] of objects) writer.add(number, content);
			const bytes = writer.finish();
			const read: [number, Uint8Array][] = [];
			const reader = new TlvReader(bytes);
			while (reader.next()) read.push([reader.tag, Uint8Array.from(reader.value)]);
			deepEqual(read, objects);
			const found = findTag(bytes, wanted);
			deepEqual(
				found && Uint8Array.from(found),
				objects.find(([number]) => number === wanted)?.[1],
			);
			const rest = new TlvWriter(4000);
			for (const [number, content] of objects) if (number === wanted) rest.add(number, content);
			deepEqual(subset(bytes, [wanted]), rest.finish());
		}),
		{ numRuns: 2000 },
	);
});

test("200,000 changed or random objects give a Fault or stay within their bytes", () => {
	const random = randomOf(2);
	const sample = new TlvWriter(600)
		.add(0x95, new Uint8Array(5))
		.add(0x9f36, new Uint8Array(2).fill(7))
		.add(0xdfee30, new Uint8Array(130).fill(9))
		.add(0x71, new Uint8Array(300))
		.finish();
	let count = 0;
	for (let run = 0; run < 200_000; run++) {
		const bytes =
			run % 2 === 0
				? Uint8Array.from({ length: random(30) }, () => random(256))
				: mutated(sample, random);
		let length = 0;
		const walked = taken(() => {
			const reader = new TlvReader(bytes);
			while (reader.next()) {
				equal(reader.object.length > reader.value.length, true);
				length += reader.object.length;
			}
		}, /^message\.tlv$/);
		equal(length <= bytes.length, true);
		equal(
			taken(() => subset(bytes, [0x95, 0x9f36]), /^message\.tlv$/),
			walked,
		);
		if (walked) count++;
	}
	equal(count > 1000 && count < 190_000, true, `${count} walked`);
});
