import type { Flash } from "core/flash";
import { MountError } from "journal/types";

/** Whether a partition can carry a ring of at least `blocksMin` blocks. */
export function geometryError(flash: Flash, blocksMin: number): MountError {
	const { byteLength, blockLength, writeAlignment } = flash;
	const sound =
		blockLength >= 4096 &&
		blockLength <= 32768 &&
		isPowerOfTwo(blockLength) &&
		byteLength % blockLength === 0 &&
		byteLength >= blocksMin * blockLength &&
		byteLength <= 0xffff * blockLength &&
		writeAlignment >= 1 &&
		writeAlignment <= 32 &&
		isPowerOfTwo(writeAlignment);
	return sound ? MountError.None : MountError.Geometry;
}

function isPowerOfTwo(value: number): boolean {
	return Number.isInteger(value) && (value & (value - 1)) === 0;
}
