/** Numbers in bytes, little-endian, as they stand on flash. */

export function alignUp(length: number, alignment: number): number {
	return (length + alignment - 1) & -alignment;
}

export function word(bytes: Uint8Array, at: number): number {
	return (
		(bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
	);
}

export function putWord(bytes: Uint8Array, at: number, value: number): void {
	bytes[at] = value;
	bytes[at + 1] = value >>> 8;
	bytes[at + 2] = value >>> 16;
	bytes[at + 3] = value >>> 24;
}

export function half(bytes: Uint8Array, at: number): number {
	return bytes[at]! | (bytes[at + 1]! << 8);
}

export function putHalf(bytes: Uint8Array, at: number, value: number): void {
	bytes[at] = value;
	bytes[at + 1] = value >>> 8;
}

export function log2(value: number): number {
	return 31 - Math.clz32(value);
}

export function bitCount(value: number): number {
	let count = 0;
	for (let rest = value; rest !== 0; rest &= rest - 1) count++;
	return count;
}
