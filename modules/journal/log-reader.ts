import type { Flash } from "core/flash";
import { BlockReader } from "journal/block-reader";
import type { FlashReader } from "journal/flash-reader";
import { BlockHead, HeadState, journalMagic } from "journal/head";
import type { RecordView } from "journal/record";
import type { Ring } from "journal/ring";
import type { Tables } from "journal/tables";

/** Reads kept blocks, one at a time, into a buffer that lives as long as this object. */
export class LogReader {
	readonly #flash: Flash;
	readonly #reader: FlashReader;
	readonly #ring: Ring;
	readonly #head = new BlockHead();
	readonly #bytes: Uint8Array;

	constructor({ flash, reader, ring }: Tables) {
		this.#flash = flash;
		this.#reader = reader;
		this.#ring = ring;
		this.#bytes = new Uint8Array(flash.blockLength);
	}

	/** Reads the n-th kept block, 0 the oldest. @returns undefined when it or its head cannot be read */
	open(n: number): BlockReader | undefined {
		if (!this.#reader.read(this.#bytes, this.#ring.kept(n))) return undefined;
		const state = this.#head.parse(this.#bytes, journalMagic, this.#flash.blockLength);
		const sound = state === HeadState.Valid || state === HeadState.Repaired;
		return sound ? new BlockReader(this.#bytes, this.#head) : undefined;
	}

	/** Bytes. */
	get blockLength(): number {
		return this.#flash.blockLength;
	}

	/** Where the records of the n-th kept block end. */
	end(n: number): number {
		return this.#ring.ends[this.#ring.kept(n)]!;
	}

	/** Reads the n-th kept block and goes over its records. @returns false when it cannot be read */
	walk(
		n: number,
		onRecord: (record: RecordView, reader: BlockReader) => void,
		onGap: (from: number, to: number) => void = nothing,
	): boolean {
		const reader = this.open(n);
		if (reader === undefined) return false;
		reader.walk(reader.start, this.end(n), (record) => onRecord(record, reader), onGap);
		return true;
	}
}

function nothing(): void {}
