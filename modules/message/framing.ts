import { Fault } from "core/fault";
import { packedPair, pairValue } from "message/digits";

/**
 * How messages stand on a byte stream (TCP, serial): length (2 bytes, of all that follows), TPDU (5), header (6),
 * message. Data, for acquirers differ.
 */
export interface FrameFormat {
	/** False: the length is binary, most significant byte first. True: four packed digits. */
	readonly packedLength: boolean;
	/** Bytes of the TPDU: 5, or 0 where there is none. */
	readonly tpduLength: number;
	/** Bytes of the header: 6, or 0 where there is none. */
	readonly headerLength: number;
	/** Most that a length may say. */
	readonly byteLimit: number;
}

/** UnionPay terminals. */
export const unionpayFrames: FrameFormat = Object.freeze({
	packedLength: false,
	tpduLength: 5,
	headerLength: 6,
	byteLimit: 2048,
});

/** Length and message alone. */
export const plainFrames: FrameFormat = Object.freeze({
	packedLength: false,
	tpduLength: 0,
	headerLength: 0,
	byteLimit: 2048,
});

/** What came in one frame; views into one array of its own. */
export interface Frame {
	readonly tpdu: Uint8Array;
	readonly header: Uint8Array;
	readonly message: Uint8Array;
}

const lengthBytes = 2;

/** TPDU: 60, then the addresses of destination and source as four digits each. @param destination, source 0 to 9999 */
export function tpduBytes(destination: number, source: number): Uint8Array {
	if (!isDigits(destination, 4) || !isDigits(source, 4)) throw new Fault("message.value", 0, 0);
	return Uint8Array.of(0x60, ...packed(destination, 2), ...packed(source, 2));
}

/** A copy with destination and source changed over, as an answer has them. */
export function swappedTpdu(tpdu: Uint8Array): Uint8Array {
	const result = tpdu.slice();
	result.copyWithin(1, 3, 5);
	result.set(tpdu.subarray(1, 3), 3);
	return result;
}

/** The reply's TPDU has the request's addresses, changed over or (as many hosts leave it) not. */
export function tpduAnswers(request: Uint8Array, reply: Uint8Array): boolean {
	if (request.length !== 5 || reply.length !== 5 || request[0] !== reply[0]) return false;
	let same = true;
	let swapped = true;
	for (let i = 1; i < 5; i++) {
		if (reply[i] !== request[i]) same = false;
		if (reply[i] !== request[i < 3 ? i + 2 : i - 2]) swapped = false;
	}
	return same || swapped;
}

/** The 6-byte header of UnionPay terminals, twelve packed digits. */
export interface FrameHeader {
	/** Application, 60 to 69: 60 magnetic stripe, 61 chip. */
	readonly application: number;
	/** Version of the terminal specification, 00 to 99. */
	readonly version: number;
	/** 0 normal, 1 under test. */
	readonly terminalState: number;
	/** What the host asks for in a reply: 0 nothing, 1 download parameters, 2 send status, 3 sign on, 4 keys. */
	readonly request: number;
	/** Version of the terminal's software, 6 digits. */
	readonly software: number;
}

/** @throws Fault "message.value" for a part that does not fit its digits */
export function headerBytes(header: FrameHeader): Uint8Array {
	const { application, version, terminalState, request, software } = header;
	const fits =
		isDigits(application, 2) &&
		isDigits(version, 2) &&
		isDigits(terminalState, 1) &&
		isDigits(request, 1) &&
		isDigits(software, 6);
	if (!fits) throw new Fault("message.value", 0, 0);
	const first = (application * 100 + version) * 100 + terminalState * 10 + request;
	return Uint8Array.of(...packed(first, 3), ...packed(software, 3));
}

/** @returns undefined for what is no header */
export function readHeader(bytes: Uint8Array): FrameHeader | undefined {
	if (bytes.length !== 6) return undefined;
	const first = unpacked(bytes, 0, 3);
	const software = unpacked(bytes, 3, 6);
	if (first < 0 || software < 0) return undefined;
	return {
		application: Math.floor(first / 10_000),
		version: Math.floor(first / 100) % 100,
		terminalState: Math.floor(first / 10) % 10,
		request: first % 10,
		software,
	};
}

/**
 * One frame.
 * @param tpdu, header as many bytes as `format` says
 * @throws Fault "message.length" (a = 0, b = bytes) where a part has another length or the frame is over the limit
 */
export function frameBytes(
	format: FrameFormat,
	message: Uint8Array,
	tpdu: Uint8Array,
	header: Uint8Array,
): Uint8Array {
	const length = tpdu.length + header.length + message.length;
	const fits = tpdu.length === format.tpduLength && header.length === format.headerLength;
	if (!fits || message.length === 0 || length > format.byteLimit)
		throw new Fault("message.length", 0, length);
	const frame = new Uint8Array(lengthBytes + length);
	if (format.packedLength) frame.set(packed(length, 2));
	else {
		frame[0] = length >> 8;
		frame[1] = length;
	}
	frame.set(tpdu, lengthBytes);
	frame.set(header, lengthBytes + tpdu.length);
	frame.set(message, lengthBytes + tpdu.length + header.length);
	return frame;
}

/**
 * Cuts a byte stream into frames, in whatever pieces it comes. It holds at most one frame. A length that cannot be
 * (no message in it, over the limit, no digits) ends it: where the next frame starts is then unknown, so the
 * connection has to be closed. A length that promises more than ever comes is the caller's deadline to end.
 */
export class FrameReader {
	readonly #format: FrameFormat;
	readonly #buffer: Uint8Array;
	/** Bytes of the started frame, its length included. */
	#count = 0;
	/** Bytes of the whole frame, 0 until its length is known. */
	#size = 0;
	#fault: Fault | undefined;

	constructor(format: FrameFormat) {
		this.#format = format;
		this.#buffer = new Uint8Array(lengthBytes + format.byteLimit);
	}

	/** "message.length" (a = 0, b = what the length said, or -1) after a length that cannot be; it stays until `reset`. */
	get fault(): Fault | undefined {
		return this.#fault;
	}

	/** Bytes of a frame that is not complete yet. */
	get pending(): number {
		return this.#count;
	}

	/** For the next connection. */
	reset(): void {
		this.#buffer.fill(0, 0, this.#count);
		this.#count = 0;
		this.#size = 0;
		this.#fault = undefined;
	}

	/** @returns the frames that `bytes` completes, in order; none after a fault. Never throws. */
	push(bytes: Uint8Array): Frame[] {
		const frames: Frame[] = [];
		let taken = 0;
		while (taken < bytes.length && this.#fault === undefined) {
			const wanted = (this.#size === 0 ? lengthBytes : this.#size) - this.#count;
			const part = bytes.subarray(taken, taken + wanted);
			this.#buffer.set(part, this.#count);
			this.#count += part.length;
			taken += part.length;
			if (part.length < wanted) break;
			if (this.#size === 0) this.#readLength();
			else frames.push(this.#takeFrame());
		}
		return frames;
	}

	#readLength(): void {
		const { packedLength, tpduLength, headerLength, byteLimit } = this.#format;
		const buffer = this.#buffer;
		const length = packedLength ? unpacked(buffer, 0, 2) : (buffer[0]! << 8) | buffer[1]!;
		if (length > tpduLength + headerLength && length <= byteLimit)
			this.#size = lengthBytes + length;
		else {
			this.reset();
			this.#fault = new Fault("message.length", 0, length);
		}
	}

	#takeFrame(): Frame {
		const { tpduLength, headerLength } = this.#format;
		const content = this.#buffer.slice(lengthBytes, this.#size);
		this.reset();
		const headerEnd = tpduLength + headerLength;
		return {
			tpdu: content.subarray(0, tpduLength),
			header: content.subarray(tpduLength, headerEnd),
			message: content.subarray(headerEnd),
		};
	}
}

function isDigits(value: number, count: number): boolean {
	return value >= 0 && value < 10 ** count && value % 1 === 0;
}

/** Packed digits, zeros in front. */
function packed(value: number, byteCount: number): Uint8Array {
	const bytes = new Uint8Array(byteCount);
	let rest = value;
	for (let at = byteCount - 1; at >= 0; at--) {
		const pair = rest % 100;
		bytes[at] = packedPair[pair]!;
		rest = (rest - pair) / 100;
	}
	return bytes;
}

/** Value of packed digits, -1 where a nibble is none. */
function unpacked(bytes: Uint8Array, start: number, end: number): number {
	let value = 0;
	for (let at = start; at < end; at++) {
		const pair = pairValue[bytes[at]!]!;
		if (pair === 255) return -1;
		value = value * 100 + pair;
	}
	return value;
}
