/**
 * Recognises card data that is not encrypted (G4). Looks at the raw bytes and not at parsed objects, so that a
 * malformed answer cannot hide it. PANs are ISO/IEC 7812: 13 to 19 digits with a Luhn check digit.
 */

const panDigitsMin = 13;
const panDigitsMax = 19;
const digitZero = 0x30;

const panTag = 0x5a;
/** 57, and the second byte of 9F6B. */
const trackTags: readonly number[] = Object.freeze([0x57, 0x6b]);
/** Longest value of these tags, bytes. */
const panBytesMax = 10;
const trackBytesMax = 20;
const separatorNibble = 0xd;
const paddingNibble = 0xf;

/** Somewhere in `bytes` stands a PAN as ASCII digits, or one in BCD behind tag 5A, 57 or 9F6B. */
export function carriesClearData(bytes: Uint8Array): boolean {
	return hasAsciiPan(bytes) || hasBcdPan(bytes);
}

/** `value` begins with a PAN in BCD. For values of which the tag says that they are a PAN or track 2. */
export function beginsWithPan(value: Uint8Array): boolean {
	return holdsPan(leadingDigits(value));
}

/** A run of ASCII digits that is a PAN, or one too long for a PAN that has a PAN inside. */
function hasAsciiPan(bytes: Uint8Array): boolean {
	let start = 0;
	for (let at = 0; at <= bytes.length; at++) {
		const digit = (bytes[at] ?? 0) - digitZero;
		if (digit >= 0 && digit <= 9) continue;
		if (at - start >= panDigitsMin) {
			const digits = bytes.slice(start, at).map((byte) => byte - digitZero);
			const found = holdsPan(digits);
			digits.fill(0);
			if (found) return true;
		}
		start = at + 1;
	}
	return false;
}

/**
 * Tag, length and a PAN that ends as it must: in 5A with the value or its padding, in 57 with the separator. Without
 * the end ciphertext would look like a PAN once in some thousand cards; so it is about once in a million.
 */
function hasBcdPan(bytes: Uint8Array): boolean {
	for (let at = 0; at + 1 < bytes.length; at++) {
		const track = trackTags.includes(bytes[at]!);
		if (!track && bytes[at] !== panTag) continue;
		const start = bytes[at + 1] === 0x81 ? at + 3 : at + 2;
		const length = bytes[start - 1] ?? 0;
		if (length < 7 || length > (track ? trackBytesMax : panBytesMax)) continue;
		const value = bytes.subarray(start, start + length);
		const digits = leadingDigits(value);
		const end = nibbleAt(value, digits.length);
		const ends = track ? end === separatorNibble : end === paddingNibble || end === undefined;
		if (ends && holdsPan(digits)) return true;
	}
	return false;
}

function nibbleAt(bytes: Uint8Array, index: number): number | undefined {
	const byte = bytes[index >> 1];
	if (byte === undefined) return undefined;
	return index % 2 === 0 ? byte >> 4 : byte & 15;
}

/** The decimal nibbles with which `bytes` begins, at most one more than a PAN has. */
function leadingDigits(bytes: Uint8Array): Uint8Array {
	const digits = new Uint8Array(panDigitsMax + 1);
	let count = 0;
	while (count < digits.length) {
		const nibble = nibbleAt(bytes, count);
		if (nibble === undefined || nibble > 9) break;
		digits[count++] = nibble;
	}
	return digits.subarray(0, count);
}

function holdsPan(digits: Uint8Array): boolean {
	if (digits.length <= panDigitsMax) return isPan(digits);
	for (let start = 0; start + panDigitsMin <= digits.length; start++)
		for (let length = panDigitsMin; length <= panDigitsMax; length++)
			if (start + length <= digits.length && isPan(digits.subarray(start, start + length)))
				return true;
	return false;
}

/** Length and Luhn check (ISO/IEC 7812-1, annex B). All zeros are no number. */
function isPan(digits: Uint8Array): boolean {
	if (digits.length < panDigitsMin) return false;
	let sum = 0;
	let zeros = 0;
	for (let i = 0; i < digits.length; i++) {
		const digit = digits[digits.length - 1 - i]!;
		if (digit === 0) zeros++;
		const doubled = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
		sum += i % 2 === 0 ? digit : doubled;
	}
	return sum % 10 === 0 && zeros < digits.length;
}
