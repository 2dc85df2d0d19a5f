/** DUKPT TDES (ANSI X9.24-1:2009), host side: from base key and key serial number to the data key. */
import { tdesCbcDecrypt, tdesEncrypt, xor } from "./tdes";

const keyMask = Buffer.from("C0C0C0C000000000C0C0C0C000000000", "hex");
const dataVariant = Buffer.from("0000000000FF00000000000000FF0000", "hex");

/** Of the 21 counter bits at most this many are ever set: an intact reader skips the others. */
const counterOnesMax = 10;

/** The serial number with the 21 counter bits cleared. */
function withoutCounter(ksn: Buffer): Buffer {
	const copy = Buffer.from(ksn);
	copy.writeUInt8(copy.readUInt8(7) & 0xe0, 7);
	copy.writeUInt16BE(0, 8);
	return copy;
}

function counterOf(ksn: Buffer): number {
	return ((ksn.readUInt8(7) & 0x1f) << 16) | ksn.readUInt16BE(8);
}

/**
 * Initial key of a reader.
 * @param bdk base derivation key, 16 bytes
 * @param ksn key serial number, 10 bytes; its counter does not matter
 */
export function initialKey(bdk: Buffer, ksn: Buffer): Buffer {
	const block = withoutCounter(ksn).subarray(0, 8);
	return Buffer.concat([tdesEncrypt(bdk, block), tdesEncrypt(xor(bdk, keyMask), block)]);
}

/** The non-reversible key generation process: one step down the tree. */
function step(key: Buffer, register: Buffer): Buffer {
	const half = (k: Buffer): Buffer => {
		const right = k.subarray(8);
		return xor(tdesEncrypt(k.subarray(0, 8), xor(register, right)), right);
	};
	return Buffer.concat([half(xor(key, keyMask)), half(key)]);
}

/**
 * Key of one transaction.
 * @param ksn 10 bytes with its counter
 * @throws RangeError for a length, or for a counter that no reader ever uses
 */
export function transactionKey(bdk: Buffer, ksn: Buffer): Buffer {
	if (ksn.length !== 10) throw new RangeError(`a KSN has 10 bytes, not ${ksn.length}`);
	const counter = counterOf(ksn);
	const ones = counter.toString(2).replaceAll("0", "").length;
	if (ones < 1 || ones > counterOnesMax)
		throw new RangeError(`a KSN counter has 1 to ${counterOnesMax} bits set, not ${ones}`);
	const register = withoutCounter(ksn).subarray(2);
	let key = initialKey(bdk, ksn);
	for (let bit = 0x100000; bit > 0; bit >>= 1) {
		if ((counter & bit) === 0) continue;
		register.writeUInt32BE(register.readUInt32BE(4) | bit, 4);
		key = step(key, register);
	}
	return key;
}

/** Key for data encryption of one transaction: variant, then each half encrypted under the variant. */
export function dataKey(bdk: Buffer, ksn: Buffer): Buffer {
	const variant = xor(transactionKey(bdk, ksn), dataVariant);
	return tdesEncrypt(variant, variant);
}

/**
 * Decrypts card data of a reader.
 * @param ciphertext whole 8-byte blocks, TDES-CBC with IV zero
 * @throws RangeError for bad lengths or counters; a wrong key shows only in the content
 */
export function decryptCardData(bdk: Buffer, ksn: Buffer, ciphertext: Buffer): Buffer {
	if (ciphertext.length === 0 || ciphertext.length % 8 !== 0)
		throw new RangeError(`ciphertext has whole 8-byte blocks, not ${ciphertext.length} bytes`);
	return tdesCbcDecrypt(dataKey(bdk, ksn), ciphertext);
}
