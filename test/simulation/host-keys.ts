import type { Ciphers } from "core/ciphers";
import { hexOf } from "test/simulation/host-codec";
import type { Random } from "test/simulation/fakes/random";

/** Master key, installed in terminal and host. */
export const masterKey = Uint8Array.from({ length: 16 }, (_, i) => 7 * i + 1);

/** MAC of the UnionPay ECB kind (docs/host-protocol.md), as the host works it out. */
export function hostMac(ciphers: Ciphers, mak: Uint8Array, body: Uint8Array): Uint8Array {
	const folded = new Uint8Array(8);
	body.forEach((byte, i) => (folded[i % 8]! ^= byte));
	const text = latin(hexOf(folded).toUpperCase());
	const first = ciphers.tdesEncrypt(mak, text.slice(0, 8));
	for (let i = 0; i < 8; i++) first[i]! ^= text[8 + i]!;
	return latin(hexOf(ciphers.tdesEncrypt(mak, first)).toUpperCase().slice(0, 8));
}

/** New working keys: MAK and field 62 as hex. */
export function newKeys(ciphers: Ciphers, random: Random): { mak: Uint8Array; block: string } {
	const mak = random.fill(new Uint8Array(16));
	const entry = (key: Uint8Array): string =>
		hexOf(ciphers.tdesEncrypt(masterKey, key)) +
		hexOf(ciphers.tdesEncrypt(key, new Uint8Array(8)), 0, 4);
	return { mak, block: entry(random.fill(new Uint8Array(16))) + entry(mak) };
}

function latin(text: string): Uint8Array {
	return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
