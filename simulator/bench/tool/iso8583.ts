/** One ISO 8583 message for a person: read with the tables that the firmware has, masked. */
import { Fault } from "core/fault";
import { FieldType, type Dialect } from "message/dialect";
import { MessageReader } from "message/reader";
import { readBatchDetails, readDifferences, readField48 } from "message/settlement-fields";
import { readField60 } from "message/sub-fields";
import { cutsOf, type Cut } from "./envelope";
import { valueOf } from "./field-values";
import { maskedField, scrubBytes } from "./mask";
import type { Failure } from "./output";
import { readObjects, TlvError, type TlvObject } from "./tlv-objects";

/** What `decode iso8583 --json` prints. */
export interface MessageView {
	readonly dialect: string;
	/** Null where there was no length. */
	readonly lengthOk: boolean | null;
	/** Lower-case hex; null where there was none. */
	readonly tpdu: string | null;
	readonly header: string | null;
	readonly mti: string;
	/** Lower-case hex of both bitmaps, or of the only one. */
	readonly bitmap: string;
	readonly fields: Readonly<Record<string, string>>;
}

/** A message, its place in the bytes, and what stands inside its TLV fields. */
export interface Decoded {
	readonly view: MessageView;
	readonly reader: MessageReader;
	readonly objects: ReadonlyMap<number, readonly TlvObject[]>;
}

/** @returns the message, or why it cannot be read; the offset counts from the start of `bytes` */
export function decodeMessage(bytes: Uint8Array, dialect: Dialect): Decoded | Failure {
	let failure: (Failure & { readonly offset: number }) | undefined;
	for (const cut of cutsOf(bytes, dialect)) {
		const reader = new MessageReader(dialect);
		try {
			reader.parse(bytes.subarray(cut.start, cut.end));
			return decoded(bytes, cut, dialect, reader);
		} catch (error) {
			if (!(error instanceof Fault)) throw error;
			const offset = cut.start + error.b;
			// Of several ways to cut it the one that gets furthest is most likely what was meant.
			if (failure === undefined || offset > failure.offset)
				failure = { code: error.code, field: error.a, offset };
		}
	}
	return failure!;
}

function decoded(bytes: Uint8Array, cut: Cut, dialect: Dialect, reader: MessageReader): Decoded {
	const fields: Record<string, string> = {};
	const objects = new Map<number, readonly TlvObject[]>();
	const numbers = dialect.fields.flatMap((_, field) => (reader.has(field) ? [field] : []));
	for (const field of numbers) {
		const inner = isTemplate(reader, dialect, field) ? objectsOf(reader.bytes(field)) : undefined;
		if (inner !== undefined) objects.set(field, inner.objects);
		fields[field] = inner?.hex ?? shown(reader, dialect, field);
	}
	const { lengthOk, tpduStart, headerStart, start } = cut;
	const part = (from: number, to: number) =>
		to > from ? Buffer.from(bytes.subarray(from, to)).toString("hex") : null;
	const view: MessageView = {
		dialect: dialect.name,
		lengthOk,
		tpdu: part(tpduStart, headerStart),
		header: part(headerStart, start),
		mti: reader.mti.toString(16).padStart(4, "0"),
		bitmap: bitmapOf(bytes.subarray(start), dialect),
		fields,
	};
	return { view, reader, objects };
}

/** Fields that hold TLV: 62 does in a notice (0620 with 60.3 from 901 to 906) and its answer. */
function isTemplate(reader: MessageReader, dialect: Dialect, field: number): boolean {
	if (dialect.fields[field]!.type !== FieldType.Binary) return false;
	if (field === 55 || field === 57) return true;
	if (field !== 62 || (reader.mti !== 0x0620 && reader.mti !== 0x0630) || !reader.has(60))
		return false;
	const network = readField60(valueOf(reader, dialect, 60))?.network ?? 0;
	return network > 900 && network < 907;
}

/** Totals, details and differences of a settlement look like card numbers; key blocks are ciphertext. All other free content is searched for PANs. */
function shown(reader: MessageReader, dialect: Dialect, field: number): string {
	const value = valueOf(reader, dialect, field);
	const settlement = reader.mti === 0x0500 || reader.mti === 0x0510;
	if (field === 48 && settlement && readField48(value) !== undefined) return value;
	if (field === 48 && reader.mti === 0x0320 && readBatchDetails(value) !== undefined) return value;
	const keyBlock = field === 62 && (reader.mti === 0x0800 || reader.mti === 0x0810);
	const isBytes = dialect.fields[field]!.type === FieldType.Binary;
	if (isBytes && (keyBlock || isDifferences(reader, field, value))) return value;
	if (isBytes && field !== 52 && field !== 64 && field !== 128)
		return scrubBytes(Buffer.from(value, "hex"));
	return maskedField(field, value);
}

/** What a host found at the end of a batch upload: STANs and amounts. */
function isDifferences(reader: MessageReader, field: number, hex: string): boolean {
	if (field !== 62 || reader.mti !== 0x0330) return false;
	return readDifferences(Uint8Array.from(Buffer.from(hex, "hex"))) !== undefined;
}

/** Hex of a template with its card data masked, and its objects; undefined when it is none. */
function objectsOf(
	bytes: Uint8Array,
): { readonly hex: string; readonly objects: readonly TlvObject[] } | undefined {
	try {
		const objects = readObjects(bytes);
		return { hex: maskedTemplate(bytes, objects), objects };
	} catch (error) {
		if (error instanceof TlvError) return undefined;
		throw error;
	}
}

function maskedTemplate(bytes: Uint8Array, objects: readonly TlvObject[]): string {
	const digits = [...Buffer.from(bytes).toString("hex")];
	const put = ({ valueOffset, value, objects: inner }: TlvObject): void => {
		if (value !== undefined) digits.splice(2 * valueOffset, value.length, ...value);
		inner?.forEach(put);
	};
	objects.forEach(put);
	return digits.join("");
}

function bitmapOf(message: Uint8Array, dialect: Dialect): string {
	const mtiBytes = dialect.asciiMti ? 4 : 2;
	const first = dialect.hexBitmap ? 16 : 8;
	const text = (from: number, to: number) => {
		const part = Buffer.from(message.subarray(mtiBytes + from, mtiBytes + to));
		return dialect.hexBitmap ? part.toString("latin1").toLowerCase() : part.toString("hex");
	};
	const one = text(0, first);
	return parseInt(one[0]!, 16) < 8 ? one : one + text(first, 2 * first);
}
