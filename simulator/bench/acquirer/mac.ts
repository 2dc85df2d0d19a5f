/** Message authentication: UnionPay ECB, and ANSI X9.19 for notices (docs/host-protocol.md, MAC and Notices). */
import { encode, type Message } from "./codec";
import { tdesDecrypt, tdesEncrypt, xor } from "./tdes";

/** Bytes of field 64. */
export const macBytes = 8;

/**
 * MAC of the bytes from the MTI up to field 63, bit 64 already set.
 * @param mak 8 or 16 bytes
 * @returns 8 ASCII characters, upper-case hex
 */
export function macOf(mak: Buffer, bytes: Buffer): Buffer {
	let folded: Buffer = Buffer.alloc(8);
	for (let at = 0; at < bytes.length; at += 8) {
		const block = Buffer.alloc(8);
		bytes.copy(block, 0, at, at + 8);
		folded = xor(folded, block);
	}
	const hex = Buffer.from(folded.toString("hex").toUpperCase(), "latin1");
	const first = tdesEncrypt(mak, hex.subarray(0, 8));
	const second = tdesEncrypt(mak, xor(first, hex.subarray(8)));
	return Buffer.from(second.toString("hex").toUpperCase().slice(0, macBytes), "latin1");
}

/** Encodes with a fresh field 64. */
export function sign(mak: Buffer, message: Message): Buffer {
	const bytes = encode({
		mti: message.mti,
		fields: { ...message.fields, 64: Buffer.alloc(macBytes) },
	});
	const covered = bytes.subarray(0, bytes.length - macBytes);
	return Buffer.concat([covered, macOf(mak, covered)]);
}

/** Field 64 is there and right. @param bytes the whole message as it came */
export function verify(mak: Buffer, bytes: Buffer, message: Message): boolean {
	const field64 = message.fields[64];
	if (!Buffer.isBuffer(field64)) return false;
	return macOf(mak, bytes.subarray(0, bytes.length - macBytes)).equals(field64);
}

const noticeKeyText = Buffer.from("HOLDFAST-NOTICES", "latin1");

/** Key of the notices' MAC. @param mak the newest, 16 bytes */
export function noticeKeyOf(mak: Buffer): Buffer {
	return tdesEncrypt(mak, noticeKeyText);
}

/**
 * ANSI X9.19 over zero-padded bytes: CBC under the left half, the last block decrypted under the right half and encrypted under
 * the left one. @param key 16 bytes @returns 8 bytes
 */
export function x919Of(key: Buffer, bytes: Buffer): Buffer {
	const [left, right] = [key.subarray(0, 8), key.subarray(8)];
	let block = Buffer.alloc(8) as Buffer;
	for (let at = 0; at < bytes.length; at += 8) {
		const next = Buffer.alloc(8);
		bytes.copy(next, 0, at, at + 8);
		block = tdesEncrypt(left, xor(block, next));
	}
	return tdesEncrypt(left, tdesDecrypt(right, block));
}

/** Encodes with the MAC of a notice or of its answer. */
export function signNotice(mak: Buffer, message: Message): Buffer {
	const bytes = encode({
		mti: message.mti,
		fields: { ...message.fields, 64: Buffer.alloc(macBytes) },
	});
	const covered = bytes.subarray(0, bytes.length - macBytes);
	return Buffer.concat([covered, x919Of(noticeKeyOf(mak), covered)]);
}

/** Field 64 of a notice's answer is there and right. @param bytes the whole message as it came */
export function verifyNotice(mak: Buffer, bytes: Buffer, message: Message): boolean {
	const field64 = message.fields[64];
	if (!Buffer.isBuffer(field64)) return false;
	return x919Of(noticeKeyOf(mak), bytes.subarray(0, bytes.length - macBytes)).equals(field64);
}
