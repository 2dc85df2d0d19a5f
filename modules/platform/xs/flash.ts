import { Fault } from "core/fault";
import type { Flash } from "core/flash";
import { Op, type HostCalls } from "platform/host-calls";

/** A flash partition of the board. */
export class BoardFlash implements Flash {
	readonly byteLength: number;
	readonly blockLength: number;
	readonly writeAlignment: number;
	readonly #calls: HostCalls;
	readonly #partition: number;

	constructor(
		calls: HostCalls,
		partition: number,
		byteLength: number,
		blockLength: number,
		writeAlignment: number,
	) {
		this.#calls = calls;
		this.#partition = partition;
		this.byteLength = byteLength;
		this.blockLength = blockLength;
		this.writeAlignment = writeAlignment;
	}

	read(target: Uint8Array, byteOffset: number): void {
		this.#checkRange(byteOffset, target.length);
		const bytes = this.#calls.call(Op.FlashRead, 9, (view) => {
			view.setUint8(0, this.#partition);
			view.setUint32(1, byteOffset, true);
			view.setUint32(5, target.length, true);
		});
		target.set(bytes!);
	}

	write(source: Uint8Array, byteOffset: number): void {
		this.#checkRange(byteOffset, source.length);
		if (byteOffset % this.writeAlignment !== 0 || source.length % this.writeAlignment !== 0)
			throw new Fault("flash.range", byteOffset, source.length);
		this.#calls.call(Op.FlashWrite, 5 + source.length, (view, bytes) => {
			view.setUint8(0, this.#partition);
			view.setUint32(1, byteOffset, true);
			bytes.set(source, 5);
		});
	}

	eraseBlock(blockIndex: number): void {
		this.#checkRange(blockIndex * this.blockLength, this.blockLength);
		this.#calls.call(Op.FlashErase, 5, (view) => {
			view.setUint8(0, this.#partition);
			view.setUint32(1, blockIndex, true);
		});
	}

	#checkRange(offset: number, length: number): void {
		if (!Number.isInteger(offset) || offset < 0 || offset + length > this.byteLength)
			throw new Fault("flash.range", offset, length);
	}
}
