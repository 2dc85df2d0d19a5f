import type { Clock } from "core/clock";
import { wholeNumber } from "modem/at-fields";
import { ByteQueue } from "modem/byte-queue";
import { Outcome, type Command, type Reply } from "modem/command";
import type { CounterBoard } from "modem/counters";
import type { ModemFamily, SocketCommands } from "modem/family";
import { Outgoing } from "modem/outgoing";

/** What a transfer needs of its socket. */
export interface TransferHost {
	/** Number in the module. */
	readonly id: number;
	readonly family: ModemFamily;
	readonly clock: Clock;
	readonly counters: CounterBoard;
	/** There is data to read. */
	received(): void;
	/** There is room again. */
	sent(): void;
	/** What the module did with bytes is unknown, or it knows no such socket. */
	failed(): void;
}

export const socketBufferBytes = 2048;
/**
 * One read of the module's buffer. The whole answer, with a report before it, fits the FIFO of 128 bytes: other drivers
 * may keep the engine busy while it comes (a slip is being laid out), and nothing is lost however long they do.
 */
export const readByteLimit = 64;

const pollEveryMs = 5_000;

/** Which way bytes go. */
const Flow = Object.freeze({ None: 0, In: 1, Both: 2 } as const);
type Flow = (typeof Flow)[keyof typeof Flow];

/** The bytes of one connection, between its owner and the module: pieces out and in, in turn. */
export class Transfer {
	readonly #host: TransferHost;
	readonly #commands: SocketCommands;
	readonly #received = new ByteQueue();
	readonly #unsent = new Outgoing();
	#flow: Flow = Flow.None;
	/** The module may hold data for us. */
	#waiting = false;
	#wanted = true;
	#sentLast = false;
	#pollAtMs = 0;

	constructor(host: TransferHost, commands: SocketCommands) {
		this.#host = host;
		this.#commands = commands;
	}

	/** Bytes that the owner can read. */
	get readable(): number {
		return this.#received.length;
	}

	/** Bytes that the module has not taken yet. */
	get unsent(): number {
		return this.#unsent.length;
	}

	/** Bytes that the owner can write. */
	get room(): number {
		return socketBufferBytes - this.#unsent.length;
	}

	/** The module may still hold data. */
	get waiting(): boolean {
		return this.#waiting;
	}

	/** When there may be something to say even if nothing happens. Ticks. */
	get dueMs(): number {
		let at = Infinity;
		if (this.#flow === Flow.None) return at;
		if (this.#wanted && !this.#waiting) at = this.#pollAtMs;
		if (this.#unsent.length > 0) at = Math.min(at, this.#unsent.notBeforeMs);
		return at;
	}

	/** At most `byteLength` bytes, or undefined when there are none. */
	read(byteLength: number): Uint8Array | undefined {
		const count = Math.min(byteLength, this.#received.length);
		if (!(count > 0)) return undefined;
		const bytes = this.#received.peek(count);
		this.#received.drop(bytes.length);
		return bytes;
	}

	/** Copies; the owner keeps to `room`. */
	write(bytes: Uint8Array): void {
		this.#unsent.push(bytes);
	}

	/** The connection is open. */
	start(): void {
		this.#flow = Flow.Both;
		this.#pollAtMs = this.#now + pollEveryMs;
	}

	/** The module has data. */
	dataReported(): void {
		this.#waiting = true;
	}

	/** An announcement may have been lost: asks soon. */
	checkSoon(): void {
		this.#pollAtMs = 0;
	}

	/** Only the last data is fetched from here on. */
	peerClosed(): void {
		this.#flow = Flow.In;
		this.#waiting = true;
	}

	/** Nobody reads any more; what was written still goes. */
	ownerClosed(): void {
		this.#wanted = false;
		this.#received.clear();
	}

	/** Nothing goes any more; what was received can still be read. */
	stop(): void {
		this.#flow = Flow.None;
		this.#unsent.clear();
	}

	/** A piece of data out or in, in turn while there are both. */
	next(): Command | undefined {
		const canRead =
			this.#flow !== Flow.None &&
			this.#waiting &&
			this.#wanted &&
			this.#received.length < socketBufferBytes;
		const canSend =
			this.#flow === Flow.Both && this.#unsent.length > 0 && this.#now >= this.#unsent.notBeforeMs;
		if (canRead && (this.#sentLast || !canSend)) {
			this.#sentLast = false;
			return this.#readCommand();
		}
		if (!canSend) return undefined;
		this.#sentLast = true;
		return this.#sendCommand();
	}

	/** Asks whether the module has data that it did not announce, when that is due. */
	poll(): Command | undefined {
		if (this.#flow === Flow.None || this.#waiting || this.#now < this.#pollAtMs) return undefined;
		if (!this.#wanted) return undefined;
		this.#pollAtMs = this.#now + pollEveryMs;
		const { poll, pollField, readAnswer } = this.#commands;
		if (poll === undefined) return this.#readCommand();
		return {
			text: poll(this.#host.id),
			timeoutMs: 3_000,
			answer: readAnswer,
			done: (reply) => {
				if (this.#flow === Flow.None) return;
				if (reply.outcome === Outcome.Failed) this.#host.failed();
				else if (wholeNumber(reply.fields[pollField]) > 0) this.#waiting = true;
			},
		};
	}

	get #now(): number {
		return this.#host.clock.ticksMs();
	}

	#readCommand(): Command {
		const byteLimit = Math.min(readByteLimit, socketBufferBytes - this.#received.length);
		// A report that comes while we read counts again.
		this.#waiting = false;
		return {
			text: this.#commands.read(this.#host.id, byteLimit),
			timeoutMs: 3_000,
			answer: this.#commands.readAnswer,
			rawByteLimit: byteLimit,
			done: (reply) => this.#readAnswered(reply),
		};
	}

	#readAnswered(reply: Reply): void {
		if (this.#flow === Flow.None) return;
		if (reply.outcome !== Outcome.Ok) {
			this.#host.failed();
			return;
		}
		this.#pollAtMs = this.#now + pollEveryMs;
		if (reply.raw === undefined || !this.#wanted) return;
		this.#received.push(reply.raw);
		// The module reports once until its buffer was read empty: go on until it says 0.
		this.#waiting = true;
		this.#host.received();
	}

	#sendCommand(): Command {
		const payload = this.#unsent.peek(this.#host.family.sendByteLimit);
		return {
			text: this.#commands.send(this.#host.id, payload.length),
			timeoutMs: 10_000,
			payload,
			done: (reply) => this.#sendAnswered(reply, payload.length),
		};
	}

	#sendAnswered({ outcome }: Reply, byteLength: number): void {
		// The peer may have closed meanwhile; what it said last is still fetched.
		if (this.#flow !== Flow.Both) return;
		let good = false;
		if (outcome === Outcome.Ok) {
			this.#unsent.taken(byteLength);
			this.#host.sent();
			good = true;
		} else if (outcome === Outcome.Refused) {
			this.#host.counters.sendRetries++;
			good = this.#unsent.refused(this.#now);
		} else if (outcome === Outcome.NoPrompt) good = this.#unsent.promptMissing();
		// All else: what the module did with the bytes is unknown.
		if (!good) this.#host.failed();
	}
}
