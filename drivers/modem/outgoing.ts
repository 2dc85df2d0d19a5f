import { ByteQueue } from "modem/byte-queue";

const firstRetryMs = 500;
const lastRetryMs = 5_000;
/** How long the module may refuse. */
const patienceMs = 30_000;
const missingPromptLimit = 2;

/** What a socket has still to send, and how the module takes it. The owner keeps the limit. */
export class Outgoing {
	readonly #queue = new ByteQueue();
	#notBeforeMs = 0;
	#refusals = 0;
	#refusedSinceMs = 0;
	#missingPrompts = 0;

	/** Bytes that wait. */
	get length(): number {
		return this.#queue.length;
	}

	/** Ticks before which nothing is to be sent. */
	get notBeforeMs(): number {
		return this.#notBeforeMs;
	}

	/** Appends a copy. */
	push(bytes: Uint8Array): void {
		this.#queue.push(bytes.slice());
	}

	/** The next bytes, at most `byteLimit`; they stay until `taken`. */
	peek(byteLimit: number): Uint8Array {
		return this.#queue.peek(byteLimit);
	}

	/** The module has the first `count` bytes. */
	taken(count: number): void {
		this.#queue.drop(count);
		this.#refusals = 0;
		this.#missingPrompts = 0;
	}

	/** The module had no room. @returns false when that has lasted too long */
	refused(nowMs: number): boolean {
		if (this.#refusals === 0) this.#refusedSinceMs = nowMs;
		const delayMs = firstRetryMs * 2 ** Math.min(this.#refusals, 10);
		this.#notBeforeMs = nowMs + Math.min(lastRetryMs, delayMs);
		this.#refusals++;
		return nowMs - this.#refusedSinceMs < patienceMs;
	}

	/** Nothing has left, for want of a prompt. @returns false when it is not worth another try */
	promptMissing(): boolean {
		this.#missingPrompts++;
		return this.#missingPrompts < missingPromptLimit;
	}

	clear(): void {
		this.#queue.clear();
	}
}
