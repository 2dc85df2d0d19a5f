import type { Ciphers, KeyStore } from "core/ciphers";
import { Fault } from "core/fault";

/**
 * A stand-in for block ciphers: a permutation of each block under its key, and no security at all. Both directions agree,
 * every bit of key and block counts, and that is all that tests of protocols need.
 */
export class FakeCiphers implements Ciphers {
	tdesEncrypt(key: Uint8Array, data: Uint8Array): Uint8Array {
		return eachBlock(key, data, 8, encryptBlock);
	}

	tdesDecrypt(key: Uint8Array, data: Uint8Array): Uint8Array {
		return eachBlock(key, data, 8, decryptBlock);
	}

	aesEncrypt(key: Uint8Array, data: Uint8Array): Uint8Array {
		return eachBlock(key, data, 16, encryptBlock);
	}
}

const rounds = 4;

function eachBlock(
	key: Uint8Array,
	data: Uint8Array,
	length: number,
	change: (schedule: Uint8Array, block: Uint8Array) => void,
): Uint8Array {
	if (key.length % 8 !== 0 || key.length < 8 || key.length > 32)
		throw new Fault("cipher.key", key.length);
	if (data.length % length !== 0) throw new Fault("cipher.key", key.length, data.length);
	const schedule = keySchedule(key);
	const result = data.slice();
	for (let at = 0; at < result.length; at += length)
		change(schedule, result.subarray(at, at + length));
	return result;
}

/** Each byte is moved by the one before it and a byte of the schedule: invertible, and it spreads. */
function encryptBlock(schedule: Uint8Array, block: Uint8Array): void {
	const last = block.length - 1;
	for (let round = 0; round < rounds; round++)
		for (let i = 0; i <= last; i++) {
			const before = block[i === 0 ? last : i - 1]!;
			block[i] = block[i]! + mix(before, schedule[round * 16 + i]!);
		}
}

function decryptBlock(schedule: Uint8Array, block: Uint8Array): void {
	const last = block.length - 1;
	for (let round = rounds - 1; round >= 0; round--)
		for (let i = last; i >= 0; i--) {
			const before = block[i === 0 ? last : i - 1]!;
			block[i] = block[i]! - mix(before, schedule[round * 16 + i]!);
		}
}

/** One byte for each round and place, all drawn from a hash of the whole key. */
function keySchedule(key: Uint8Array): Uint8Array {
	let hash = 0x811c9dc5;
	for (const byte of key) hash = Math.imul(hash ^ byte, 0x01000193);
	const bytes = new Uint8Array(rounds * 16);
	for (let i = 0; i < bytes.length; i++) {
		hash = Math.imul(hash ^ (hash >>> 15) ^ (i + 1), 0x2c1b3c6d);
		bytes[i] = hash >>> 24;
	}
	return bytes;
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
