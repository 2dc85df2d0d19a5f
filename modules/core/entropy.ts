/** Source of unpredictable bytes; on the device the hardware generator. */
export interface Entropy {
	/** Fills the whole of `target`. */
	fill(target: Uint8Array): void;
}

/** A uniform integer in [0, limit). `limit` 1 to 2^31. 48 random bits are reduced, so the bias is below limit / 2^48. */
export function randomBelow(entropy: Entropy, limit: number): number {
	const bytes = new Uint8Array(6);
	entropy.fill(bytes);
	let value = 0;
	for (const byte of bytes) value = value * 256 + byte;
	return value % limit;
}
