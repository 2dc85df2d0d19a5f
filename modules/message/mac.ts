import { asciiBytes, toHex } from "core/bytes";
import type { Ciphers } from "core/ciphers";

/**
 * Message authentication code over `body` (MTI up to the field before the MAC).
 * @returns 8 bytes, the content of field 64 (128)
 */
export type Mac = (ciphers: Ciphers, key: Uint8Array, body: Uint8Array) => Uint8Array;

/**
 * UnionPay ECB (docs/host-protocol.md, MAC).
 * @param key MAK, 8 or 16 bytes
 * @returns 8 ASCII characters, upper-case hex
 */
export function macUnionPayEcb(ciphers: Ciphers, key: Uint8Array, body: Uint8Array): Uint8Array {
	const folded = new Uint8Array(8);
	for (let i = 0; i < body.length; i++) folded[i & 7] = folded[i & 7]! ^ body[i]!;
	const text = upperHex(folded);
	const block = ciphers.tdesEncrypt(key, text.slice(0, 8));
	xorInto(block, text, 8);
	return upperHex(ciphers.tdesEncrypt(key, block)).slice(0, 8);
}

/**
 * ANSI X9.19 (ISO 9797-1 algorithm 3, padding 1): CBC under the left key half, the last block under both.
 * @param key 16 bytes
 */
export function macX919(ciphers: Ciphers, key: Uint8Array, body: Uint8Array): Uint8Array {
	const left = key.slice(0, 8);
	const right = key.slice(8, 16);
	let chain: Uint8Array = new Uint8Array(8);
	let offset = 0;
	do {
		xorInto(chain, body, offset);
		chain = ciphers.tdesEncrypt(left, chain);
		offset += 8;
	} while (offset < body.length);
	return ciphers.tdesEncrypt(left, ciphers.tdesDecrypt(right, chain));
}

/**
 * The first 8 bytes of AES-CMAC.
 * @param key 16, 24 or 32 bytes
 */
export function macAesCmac(ciphers: Ciphers, key: Uint8Array, body: Uint8Array): Uint8Array {
	return aesCmac(ciphers, key, body).slice(0, 8);
}

/** One way to authenticate messages. */
export interface MacAlgorithm {
	readonly code: Mac;
	/** Lengths of a key in bytes. */
	readonly keyLengths: readonly number[];
}

/** Names under which dialects and tools choose. */
export type MacName = "unionpay-ecb" | "x9.19" | "aes-cmac";

export const macs: Readonly<Record<MacName, MacAlgorithm>> = Object.freeze({
	"unionpay-ecb": algorithm(macUnionPayEcb, [8, 16]),
	"x9.19": algorithm(macX919, [16]),
	"aes-cmac": algorithm(macAesCmac, [16, 24, 32]),
});

function algorithm(code: MacAlgorithm["code"], keyLengths: readonly number[]): MacAlgorithm {
	return Object.freeze({ code, keyLengths: Object.freeze(keyLengths) });
}

/** AES-CMAC (RFC 4493, NIST SP 800-38B). @returns 16 bytes */
export function aesCmac(ciphers: Ciphers, key: Uint8Array, body: Uint8Array): Uint8Array {
	const subkey = doubled(ciphers.aesEncrypt(key, new Uint8Array(16)));
	let chain: Uint8Array = new Uint8Array(16);
	let offset = 0;
	for (; offset + 16 < body.length; offset += 16) {
		xorInto(chain, body, offset);
		chain = ciphers.aesEncrypt(key, chain);
	}
	xorInto(chain, body, offset);
	const rest = body.length - offset;
	if (rest < 16) chain[rest] = chain[rest]! ^ 0x80;
	xorInto(chain, rest < 16 ? doubled(subkey) : subkey, 0);
	return ciphers.aesEncrypt(key, chain);
}

/** Doubling in GF(2^128): one bit to the left, 0x87 where a bit falls out. */
function doubled(block: Uint8Array): Uint8Array {
	const result = new Uint8Array(16);
	for (let i = 0; i < 16; i++) result[i] = (block[i]! << 1) | ((block[i + 1] ?? 0) >> 7);
	if ((block[0]! & 0x80) !== 0) result[15] = result[15]! ^ 0x87;
	return result;
}

/** XORs `source` from `offset` on into `target`; what is missing counts as zero. */
function xorInto(target: Uint8Array, source: Uint8Array, offset: number): void {
	const count = Math.min(target.length, source.length - offset);
	for (let i = 0; i < count; i++) target[i] = target[i]! ^ source[offset + i]!;
}

function upperHex(bytes: Uint8Array): Uint8Array {
	return asciiBytes(toHex(bytes).toUpperCase());
}
