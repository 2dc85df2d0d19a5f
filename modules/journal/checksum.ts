/**
 * CRC-32 (IEEE 802.3, reflected) four bytes at a step, for what stands at multiples of four: on XS
 * it takes less than half the steps of the byte-wise one. Needs a little-endian machine, as all of ours are.
 */
const table0 = new Int32Array(256);
const table1 = new Int32Array(256);
const table2 = new Int32Array(256);
const table3 = new Int32Array(256);
fillTables();

function fillTables(): void {
	for (let n = 0; n < 256; n++) {
		let c = n;
		for (let k = 0; k < 8; k++) c = (c & 1) !== 0 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
		table0[n] = c;
	}
	for (let n = 0; n < 256; n++) {
		const one = table0[n]!;
		const two = table0[one & 0xff]! ^ (one >>> 8);
		const three = table0[two & 0xff]! ^ (two >>> 8);
		table1[n] = two;
		table2[n] = three;
		table3[n] = table0[three & 0xff]! ^ (three >>> 8);
	}
}

/** Carries the CRC `seed` on over one word, as 4 bytes with the low one first. @returns signed 32 bits */
export function crcOfWord(word: number, seed: number): number {
	const c = ~seed ^ word;
	return ~(
		table3[c & 255]! ^
		table2[(c >> 8) & 255]! ^
		table1[(c >> 16) & 255]! ^
		table0[c >>> 24]!
	);
}

/**
 * Carries the CRC `seed` on over bytes `start` to `end`.
 * @param words the same memory as `bytes`
 * @param start a multiple of 4
 * @returns signed 32 bits
 */
export function crcOfRange(
	words: Int32Array,
	bytes: Uint8Array,
	start: number,
	end: number,
	seed: number,
): number {
	let c = ~seed;
	let i = start >> 2;
	// Four words a turn: the turn itself costs as much as a look-up.
	const last = (end >> 2) - 3;
	for (; i < last; i += 4) {
		c ^= words[i]!;
		c =
			table3[c & 255]! ^
			table2[(c >> 8) & 255]! ^
			table1[(c >> 16) & 255]! ^
			table0[c >>> 24]! ^
			words[i + 1]!;
		c =
			table3[c & 255]! ^
			table2[(c >> 8) & 255]! ^
			table1[(c >> 16) & 255]! ^
			table0[c >>> 24]! ^
			words[i + 2]!;
		c =
			table3[c & 255]! ^
			table2[(c >> 8) & 255]! ^
			table1[(c >> 16) & 255]! ^
			table0[c >>> 24]! ^
			words[i + 3]!;
		c = table3[c & 255]! ^ table2[(c >> 8) & 255]! ^ table1[(c >> 16) & 255]! ^ table0[c >>> 24]!;
	}
	for (; i < end >> 2; i++) {
		c ^= words[i]!;
		c = table3[c & 255]! ^ table2[(c >> 8) & 255]! ^ table1[(c >> 16) & 255]! ^ table0[c >>> 24]!;
	}
	for (i <<= 2; i < end; i++) c = table0[(c ^ bytes[i]!) & 255]! ^ (c >>> 8);
	return ~c;
}

/**
 * Which single bit makes a CRC of `bits` bits wrong by `difference` (CRC found xor CRC read, not 0), counted from the
 * first byte's lowest bit. @returns `bits` when it is one of the CRC itself, -1 when no single bit does
 */
export function wrongBit(difference: number, bits: number): number {
	if ((difference & (difference - 1)) === 0) return bits;
	// What a change of the last bit does; one bit further forward is one step of the register more.
	let effect = 0xedb88320;
	for (let bit = bits - 1; bit >= 0; bit--) {
		if ((effect ^ difference) === 0) return bit;
		effect = (effect & 1) !== 0 ? 0xedb88320 ^ (effect >>> 1) : effect >>> 1;
	}
	return -1;
}
