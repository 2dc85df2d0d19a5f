/** BER-TLV as the reader writes and reads it. */

export interface Tlv {
	/** Upper-case hex. */
	readonly tag: string;
	readonly value: Buffer;
}

/** @param tag hex of 1 to 3 bytes @param value bytes or hex */
export function tlv(tag: string, value: Uint8Array | string): Buffer {
	const bytes = typeof value === "string" ? Buffer.from(value, "hex") : Buffer.from(value);
	const length =
		bytes.length < 0x80
			? [bytes.length]
			: bytes.length < 0x100
				? [0x81, bytes.length]
				: [0x82, bytes.length >> 8, bytes.length & 0xff];
	return Buffer.concat([Buffer.from(tag, "hex"), Buffer.from(length), bytes]);
}

/** Objects one after the other; undefined when the bytes are no whole list. 00 and FF between objects are padding. */
export function parseTlvs(bytes: Uint8Array): Tlv[] | undefined {
	const found: Tlv[] = [];
	let at = 0;
	while (at < bytes.length) {
		if (bytes[at] === 0x00 || bytes[at] === 0xff) {
			at++;
			continue;
		}
		const tagStart = at;
		if ((bytes[at++]! & 0x1f) === 0x1f) {
			while (at < bytes.length && (bytes[at]! & 0x80) !== 0) at++;
			at++;
		}
		const tag = Buffer.from(bytes.subarray(tagStart, at)).toString("hex").toUpperCase();
		const first = bytes[at++];
		if (first === undefined || first === 0x80 || first > 0x82) return undefined;
		let length = first;
		if (first > 0x80) {
			length = 0;
			for (let i = 0; i < first - 0x80; i++) length = length * 256 + (bytes[at++] ?? 0);
		}
		if (at + length > bytes.length) return undefined;
		found.push({ tag, value: Buffer.from(bytes.subarray(at, at + length)) });
		at += length;
	}
	return found;
}
