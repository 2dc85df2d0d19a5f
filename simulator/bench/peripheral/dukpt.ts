import { createCipheriv } from "node:crypto";

/** DUKPT with TDES, ANSI X9.24-1:2009, and the little of DES that it needs. */

const zeroIv = Buffer.alloc(8);
const keyMask = Buffer.from("c0c0c0c000000000c0c0c0c000000000", "hex");
const dataVariant = Buffer.from("0000000000ff00000000000000ff0000", "hex");
const counterMask = 0x1fffff;
const oneBitsMax = 10;

/** Base derivation key of the bench: the published test key. */
export const benchBdk = Buffer.from("0123456789abcdeffedcba9876543210", "hex");
/** KSN of the bench's reader before its first card. */
export const benchKsn = Buffer.from("ffff9876543210e00000", "hex");

/** TDES-CBC without padding, IV zero. @param key 8 or 16 bytes @param data a multiple of 8 bytes */
export function tdesCbcEncrypt(key: Uint8Array, data: Uint8Array): Buffer {
	const cipher = createCipheriv("des-ede3-cbc", tripleKey(key), zeroIv);
	cipher.setAutoPadding(false);
	return Buffer.concat([cipher.update(data), cipher.final()]);
}

/** Initial key of a device. @param ksn 10 bytes, any counter */
export function initialKey(bdk: Uint8Array, ksn: Uint8Array): Buffer {
	const block = Buffer.from(ksnAt(ksn, 0).subarray(0, 8));
	return Buffer.concat([tdesCbcEncrypt(bdk, block), tdesCbcEncrypt(xor(bdk, keyMask), block)]);
}

/** Transaction key that belongs to the counter in `ksn`. */
export function transactionKey(ipek: Uint8Array, ksn: Uint8Array): Buffer {
	const counter = counterOf(ksn);
	let register = 0;
	let key: Buffer = Buffer.from(ipek);
	for (let bit = 0x100000; bit > 0; bit >>= 1) {
		if ((counter & bit) === 0) continue;
		register |= bit;
		key = nextKey(key, ksnAt(ksn, register).subarray(2));
	}
	return key;
}

/** Key for data: the request variant, each half encrypted under the variant key. */
export function dataKey(key: Uint8Array): Buffer {
	const variant = xor(key, dataVariant);
	return Buffer.concat([
		tdesCbcEncrypt(variant, variant.subarray(0, 8)),
		tdesCbcEncrypt(variant, variant.subarray(8)),
	]);
}

/** The 21-bit counter of a KSN. */
export function counterOf(ksn: Uint8Array): number {
	return ((ksn[7]! << 16) | (ksn[8]! << 8) | ksn[9]!) & counterMask;
}

/** The KSN with another counter. */
export function ksnAt(ksn: Uint8Array, counter: number): Buffer {
	const copy = Buffer.from(ksn);
	copy[7] = (copy[7]! & 0xe0) | ((counter >> 16) & 0x1f);
	copy[8] = (counter >> 8) & 0xff;
	copy[9] = counter & 0xff;
	return copy;
}

/** The KSN after this one. Counters with more than ten one-bits are skipped, as the standard wants. */
export function nextKsn(ksn: Uint8Array): Buffer {
	let counter = counterOf(ksn) + 1;
	while (oneBits(counter) > oneBitsMax) counter++;
	if (counter > counterMask) throw new Error("the reader has used up its keys");
	return ksnAt(ksn, counter);
}

function oneBits(value: number): number {
	let count = 0;
	for (let rest = value; rest > 0; rest &= rest - 1) count++;
	return count;
}

/** Non-reversible key generation. @param register right 8 bytes of the KSN with the bits so far */
function nextKey(key: Buffer, register: Buffer): Buffer {
	const right = halfKey(key, register);
	const left = halfKey(xor(key, keyMask), register);
	return Buffer.concat([left, right]);
}

function halfKey(key: Buffer, register: Buffer): Buffer {
	const left = key.subarray(0, 8);
	const right = key.subarray(8);
	return xor(tdesCbcEncrypt(left, xor(register, right)), right);
}

function xor(left: Uint8Array, right: Uint8Array): Buffer {
	return Buffer.from(left.map((byte, i) => byte ^ right[i]!));
}

function tripleKey(key: Uint8Array): Buffer {
	if (key.length === 8) return Buffer.concat([key, key, key]);
	return Buffer.concat([key, key.subarray(0, 8)]);
}
