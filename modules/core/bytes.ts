/** Byte helpers that behave the same on every engine (no Buffer, no TextEncoder). */

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
	let text = "";
	for (const b of bytes) text += (b < 16 ? "0" : "") + b.toString(16);
	return text;
}

/** @param text an even number of hex digits; anything else gives undefined */
export function fromHex(text: string): Uint8Array | undefined {
	if (text.length % 2 !== 0) return undefined;
	const bytes = new Uint8Array(text.length / 2);
	for (let i = 0; i < bytes.length; i++) {
		const high = hexDigit(text.charCodeAt(2 * i));
		const low = hexDigit(text.charCodeAt(2 * i + 1));
		if (high < 0 || low < 0) return undefined;
		bytes[i] = high * 16 + low;
	}
	return bytes;
}

/** Value of a hex digit's character code, or -1. */
export function hexDigit(code: number): number {
	if (code >= 0x30 && code <= 0x39) return code - 0x30;
	if (code >= 0x41 && code <= 0x46) return code - 0x37;
	if (code >= 0x61 && code <= 0x66) return code - 0x57;
	return -1;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
	let length = 0;
	for (const part of parts) length += part.length;
	const joined = new Uint8Array(length);
	let offset = 0;
	for (const part of parts) {
		joined.set(part, offset);
		offset += part.length;
	}
	return joined;
}

export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
	if (left.length !== right.length) return false;
	for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
	return true;
}

/** Bytes of an ASCII text; a character above 0x7e becomes "?". */
export function asciiBytes(text: string): Uint8Array {
	const bytes = new Uint8Array(text.length);
	for (let i = 0; i < text.length; i++) {
		const code = text.charCodeAt(i);
		bytes[i] = code < 0x7f ? code : 0x3f;
	}
	return bytes;
}

/** Text of bytes, one character each (Latin-1): never throws, whatever came over the wire. */
export function asciiText(bytes: Uint8Array, start = 0, end = bytes.length): string {
	let text = "";
	for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]!);
	return text;
}

/** UTF-8 of a text. XS strings count code points; other engines give surrogate pairs: both work. */
export function utf8Bytes(text: string): Uint8Array {
	const out: number[] = [];
	for (const char of text) {
		const c = char.codePointAt(0)!;
		if (c < 0x80) out.push(c);
		else if (c < 0x800) out.push(0xc0 | (c >> 6), 0x80 | (c & 63));
		else if (c < 0x10000) out.push(0xe0 | (c >> 12), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63));
		else
			out.push(0xf0 | (c >> 18), 0x80 | ((c >> 12) & 63), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63));
	}
	return Uint8Array.from(out);
}
