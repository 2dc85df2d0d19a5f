import { createCipheriv, createDecipheriv } from "node:crypto";

export type CipherKind = "tdes-encrypt" | "tdes-decrypt" | "aes-encrypt";

/**
 * One ECB operation over whole blocks.
 * @returns undefined when the key or the data has a length that the cipher does not take
 */
export function runCipher(
	kind: CipherKind,
	key: Uint8Array,
	data: Uint8Array,
): Uint8Array | undefined {
	if (kind === "aes-encrypt") {
		if (![16, 24, 32].includes(key.length) || data.length % 16 !== 0) return undefined;
		return finish(createCipheriv(`aes-${key.length * 8}-ecb`, key, null), data);
	}
	if (![8, 16, 24].includes(key.length) || data.length % 8 !== 0) return undefined;
	// Single DES as K K K and two-key TDES as K1 K2 K1: newer OpenSSL has no plain DES.
	const [first, second, third] = [0, 8, 16].map((at) => {
		const from = at < key.length ? at : 0;
		return key.subarray(from, from + 8);
	});
	const full = Buffer.concat([first!, second!, third!]);
	const make = kind === "tdes-encrypt" ? createCipheriv : createDecipheriv;
	return finish(make("des-ede3", full, null), data);
}

function finish(cipher: ReturnType<typeof createCipheriv>, data: Uint8Array): Uint8Array {
	cipher.setAutoPadding(false);
	return Buffer.concat([cipher.update(data), cipher.final()]);
}
