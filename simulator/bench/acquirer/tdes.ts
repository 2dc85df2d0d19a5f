import { createCipheriv, createDecipheriv } from "node:crypto";

/** K1 K2 K1 for two-key, K K K (single DES) for 8 bytes: what OpenSSL calls des-ede3. */
function expand(key: Buffer): Buffer {
	if (key.length === 24) return key;
	if (key.length === 16) return Buffer.concat([key, key.subarray(0, 8)]);
	if (key.length === 8) return Buffer.concat([key, key, key]);
	throw new RangeError(`a DES key has 8, 16 or 24 bytes, not ${key.length}`);
}

/**
 * Triple DES in ECB without padding.
 * @param key 8 (single DES), 16 or 24 bytes
 * @param data whole 8-byte blocks
 */
export function tdesEncrypt(key: Buffer, data: Buffer): Buffer {
	const cipher = createCipheriv("des-ede3-ecb", expand(key), null).setAutoPadding(false);
	return Buffer.concat([cipher.update(data), cipher.final()]);
}

/** The inverse of `tdesEncrypt`. */
export function tdesDecrypt(key: Buffer, data: Buffer): Buffer {
	const cipher = createDecipheriv("des-ede3-ecb", expand(key), null).setAutoPadding(false);
	return Buffer.concat([cipher.update(data), cipher.final()]);
}

/** Triple DES in CBC, IV zero, without padding. @param data whole 8-byte blocks */
export function tdesCbcDecrypt(key: Buffer, data: Buffer): Buffer {
	const zeroIv = Buffer.alloc(8);
	const cipher = createDecipheriv("des-ede3-cbc", expand(key), zeroIv).setAutoPadding(false);
	return Buffer.concat([cipher.update(data), cipher.final()]);
}

/** Bytewise exclusive or of two buffers of the same length. */
export function xor(a: Buffer, b: Buffer): Buffer {
	return Buffer.from(a.map((byte, index) => byte ^ b.readUInt8(index)));
}
