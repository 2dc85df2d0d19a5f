import type { Clock, TimerId, Timers } from "core/clock";
import { Fault } from "core/fault";
import type { Serial, SerialOptions, SerialPort } from "core/io";
import type { Log, LogCode } from "core/log";

/** Virtual time, timers and a log for driver tests. */
export class FakeBoard {
	#nowMs = 0;
	#nextId = 1;
	#pending: { readonly id: TimerId; readonly atMs: number; readonly run: () => void }[] = [];
	readonly events: { readonly code: LogCode; readonly a: number; readonly b: number }[] = [];

	readonly timers: Timers = {
		set: (run, delayMs) => {
			const id = this.#nextId++;
			this.#pending.push({ id, atMs: this.#nowMs + delayMs, run });
			return id;
		},
		clear: (id) => {
			this.#pending = this.#pending.filter((timer) => timer.id !== id);
		},
	};
	readonly clock: Clock = {
		ticksMs: () => this.#nowMs,
		wallMs: () => undefined,
		setWallMs: () => {},
	};
	readonly log: Log = {
		event: (code, a = 0, b = 0) => {
			this.events.push({ code, a, b });
		},
	};

	get nowMs(): number {
		return this.#nowMs;
	}

	/** Timers that wait. */
	get timerCount(): number {
		return this.#pending.length;
	}

	/** How often an event was logged. @param a only those with this first number */
	logged(code: LogCode, a?: number): number {
		return this.events.filter((e) => e.code === code && (a === undefined || e.a === a)).length;
	}

	/** Lets time pass; timers run in order, those of the same moment in the order of `set`. */
	advance(delayMs: number): void {
		const endMs = this.#nowMs + delayMs;
		for (;;) {
			let first = this.#pending[0];
			for (const timer of this.#pending)
				if (first === undefined || timer.atMs < first.atMs) first = timer;
			if (first === undefined || first.atMs > endMs) break;
			this.timers.clear(first.id);
			this.#nowMs = Math.max(this.#nowMs, first.atMs);
			first.run();
		}
		this.#nowMs = endMs;
	}
}

const roomMax = 128;
/** 115200 baud, 8N1. */
const bytesPerMs = 11;

/**
 * A UART with a transmit FIFO of 128 bytes that empties at line speed. The peer gets what leaves; what it
 * feeds comes in later turns, never from inside a method.
 */
export class FakePort {
	readonly port: SerialPort;
	/** All bytes that have left. */
	readonly sent: number[] = [];
	opened = 0;
	closed = 0;
	/** The cable: with `false` nothing leaves and nothing comes. */
	plugged = true;
	/** Told of bytes that have just left. */
	peer: (bytes: Uint8Array) => void = () => {};
	readonly #board: FakeBoard;
	#options: SerialOptions | undefined;
	#fifo: number[] = [];
	#draining = false;
	#incoming: number[] = [];

	constructor(board: FakeBoard) {
		this.#board = board;
		// eslint-disable-next-line @typescript-eslint/no-this-alias
		const owner = this;
		this.port = {
			baud: 115_200,
			io: class implements Serial {
				constructor(options: SerialOptions) {
					owner.#open(options);
				}
				read(): Uint8Array | undefined {
					return owner.#read();
				}
				write(bytes: Uint8Array): void {
					owner.#write(bytes);
				}
				close(): void {
					owner.#close();
				}
			},
		};
	}

	/** Bytes from the peer. */
	feed(bytes: Uint8Array | readonly number[]): void {
		if (!this.plugged) return;
		this.#board.timers.set(() => {
			this.#incoming.push(...bytes);
			this.#options?.onReadable?.(this.#incoming.length);
		}, 1);
	}

	/** The port breaks. */
	fail(): void {
		this.#board.timers.set(() => this.#options?.onError?.(), 0);
	}

	#open(options: SerialOptions): void {
		this.opened++;
		this.#options = options;
		this.#board.timers.set(() => this.#options?.onWritable?.(roomMax), 0);
	}

	#read(): Uint8Array | undefined {
		if (this.#incoming.length === 0) return undefined;
		return Uint8Array.from(this.#incoming.splice(0));
	}

	#write(bytes: Uint8Array): void {
		if (this.#options === undefined) throw new Fault("io.closed");
		if (this.#fifo.length + bytes.length > roomMax) throw new Fault("io.busy");
		this.#fifo.push(...bytes);
		this.#drain();
	}

	#drain(): void {
		if (this.#draining || this.#fifo.length === 0) return;
		this.#draining = true;
		this.#board.timers.set(() => {
			this.#draining = false;
			const gone = Uint8Array.from(this.#fifo.splice(0, bytesPerMs));
			if (this.plugged) {
				this.sent.push(...gone);
				this.peer(gone);
			}
			this.#drain();
			this.#options?.onWritable?.(roomMax - this.#fifo.length);
		}, 1);
	}

	#close(): void {
		this.closed++;
		this.#options = undefined;
	}
}

/** Pseudo-random bytes that are the same on every engine (a 32-bit linear congruence). */
export function randomBytes(count: number, seed: number): Uint8Array {
	const bytes = new Uint8Array(count);
	let state = seed >>> 0;
	for (let i = 0; i < count; i++) {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		bytes[i] = state >>> 24;
	}
	return bytes;
}
