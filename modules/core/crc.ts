const crc32Table = makeCrc32Table();

function makeCrc32Table(): Uint32Array {
	const table = new Uint32Array(256);
	for (let n = 0; n < 256; n++) {
		let c = n;
		for (let k = 0; k < 8; k++) c = (c & 1) !== 0 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
		table[n] = c;
	}
	return table;
}

/**
 * CRC-32 (IEEE 802.3, reflected). Chains: pass the previous result as `seed`.
 * @returns unsigned 32 bits
 */
export function crc32(bytes: Uint8Array, start = 0, end = bytes.length, seed = 0): number {
	let c = ~seed;
	for (let i = start; i < end; i++) c = crc32Table[(c ^ bytes[i]!) & 0xff]! ^ (c >>> 8);
	return ~c >>> 0;
}

/** CRC-16/CCITT-FALSE (poly 1021, init FFFF), as ViVOtech2 frames use it. */
export function crc16(bytes: Uint8Array, start = 0, end = bytes.length): number {
	let c = 0xffff;
	for (let i = start; i < end; i++) {
		c ^= bytes[i]! << 8;
		for (let k = 0; k < 8; k++)
			c = (c & 0x8000) !== 0 ? ((c << 1) ^ 0x1021) & 0xffff : (c << 1) & 0xffff;
	}
	return c;
}
