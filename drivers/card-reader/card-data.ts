import { asciiText, concatBytes, toHex } from "core/bytes";
import { EntryMode, type CardRead } from "core/card";
import { beginsWithPan } from "card-reader/clear-data";
import { collectTags, type TagValues } from "card-reader/tags";

/** What the answer to an activation amounts to when it is no card. */
export type Unreadable = "bad-read" | "clear-data" | "refused";

const Tag = Object.freeze({
	Ksn: 0xdfee12,
	Ciphertext: 0xdfee30,
	MaskedPan: 0xdfef5b,
	EntryMode: 0x9f39,
	PanSequence: 0x5f34,
	CvmResults: 0x9f34,
	Amount: 0x9f02,
	CryptogramInformation: 0x9f27,
	Cryptogram: 0x9f26,
} as const);

/** PAN and track 2 in BCD: encrypted readers send them masked or not at all. */
const clearTags: readonly number[] = Object.freeze([0x5a, 0x57, 0x9f6b]);

/** Objects that DE55 takes and the longest value of each (EMV Book 3, annex A): 175 bytes altogether. */
const hostTags: readonly (readonly [tag: number, byteLimit: number])[] = Object.freeze([
	Object.freeze([0x9f26, 8] as const),
	Object.freeze([0x9f27, 1] as const),
	Object.freeze([0x9f10, 32] as const),
	Object.freeze([0x9f37, 4] as const),
	Object.freeze([0x9f36, 2] as const),
	Object.freeze([0x95, 5] as const),
	Object.freeze([0x9a, 3] as const),
	Object.freeze([0x9c, 1] as const),
	Object.freeze([0x9f02, 6] as const),
	Object.freeze([0x9f03, 6] as const),
	Object.freeze([0x5f2a, 2] as const),
	Object.freeze([0x82, 2] as const),
	Object.freeze([0x9f1a, 2] as const),
	Object.freeze([0x9f33, 3] as const),
	Object.freeze([0x9f34, 3] as const),
	Object.freeze([0x9f35, 1] as const),
	Object.freeze([0x9f1e, 8] as const),
	Object.freeze([0x84, 16] as const),
	Object.freeze([0x9f09, 2] as const),
	Object.freeze([0x9f41, 4] as const),
	Object.freeze([0x5f34, 1] as const),
]);

/** 9F39: 05 chip, 07 and 91 contactless, 90 swipe, 80 swipe after the chip failed. */
function entryModeFrom(value: number | undefined): EntryMode | undefined {
	switch (value) {
		case 0x90:
		case 0x80:
			return EntryMode.Swipe;
		case 0x05:
			return EntryMode.Chip;
		case 0x07:
		case 0x91:
			return EntryMode.Tap;
		default:
			return undefined;
	}
}

const none = new Uint8Array(0);

/**
 * Reads the data of a 02-40 answer.
 * @param data BER-TLV as the reader sends it; not kept
 * @param amountMinor what was asked for: a chip that signed another amount belongs to another sale
 */
export function readCard(data: Uint8Array, amountMinor: number): CardRead | Unreadable {
	const tags = collectTags(data);
	if (tags === undefined) return "bad-read";
	if (clearTags.some((tag) => beginsWithPan(tags.get(tag) ?? none))) return "clear-data";
	const entryMode = entryModeFrom(tags.get(Tag.EntryMode)?.[0]);
	const shown = asciiText(tags.get(Tag.MaskedPan) ?? none);
	if (isUnmasked(shown)) return "clear-data";
	const maskedPan = maskPan(shown);
	const ksn = tags.get(Tag.Ksn);
	const ciphertext = tags.get(Tag.Ciphertext);
	if (entryMode === undefined || maskedPan === undefined) return "bad-read";
	if (ksn?.length !== 10 || !isCiphertext(ciphertext)) return "bad-read";
	const chip = entryMode === EntryMode.Swipe ? undefined : chipProblem(tags, amountMinor);
	if (chip !== undefined) return chip;
	return {
		entryMode,
		maskedPan,
		ksn: ksn.slice(),
		ciphertext: ciphertext.slice(),
		chipData: entryMode === EntryMode.Swipe ? new Uint8Array(0) : hostObjects(tags),
		panSequence: panSequence(tags.get(Tag.PanSequence)),
		onlinePin: ((tags.get(Tag.CvmResults)?.[0] ?? 0) & 0x3f) === 0x02,
	};
}

/** The key serial number in an answer, in hex; "" when there is none. */
export function ksnIn(data: Uint8Array): string {
	return toHex(collectTags(data)?.get(Tag.Ksn) ?? none);
}

/** A number without a single masked digit; it need not even pass the Luhn check. */
function isUnmasked(text: string): boolean {
	return text.length >= 13 && digitCount(text) === text.length;
}

/** First six, stars, last four, whatever the reader leaves visible; undefined for what is no masked PAN. */
function maskPan(text: string): string | undefined {
	if (text.length < 13 || text.length > 19) return undefined;
	if (digitCount(text) + text.split("*").length - 1 !== text.length) return undefined;
	return text.slice(0, 6) + "*".repeat(text.length - 10) + text.slice(-4);
}

function digitCount(text: string): number {
	let count = 0;
	for (const char of text) if (char >= "0" && char <= "9") count++;
	return count;
}

function isCiphertext(value: Uint8Array | undefined): value is Uint8Array {
	return value !== undefined && value.length >= 8 && value.length <= 64 && value.length % 8 === 0;
}

/** A chip has signed (9F26), has not declined (9F27 AAC), and has signed the amount of this sale. */
function chipProblem(tags: TagValues, amountMinor: number): Unreadable | undefined {
	const cryptogram = tags.get(Tag.Cryptogram);
	const information = tags.get(Tag.CryptogramInformation)?.[0];
	if (cryptogram?.length !== 8 || information === undefined) return "bad-read";
	const amount = tags.get(Tag.Amount);
	if (amount !== undefined && bcdNumber(amount) !== amountMinor) return "bad-read";
	return (information & 0xc0) === 0 ? "refused" : undefined;
}

/** In the order of `hostTags`; an object that is longer than the specification allows is left out. */
function hostObjects(tags: TagValues): Uint8Array {
	const parts: Uint8Array[] = [];
	for (const [tag, byteLimit] of hostTags) {
		const value = tags.get(tag);
		if (value === undefined || value.length > byteLimit) continue;
		parts.push(tag > 0xff ? Uint8Array.of(tag >> 8, tag & 0xff) : Uint8Array.of(tag));
		parts.push(Uint8Array.of(value.length), value);
	}
	return concatBytes(...parts);
}

/** 5F34 is n2. */
function panSequence(value: Uint8Array | undefined): number {
	return value?.length === 1 ? bcdNumber(value) : -1;
}

/** -1 where a nibble is no digit. */
function bcdNumber(bytes: Uint8Array): number {
	let number = 0;
	for (const byte of bytes) {
		if (byte >> 4 > 9 || (byte & 15) > 9) return -1;
		number = number * 100 + (byte >> 4) * 10 + (byte & 15);
	}
	return number;
}
