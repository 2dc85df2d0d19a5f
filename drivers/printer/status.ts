import type { PrinterStatus } from "core/devices";

/**
 * What a printer sends without being read, told apart by fixed bits (x = status):
 *
 *   DLE EOT answer   0xx1xx10            one byte
 *   ASB              0xx1xx00 0xx0xxxx 0xx0xxxx 0xx0xxxx
 *   process ID       37 22 d1 d2 d3 d4 00
 *   XON 11, XOFF 13  anywhere, also inside the others
 */
export type PrinterEvent =
	| { readonly kind: "status"; readonly byte: number }
	| { readonly kind: "asb"; readonly bytes: Uint8Array }
	| { readonly kind: "process-id"; readonly id: Uint8Array }
	| { readonly kind: "xon" | "xoff" };

const xon = 0x11;
const xoff = 0x13;
const blockStart = 0x37;
const blockSecond = 0x22;
const asbLength = 4;
const processIdLength = 7;

/** Cuts the printer's bytes into events. Holds at most 6 bytes; never throws. */
export class StatusReader {
	readonly #held = new Uint8Array(processIdLength);
	#length = 0;
	#noiseBytes = 0;

	/** Bytes that were none of the above, since the start. */
	get noiseBytes(): number {
		return this.#noiseBytes;
	}

	/** @returns what `bytes` completes, in order */
	push(bytes: Uint8Array): PrinterEvent[] {
		const events: PrinterEvent[] = [];
		for (const byte of bytes) {
			if (byte === xon) events.push({ kind: "xon" });
			else if (byte === xoff) events.push({ kind: "xoff" });
			else this.#take(byte, events);
		}
		return events;
	}

	/** Forgets a started group whose rest was lost. */
	reset(): void {
		this.#noiseBytes += this.#length;
		this.#length = 0;
	}

	#take(byte: number, events: PrinterEvent[]): void {
		if (this.#length > 0 && !this.#fits(byte)) this.reset();
		if (this.#length === 0 && !startsGroup(byte)) {
			if (isStatusByte(byte)) events.push({ kind: "status", byte });
			else this.#noiseBytes++;
			return;
		}
		this.#held[this.#length++] = byte;
		const first = this.#held[0]!;
		if (first === blockStart && this.#length === processIdLength) {
			events.push({ kind: "process-id", id: this.#held.slice(2, 6) });
			this.#length = 0;
		} else if (first !== blockStart && this.#length === asbLength) {
			events.push({ kind: "asb", bytes: this.#held.slice(0, asbLength) });
			this.#length = 0;
		}
	}

	/** The byte can be the next of the started group. */
	#fits(byte: number): boolean {
		if (this.#held[0] !== blockStart) return (byte & 0x90) === 0;
		if (this.#length === 1) return byte === blockSecond;
		if (this.#length === processIdLength - 1) return byte === 0;
		return byte >= 0x20 && byte <= 0x7e;
	}
}

function startsGroup(byte: number): boolean {
	return byte === blockStart || (byte & 0x93) === 0x10;
}

function isStatusByte(byte: number): boolean {
	return (byte & 0x93) === 0x12;
}

/** The three DLE EOT answers that matter; ASB is brought into the same form. */
export interface RawStatus {
	/** n = 1: 08 offline. */
	readonly printer: number;
	/** n = 2: 04 cover open, 20 stopped by paper end, 40 error. */
	readonly offline: number;
	/** n = 4: 0C paper near its end, 60 paper end. */
	readonly paper: number;
}

export const absent: PrinterStatus = Object.freeze({
	present: false,
	ready: false,
	paperOut: false,
	paperLow: false,
	coverOpen: false,
	error: false,
});

export function statusOf(raw: RawStatus): PrinterStatus {
	const offline = (raw.printer & 0x08) !== 0;
	const coverOpen = (raw.offline & 0x04) !== 0;
	const paperOut = (raw.offline & 0x20) !== 0 || (raw.paper & 0x60) !== 0;
	const error = (raw.offline & 0x40) !== 0;
	const ready = !offline && !coverOpen && !paperOut && !error;
	const paperLow = (raw.paper & 0x0c) !== 0;
	return { present: true, ready, paperOut, paperLow, coverOpen, error };
}

/** @param bytes the 4 of an ASB event */
export function rawFromAsb(bytes: Uint8Array): RawStatus {
	const [first, second, third] = [bytes[0]!, bytes[1]!, bytes[2]!];
	const coverOpen = (first & 0x20) !== 0;
	const paperOut = (third & 0x0c) !== 0;
	// Recoverable, cutter, unrecoverable, recovers by itself.
	const error = (second & 0x6c) !== 0;
	return {
		printer: 0x12 | (first & 0x08),
		offline: 0x12 | (coverOpen ? 0x04 : 0) | (paperOut ? 0x20 : 0) | (error ? 0x40 : 0),
		paper: 0x12 | ((third & 0x03) !== 0 ? 0x0c : 0) | (paperOut ? 0x60 : 0),
	};
}

export function sameStatus(a: PrinterStatus, b: PrinterStatus): boolean {
	return statusBits(a) === statusBits(b);
}

/** For the log: 1 present, 2 ready, 4 paper out, 8 paper low, 16 cover open, 32 error. */
export function statusBits(s: PrinterStatus): number {
	const flags = [s.present, s.ready, s.paperOut, s.paperLow, s.coverOpen, s.error];
	return flags.reduce((bits, flag, index) => bits + (flag ? 2 ** index : 0), 0);
}
