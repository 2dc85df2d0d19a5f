/** Frames of the backup channel (docs/host-protocol.md): length, TPDU, header, message. */

/** How the two bytes of the length are written: binary, or four packed digits as some acquirers have it. */
export type LengthFormat = "binary" | "bcd";

export interface Frame {
	/** 5 bytes. */
	readonly tpdu: Buffer;
	/** 6 bytes. */
	readonly header: Buffer;
	readonly message: Buffer;
}

const lengthBytes = 2;
const tpduBytes = 5;
const headerBytes = 6;
/** What the length may say: TPDU, header and one byte of a message at least. */
export const frameBytesMin = 12;
export const frameBytesMax = 2048;

/** Puts frames together from whatever pieces a connection gives. */
export class FrameReader {
	readonly #format: LengthFormat;
	#bytes: Buffer = Buffer.alloc(0);

	constructor(format: LengthFormat) {
		this.#format = format;
	}

	/** A frame has begun and is not complete. */
	get started(): boolean {
		return this.#bytes.length > 0;
	}

	/** @returns the frames that are complete now, or why the connection is of no more use */
	push(bytes: Buffer): readonly Frame[] | string {
		this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
		const frames: Frame[] = [];
		while (this.#bytes.length >= lengthBytes) {
			const length = readLength(this.#bytes, this.#format);
			if (length === undefined) return "length is not BCD";
			if (length < frameBytesMin || length > frameBytesMax)
				return `length ${length} is not ${frameBytesMin} to ${frameBytesMax}`;
			if (this.#bytes.length < lengthBytes + length) break;
			frames.push(frameOf(this.#bytes.subarray(lengthBytes, lengthBytes + length)));
			this.#bytes = this.#bytes.subarray(lengthBytes + length);
		}
		return frames;
	}
}

function frameOf(bytes: Buffer): Frame {
	return {
		tpdu: bytes.subarray(0, tpduBytes),
		header: bytes.subarray(tpduBytes, tpduBytes + headerBytes),
		message: bytes.subarray(tpduBytes + headerBytes),
	};
}

/** What is wrong with the envelope of a request; "" for nothing. */
export function envelopeFlaw({ tpdu, header }: Frame): string {
	if (!/^60\d{8}$/.test(tpdu.toString("hex"))) return "TPDU";
	return /^60\d{10}$/.test(header.toString("hex")) ? "" : "header";
}

/** Bytes of a frame. @param message at most 2,037 bytes */
export function frameBytes(frame: Frame, format: LengthFormat): Buffer {
	const { tpdu, header, message } = frame;
	const length = tpdu.length + header.length + message.length;
	const head = Buffer.alloc(lengthBytes);
	head.writeUInt16BE(format === "binary" ? length : Number(`0x${length}`));
	return Buffer.concat([head, tpdu, header, message]);
}

/** Envelope of an answer. @param request digit 5 of the header: 0 nothing, 1 notices wait, 3 sign on again */
export function answerTo(frame: Frame, message: Buffer, request: number, swap: boolean): Frame {
	const [type, destination, source] = [0, 1, 3].map((at, index) =>
		frame.tpdu.subarray(at, at + (index === 0 ? 1 : 2)),
	) as [Buffer, Buffer, Buffer];
	const header = Buffer.from(frame.header);
	header.writeUInt8((header.readUInt8(2) & 0xf0) | request, 2);
	const tpdu = swap ? Buffer.concat([type, source, destination]) : frame.tpdu;
	return { tpdu, header, message };
}

function readLength(bytes: Buffer, format: LengthFormat): number | undefined {
	if (format === "binary") return bytes.readUInt16BE(0);
	const digits = bytes.toString("hex", 0, lengthBytes);
	return /^\d{4}$/.test(digits) ? Number(digits) : undefined;
}
