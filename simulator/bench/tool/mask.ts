/** What the tool shows never holds more of a card than the first six and the last four digits of its number. */
import { luhnValid, maskPan } from "../peripheral/redact";

const panMin = 13;
const panMax = 19;

/** Fields whose whole content is a number of the protocol: digits there are no card's, however they look. */
const plainFields: ReadonlySet<number> = new Set([
	...[3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27],
	...[28, 29, 30, 31, 32, 33, 37, 38, 39, 41, 42, 49, 50, 51, 53, 60, 61, 64, 66, 67, 68, 69],
	...[70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91],
	...[92, 93, 94, 95, 96, 97, 99, 100, 128],
]);

/** Tags that are card data: PAN, tracks, name, expiry, identity number. */
const cardTags: ReadonlySet<string> = new Set(
	["5a", "57", "56", "9f6b", "5f20", "9f0b", "5f24", "9f1f", "9f20", "9f61"].concat("dfef5b"),
);

/** PAN with or without padding; what is too short or long for one is hidden whole. */
export function maskedPan(digits: string): string {
	const [, number = "", rest = ""] = /^(\d*)(.*)$/s.exec(digits) ?? [];
	if (number.length < panMin || number.length > panMax) return "*".repeat(digits.length);
	return maskPan(number) + "*".repeat(rest.length);
}

/** Track data: the number in front of the separator masked, all else hidden. */
export function maskedTrack(text: string): string {
	const end = text.search(/[=^dD]/);
	if (end < 0) return "*".repeat(text.length);
	const start = /^[%;]?B?/.exec(text)![0];
	const number = text.slice(start.length, end);
	return start + maskedPan(number) + text[end]! + "*".repeat(text.length - end - 1);
}

/** Masks every PAN in a text: runs of 13 to 19 digits with a Luhn check digit, also within longer runs, and tracks. */
export function scrubText(text: string): string {
	return text
		.replace(
			/([;%]?B?\d{13,19})([=^])([^?\r\n]*)/g,
			(_, number: string, mark: string, rest: string) =>
				maskedTrack(number + mark) + "*".repeat(rest.length),
		)
		.replace(/\d{13,}/g, scrubRun);
}

function scrubRun(run: string): string {
	if (run.length <= panMax) return isPan(run) ? maskPan(run) : run;
	const hidden = [...run];
	for (let start = 0; start + panMin <= run.length; start++)
		for (let length = panMax; length >= panMin; length--) {
			const part = run.slice(start, start + length);
			if (part.length === length && isPan(part)) hidden.fill("*", start + 6, start + length - 4);
		}
	return hidden.join("");
}

/** All zeros, and amounts and counters filled with them, are no card's number. */
function isPan(digits: string): boolean {
	return !digits.startsWith("000") && luhnValid(digits);
}

/** Masks PANs in bytes, packed or as ASCII digits. @returns lower-case hex of the same length, with "*" */
export function scrubBytes(bytes: Uint8Array): string {
	const text = Buffer.from(bytes).toString("latin1");
	const scrubbed = scrubText(text);
	const hex = [...scrubbed]
		.map((char, i) => (char === "*" && text[i] !== "*" ? "**" : hexOf(text.charCodeAt(i))))
		.join("");
	// Track 2 in packed digits needs no check digit to be one.
	return scrubText(hex.replace(/\d{13,19}d\d{7,}/g, (track) => maskedTrack(track)));
}

function hexOf(byte: number): string {
	return byte.toString(16).padStart(2, "0");
}

/** Value of a data object. @param tag lower-case hex @returns lower-case hex, "*" for what is hidden */
export function maskedTagValue(tag: string, value: Uint8Array, known: boolean): string {
	const hex = Buffer.from(value).toString("hex");
	if (tag === "5a") return maskedPan(hex);
	if (tag === "57" || tag === "9f6b") return maskedTrack(hex);
	if (cardTags.has(tag)) return tag === "dfef5b" ? scrubBytes(value) : "*".repeat(hex.length);
	return known ? hex : scrubBytes(value);
}

/**
 * Digits, text or hex of a field of an ISO 8583 message.
 * @param value as the codec gives it
 */
export function maskedField(field: number, value: string): string {
	if (plainFields.has(field)) return value;
	if (field === 2 || field === 34) return maskedPan(value);
	if (field === 35 || field === 36 || field === 45) return maskedTrack(value);
	if (field === 14 || field === 52) return "*".repeat(value.length);
	return scrubText(value);
}
