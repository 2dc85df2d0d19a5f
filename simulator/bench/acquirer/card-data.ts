/** From field 57 to a card: decrypt, read track 2, check the number. The clear data never leaves this file. */
import { decryptCardData } from "./dukpt";
import { readTlv } from "./tlv";

/** What the rules need of a card; nothing of it is card data in clear. */
export interface Card {
	/** First six, stars, last four. */
	readonly maskedPan: string;
	/** Expiry as on the track, YYMM. */
	readonly expiry: string;
	readonly luhn: boolean;
}

/**
 * Reads field 57 of docs/host-protocol.md.
 * @returns the card, or a reason of at most a few words when field or decryption make no sense
 */
export function readCard(bdk: Buffer, field57: Buffer): Card | string {
	const objects = readTlv(field57);
	if (objects === undefined) return "field 57 is not TLV";
	const ksn = objects.get("DFEE12");
	const ciphertext = objects.get("DFEE30");
	if (ksn === undefined || ciphertext === undefined || objects.size !== 2)
		return "field 57 is not KSN and ciphertext";
	const clear = decrypted(bdk, ksn, ciphertext);
	if (clear === undefined) return "KSN or ciphertext unusable";
	const track = trackText(clear);
	const parts = /^;?(\d{12,19})=(\d{2}(?:0[1-9]|1[0-2]))\d{3,40}\??$/.exec(track);
	const [, pan, expiry] = parts ?? [];
	if (pan === undefined || expiry === undefined) return "no track 2 after decryption";
	return { maskedPan: mask(pan), expiry, luhn: isLuhn(pan) };
}

function decrypted(bdk: Buffer, ksn: Buffer, ciphertext: Buffer): Buffer | undefined {
	try {
		return decryptCardData(bdk, ksn, ciphertext);
	} catch (error) {
		if (error instanceof RangeError) return undefined;
		throw error;
	}
}

/**
 * Track 2 as text, without what follows the end sentinel (LRC, padding). A reader gives a swiped track as
 * ASCII, and of a chip the track 2 equivalent as digits in nibbles (D for the separator, F for padding), which
 * some readers wrap as object 57.
 */
function trackText(clear: Buffer): string {
	const ascii = clear.toString("latin1");
	const end = ascii.indexOf("?");
	if (/^;?\d{12,19}=/.test(ascii))
		return end >= 0 ? ascii.slice(0, end + 1) : ascii.replace(/[\0 ]+$/, "");
	const wrapped = clear.readUInt8(0) === 0x57 && clear.readUInt8(1) <= clear.length - 2;
	const nibbles = wrapped ? clear.subarray(2, 2 + clear.readUInt8(1)) : clear;
	return nibbles
		.toString("hex")
		.replace(/f[f0]*$/, "")
		.replace("d", "=");
}

function mask(pan: string): string {
	return pan.slice(0, 6) + "*".repeat(pan.length - 10) + pan.slice(-4);
}

/** Check digit of ISO/IEC 7812. @param pan digits */
export function isLuhn(pan: string): boolean {
	let sum = 0;
	for (let fromRight = 0; fromRight < pan.length; fromRight++) {
		const digit = Number(pan[pan.length - 1 - fromRight]);
		const weighted = fromRight % 2 === 1 ? digit * 2 : digit;
		sum += weighted > 9 ? weighted - 9 : weighted;
	}
	return sum % 10 === 0;
}
