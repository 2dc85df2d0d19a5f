import type { FakeBoard, FakePort } from "../card-reader/fake-port";

const lineMs = 75;
const resumeMs = 500;

/**
 * A printer that prints a line in 75 ms, answers DLE EOT at once and process IDs when it gets there, and keeps its
 * buffer while paper is out. Knows just the commands of the driver and fails on any other.
 */
export class ScriptedPrinter {
	/** Text lines on paper as bytes in hex; "CUT" for a cut. */
	readonly paper: string[] = [];
	/** Bytes that wait, at most so far. */
	waitingMax = 0;
	/** Status requests that came, in order. */
	readonly asked: number[] = [];
	/** Wrong bytes in the stream. */
	readonly errors: string[] = [];
	alive = true;
	/** Process IDs get lost on the way. */
	muteIds = false;
	paperOut = false;
	coverOpen = false;
	error = false;
	/** Changes the answers to DLE EOT 4. */
	paperLow = false;
	/** Lines after which the paper is out, then never again. */
	paperLines = Infinity;
	cleared = 0;
	/** Requests outstanding at the same time, at most. */
	readonly #board: FakeBoard;
	readonly #port: FakePort;
	#realTime: number[] = [];
	#buffer: number[] = [];
	#text: number[] = [];
	#busy = false;

	constructor(board: FakeBoard, port: FakePort) {
		this.#board = board;
		this.#port = port;
		port.peer = (bytes) => this.#receive(bytes);
	}

	get offline(): boolean {
		return this.paperOut || this.coverOpen || this.error;
	}

	get lines(): number {
		return this.paper.filter((line) => line !== "CUT").length;
	}

	refill(): void {
		this.paperLines = Infinity;
		this.#board.timers.set(() => {
			this.paperOut = false;
			this.#work();
		}, resumeMs);
	}

	/** Power goes: the buffer is lost. */
	powerOff(): void {
		this.alive = false;
		this.#buffer = [];
		this.#realTime = [];
		this.#text = [];
	}

	#receive(bytes: Uint8Array): void {
		if (!this.alive) return;
		for (const byte of bytes) {
			if (this.#realTime.length === 0 && byte !== 0x10) {
				this.#buffer.push(byte);
				continue;
			}
			this.#realTime.push(byte);
			if (this.#realTime.length === 3) this.#answer();
		}
		this.waitingMax = Math.max(this.waitingMax, this.#buffer.length);
		this.#work();
	}

	#answer(): void {
		const [, verb, kind] = this.#realTime;
		this.#realTime = [];
		if (verb === 5) {
			this.cleared++;
			this.#buffer = [];
			return;
		}
		this.asked.push(kind!);
		let byte = 0x12;
		if (kind === 1 && this.offline) byte |= 0x08;
		if (kind === 2)
			byte |= (this.coverOpen ? 0x04 : 0) | (this.paperOut ? 0x20 : 0) | (this.error ? 0x40 : 0);
		if (kind === 4) byte |= (this.paperLow ? 0x0c : 0) | (this.paperOut ? 0x60 : 0);
		this.#port.feed([byte]);
	}

	#work(): void {
		while (!this.#busy && !this.offline && this.alive) {
			const length = this.#commandLength();
			if (length === 0 || length > this.#buffer.length) return;
			this.#execute(this.#buffer.splice(0, length));
		}
	}

	#commandLength(): number {
		const [first, second] = this.#buffer;
		if (first === undefined) return 0;
		if (first >= 0x20 || first === 0x0a) return 1;
		if (second === undefined) return 0;
		if (first === 0x1b) return second === 0x40 ? 2 : 3;
		if (first === 0x1c) return 2;
		if (first === 0x1d) return second === 0x21 ? 3 : second === 0x56 ? 4 : 11;
		this.errors.push(`byte ${first}`);
		return 1;
	}

	#execute(command: number[]): void {
		const [first, second] = command;
		if (first! >= 0x20) this.#text.push(first!);
		else if (first === 0x0a) this.#printLine();
		else if (first === 0x1d && second === 0x56) this.paper.push("CUT");
		else if (first === 0x1d && second === 0x28 && !this.muteIds)
			this.#port.feed([0x37, 0x22, ...command.slice(7), 0]);
	}

	#printLine(): void {
		this.#busy = true;
		this.#board.timers.set(() => {
			this.#busy = false;
			if (!this.alive) return;
			this.paper.push(this.#text.map((byte) => byte.toString(16)).join(""));
			this.#text = [];
			this.paperLines--;
			if (this.paperLines === 0) this.paperOut = true;
			this.#work();
		}, lineMs);
	}
}
