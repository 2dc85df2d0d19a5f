/** Frames of the ViVOtech2 protocol, seen from the reader. */

const header = Buffer.from("ViVOtech2\0", "latin1");
const headLength = 14;
const dataLimit = 1024;

export interface ReaderCommand {
	readonly command: number;
	readonly sub: number;
	readonly data: Uint8Array;
	/** False: the CRC was wrong. */
	readonly valid: boolean;
}

/** CRC-16/CCITT-FALSE: polynomial 1021, start FFFF. */
export function crcCcitt(bytes: Uint8Array): number {
	let crc = 0xffff;
	for (const byte of bytes) {
		crc ^= byte << 8;
		for (let bit = 0; bit < 8; bit++)
			crc = (crc & 0x8000) === 0 ? (crc << 1) & 0xffff : ((crc << 1) ^ 0x1021) & 0xffff;
	}
	return crc;
}

/** A response: its CRC is big-endian, a command's little-endian. */
export function responseFrame(command: number, status: number, data: Uint8Array): Buffer {
	const body = Buffer.concat([
		header,
		Buffer.from([command, status, data.length >> 8, data.length & 0xff]),
		data,
	]);
	const crc = crcCcitt(body);
	return Buffer.concat([body, Buffer.from([crc >> 8, crc & 0xff])]);
}

/** A command, as a terminal makes it. */
export function commandFrame(command: number, sub: number, data: Uint8Array): Buffer {
	const body = Buffer.concat([
		header,
		Buffer.from([command, sub, data.length >> 8, data.length & 0xff]),
		data,
	]);
	const crc = crcCcitt(body);
	return Buffer.concat([body, Buffer.from([crc & 0xff, crc >> 8])]);
}

/** Collects command frames out of a byte stream; noise in front of a header is skipped. */
export class CommandParser {
	#pending: Buffer = Buffer.alloc(0);

	get partial(): boolean {
		return this.#pending.length > 0;
	}

	reset(): void {
		this.#pending = Buffer.alloc(0);
	}

	/** @returns the commands that are complete with these bytes */
	push(bytes: Uint8Array): ReaderCommand[] {
		this.#pending = Buffer.concat([this.#pending, bytes]);
		const commands: ReaderCommand[] = [];
		for (;;) {
			this.#skipNoise();
			if (this.#pending.length < headLength) return commands;
			const length = this.#pending.readUInt16BE(12);
			if (length > dataLimit) {
				this.#pending = this.#pending.subarray(1);
				continue;
			}
			const end = headLength + length;
			if (this.#pending.length < end + 2) return commands;
			const body = this.#pending.subarray(0, end);
			commands.push({
				command: body[10]!,
				sub: body[11]!,
				data: Uint8Array.from(body.subarray(headLength)),
				valid: crcCcitt(body) === this.#pending.readUInt16LE(end),
			});
			this.#pending = this.#pending.subarray(end + 2);
		}
	}

	#skipNoise(): void {
		while (this.#pending.length > 0) {
			const known = Math.min(header.length, this.#pending.length);
			if (this.#pending.subarray(0, known).equals(header.subarray(0, known))) return;
			const next = this.#pending.indexOf(header[0]!, 1);
			this.#pending = next < 0 ? Buffer.alloc(0) : this.#pending.subarray(next);
		}
	}
}
