import type { Scheduler } from "./device";

/** One direction of a serial line outside a board: bytes come out in order, in small pieces, at line speed. */
export class PacedLine {
	readonly #scheduler: Scheduler;
	readonly #byteUs: number;
	readonly #pieceBytes: number;
	readonly #deliver: (bytes: Uint8Array) => void;
	#waiting: number[] = [];
	#cancel: (() => void) | undefined;

	/** @param pieceBytes most bytes in one piece */
	constructor(
		scheduler: Scheduler,
		baud: number,
		pieceBytes: number,
		deliver: (bytes: Uint8Array) => void,
	) {
		this.#scheduler = scheduler;
		this.#byteUs = 10e6 / baud;
		this.#pieceBytes = pieceBytes;
		this.#deliver = deliver;
	}

	/** Bytes that have not come out yet. */
	get pendingBytes(): number {
		return this.#waiting.length;
	}

	push(bytes: Uint8Array): void {
		for (const byte of bytes) this.#waiting.push(byte);
		if (this.#cancel === undefined) this.#next();
	}

	/** Forgets what is on the line. */
	clear(): void {
		this.#waiting = [];
		this.#cancel?.();
		this.#cancel = undefined;
	}

	#next(): void {
		const count = Math.min(this.#pieceBytes, this.#waiting.length);
		if (count === 0) return;
		this.#cancel = this.#scheduler.after(count * this.#byteUs, () => {
			this.#cancel = undefined;
			this.#deliver(Uint8Array.from(this.#waiting.splice(0, count)));
			if (this.#cancel === undefined) this.#next();
		});
	}
}
