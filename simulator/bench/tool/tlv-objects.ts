/** BER-TLV for reading by a person: EMV objects, and the vendor's own that begin with FFEE. */
import { maskedTagValue } from "./mask";
import { tagNames } from "./tag-names";

export interface TlvObject {
	/** Lower-case hex. */
	readonly tag: string;
	readonly name: string;
	readonly length: number;
	/** Offset of the value from the start of all bytes. */
	readonly valueOffset: number;
	/** Lower-case hex, masked; absent for a constructed object. */
	readonly value?: string;
	readonly objects?: readonly TlvObject[];
}

/** What cannot be read, and where. */
export class TlvError extends Error {
	readonly offset: number;

	constructor(offset: number) {
		super(`no data object at offset ${offset}`);
		this.offset = offset;
	}
}

const depthMax = 8;

/**
 * All objects of a template. 00 and FF between them are padding, but FFEE starts a tag of the reader's vendor.
 * @throws TlvError with the offset from the start of `bytes`
 */
export function readObjects(bytes: Uint8Array, base = 0, depth = 0): TlvObject[] {
	const objects: TlvObject[] = [];
	let at = 0;
	for (;;) {
		while (at < bytes.length && isPadding(bytes, at)) at++;
		if (at >= bytes.length) return objects;
		const start = at;
		at = tagEnd(bytes, at, base);
		const tag = Buffer.from(bytes.subarray(start, at)).toString("hex");
		const length = lengthAt(bytes, at);
		if (length === undefined || length.end + length.value > bytes.length)
			throw new TlvError(base + start);
		at = length.end + length.value;
		const value = bytes.subarray(length.end, at);
		objects.push(
			(bytes[start]! & 0x20) !== 0 && depth < depthMax
				? nested(tag, value, base + length.end, depth)
				: primitive(tag, value, base + length.end),
		);
	}
}

/** A tag can say "constructed" and hold something else: then it is shown as bytes. */
function nested(tag: string, value: Uint8Array, base: number, depth: number): TlvObject {
	try {
		const objects = readObjects(value, base, depth + 1);
		return { tag, name: nameOf(tag), length: value.length, valueOffset: base, objects };
	} catch (error) {
		if (!(error instanceof TlvError)) throw error;
		return primitive(tag, value, base);
	}
}

function primitive(tag: string, value: Uint8Array, valueOffset: number): TlvObject {
	const shown = maskedTagValue(tag, value, Object.hasOwn(tagNames, tag));
	return { tag, name: nameOf(tag), length: value.length, valueOffset, value: shown };
}

function nameOf(tag: string): string {
	return tagNames[tag] ?? "";
}

function isPadding(bytes: Uint8Array, at: number): boolean {
	return bytes[at] === 0 || (bytes[at] === 0xff && bytes[at + 1] !== 0xee);
}

function tagEnd(bytes: Uint8Array, start: number, base: number): number {
	let at = start + 1;
	if ((bytes[start]! & 0x1f) !== 0x1f) return at;
	while (at < bytes.length && at < start + 3) if ((bytes[at++]! & 0x80) === 0) return at;
	throw new TlvError(base + start);
}

function lengthAt(bytes: Uint8Array, at: number): { value: number; end: number } | undefined {
	const first = bytes[at];
	if (first === undefined || first === 0x80 || first > 0x82) return undefined;
	if (first < 0x80) return { value: first, end: at + 1 };
	const end = at + 1 + (first - 0x80);
	if (end > bytes.length) return undefined;
	let value = 0;
	for (let i = at + 1; i < end; i++) value = value * 256 + bytes[i]!;
	return { value, end };
}

/** Rows of a table: indented tag and name, value. */
export function objectRows(objects: readonly TlvObject[], indent = ""): [string, string, string][] {
	return objects.flatMap(({ tag, name, value, objects: inner }) => [
		[`${indent}${tag}`, name, value ?? ""] as [string, string, string],
		...objectRows(inner ?? [], `${indent}  `),
	]);
}
