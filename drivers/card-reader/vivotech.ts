import { asciiBytes } from "core/bytes";
import { crc16 } from "core/crc";

/**
 * Frames of ID TECH readers, protocol "ViVOtech2" (NEO 2 Interface Developer's Guide, "Protocol 2"):
 *
 *   "ViVOtech2\0"  command  sub-command | status  length(2, MSB first)  data  CRC(2)
 *
 * The CRC covers header to data; it goes out least significant byte first and comes in most significant first.
 */
export interface ReaderFrame {
	/** The command that this answers. */
	readonly command: number;
	readonly status: number;
	/** A copy; whoever takes the frame wipes it. */
	readonly data: Uint8Array;
}

/** Commands in use: command and sub-command. */
export const Command = Object.freeze({
	Ping: 0x1801,
	Activate: 0x0240,
	/** The answer to the last activation once more. */
	GetResult: 0x0340,
	Cancel: 0x0501,
	/** Host's answer to a chip; ends its transaction. */
	ApplyHostResponse: 0x6012,
} as const);
export type Command = (typeof Command)[keyof typeof Command];

/** Status byte of an answer. */
export const Status = Object.freeze({
	Ok: 0x00,
	BadHeader: 0x01,
	BadCrc: 0x04,
	Malformed: 0x07,
	TimeOut: 0x08,
	Failed: 0x0a,
	/** The card wants the host to decide; data as with Ok. */
	GoOnline: 0x23,
	/** First answer of a contact command: it is being done, the result follows. */
	UnderWay: 0x63,
} as const);

/** Command byte of answers about a contact chip, also those to 02-40. */
export const contactAnswer = 0x60;
/** Command byte of what the reader would like to see on the terminal's display. */
export const displayRequest = 0x61;

const headerLength = 10;
const overhead = 16;
const bufferLength = 2048;
/** Longest data of a frame, bytes. */
export const frameDataMax = bufferLength - overhead;

const header = asciiBytes("ViVOtech2\0");

/** Bytes of a command. @param data at most `frameDataMax` bytes */
export function commandFrame(command: Command, data: Uint8Array): Uint8Array {
	const frame = new Uint8Array(overhead + data.length);
	frame.set(header);
	frame[10] = command >> 8;
	frame[11] = command & 0xff;
	frame[12] = data.length >> 8;
	frame[13] = data.length & 0xff;
	frame.set(data, 14);
	const crc = crc16(frame, 0, frame.length - 2);
	frame[frame.length - 2] = crc & 0xff;
	frame[frame.length - 1] = crc >> 8;
	return frame;
}

/**
 * Cuts what comes from the reader into frames. Holds at most 2 KB; what is no frame (noise, wrong CRC, a
 * length that cannot be) costs one byte each and the search goes on right behind it, so that a good frame inside
 * or after a bad one is found. Every byte that leaves the buffer is zeroed in it.
 */
export class FrameParser {
	readonly #buffer = new Uint8Array(bufferLength);
	#length = 0;
	#droppedBytes = 0;

	/** Bytes that were no part of a frame, since the start. */
	get droppedBytes(): number {
		return this.#droppedBytes;
	}

	/** Bytes of a frame that is not complete yet. */
	get pending(): number {
		return this.#length;
	}

	/** @returns the frames that `bytes` completes, in order */
	push(bytes: Uint8Array): ReaderFrame[] {
		const frames: ReaderFrame[] = [];
		let taken = 0;
		while (taken < bytes.length) {
			// A frame that fills the buffer is complete, so after a scan there is always room.
			const count = Math.min(bytes.length - taken, bufferLength - this.#length);
			this.#buffer.set(bytes.subarray(taken, taken + count), this.#length);
			this.#length += count;
			taken += count;
			this.#scan(frames);
		}
		return frames;
	}

	/**
	 * The rest of the started frame will not come: drops its first byte.
	 * @returns frames that stand behind it
	 */
	giveUp(): ReaderFrame[] {
		const frames: ReaderFrame[] = [];
		if (this.#length === 0) return frames;
		this.#droppedBytes++;
		this.#consume(1);
		this.#scan(frames);
		return frames;
	}

	#scan(frames: ReaderFrame[]): void {
		let start = 0;
		for (;;) {
			const found = this.#findHeader(start);
			this.#droppedBytes += found - start;
			start = found;
			const size = this.#frameSize(start);
			if (size === 0) break;
			if (size < 0 || !this.#crcFits(start, size)) {
				this.#droppedBytes++;
				start++;
				continue;
			}
			frames.push({
				command: this.#buffer[start + 10]!,
				status: this.#buffer[start + 11]!,
				data: this.#buffer.slice(start + 14, start + size - 2),
			});
			start += size;
		}
		this.#consume(start);
	}

	/** First place at or after `start` where a header stands, or could stand when more comes. */
	#findHeader(start: number): number {
		for (let at = start; at < this.#length; at++) {
			const count = Math.min(headerLength, this.#length - at);
			let i = 0;
			while (i < count && this.#buffer[at + i] === header[i]) i++;
			if (i === count) return at;
		}
		return this.#length;
	}

	/** Bytes of the frame at `start`, 0 when more must come first, -1 when its length cannot be. */
	#frameSize(start: number): number {
		if (this.#length - start < 14) return 0;
		const dataLength = this.#buffer[start + 12]! * 256 + this.#buffer[start + 13]!;
		if (dataLength > frameDataMax) return -1;
		const size = dataLength + overhead;
		return this.#length - start < size ? 0 : size;
	}

	#crcFits(start: number, size: number): boolean {
		const end = start + size - 2;
		const crc = this.#buffer[end]! * 256 + this.#buffer[end + 1]!;
		return crc16(this.#buffer, start, end) === crc;
	}

	#consume(count: number): void {
		this.#buffer.copyWithin(0, count, this.#length);
		this.#buffer.fill(0, this.#length - count, this.#length);
		this.#length -= count;
	}
}
