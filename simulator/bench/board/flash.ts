import type { Random } from "./random";
import type { Image } from "./storage";

export const blockLength = 4096;
export const pageLength = 256;
/** Assumed typical times of a serial NOR chip, as in the storage figures of the project. */
export const pageProgramUs = 700;
export const blockEraseUs = 45_000;

/** How an operation ended. The firmware sees "failed" as Fault flash.write or flash.erase. */
export type FlashOutcome = "done" | "failed" | "range" | "power-cut";

export interface FlashCounters {
	writes: number;
	erases: number;
	bytesWritten: number;
	/** Bytes that were programmed although they were not blank: allowed by the chip, not by the journal's rules. */
	bytesReprogrammed: number;
	tornWrites: number;
	tornErases: number;
}

interface Operation {
	readonly kind: "write" | "erase";
	readonly offset: number;
	/** What is programmed; empty for an erase. */
	readonly source: Uint8Array;
	readonly startUs: number;
	readonly durationUs: number;
}

/**
 * A partition of NOR flash: programming only clears bits, an erase sets 4096 bytes to ff. An operation takes
 * virtual time; when the power goes inside it, it is torn: what is then there is anything between old and new,
 * and some bits may be marginal, that is read differently each time until they are erased.
 */
export class NorFlash {
	readonly #image: Image;
	readonly #random: Random;
	readonly writeAlignment: number;
	/** Offset → mask of bits that read at random. */
	readonly #marginal = new Map<number, number>();
	#operation: Operation | undefined;
	/** Operations from now on that report failure and change nothing. */
	failNext = 0;
	readonly counters: FlashCounters = {
		writes: 0,
		erases: 0,
		bytesWritten: 0,
		bytesReprogrammed: 0,
		tornWrites: 0,
		tornErases: 0,
	};
	/** Erases of each block. */
	readonly wear: Uint32Array;

	constructor(image: Image, random: Random, writeAlignment: number) {
		this.#image = image;
		this.#random = random;
		this.writeAlignment = writeAlignment;
		this.wear = new Uint32Array(image.bytes.length / blockLength);
	}

	get byteLength(): number {
		return this.#image.bytes.length;
	}

	/** The content as it stands, marginal bits apart. Do not change it. */
	get image(): Uint8Array {
		return this.#image.bytes;
	}

	/** @returns undefined when the range is outside */
	read(offset: number, length: number): Uint8Array | undefined {
		if (offset + length > this.byteLength) return undefined;
		const bytes = this.#image.bytes.slice(offset, offset + length);
		if (this.#marginal.size > 0)
			for (let i = 0; i < length; i++) {
				const mask = this.#marginal.get(offset + i);
				if (mask !== undefined) bytes[i] = bytes[i]! ^ (mask & this.#random.next());
			}
		return bytes;
	}

	/** @param wait lets the operation's time pass; the power may go meanwhile (`tear`) */
	write(
		offset: number,
		source: Uint8Array,
		nowUs: number,
		wait: (us: number) => void,
	): FlashOutcome {
		if (offset % this.writeAlignment !== 0 || source.length % this.writeAlignment !== 0)
			return "range";
		if (offset + source.length > this.byteLength) return "range";
		const firstPage = Math.floor(offset / pageLength);
		const pages = Math.ceil((offset + source.length) / pageLength) - firstPage;
		return this.#run("write", offset, source, pages * pageProgramUs, nowUs, wait);
	}

	erase(block: number, nowUs: number, wait: (us: number) => void): FlashOutcome {
		if (block >= this.wear.length) return "range";
		return this.#run("erase", block * blockLength, new Uint8Array(0), blockEraseUs, nowUs, wait);
	}

	#run(
		kind: Operation["kind"],
		offset: number,
		source: Uint8Array,
		durationUs: number,
		startUs: number,
		wait: (us: number) => void,
	): FlashOutcome {
		if (this.failNext > 0) {
			this.failNext--;
			wait(durationUs);
			return "failed";
		}
		const operation = { kind, offset, source, startUs, durationUs };
		this.#operation = operation;
		wait(durationUs);
		// `tear` took it away when the power went.
		if (this.#operation !== operation) return "power-cut";
		this.#operation = undefined;
		if (kind === "write") this.#program(offset, source);
		else this.#erase(offset);
		return "done";
	}

	#program(offset: number, source: Uint8Array): void {
		const bytes = this.#image.bytes;
		this.counters.writes++;
		this.counters.bytesWritten += source.length;
		for (let i = 0; i < source.length; i++) {
			if (bytes[offset + i] !== 0xff) this.counters.bytesReprogrammed++;
			bytes[offset + i]! &= source[i]!;
		}
		this.#image.save(offset, source.length);
	}

	#erase(offset: number): void {
		this.counters.erases++;
		this.wear[offset / blockLength]!++;
		this.#image.bytes.fill(0xff, offset, offset + blockLength);
		for (let i = offset; i < offset + blockLength && this.#marginal.size > 0; i++)
			this.#marginal.delete(i);
		this.#image.save(offset, blockLength);
	}

	/** The power goes. An operation under way is torn according to how far it had come. */
	tear(nowUs: number): void {
		const operation = this.#operation;
		if (operation === undefined) return;
		this.#operation = undefined;
		const progress = Math.min(1, (nowUs - operation.startUs) / operation.durationUs);
		if (operation.kind === "write") this.#tearWrite(operation, progress);
		else this.#tearErase(operation, progress);
	}

	/** Either the first bytes are in and the next one partly, or a random subset of all bits is. */
	#tearWrite({ offset, source }: Operation, progress: number): void {
		this.counters.tornWrites++;
		const bytes = this.#image.bytes;
		const prefix = this.#random.below(2) === 0 ? Math.floor(source.length * progress) : -1;
		const marginal = this.#random.below(4) === 0;
		for (let i = 0; i < source.length; i++) {
			const at = offset + i;
			const clears = bytes[at]! & ~source[i]! & 0xff;
			let cleared = clears;
			if (prefix < 0) cleared &= this.#subset(progress);
			else if (i === prefix) cleared &= this.#random.next();
			else if (i > prefix) cleared = 0;
			bytes[at] = bytes[at]! & ~cleared;
			if (marginal) this.#mark(at, clears & this.#subset(0.1));
		}
		this.#image.save(offset, source.length);
	}

	/** Nothing yet, old bits rising, all zero on the way (pre-programmed), random, or blank but marginal. */
	#tearErase({ offset }: Operation, progress: number): void {
		this.counters.tornErases++;
		this.wear[offset / blockLength]!++;
		const bytes = this.#image.bytes;
		const shape = this.#random.below(5);
		const marginal = shape === 4 || this.#random.below(4) === 0;
		for (let at = offset; at < offset + blockLength; at++) {
			const old = bytes[at]!;
			if (shape === 1) bytes[at] = old | (this.#subset(progress) & 0xff);
			else if (shape === 2) bytes[at] = old & this.#subset(1 - progress) & 0xff;
			else if (shape === 3) bytes[at] = this.#random.next() & 0xff;
			else if (shape === 4) bytes[at] = 0xff;
			if (marginal) this.#mark(at, this.#subset(0.02));
		}
		this.#image.save(offset, blockLength);
	}

	/** Eight bits, each set with this probability. */
	#subset(probability: number): number {
		let mask = 0;
		for (let bit = 1; bit < 256; bit <<= 1) if (this.#random.fraction() < probability) mask |= bit;
		return mask;
	}

	#mark(offset: number, mask: number): void {
		if ((mask & 0xff) === 0) return;
		this.#marginal.set(offset, (this.#marginal.get(offset) ?? 0) | (mask & 0xff));
	}
}
