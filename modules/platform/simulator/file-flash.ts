import { Fault } from "core/fault";
import type { Flash } from "core/flash";
import type { Directory, File } from "embedded:storage/files";

const erasedByte = 0xff;

/**
 * NOR flash as a file: programming only clears bits, an erase sets a block to 0xff. The end of the process
 * is its power cut; what the system had taken by then is on the file.
 */
export class FileFlash implements Flash {
	readonly byteLength: number;
	readonly blockLength = 4096;
	readonly writeAlignment: number;
	readonly #file: File;

	/** Opens the image, or makes an erased one. A file of another size is made anew as well. */
	constructor(directory: Directory, name: string, byteLength: number, writeAlignment: number) {
		this.byteLength = byteLength;
		this.writeAlignment = writeAlignment;
		const exists = directory.status(name).mode !== 0;
		this.#file = directory.openFile({ path: name, mode: exists ? "r+" : "w+" });
		if (this.#file.status().size === byteLength) return;
		this.#file.setSize(byteLength);
		for (let block = 0; block * this.blockLength < byteLength; block++) this.eraseBlock(block);
	}

	read(target: Uint8Array, byteOffset: number): void {
		this.#checkRange(byteOffset, target.length);
		if (target.length > 0 && this.#file.read(target, byteOffset) !== target.length)
			throw new Fault("flash.read", byteOffset, target.length);
	}

	write(source: Uint8Array, byteOffset: number): void {
		this.#checkRange(byteOffset, source.length);
		if (byteOffset % this.writeAlignment !== 0 || source.length % this.writeAlignment !== 0)
			throw new Fault("flash.range", byteOffset, source.length);
		const bytes = new Uint8Array(source.length);
		this.read(bytes, byteOffset);
		for (let i = 0; i < bytes.length; i++) bytes[i] = bytes[i]! & source[i]!;
		this.#file.write(bytes, byteOffset);
	}

	eraseBlock(blockIndex: number): void {
		const byteOffset = blockIndex * this.blockLength;
		this.#checkRange(byteOffset, this.blockLength);
		this.#file.write(new Uint8Array(this.blockLength).fill(erasedByte), byteOffset);
	}

	#checkRange(offset: number, length: number): void {
		if (!Number.isInteger(offset) || offset < 0 || offset + length > this.byteLength)
			throw new Fault("flash.range", offset, length);
	}
}
