import { Fault, type FaultCode } from "core/fault";
import type { Flash } from "core/flash";
import storage, { type Flash as Partition } from "embedded:storage/flash";

/** A data partition of the chip's flash, by its label in partitions.csv. */
export class PartitionFlash implements Flash {
	readonly byteLength: number;
	readonly blockLength: number;
	readonly writeAlignment: number;
	readonly #partition: Partition;

	/**
	 * @param writeAlignment 16, or 32 on the original ESP32 with flash encryption
	 * @throws Fault "config" when there is no such partition
	 */
	constructor(label: string, writeAlignment: number) {
		this.#partition = attempt("config", 0, () => storage.open({ path: label, mode: "r+" }));
		const { size, blockLength } = this.#partition.status();
		this.byteLength = size;
		this.blockLength = blockLength;
		this.writeAlignment = writeAlignment;
	}

	read(target: Uint8Array, byteOffset: number): void {
		this.#checkRange(byteOffset, target.length);
		attempt("flash.read", byteOffset, () => this.#partition.read(target, byteOffset));
	}

	write(source: Uint8Array, byteOffset: number): void {
		this.#checkRange(byteOffset, source.length);
		if (byteOffset % this.writeAlignment !== 0 || source.length % this.writeAlignment !== 0)
			throw new Fault("flash.range", byteOffset, source.length);
		attempt("flash.write", byteOffset, () => this.#partition.write(source, byteOffset));
	}

	eraseBlock(blockIndex: number): void {
		this.#checkRange(blockIndex * this.blockLength, this.blockLength);
		attempt("flash.erase", blockIndex, () => this.#partition.eraseBlock(blockIndex));
	}

	#checkRange(offset: number, length: number): void {
		if (!Number.isInteger(offset) || offset < 0 || offset + length > this.byteLength)
			throw new Fault("flash.range", offset, length);
	}
}

/** The SDK reports a failed operation as an Error without a code. */
function attempt<T>(code: FaultCode, place: number, operation: () => T): T {
	try {
		return operation();
	} catch {
		throw new Fault(code, place);
	}
}
