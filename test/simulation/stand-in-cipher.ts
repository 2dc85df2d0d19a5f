import type { Ciphers } from "core/ciphers";

/**
 * A fast keyed permutation in the place of TDES: the simulation needs a MAC that a wrong key or a changed byte
 * breaks and card data that does not show the card, not secrecy. Never for anything else.
 */
export class StandInCiphers implements Ciphers {
	tdesEncrypt(key: Uint8Array, data: Uint8Array): Uint8Array {
		return blocks(key, data, false);
	}

	tdesDecrypt(key: Uint8Array, data: Uint8Array): Uint8Array {
		return blocks(key, data, true);
	}

	aesEncrypt(): Uint8Array {
		throw new Error("the simulated terminal has no use for AES");
	}
}

const rounds = 6;

/** A Feistel network over 8-byte blocks. */
function blocks(key: Uint8Array, data: Uint8Array, backwards: boolean): Uint8Array {
	if (data.length % 8 !== 0 || key.length % 8 !== 0) throw new Error("whole blocks only");
	const out = new Uint8Array(data.length);
	for (let at = 0; at < data.length; at += 8) {
		let left = word(data, at);
		let right = word(data, at + 4);
		if (backwards) [left, right] = [right, left];
		for (let i = 0; i < rounds; i++) {
			const round = backwards ? rounds - 1 - i : i;
			const next = left ^ mix(right, word(key, (round * 4) % key.length), round);
			left = right;
			right = next;
		}
		if (backwards) [left, right] = [right, left];
		putWord(out, at, left);
		putWord(out, at + 4, right);
	}
	return out;
}

function mix(value: number, key: number, round: number): number {
	let z = Math.imul(value ^ key, 0x85ebca6b) + round;
	z = Math.imul(z ^ (z >>> 15), 0xc2b2ae35);
	return z ^ (z >>> 13);
}

function word(bytes: Uint8Array, at: number): number {
	return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

function putWord(bytes: Uint8Array, at: number, value: number): void {
	bytes[at] = value >>> 24;
	bytes[at + 1] = value >>> 16;
	bytes[at + 2] = value >>> 8;
	bytes[at + 3] = value;
}
