import { Fault } from "core/fault";
import type { Flash } from "core/flash";

/** Reads blocks, counts what that costs, and turns read faults into `false`. */
export class FlashReader {
	/** Bytes read so far. */
	bytes = 0;
	readonly #flash: Flash;

	constructor(flash: Flash) {
		this.#flash = flash;
	}

	/** Fills `target` from the beginning of a block. @returns false when the flash reports a fault */
	read(target: Uint8Array, block: number): boolean {
		this.bytes += target.length;
		try {
			this.#flash.read(target, block * this.#flash.blockLength);
			return true;
		} catch (error) {
			if (error instanceof Fault) return false;
			throw error;
		}
	}
}

/** Whether the bytes read as erased. For reports only: nothing is decided by it. */
export function isBlank(bytes: Uint8Array): boolean {
	for (const byte of bytes) if (byte !== 0xff) return false;
	return true;
}
