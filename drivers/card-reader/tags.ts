/** Values by tag: views into the walked bytes. */
export type TagValues = ReadonlyMap<number, Uint8Array>;

const objectsMax = 64;
const depthMax = 4;

/**
 * Collects the data objects of an answer (BER-TLV, EMV Book 3 annex B), those inside constructed ones as well.
 * Tags have 1 to 3 bytes, lengths 1 to 3; of a repeated tag the first counts. Unlike elsewhere a tag may begin
 * with FF (FFEE01 is the vendor's), so only 00 is taken for padding.
 * @returns undefined for what is malformed, nests deeper than 4 or has more than 64 objects
 */
export function collectTags(bytes: Uint8Array): TagValues | undefined {
	const values = new Map<number, Uint8Array>();
	return collect(bytes, depthMax, values) ? values : undefined;
}

function collect(bytes: Uint8Array, depth: number, values: Map<number, Uint8Array>): boolean {
	let at = 0;
	while (at < bytes.length) {
		const first = bytes[at]!;
		at++;
		if (first === 0) continue;
		let tag = first;
		if ((first & 0x1f) === 0x1f)
			for (let count = 1; ; count++) {
				if (at >= bytes.length || count === 3) return false;
				const byte = bytes[at]!;
				at++;
				tag = tag * 256 + byte;
				if (byte < 0x80) break;
				if (count === 2) return false;
			}
		const length = lengthAt(bytes, at);
		if (length === undefined) return false;
		const start = at + length.byteCount;
		at = start + length.value;
		if (at > bytes.length || values.size === objectsMax) return false;
		const value = bytes.subarray(start, at);
		if (!values.has(tag)) values.set(tag, value);
		if ((first & 0x20) !== 0 && (depth === 0 || !collect(value, depth - 1, values))) return false;
	}
	return true;
}

/** @returns undefined for the indefinite form and for more than two length bytes */
function lengthAt(
	bytes: Uint8Array,
	at: number,
): { readonly value: number; readonly byteCount: number } | undefined {
	const first = bytes[at];
	if (first === undefined) return undefined;
	if (first < 0x80) return { value: first, byteCount: 1 };
	if (first === 0x81) return { value: bytes[at + 1] ?? 0x10000, byteCount: 2 };
	if (first !== 0x82 || at + 2 >= bytes.length) return undefined;
	return { value: bytes[at + 1]! * 256 + bytes[at + 2]!, byteCount: 3 };
}
