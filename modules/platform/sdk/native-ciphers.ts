import type { Ciphers } from "core/ciphers";
import { Fault } from "core/fault";
import crypt from "crypt";

/** What the SDK's typings of "crypt" leave out. One block at a time, whole ArrayBuffers only. */
interface NativeCipher {
	encrypt(block: ArrayBuffer, result: ArrayBuffer): void;
	decrypt(block: ArrayBuffer, result: ArrayBuffer): void;
}
interface NativeCrypt {
	readonly BlockCipher: new (cipher: "TDES" | "AES", key: ArrayBuffer) => NativeCipher;
}

const dataBytesMax = 2048;
const tdesBlockBytes = 8;
const aesBlockBytes = 16;

/** The SDK's native block ciphers, in ECB. A key of 8 bytes makes TDES a single DES. */
export class NativeCiphers implements Ciphers {
	tdesEncrypt(key: Uint8Array, data: Uint8Array): Uint8Array {
		checkTdes(key);
		return run("TDES", tdesBlockBytes, key, data, false);
	}

	tdesDecrypt(key: Uint8Array, data: Uint8Array): Uint8Array {
		checkTdes(key);
		return run("TDES", tdesBlockBytes, key, data, true);
	}

	aesEncrypt(key: Uint8Array, data: Uint8Array): Uint8Array {
		if (![16, 24, 32].includes(key.length)) throw new Fault("cipher.key", key.length);
		return run("AES", aesBlockBytes, key, data, false);
	}
}

function checkTdes(key: Uint8Array): void {
	if (![8, 16, 24].includes(key.length)) throw new Fault("cipher.key", key.length);
}

function run(
	name: "TDES" | "AES",
	blockBytes: number,
	key: Uint8Array,
	data: Uint8Array,
	decrypt: boolean,
): Uint8Array {
	if (data.length % blockBytes !== 0 || data.length > dataBytesMax)
		throw new Fault("cipher.key", key.length, data.length);
	const { BlockCipher } = crypt as unknown as NativeCrypt;
	const ownKey = Uint8Array.from(key);
	const cipher = new BlockCipher(name, ownKey.buffer);
	ownKey.fill(0);
	const source = new Uint8Array(blockBytes);
	const target = new Uint8Array(blockBytes);
	const result = new Uint8Array(data.length);
	for (let at = 0; at < data.length; at += blockBytes) {
		source.set(data.subarray(at, at + blockBytes));
		if (decrypt) cipher.decrypt(source.buffer, target.buffer);
		else cipher.encrypt(source.buffer, target.buffer);
		result.set(target, at);
	}
	source.fill(0);
	target.fill(0);
	return result;
}
