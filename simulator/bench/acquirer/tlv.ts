/** BER-TLV objects of fields 55 and 57. */

/** Most objects that a field may hold. */
const objectsMax = 64;

/**
 * Reads primitive objects one after the other (a constructed one is kept whole, unopened).
 * @returns tag in upper-case hex → value, or undefined when the bytes are not well formed or a tag comes twice
 */
export function readTlv(bytes: Buffer): ReadonlyMap<string, Buffer> | undefined {
	const objects = new Map<string, Buffer>();
	let at = 0;
	while (at < bytes.length) {
		const tagBytes = tagLength(bytes, at);
		if (tagBytes === undefined) return undefined;
		const tag = bytes.toString("hex", at, at + tagBytes).toUpperCase();
		at += tagBytes;
		const length = lengthAt(bytes, at);
		if (length === undefined) return undefined;
		at += length.bytes;
		if (at + length.value > bytes.length) return undefined;
		if (objects.has(tag) || objects.size === objectsMax) return undefined;
		objects.set(tag, bytes.subarray(at, at + length.value));
		at += length.value;
	}
	return objects;
}

/** One to three bytes: low five bits all set means that more follow, as long as bit 8 is set. */
function tagLength(bytes: Buffer, at: number): number | undefined {
	if ((bytes.readUInt8(at) & 0x1f) !== 0x1f) return 1;
	for (let count = 2; count <= 3; count++) {
		const next = bytes[at + count - 1];
		if (next === undefined) return undefined;
		if ((next & 0x80) === 0) return count;
	}
	return undefined;
}

function lengthAt(bytes: Buffer, at: number): { bytes: number; value: number } | undefined {
	const first = bytes[at];
	if (first === undefined) return undefined;
	if (first < 0x80) return { bytes: 1, value: first };
	if (first !== 0x81 && first !== 0x82) return undefined;
	const count = first & 0x7f;
	if (at + 1 + count > bytes.length) return undefined;
	return { bytes: 1 + count, value: bytes.readUIntBE(at + 1, count) };
}
