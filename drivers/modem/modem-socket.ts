import { Fault } from "core/fault";
import type { Socket, SocketOptions } from "core/io";
import { Outcome, type Command } from "modem/command";
import { isHostName } from "modem/host-name";
import { PlainOpening, type Opening, type OpeningHost } from "modem/opening";
import type { PinnedFile } from "modem/pinned-file";
import { SecureOpening } from "modem/secure-opening";
import type { SocketHost } from "modem/socket-host";
import { socketBufferBytes, Transfer, type TransferHost } from "modem/transfer";

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

/** How long unread data, an unsent rest or a full module may hold up the end. */
const lingerMs = 10_000;
const closeTries = 2;

/** TCP over the modem, with its TLS when asked for, in the words of core/io. Made by `new modem.Socket(options)`. */
export class ModemSocket implements Socket {
	readonly #host: SocketHost;
	readonly #options: SocketOptions;
	readonly #id: number;
	readonly #opening: Opening;
	readonly #transfer: Transfer;
	#phase: Phase = Phase.Wanted;
	#closeFailures = 0;
	/** When Ending, a failed socket with unread data, or a lingering close is given up. */
	#deadlineMs = Infinity;
	#closedByOwner = false;
	#readableDue = false;
	#writableDue = false;
	#errorDue = false;
	#errorTold = false;

	/** @throws Fault "io.options", or "io.tls" when TLS is asked for and the module has none */
	constructor(host: SocketHost, options: SocketOptions) {
		if (typeof options.host !== "string" || !isHostName(options.host))
			throw new Fault("io.options", 1);
		const { port, tls } = options;
		if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Fault("io.options", 2);
		if (tls !== undefined && host.pins === undefined) throw new Fault("io.tls");
		const files = tls === undefined ? undefined : host.pins!.filesOf(tls);
		this.#host = host;
		this.#options = { ...options };
		this.#id = host.attach(this);
		this.#opening = this.#makeOpening(files);
		this.#transfer = this.#makeTransfer();
		if (this.#id < 0) this.drop();
		host.wake();
	}

	/** See Socket. @throws Fault "io.closed" */
	read(byteLength = socketBufferBytes): Uint8Array | undefined {
		if (this.#closedByOwner) throw new Fault("io.closed");
		const bytes = this.#transfer.read(byteLength);
		if (bytes !== undefined) this.#host.wake();
		return bytes;
	}

	/** See Socket. @throws Fault "io.busy" (more than the room, or not open yet) or "io.closed" (over) */
	write(bytes: Uint8Array): number {
		const { room } = this.#transfer;
		if (this.#closedByOwner || this.#phase > Phase.Open) throw new Fault("io.closed");
		if (this.#phase < Phase.Open) throw new Fault("io.busy", bytes.length, 0);
		if (bytes.length > room) throw new Fault("io.busy", bytes.length, room);
		this.#transfer.write(bytes);
		this.#host.wake();
		return this.#transfer.room;
	}

	/** What was written and not yet sent is still sent, for at most 10 s. */
	close(): void {
		if (this.#closedByOwner) return;
		this.#closedByOwner = true;
		this.#transfer.ownerClosed();
		if (this.#phase === Phase.Wanted) this.#phase = Phase.Gone;
		else if (this.#phase === Phase.Open && this.#transfer.unsent > 0)
			this.#deadlineMs = this.#now + lingerMs;
		else if (this.#phase !== Phase.Gone) this.#startClosing();
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
		if (this.#phase === Phase.Opening) return this.#opening.deadlineMs;
		return Math.min(this.#deadlineMs, this.#transfer.dueMs);
	}

	/** The module has data. */
	dataReported(): void {
		this.#transfer.dataReported();
	}

	/** The peer has closed: its last data first. */
	closeReported(): void {
		if (this.#phase === Phase.Opening) this.#opening.closed();
		if (this.#phase !== Phase.Open) return;
		this.#phase = Phase.Ending;
		this.#transfer.peerClosed();
		this.#deadlineMs = this.#now + lingerMs;
	}

	/** Outcome of an open. @param secure of a TLS socket @param error 0 for success */
	openReported(secure: boolean, error: number): void {
		if (this.#phase === Phase.Opening) this.#opening.reported(secure, error);
	}

	/** The line was out of step: an announcement may have been lost. */
	checkSoon(): void {
		this.#transfer.checkSoon();
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
			if (this.#phase === Phase.Open) onWritable?.call(this, this.#transfer.room);
		}
		if (this.#readableDue && !this.#closedByOwner) {
			this.#readableDue = false;
			const { readable } = this.#transfer;
			if (readable > 0) onReadable?.call(this, readable);
		}
		if (!this.#errorDue || this.#errorTold || this.#closedByOwner) return;
		if (this.#transfer.readable > 0 && this.#now < this.#deadlineMs) return;
		this.#errorTold = true;
		this.#deadlineMs = Infinity;
		onError?.call(this);
	}

	/** What to tell the module now, or undefined. Only while the channel is free. */
	next(): Command | undefined {
		this.#checkDeadline();
		switch (this.#phase) {
			case Phase.Wanted:
				this.#phase = Phase.Opening;
				return this.#opening.next();
			case Phase.Opening:
				return this.#opening.next();
			case Phase.Open:
			case Phase.Ending:
				return this.#transfer.next() ?? this.#idleCommand();
			case Phase.Closing:
				return this.#closeCommand();
			default:
				return undefined;
		}
	}

	get #now(): number {
		return this.#host.clock.ticksMs();
	}

	#makeOpening(files: readonly PinnedFile[] | undefined): Opening {
		const { family, clock, pins } = this.#host;
		const { host, port, tls } = this.#options;
		const own: OpeningHost = {
			id: this.#id,
			host,
			port,
			nowMs: () => clock.ticksMs(),
			opened: () => {
				this.#phase = Phase.Open;
				this.#transfer.start();
				this.#writableDue = true;
				this.#host.openEnded(0);
			},
			failed: (error) => {
				this.#fail();
				this.#host.openEnded(error);
			},
			unproved: () => {
				this.#fail();
				this.#host.openEnded(0);
			},
		};
		if (tls === undefined || files === undefined || pins === undefined)
			return new PlainOpening(family.tcp, own);
		return new SecureOpening(own, {
			tls,
			files,
			store: pins,
			probe: family.tcp,
			timeKnown: () => this.#host.timeKnown(),
		});
	}

	#makeTransfer(): Transfer {
		const { family, clock, counters } = this.#host;
		const own: TransferHost = {
			id: this.#id,
			family,
			clock,
			counters,
			received: () => {
				this.#readableDue = true;
			},
			sent: () => {
				this.#writableDue = true;
			},
			failed: () => this.#fail(),
		};
		return new Transfer(own, this.#opening.commands);
	}

	/** Ends the connection: what was received is still delivered, then onError. */
	#fail(): void {
		if (this.#phase === Phase.Closing || this.#phase === Phase.Gone) return;
		this.#startClosing();
		this.#errorDue = true;
		this.#deadlineMs = this.#now + lingerMs;
		this.#host.wake();
	}

	#startClosing(): void {
		if (this.#phase === Phase.Opening) this.#opening.abandoned();
		this.#phase = Phase.Closing;
		this.#transfer.stop();
	}

	#checkDeadline(): void {
		if (this.#phase === Phase.Opening) {
			if (this.#now >= this.#opening.deadlineMs) this.#opening.late();
		} else if (this.open && this.#now >= this.#deadlineMs) this.#fail();
	}

	/** Nothing goes in or out: is it over, or is there something to ask? */
	#idleCommand(): Command | undefined {
		if (this.#closedByOwner && this.#transfer.unsent === 0) this.#startClosing();
		else if (this.#phase === Phase.Ending && !this.#transfer.waiting) this.#fail();
		else return this.#transfer.poll();
		return this.#closeCommand();
	}

	#closeCommand(): Command {
		const { commands } = this.#opening;
		return {
			text: commands.close(this.#id),
			timeoutMs: commands.closeTimeoutMs,
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
