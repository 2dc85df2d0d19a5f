/** Block ciphers of the platform: the SDK's native ones on the device, the board's on the npm engine. */
export interface Ciphers {
	/**
	 * Triple DES in ECB over whole blocks.
	 * @param key 8 (single), 16 (K1 K2 K1) or 24 bytes
	 * @param data a multiple of 8 bytes, at most 2,048
	 * @returns a new array of the same length
	 */
	tdesEncrypt(key: Uint8Array, data: Uint8Array): Uint8Array;
	/** The inverse of `tdesEncrypt`. */
	tdesDecrypt(key: Uint8Array, data: Uint8Array): Uint8Array;
	/** AES in ECB over whole 16-byte blocks; key of 16, 24 or 32 bytes. */
	aesEncrypt(key: Uint8Array, data: Uint8Array): Uint8Array;
}

/**
 * Small protected store for long-lived keys (NVS with encryption on the device).
 * Nothing that it holds is ever logged, journalled or shown.
 */
export interface KeyStore {
	/** @returns the value, or undefined when the name is unknown. Names are at most 15 characters. */
	read(name: string): Uint8Array | undefined;
	/** Returns when the value is durable. At most 256 bytes. */
	write(name: string, value: Uint8Array): void;
}
