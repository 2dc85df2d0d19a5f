import type { Ciphers, KeyStore } from "core/ciphers";
import { Fault } from "core/fault";

/**
 * A stand-in for block ciphers: a permutation of each block under its key, and no security at all. Both directions agree,
 * every bit of key and block counts, and that is all that tests of protocols need.
 */
export class FakeCiphers implements Ciphers {
	tdesEncrypt(key: Uint8Array, data: Uint8Array): Uint8Array {
		return eachBlock(key, data, 8, (block) => {
			for (let round = 0; round < 4; round++) encryptRound(key, block, round);
		});
	}

	tdesDecrypt(key: Uint8Array, data: Uint8Array): Uint8Array {
		return eachBlock(key, data, 8, (block) => {
			for (let round = 3; round >= 0; round--) decryptRound(key, block, round);
		});
	}

	aesEncrypt(key: Uint8Array, data: Uint8Array): Uint8Array {
		return eachBlock(key, data, 16, (block) => {
			for (let round = 0; round < 4; round++) encryptRound(key, block, round);
		});
	}
}

function eachBlock(
	key: Uint8Array,
	data: Uint8Array,
	length: number,
	change: (block: Uint8Array) => void,
): Uint8Array {
	if (key.length % 8 !== 0 || key.length < 8 || key.length > 32)
		throw new Fault("cipher.key", key.length);
	if (data.length % length !== 0) throw new Fault("cipher.key", key.length, data.length);
	const result = data.slice();
	for (let at = 0; at < result.length; at += length) change(result.subarray(at, at + length));
	return result;
}

/** Each byte is moved by the one before it and a byte of the key: invertible, and it spreads. */
function encryptRound(key: Uint8Array, block: Uint8Array, round: number): void {
	const last = block.length - 1;
	for (let i = 0; i <= last; i++) {
		const before = block[i === 0 ? last : i - 1]!;
		block[i] = block[i]! + mix(before, keyByte(key, i, round));
	}
}

function decryptRound(key: Uint8Array, block: Uint8Array, round: number): void {
	const last = block.length - 1;
	for (let i = last; i >= 0; i--) {
		const before = block[i === 0 ? last : i - 1]!;
		block[i] = block[i]! - mix(before, keyByte(key, i, round));
	}
}

function keyByte(key: Uint8Array, i: number, round: number): number {
	let sum = 17 * round + i;
	for (let k = 0; k < key.length; k++) sum = (sum * 31 + key[(k + i) % key.length]!) & 0xff;
	return sum;
}

function mix(a: number, b: number): number {
	return ((a * 167 + 13) ^ (b * 59 + 91)) & 0xff;
}

/** A key store in memory. */
export class FakeKeyStore implements KeyStore {
	readonly #values = new Map<string, Uint8Array>();

	read(name: string): Uint8Array | undefined {
		return this.#values.get(name);
	}

	write(name: string, value: Uint8Array): void {
		this.#values.set(name, value.slice());
	}
}
