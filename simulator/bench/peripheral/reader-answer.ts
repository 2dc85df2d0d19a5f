import { track2 } from "./cards";
import type { Presentation, TestCard } from "./cards";
import { dataKey, initialKey, tdesCbcEncrypt, transactionKey } from "./dukpt";
import { emvObjects } from "./emv";
import type { ReaderRequest } from "./emv";
import { maskPan } from "./redact";
import { tlv } from "./tlv";

/** A card that has just been read, still in clear: this never leaves the reader's modules. */
export interface ClearRead {
	readonly card: TestCard;
	readonly way: Presentation;
	readonly request: ReaderRequest;
	readonly ksn: Uint8Array;
	readonly counter: number;
}

const entryModes = { swipe: "90", chip: "05", tap: "07" } as const;
const results = { swipe: "0011", chip: "0004", tap: "0004" } as const;

/** Response data with the card's data encrypted under the DUKPT data key of `read.ksn`. */
export function encryptedAnswer(read: ClearRead, bdk: Uint8Array): Buffer {
	const key = dataKey(transactionKey(initialKey(bdk, read.ksn), read.ksn));
	const track = padded(Buffer.from(track2(read.card), "latin1"));
	const ciphertext = tdesCbcEncrypt(key, track);
	return Buffer.concat([
		tlv("dfee25", results[read.way]),
		tlv("dfee26", "8000"),
		tlv("9f39", entryModes[read.way]),
		tlv("dfee12", read.ksn),
		tlv("dfee30", ciphertext),
		tlv("dfef5b", Buffer.from(maskPan(read.card.pan), "latin1")),
		read.way === "swipe"
			? tlv("dfee23", msrBlock(maskedTrack2(read.card), ciphertext, read.ksn))
			: emvObjects(read.card, read.request, read.counter),
	]);
}

/** What a reader without keys sends: PAN and track 2 in clear. The terminal has to refuse it. */
export function clearAnswer(read: ClearRead): Buffer {
	const track = track2(read.card);
	const packed = track.slice(1, -1).replace("=", "D");
	return Buffer.concat([
		tlv("dfee25", results[read.way]),
		tlv("dfee26", "0000"),
		tlv("9f39", entryModes[read.way]),
		tlv("5a", evenHex(read.card.pan)),
		tlv("57", evenHex(packed)),
		read.way === "swipe"
			? tlv("dfee23", msrBlock(track, undefined, read.ksn))
			: emvObjects(read.card, read.request, read.counter),
	]);
}

/** PAN masked, expiry and discretionary data starred, service code left. */
function maskedTrack2(card: TestCard): string {
	return `;${maskPan(card.pan)}=****${card.serviceCode}${"*".repeat(9)}?`;
}

/**
 * Magnetic stripe block: 02 length(LE) type status l1 l2 l3 mask-status encryption-status tracks KSN LRC SUM 03.
 * Track 1 and 3 are empty.
 */
function msrBlock(track: string, ciphertext: Uint8Array | undefined, ksn: Uint8Array): Buffer {
	const encrypted = ciphertext ?? new Uint8Array(0);
	const body = Buffer.concat([
		Buffer.from([0x80, 0x02, 0, track.length, 0, 0x02, ciphertext === undefined ? 0 : 0x02]),
		Buffer.from(track, "latin1"),
		encrypted,
		ciphertext === undefined ? new Uint8Array(0) : ksn,
	]);
	const lrc = body.reduce((sum, byte) => sum ^ byte, 0);
	const sum = body.reduce((total, byte) => (total + byte) & 0xff, 0);
	return Buffer.concat([
		Buffer.from([0x02, body.length & 0xff, body.length >> 8]),
		body,
		Buffer.from([lrc, sum, 0x03]),
	]);
}

function padded(data: Buffer): Buffer {
	return Buffer.concat([data, Buffer.alloc((8 - (data.length % 8)) % 8)]);
}

function evenHex(digits: string): string {
	return digits.length % 2 === 0 ? digits : `${digits}F`;
}
