import { ByteReader, ByteWriter } from "core/byte-writer";
import type { CardRead } from "core/card";

/** The encrypted card data that a stored sale needs when it is forwarded: what the vault holds. */
export interface SealedCard {
	readonly ksn: Uint8Array;
	readonly ciphertext: Uint8Array;
}

/** @returns at most 128 bytes: KSN and ciphertext, each with its length */
export function encodeSealedCard(card: CardRead): Uint8Array {
	return new ByteWriter(128).block(card.ksn).block(card.ciphertext).done();
}

/** @returns undefined when the bytes do not hold both parts */
export function decodeSealedCard(payload: Uint8Array): SealedCard | undefined {
	const reader = new ByteReader(payload);
	const ksn = reader.block();
	const ciphertext = reader.block();
	return reader.short || ksn.length === 0 || ciphertext.length === 0
		? undefined
		: { ksn, ciphertext };
}
