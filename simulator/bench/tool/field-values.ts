/** Values of fields as the tool shows and takes them: digits, text or lower-case hex, by the field's type. */
import { FieldType, type Dialect } from "message/dialect";
import type { MessageReader } from "message/reader";
import type { MessageWriter } from "message/writer";
import iconv from "iconv-lite";

const asHex = "hex:";

/** Digits and "=", text, or lower-case hex. Text that is neither ASCII nor GBK is "hex:" and its bytes. */
export function valueOf(reader: MessageReader, dialect: Dialect, field: number): string {
	switch (dialect.fields[field]!.type) {
		case FieldType.Digits:
		case FieldType.Track:
			return reader.digits(field);
		case FieldType.Binary:
			return Buffer.from(reader.bytes(field)).toString("hex");
		default:
			return readable(Buffer.from(reader.text(field), "latin1"));
	}
}

function readable(bytes: Buffer): string {
	const text = iconv.decode(bytes, "gbk");
	return iconv.encode(text, "gbk").equals(bytes) ? text : `${asHex}${bytes.toString("hex")}`;
}

/**
 * The inverse of `valueOf`.
 * @throws Fault of the writer; Fault-like refusal of what is no hex is the caller's
 * @returns false for a value of a b field that is no hex
 */
export function writeValue(
	writer: MessageWriter,
	dialect: Dialect,
	field: number,
	value: string,
): boolean {
	const format = dialect.fields[field];
	// A field that the dialect does not know is the writer's to refuse.
	if (format === undefined || format.type === FieldType.Digits || format.type === FieldType.Track) {
		writer.digits(field, value);
		return true;
	}
	if (format.type === FieldType.Binary) {
		const bytes = bytesOfHex(value);
		if (bytes === undefined) return false;
		writer.bytes(field, bytes);
		return true;
	}
	if (!value.startsWith(asHex) && /^[\x20-\x7e]*$/.test(value)) {
		writer.text(field, value);
		return true;
	}
	const bytes = value.startsWith(asHex)
		? bytesOfHex(value.slice(asHex.length))
		: iconv.encode(value, "gbk");
	if (bytes === undefined || bytes.some((byte) => byte < 0x20 || byte === 0x7f)) return false;
	const length = format.prefixDigits === 0 ? format.length : bytes.length;
	const padding = Buffer.alloc(Math.max(0, length - bytes.length), " ");
	writer.bytes(field, Buffer.concat([bytes, padding]));
	return true;
}

function bytesOfHex(text: string): Uint8Array | undefined {
	const good = text.length % 2 === 0 && /^[0-9A-Fa-f]*$/.test(text);
	return good ? Uint8Array.from(Buffer.from(text, "hex")) : undefined;
}
