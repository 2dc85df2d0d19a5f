/** The receiving side of the printer: real-time commands at once, everything else into the buffer. */

export interface RealTime {
	/** 04: DLE EOT, 05: DLE ENQ. */
	readonly kind: number;
	readonly n: number;
}

const capacity = 4096;
const xoffFree = 512;
const xonFree = 1024;
const dle = 0x10;

export class PrinterInput {
	readonly #onRealTime: (command: RealTime) => void;
	#bytes: Buffer = Buffer.alloc(0);
	#held: number[] = [];
	#kept: number[] = [];
	#stopped = false;
	#lost = 0;

	constructor(onRealTime: (command: RealTime) => void) {
		this.#onRealTime = onRealTime;
	}

	/** What waits to be interpreted. */
	get bytes(): Buffer {
		return this.#bytes;
	}

	/** Bytes that came to a full buffer. */
	get lost(): number {
		return this.#lost;
	}

	clear(): void {
		this.#bytes = Buffer.alloc(0);
		this.#held = [];
		this.#kept = [];
	}

	/** As after power-on: flow control too. */
	reset(): void {
		this.clear();
		this.#stopped = false;
	}

	consume(count: number): void {
		this.#bytes = this.#bytes.subarray(count);
	}

	/** @returns bytes that went into the buffer */
	push(bytes: Uint8Array): number {
		this.#kept = [];
		for (const byte of bytes) this.#sift(byte);
		const kept = this.#kept;
		const room = capacity - this.#bytes.length;
		this.#lost += Math.max(0, kept.length - room);
		this.#bytes = Buffer.concat([this.#bytes, Buffer.from(kept.slice(0, room))]);
		return kept.length;
	}

	/** XOFF or XON when it is due now. */
	flow(): number | undefined {
		const free = capacity - this.#bytes.length;
		if (!this.#stopped && free < xoffFree) {
			this.#stopped = true;
			return 0x13;
		}
		if (this.#stopped && free > xonFree) {
			this.#stopped = false;
			return 0x11;
		}
		return undefined;
	}

	#sift(byte: number): void {
		this.#held.push(byte);
		const held = this.#held;
		if (held[0] !== dle) {
			this.#kept.push(byte);
			this.#held = [];
		} else if (held.length === 2 && byte !== 0x04 && byte !== 0x05) {
			this.#kept.push(dle);
			this.#held = [];
			this.#sift(byte);
		} else if (held.length === 3) this.#realTime(held[1]!, byte);
	}

	#realTime(kind: number, n: number): void {
		this.#held = [];
		if (n >= 1 && n <= (kind === 0x04 ? 4 : 2)) {
			this.#onRealTime({ kind, n });
			return;
		}
		this.#kept.push(dle, kind);
		this.#sift(n);
	}
}
