import type { Clock } from "core/clock";
import { Fault } from "core/fault";
import type { Socket, SocketOptions } from "core/io";
import { wholeNumber } from "modem/at-fields";
import { ByteQueue } from "modem/byte-queue";
import { Outcome, type Command, type Reply } from "modem/command";
import type { CounterBoard } from "modem/counters";
import type { ModemFamily } from "modem/family";
import { isHostName } from "modem/host-name";
import { Outgoing } from "modem/outgoing";

/** What a socket needs of its modem. */
export interface SocketHost {
	readonly family: ModemFamily;
	readonly clock: Clock;
	readonly counters: CounterBoard;
	/** @returns a free socket number, or -1 when the modem is down or all are taken */
	attach(socket: ModemSocket): number;
	/** Asks for `deliver` and `next` soon; never calls them from inside. */
	wake(): void;
	/** An open ended. @param error of the module, 0 for success */
	openEnded(error: number): void;
	/** The module does not close the socket: only a restart frees it. */
	stuck(): void;
}

/**
 *   Wanted ─▶ Opening ─▶ Open ─▶ Ending ─▶ Closing ─▶ Gone
 *                │         └───────────────▲
 *                └──(failed)───────────────┘      any ─(module restarted)─▶ Gone
 *
 * Ending: the peer has closed, its last data is still being fetched. Gone: the number is free in the module.
 */
const Phase = Object.freeze({
	Wanted: 0,
	Opening: 1,
	Open: 2,
	Ending: 3,
	Closing: 4,
	Gone: 5,
} as const);
type Phase = (typeof Phase)[keyof typeof Phase];

export const socketBufferBytes = 2048;
/**
 * One read of the module's buffer. The whole answer, with a report before it, fits the FIFO of 128 bytes: other drivers
 * may keep the engine busy while it comes (a slip is being laid out), and nothing is lost however long they do.
 */
export const readByteLimit = 64;

const pollEveryMs = 5_000;
/** How long unread data, an unsent rest or a full module may hold up the end. */
const lingerMs = 10_000;
const closeTries = 2;

/** TCP over the modem, in the words of core/io. Made by `new modem.Socket(options)`. */
export class ModemSocket implements Socket {
	readonly #host: SocketHost;
	readonly #options: SocketOptions;
	readonly #id: number;
	readonly #received = new ByteQueue();
	readonly #unsent = new Outgoing();
	#phase: Phase = Phase.Wanted;
	/** The module may hold data for us. */
	#waiting = false;
	#sentLast = false;
	#pollAtMs = 0;
	#closeFailures = 0;
	/** When Opening, Ending or a lingering close is given up. */
	#deadlineMs = Infinity;
	#closedByOwner = false;
	#readableDue = false;
	#writableDue = false;
	#errorDue = false;
	#errorTold = false;

	/** @throws Fault "io.options" */
	constructor(host: SocketHost, options: SocketOptions) {
		if (typeof options.host !== "string" || !isHostName(options.host))
			throw new Fault("io.options", 1);
		const { port } = options;
		if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Fault("io.options", 2);
		if (options.tls !== undefined) throw new Fault("io.tls");
		this.#host = host;
		this.#options = { ...options };
		this.#id = host.attach(this);
		if (this.#id < 0) this.drop();
		host.wake();
	}

	/** See Socket. @throws Fault "io.closed" */
	read(byteLength = socketBufferBytes): Uint8Array | undefined {
		if (this.#closedByOwner) throw new Fault("io.closed");
		const count = Math.min(byteLength, this.#received.length);
		if (!(count > 0)) return undefined;
		const bytes = this.#received.peek(count);
		this.#received.drop(bytes.length);
		this.#host.wake();
		return bytes;
	}

	/** See Socket. @throws Fault "io.busy" (more than the room, or not open yet) or "io.closed" (over) */
	write(bytes: Uint8Array): number {
		if (this.#closedByOwner || this.#phase > Phase.Open) throw new Fault("io.closed");
		if (this.#phase < Phase.Open) throw new Fault("io.busy", bytes.length, 0);
		if (bytes.length > this.#room) throw new Fault("io.busy", bytes.length, this.#room);
		this.#unsent.push(bytes);
		this.#host.wake();
		return this.#room;
	}

	/** What was written and not yet sent is still sent, for at most 10 s. */
	close(): void {
		if (this.#closedByOwner) return;
		this.#closedByOwner = true;
		this.#received.clear();
		if (this.#phase === Phase.Wanted) this.#phase = Phase.Gone;
		else if (this.#phase === Phase.Open && this.#unsent.length > 0)
			this.#deadlineMs = this.#now + lingerMs;
		else if (this.#phase !== Phase.Gone) this.#phase = Phase.Closing;
		this.#host.wake();
	}

	// What follows is for the modem; owners see only `Socket`.

	/** Nothing is left to do: the number can be given away. */
	get finished(): boolean {
		return this.#phase === Phase.Gone && (this.#closedByOwner || this.#errorTold);
	}

	/** It never had a number: the modem was down or had none left. */
	get unattached(): boolean {
		return this.#id < 0;
	}

	/** Data is or may be in flight that a new data connection would cost. */
	get open(): boolean {
		return this.#phase === Phase.Open || this.#phase === Phase.Ending;
	}

	/** When `next` or `deliver` may have something to do even if nothing happens. Ticks. */
	get dueMs(): number {
		let at = this.#deadlineMs;
		if (this.open && !this.#closedByOwner && !this.#waiting) at = Math.min(at, this.#pollAtMs);
		if (this.open && this.#unsent.length > 0) at = Math.min(at, this.#unsent.notBeforeMs);
		return at;
	}

	/** The module has data. */
	dataReported(): void {
		this.#waiting = true;
	}

	/** The peer has closed: its last data first. */
	closeReported(): void {
		if (this.#phase === Phase.Opening) this.#fail();
		if (this.#phase !== Phase.Open) return;
		this.#phase = Phase.Ending;
		this.#waiting = true;
		this.#deadlineMs = this.#now + lingerMs;
	}

	/** Outcome of the open. @param error 0 for success */
	openReported(error: number): void {
		if (this.#phase !== Phase.Opening) return;
		if (error === 0) {
			this.#phase = Phase.Open;
			this.#deadlineMs = Infinity;
			this.#pollAtMs = this.#now + pollEveryMs;
			this.#writableDue = true;
		} else this.#fail();
		this.#host.openEnded(error);
	}

	/** The line was out of step: an announcement may have been lost. */
	checkSoon(): void {
		this.#pollAtMs = 0;
	}

	/** The module has lost the socket. */
	drop(): void {
		if (this.#phase === Phase.Gone) return;
		this.#fail();
		this.#phase = Phase.Gone;
	}

	/** Calls the owner's callbacks that are due. Only from the modem's turn. */
	deliver(): void {
		const { onWritable, onReadable, onError } = this.#options;
		if (this.#writableDue && !this.#closedByOwner) {
			this.#writableDue = false;
			if (this.#phase === Phase.Open) onWritable?.call(this, this.#room);
		}
		if (this.#readableDue && !this.#closedByOwner) {
			this.#readableDue = false;
			if (this.#received.length > 0) onReadable?.call(this, this.#received.length);
		}
		if (!this.#errorDue || this.#errorTold || this.#closedByOwner) return;
		if (this.#received.length > 0 && this.#now < this.#deadlineMs) return;
		this.#errorTold = true;
		this.#deadlineMs = Infinity;
		onError?.call(this);
	}

	/** What to tell the module now, or undefined. Only while the channel is free. */
	next(): Command | undefined {
		this.#checkDeadline();
		switch (this.#phase) {
			case Phase.Wanted:
				return this.#openCommand();
			case Phase.Open:
			case Phase.Ending:
				return this.#transferCommand();
			case Phase.Closing:
				return this.#closeCommand();
			default:
				return undefined;
		}
	}

	get #now(): number {
		return this.#host.clock.ticksMs();
	}

	get #room(): number {
		return socketBufferBytes - this.#unsent.length;
	}

	/** Ends the connection: what was received is still delivered, then onError. */
	#fail(): void {
		if (this.#phase === Phase.Closing || this.#phase === Phase.Gone) return;
		this.#phase = Phase.Closing;
		this.#errorDue = true;
		this.#unsent.clear();
		this.#deadlineMs = this.#now + lingerMs;
		this.#host.wake();
	}

	#checkDeadline(): void {
		if (this.#now < this.#deadlineMs) return;
		if (this.#phase === Phase.Opening) {
			this.#fail();
			this.#host.openEnded(-1);
		} else if (this.#phase === Phase.Ending || this.#phase === Phase.Open) this.#fail();
	}

	#openCommand(): Command {
		const { host, port } = this.#options;
		this.#phase = Phase.Opening;
		this.#deadlineMs = this.#now + this.#host.family.socketOpenTimeoutMs;
		return {
			text: this.#host.family.socketOpen(this.#id, host, port),
			timeoutMs: 10_000,
			done: (reply) => {
				if (reply.outcome === Outcome.Ok || this.#phase !== Phase.Opening) return;
				this.#fail();
				this.#host.openEnded(reply.errorCode);
			},
		};
	}

	/** Reads and sends in turn while both have something to do. */
	#transferCommand(): Command | undefined {
		const canRead =
			this.#waiting && !this.#closedByOwner && this.#received.length < socketBufferBytes;
		const canSend =
			this.#phase === Phase.Open &&
			this.#unsent.length > 0 &&
			this.#now >= this.#unsent.notBeforeMs;
		if (canRead && (this.#sentLast || !canSend)) {
			this.#sentLast = false;
			return this.#readCommand();
		}
		if (canSend) {
			this.#sentLast = true;
			return this.#sendCommand();
		}
		if (this.#closedByOwner && this.#unsent.length === 0) this.#phase = Phase.Closing;
		else if (this.#phase === Phase.Ending && !this.#waiting) this.#fail();
		else if (this.#now >= this.#pollAtMs && !this.#waiting) return this.#pollCommand();
		if (this.#phase === Phase.Closing) return this.#closeCommand();
		return undefined;
	}

	#readCommand(): Command {
		const { family } = this.#host;
		const byteLimit = Math.min(readByteLimit, socketBufferBytes - this.#received.length);
		// A report that comes while we read counts again.
		this.#waiting = false;
		return {
			text: family.socketRead(this.#id, byteLimit),
			timeoutMs: 3_000,
			answer: family.socketReadAnswer,
			rawByteLimit: byteLimit,
			done: (reply) => this.#readAnswered(reply),
		};
	}

	#readAnswered(reply: Reply): void {
		if (!this.open) return;
		if (reply.outcome !== Outcome.Ok) {
			this.#fail();
			return;
		}
		this.#pollAtMs = this.#now + pollEveryMs;
		if (reply.raw === undefined || this.#closedByOwner) return;
		this.#received.push(reply.raw);
		this.#readableDue = true;
		// The module reports once until its buffer was read empty: go on until it says 0.
		this.#waiting = true;
	}

	#pollCommand(): Command {
		const { family } = this.#host;
		this.#pollAtMs = this.#now + pollEveryMs;
		return {
			text: family.socketPoll(this.#id),
			timeoutMs: 3_000,
			answer: family.socketReadAnswer,
			done: (reply) => {
				if (reply.outcome === Outcome.Failed) this.#fail();
				else if (wholeNumber(reply.fields[family.socketPollField]) > 0) this.#waiting = true;
			},
		};
	}

	#sendCommand(): Command {
		const { family } = this.#host;
		const payload = this.#unsent.peek(family.sendByteLimit);
		return {
			text: family.socketSend(this.#id, payload.length),
			timeoutMs: 10_000,
			payload,
			done: (reply) => this.#sendAnswered(reply, payload.length),
		};
	}

	#sendAnswered({ outcome }: Reply, byteLength: number): void {
		// The peer may have closed meanwhile; what it said last is still fetched.
		if (this.#phase !== Phase.Open) return;
		let good = false;
		if (outcome === Outcome.Ok) {
			this.#unsent.taken(byteLength);
			this.#writableDue = true;
			good = true;
		} else if (outcome === Outcome.Refused) {
			this.#host.counters.sendRetries++;
			good = this.#unsent.refused(this.#now);
		} else if (outcome === Outcome.NoPrompt) good = this.#unsent.promptMissing();
		// All else: what the module did with the bytes is unknown.
		if (!good) this.#fail();
	}

	#closeCommand(): Command {
		return {
			text: this.#host.family.socketClose(this.#id),
			timeoutMs: this.#host.family.socketCloseTimeoutMs,
			done: (reply) => {
				if (this.#phase !== Phase.Closing) return;
				// An error means that the module does not know the socket: closed as well.
				if (reply.outcome === Outcome.Ok || reply.outcome === Outcome.Failed)
					this.#phase = Phase.Gone;
				else if (++this.#closeFailures >= closeTries) this.#host.stuck();
			},
		};
	}
}
