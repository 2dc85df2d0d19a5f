/** Card numbers never stand in anything that the bench logs or captures. */

const panMin = 13;
const panMax = 19;

/** Luhn check over decimal digits. */
export function luhnValid(digits: string): boolean {
	let sum = 0;
	for (let i = 0; i < digits.length; i++) {
		const digit = digits.charCodeAt(digits.length - 1 - i) - 0x30;
		if (digit < 0 || digit > 9) return false;
		const doubled = digit * 2;
		sum += i % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
	}
	return digits.length > 0 && sum % 10 === 0;
}

/** First six, stars, last four. */
export function maskPan(pan: string): string {
	return pan.slice(0, 6) + "*".repeat(Math.max(0, pan.length - 10)) + pan.slice(-4);
}

/** Replaces track data and every run of 13 to 19 digits that passes the Luhn check by a masked form. */
export function redactText(text: string): string {
	return text
		.replace(
			/([;%]B?)(\d{13,19})([=^])[^?\r\n]*\??/g,
			(_, start: string, pan: string, mark: string) => `${start}${maskPan(pan)}${mark}*`,
		)
		.replace(/\d{13,19}/g, (run) => (luhnValid(run) ? maskPan(run) : run));
}

/**
 * A copy of captured wire bytes in which card numbers, as ASCII digits or as packed BCD of tags 5A and 57, are
 * overwritten with "*" or FF. The length stays. Give it whole streams: a number that is split over two calls is missed.
 */
export function redactBytes(bytes: Uint8Array): Uint8Array {
	const copy = Uint8Array.from(bytes);
	redactAscii(copy);
	redactPacked(copy);
	return copy;
}

function redactAscii(bytes: Uint8Array): void {
	let start = 0;
	for (let i = 0; i <= bytes.length; i++) {
		const digit = i < bytes.length && bytes[i]! >= 0x30 && bytes[i]! <= 0x39;
		if (digit) continue;
		const length = i - start;
		if (length >= panMin && length <= panMax) {
			const run = Buffer.from(bytes.subarray(start, i)).toString("latin1");
			const track = bytes[i] === 0x3d || bytes[i] === 0x5e;
			if (track || luhnValid(run)) bytes.fill(0x2a, start + 6, i - 4);
			if (track) wipeTrackTail(bytes, i + 1);
		}
		start = i + 1;
	}
}

/** Overwrites what follows the separator of a track, up to its end sentinel. */
function wipeTrackTail(bytes: Uint8Array, start: number): void {
	for (let i = start; i < bytes.length && i < start + 64; i++) {
		const b = bytes[i]!;
		if (b === 0x3f || b < 0x20 || b > 0x7e) return;
		bytes[i] = 0x2a;
	}
}

function redactPacked(bytes: Uint8Array): void {
	for (let i = 0; i + 2 < bytes.length; i++) {
		const tag = bytes[i];
		const length = bytes[i + 1]!;
		if ((tag !== 0x5a && tag !== 0x57) || length < 7 || length > 20) continue;
		const value = bytes.subarray(i + 2, i + 2 + length);
		const digits = /^\d*/.exec(Buffer.from(value).toString("hex"))![0];
		if (digits.length < panMin || digits.length > panMax || !luhnValid(digits)) continue;
		value.fill(0xff, 3, tag === 0x5a ? value.length - 2 : value.length);
	}
}
