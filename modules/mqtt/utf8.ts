/**
 * Text of UTF-8 bytes, strictly (MQTT 3.1.1 section 1.5.3).
 * @returns undefined for overlong or cut sequences, surrogates, code points above 10FFFF and U+0000
 */
export function utf8Text(bytes: Uint8Array): string | undefined {
	let text = "";
	let i = 0;
	while (i < bytes.length) {
		const first = bytes[i++]!;
		const more = first < 0x80 ? 0 : first < 0xc2 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
		if (more < 0 || first > 0xf4 || i + more > bytes.length) return undefined;
		let code = more === 0 ? first : first & (0x3f >> more);
		for (let k = 0; k < more; k++) {
			const next = bytes[i++]!;
			if ((next & 0xc0) !== 0x80) return undefined;
			code = (code << 6) | (next & 0x3f);
		}
		if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return undefined;
		if ((more === 2 && code < 0x800) || (more === 3 && code < 0x10000)) return undefined;
		text += String.fromCodePoint(code);
	}
	return text;
}
