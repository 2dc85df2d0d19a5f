import type { Clock, TimerId, Timers } from "core/clock";
import type { Printer, PrinterStatus, PrintLine, PrintOutcome } from "core/devices";
import { Fault } from "core/fault";
import type { Serial, SerialPort } from "core/io";
import { LogCode, type Log } from "core/log";
import { SerialWriter } from "core/serial-writer";
import { recoverAndClear, statusRequest } from "printer/escpos";
import { PrintJob } from "printer/job";
import { StatusPoll } from "printer/poll";
import {
	absent,
	rawFromAsb,
	sameStatus,
	statusBits,
	statusOf,
	StatusReader,
	type PrinterEvent,
	type RawStatus,
} from "printer/status";

export interface PrinterOptions {
	readonly port: SerialPort;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly log: Log;
	/** The status has changed; called from a later turn only. */
	readonly onStatus: (status: PrinterStatus) => void;
}

/** Deadlines, ms. */
const startMs = 1_500;
const goneMs = 3_000;
const progressMs = 20_000;
const judgeMs = 250;
/** Bytes that may wait for the port: one piece of a slip and a few status requests. */
const writerLimit = 2_048;

interface Current {
	readonly job: PrintJob;
	readonly done: (outcome: PrintOutcome) => void;
	/** The printer has just said that it can print. */
	checked: boolean;
	/** Last time that the printer proved something, or that the paper was its excuse. */
	movedMs: number;
}

/**
 * An ESC/POS printer on a UART. A slip begins only after a fresh look at the status; it is printed when the printer has sent
 * back the process IDs in it. Paper out keeps the slip waiting without a limit, for the printer keeps its
 * buffer; a printer that is gone for 3 s, or proves nothing for 20 s with paper in, ends it as uncertain.
 */
export class EscPosPrinter implements Printer {
	readonly #clock: Clock;
	readonly #timers: Timers;
	readonly #log: Log;
	readonly #onStatus: (status: PrinterStatus) => void;
	readonly #reader = new StatusReader();
	readonly #writer = new SerialWriter(writerLimit);
	readonly #poll: StatusPoll;
	#serial: Serial | undefined;
	#closed = false;
	#status = absent;
	/** XOFF was the last word. */
	#paused = false;
	/** A slip may stand half printed before the cutter. */
	#torn = false;
	#current: Current | undefined;
	#timer: TimerId | undefined;

	/**
	 * Opens the port and looks for the printer.
	 * @throws Fault "io.options" when the port cannot be meant; then nothing is opened
	 */
	constructor(options: PrinterOptions) {
		const { port, clock, timers, log, onStatus } = options;
		if (typeof port.io !== "function" || !(port.baud > 0)) throw new Fault("io.options");
		this.#clock = clock;
		this.#timers = timers;
		this.#log = log;
		this.#onStatus = onStatus;
		this.#serial = new port.io({
			...port,
			onReadable: () => this.#onReadable(),
			onWritable: (count) => this.#onWritable(count),
			onError: () => this.#onError(),
		});
		this.#poll = new StatusPoll({
			clock,
			timers,
			ask: (kind) => this.#send(statusRequest(kind)),
			onRound: (raw) => this.#onRound(raw),
			onMissed: () => this.#onMissed(),
		});
	}

	get status(): PrinterStatus {
		return this.#status;
	}

	/** Bytes from the printer that mean nothing, since the start. */
	get noiseBytes(): number {
		return this.#reader.noiseBytes;
	}

	/** @throws Fault "io.busy" while a slip is being printed, "io.closed" after `close` */
	print(lines: readonly PrintLine[], done: (outcome: PrintOutcome) => void): void {
		if (this.#closed) throw new Fault("io.closed");
		if (this.#current !== undefined) throw new Fault("io.busy");
		const nowMs = this.#clock.ticksMs();
		const idSeed = Math.floor((this.#clock.wallMs() ?? nowMs) / 10);
		const job = new PrintJob(lines, idSeed, this.#torn);
		this.#current = { job, done, checked: false, movedMs: nowMs };
		if (this.#serial !== undefined) this.#poll.begin(true);
		this.#judgeIn(this.#serial === undefined ? 0 : startMs);
	}

	/** Gives the port back; no callback comes any more. Twice is fine. */
	close(): void {
		this.#closed = true;
		this.#current = undefined;
		this.#release();
	}

	#release(): void {
		this.#poll.close();
		this.#stopTimer();
		this.#writer.clear();
		this.#serial?.close();
		this.#serial = undefined;
	}

	#onError(): void {
		this.#release();
		this.#setStatus(absent);
		if (this.#current !== undefined) this.#judgeIn(0);
	}

	#onWritable(count: number): void {
		if (this.#serial === undefined) return;
		this.#writer.writable(this.#serial, count);
		this.#pump();
	}

	#onReadable(): void {
		const bytes = this.#serial?.read();
		if (bytes === undefined) return;
		for (const event of this.#reader.push(bytes)) if (this.#serial !== undefined) this.#on(event);
	}

	#on(event: PrinterEvent): void {
		switch (event.kind) {
			case "status":
				this.#poll.answer(event.byte);
				return;
			case "asb":
				this.#poll.heard();
				// Before the first round it is not known whether the rest of the printer agrees.
				if (this.#status.present) this.#setStatus(statusOf(rawFromAsb(event.bytes)));
				return;
			case "process-id":
				this.#poll.heard();
				this.#onProcessId(event.id);
				return;
			case "xon":
			case "xoff":
				this.#paused = event.kind === "xoff";
				this.#pump();
		}
	}

	#onProcessId(id: Uint8Array): void {
		const current = this.#current;
		if (current?.job.answer(id) !== true) return;
		current.movedMs = this.#clock.ticksMs();
		if (!current.job.proved) {
			this.#pump();
			return;
		}
		// The cut goes out even after an XOFF.
		for (let rest = current.job.take(); rest !== undefined; rest = current.job.take())
			this.#send(rest);
		this.#finish("printed");
	}

	#onRound(raw: RawStatus): void {
		const status = statusOf(raw);
		const current = this.#current;
		if (current !== undefined && !current.checked) {
			current.checked = status.ready;
			current.movedMs = this.#clock.ticksMs();
			this.#paused = false;
			this.#judgeIn(status.ready ? judgeMs : 0);
		}
		this.#setStatus(status);
		this.#pump();
	}

	#onMissed(): void {
		this.#reader.reset();
		if (this.#poll.silentMs >= goneMs) this.#setStatus(absent);
	}

	#setStatus(status: PrinterStatus): void {
		if (sameStatus(status, this.#status)) return;
		this.#status = status;
		this.#log.event(LogCode.PrinterStatus, statusBits(status));
		this.#onStatus(status);
	}

	/** Hands over the next pieces as far as the port and the printer take them. */
	#pump(): void {
		const current = this.#current;
		if (current === undefined || !current.checked) return;
		while (this.#serial !== undefined && this.#writer.pending === 0 && !this.#paused) {
			const piece = current.job.take();
			if (piece === undefined) return;
			this.#writer.push(this.#serial, piece);
		}
	}

	/** Looks at the slip again and again until it has an end; the one place where it ends without proof. */
	#judge(): void {
		const current = this.#current;
		if (current === undefined) return;
		const nowMs = this.#clock.ticksMs();
		if (!current.checked) this.#finish("not-started");
		else if (this.#serial === undefined || this.#poll.silentMs >= goneMs)
			this.#finish(current.job.begun ? "uncertain" : "not-started");
		else {
			// Whoever refills the paper may take a day: the printer keeps what it has.
			if (this.#status.paperOut || this.#status.coverOpen) current.movedMs = nowMs;
			if (nowMs - current.movedMs >= progressMs) this.#finish("uncertain");
			else this.#judgeIn(judgeMs);
		}
	}

	/** The last thing in a turn: the owner may print again from inside `done`. */
	#finish(outcome: PrintOutcome): void {
		const current = this.#current;
		this.#current = undefined;
		this.#stopTimer();
		this.#poll.relax();
		if (outcome === "printed") this.#torn = false;
		else if (outcome === "uncertain") {
			this.#torn = true;
			this.#writer.clear();
			this.#send(recoverAndClear());
		}
		current?.done(outcome);
	}

	/** Never throws: a full queue means that the port is stuck, and a deadline tells. */
	#send(bytes: Uint8Array): void {
		const serial = this.#serial;
		if (serial !== undefined && this.#writer.pending + bytes.length <= writerLimit)
			this.#writer.push(serial, bytes);
	}

	#judgeIn(delayMs: number): void {
		this.#stopTimer();
		this.#timer = this.#timers.set(() => {
			this.#timer = undefined;
			this.#judge();
		}, delayMs);
	}

	#stopTimer(): void {
		if (this.#timer !== undefined) this.#timers.clear(this.#timer);
		this.#timer = undefined;
	}
}
