/**
 * CRC-32 (IEEE 802.3, reflected) four bytes at a step, for what stands at multiples of four: on XS
 * it takes less than half the steps of the byte-wise one. Needs a little-endian machine, as all of ours are.
 */
const polynomial = 0xedb88320;
/** What 11, 11 and 10 bits of the register make of it 32 bits later: three look-ups a word instead of four. */
const low = new Int32Array(2048);
const middle = new Int32Array(2048);
const high = new Int32Array(1024);
fillTable(low, 0);
fillTable(middle, 11);
fillTable(high, 22);

function fillTable(table: Int32Array, shift: number): void {
	for (let n = 1; n < table.length; n++) {
		const rest = n & (n - 1);
		table[n] = rest === 0 ? after32Bits(n << shift) : table[rest]! ^ table[n ^ rest]!;
	}
}

function after32Bits(register: number): number {
	let c = register;
	for (let k = 0; k < 32; k++) c = (c & 1) !== 0 ? polynomial ^ (c >>> 1) : c >>> 1;
	return c;
}

/** Carries the CRC `seed` on over one word, as 4 bytes with the low one first. @returns signed 32 bits */
export function crcOfWord(word: number, seed: number): number {
	const c = ~seed ^ word;
	return ~(low[c & 2047]! ^ middle[(c >> 11) & 2047]! ^ high[c >>> 22]!);
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
		c = low[c & 2047]! ^ middle[(c >> 11) & 2047]! ^ high[c >>> 22]! ^ words[i + 1]!;
		c = low[c & 2047]! ^ middle[(c >> 11) & 2047]! ^ high[c >>> 22]! ^ words[i + 2]!;
		c = low[c & 2047]! ^ middle[(c >> 11) & 2047]! ^ high[c >>> 22]! ^ words[i + 3]!;
		c = low[c & 2047]! ^ middle[(c >> 11) & 2047]! ^ high[c >>> 22]!;
	}
	for (; i < end >> 2; i++) {
		c ^= words[i]!;
		c = low[c & 2047]! ^ middle[(c >> 11) & 2047]! ^ high[c >>> 22]!;
	}
	// The topmost byte of a word is eight steps from the end.
	for (i <<= 2; i < end; i++) c = high[((c ^ bytes[i]!) & 255) << 2]! ^ (c >>> 8);
	return ~c;
}

/**
 * Which single bit makes a CRC of `bits` bits wrong by `difference` (CRC found xor CRC read, not 0), counted from the
 * first byte's lowest bit. @returns `bits` when it is one of the CRC itself, -1 when no single bit does
 */
export function wrongBit(difference: number, bits: number): number {
	if ((difference & (difference - 1)) === 0) return bits;
	// What a change of the last bit does; one bit further forward is one step of the register more.
	let effect = polynomial;
	for (let bit = bits - 1; bit >= 0; bit--) {
		if ((effect ^ difference) === 0) return bit;
		effect = (effect & 1) !== 0 ? polynomial ^ (effect >>> 1) : effect >>> 1;
	}
	return -1;
}
