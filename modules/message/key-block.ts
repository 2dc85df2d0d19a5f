import { equalBytes } from "core/bytes";
import type { Ciphers } from "core/ciphers";

/** Working keys in clear: in memory only, never logged or journalled. */
export interface WorkingKeys {
	/** PIN key, 16 bytes. */
	readonly pik: Uint8Array;
	/** MAC key, 16 bytes, or 8 where the host works with a single one. */
	readonly mak: Uint8Array;
}

const keyLength = 16;
const checkLength = 4;
const entryLength = keyLength + checkLength;

/**
 * Opens field 62 of the sign-on reply (docs/host-protocol.md, Keys): PIK and MAK under the TMK, each with its
 * check value.
 * @param tmk terminal master key, 16 bytes
 * @param block 40 bytes; another length gives undefined
 * @returns undefined when a check value is wrong: sign-on has failed
 */
export function openKeyBlock(
	ciphers: Ciphers,
	tmk: Uint8Array,
	block: Uint8Array,
): WorkingKeys | undefined {
	if (block.length !== 2 * entryLength) return undefined;
	const pik = openKey(ciphers, tmk, block.subarray(0, entryLength));
	const mak = openKey(ciphers, tmk, block.subarray(entryLength));
	// A single-length key would be too weak for PINs.
	return pik?.length !== keyLength || mak === undefined ? undefined : { pik, mak };
}

function openKey(ciphers: Ciphers, tmk: Uint8Array, entry: Uint8Array): Uint8Array | undefined {
	const key = decryptKey(ciphers, tmk, entry.slice(0, keyLength));
	return equalBytes(checkValue(ciphers, key), entry.subarray(keyLength)) ? key : undefined;
}

/**
 * A key out of a key block. Hosts put a single-length key into room for a double-length one: eight zero bytes stand behind it.
 * @param encrypted 8, 16 or 24 bytes under the TMK
 * @returns 8, 16 or 24 bytes; not verified
 */
export function decryptKey(ciphers: Ciphers, tmk: Uint8Array, encrypted: Uint8Array): Uint8Array {
	const single =
		encrypted.length === keyLength && encrypted.subarray(8).every((byte) => byte === 0);
	return ciphers.tdesDecrypt(tmk, single ? encrypted.slice(0, 8) : encrypted);
}

/** First 4 bytes of eight zero bytes encrypted under a TDES key: tells a key without giving it away. */
export function checkValue(ciphers: Ciphers, key: Uint8Array): Uint8Array {
	return ciphers.tdesEncrypt(key, new Uint8Array(8)).slice(0, checkLength);
}
