/**
 * A partition of raw NOR flash, as `embedded:storage/flash` gives it: programming only clears bits,
 * an erase sets a whole block to 0xff. All calls return when the operation is over.
 */
export interface Flash {
	/** Size of the partition in bytes; a multiple of `blockLength`. */
	readonly byteLength: number;
	/** Erase unit in bytes: 4096. */
	readonly blockLength: number;
	/** Offset and length of every write must be a multiple of this: 4, 16 or 32 bytes. */
	readonly writeAlignment: number;
	/** Reads `target.byteLength` bytes from `byteOffset` into `target`. */
	read(target: Uint8Array, byteOffset: number): void;
	/** Programs `source` at `byteOffset` in one operation. Throws Fault "flash.write" when it fails. */
	write(source: Uint8Array, byteOffset: number): void;
	/** Erases one block (index, not offset). Throws Fault "flash.erase" when it fails. */
	eraseBlock(blockIndex: number): void;
}
