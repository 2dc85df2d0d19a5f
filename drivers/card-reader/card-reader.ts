import { EntryMode } from "core/card";
import type { Clock, TimerId, Timers } from "core/clock";
import type { CardOutcome, CardReader, CardRequest, ChipOutcome, HostAnswer } from "core/devices";
import { Fault } from "core/fault";
import type { Serial, SerialPort } from "core/io";
import { LogCode, type Log } from "core/log";
import { SerialWriter } from "core/serial-writer";
import { activationData } from "card-reader/activation";
import { ksnIn } from "card-reader/card-data";
import { carriesClearData } from "card-reader/clear-data";
import { chipOutcomeOf, completionData } from "card-reader/completion";
import { outcomeOf } from "card-reader/outcome";
import { FrameReceiver } from "card-reader/receiver";
import {
	Command,
	commandFrame,
	contactAnswer,
	displayRequest,
	Status,
	type ReaderFrame,
} from "card-reader/vivotech";

export interface ReaderOptions {
	readonly port: SerialPort;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly log: Log;
}

/** Deadlines and pauses, ms. */
const answerMs = 500;
/** Between the card's arrival, at the last moment, and the answer: a chip takes a few seconds. */
const cardMarginMs = 5_000;
const pingEveryMs = 30_000;
const pingSilentMs = 5_000;
/** A chip that is told the host's answer gives its own within a second or two; scripts take longer. */
const completionMs = 10_000;
/** While a chip waits for the host the reader takes nothing but the answer and a cancel. */
const hostWaitMs = 120_000;
const sendsMax = 2;
const timeoutSecondsMax = 255;

/** `a` of LogCode.ReaderFault. */
const ReaderEvent = Object.freeze({
	Answers: 0,
	Silent: 1,
	Noise: 2,
	PortGone: 3,
	Stray: 4,
} as const);

/**
 * idle       nothing asked; a ping is due later
 * ping       18-01 sent to see whether the reader is there
 * preflight  a card is wanted; 18-01 (or 05-01, 03-40) sent before 02-40, which itself is answered only by a card
 * waiting    02-40 sent
 * recovering 03-40 sent while waiting: noise came that may have been the card, or the deadline is over
 * cancelling 05-01 sent while waiting
 * completing 60-12 sent to a chip; never sent twice, for a card gives its last word once
 */
type Phase = "idle" | "ping" | "preflight" | "waiting" | "recovering" | "cancelling" | "completing";

const nothing: ChipOutcome = Object.freeze({
	kind: "failed",
	cryptogram: new Uint8Array(0),
	scriptResults: new Uint8Array(0),
});

interface Job {
	readonly request: CardRequest;
	readonly done: (outcome: CardOutcome) => void;
	cancelled: boolean;
}

/**
 * An ID TECH reader on a UART (ViVOtech2 protocol, see card-reader/vivotech) that encrypts what it reads. An answer
 * with card data in clear is dropped, wiped and told as "clear-data". In each phase but idle runs exactly
 * one deadline; `done` comes from a timer or from the port, never from inside a method.
 */
export class ViVOtechReader implements CardReader {
	readonly #timers: Timers;
	readonly #clock: Clock;
	readonly #log: Log;
	readonly #receiver: FrameReceiver;
	readonly #writer = new SerialWriter(512);
	#serial: Serial | undefined;
	#closed = false;
	#phase: Phase = "idle";
	#ready = false;
	#job: Job | undefined;
	#awaitsHost = false;
	#completed: ((outcome: ChipOutcome) => void) | undefined;
	/** What was sent last, for the second try, and how often. */
	#asked: Command = Command.Ping;
	#sends = 0;
	/** An earlier activation may still be on in the reader: it is cancelled before the next. */
	#stale = true;
	/**
	 * KSN of the card that 03-40 gave before this activation, "" for none, undefined while unknown. Were our 02-40
	 * lost, 03-40 would still give that card, and the one of an earlier sale must never pay for this one.
	 */
	#earlierKsn: string | undefined;
	/** Until then the answer to 02-40 must be there. */
	#cardDeadlineMs = 0;
	#timer: TimerId | undefined;
	/** Noise is told once, then again only after a good frame. */
	#noiseTold = false;

	/**
	 * Opens the port and asks the reader whether it is there.
	 * @throws Fault "io.options" when the port cannot be meant; then nothing is opened
	 */
	constructor(options: ReaderOptions) {
		const { port, clock, timers, log } = options;
		if (typeof port.io !== "function" || !(port.baud > 0)) throw new Fault("io.options");
		this.#clock = clock;
		this.#timers = timers;
		this.#log = log;
		this.#receiver = new FrameReceiver({
			clock,
			timers,
			onFrame: (frame) => this.#onFrame(frame),
			onNoise: () => this.#onNoise(),
		});
		this.#serial = new port.io({
			...port,
			onReadable: () => this.#onReadable(),
			onWritable: (count) => this.#onWritable(count),
			onError: () => this.#onError(),
		});
		this.#rest(0);
	}

	get ready(): boolean {
		return this.#ready;
	}

	/** Bytes from the reader that were no frame, since the start. */
	get noiseBytes(): number {
		return this.#receiver.droppedBytes;
	}

	/** @throws Fault "io.busy" while a card is awaited, "io.closed" after `close` */
	activate(request: CardRequest, done: (outcome: CardOutcome) => void): void {
		if (this.#closed) throw new Fault("io.closed");
		if (this.#job !== undefined || this.#completed !== undefined) throw new Fault("io.busy");
		this.#job = { request, done, cancelled: false };
		this.#awaitsHost = false;
		const known = this.#earlierKsn === undefined ? Command.GetResult : Command.Ping;
		this.#ask("preflight", this.#stale ? Command.Cancel : known);
	}

	cancel(): void {
		const job = this.#job;
		if (job === undefined || job.cancelled) return;
		job.cancelled = true;
		// In preflight the answer, or its absence, ends the wait.
		if (this.#phase === "waiting" || this.#phase === "recovering")
			this.#ask("cancelling", Command.Cancel);
	}

	get awaitsHost(): boolean {
		return this.#awaitsHost;
	}

	complete(answer: HostAnswer, done: (outcome: ChipOutcome) => void): void {
		if (this.#closed) throw new Fault("io.closed");
		if (!this.#awaitsHost) throw new Fault("io.busy");
		this.#awaitsHost = false;
		this.#completed = done;
		this.#phase = "completing";
		this.#send(commandFrame(Command.ApplyHostResponse, completionData(answer)));
		this.#startTimer(() => this.#complete(nothing), completionMs);
	}

	/** Gives the port back; no callback comes any more. Twice is fine. */
	close(): void {
		this.#closed = true;
		this.#job = undefined;
		this.#awaitsHost = false;
		this.#completed = undefined;
		this.#ready = false;
		this.#release();
	}

	#release(): void {
		this.#stopTimer();
		this.#receiver.close();
		this.#writer.clear();
		this.#serial?.close();
		this.#serial = undefined;
	}

	/** Port gone: `close` happens when the owner wants; the waiting sale is told now. */
	#onError(): void {
		this.#release();
		this.#log.event(LogCode.ReaderFault, ReaderEvent.PortGone);
		this.#ready = false;
		// A chip that was in it still waits, in vain: it is told so when it is asked.
		this.#phase = "idle";
		if (this.#completed !== undefined) this.#complete(nothing);
		else this.#finish({ kind: "failed", reason: "no-reader" });
	}

	#onWritable(count: number): void {
		if (this.#serial !== undefined) this.#writer.writable(this.#serial, count);
	}

	#onReadable(): void {
		const bytes = this.#serial?.read();
		if (bytes !== undefined) this.#receiver.receive(bytes);
	}

	/** While a card is awaited the noise may have been its answer. */
	#onNoise(): void {
		const { droppedBytes } = this.#receiver;
		if (!this.#noiseTold) this.#log.event(LogCode.ReaderFault, ReaderEvent.Noise, droppedBytes);
		this.#noiseTold = true;
		if (this.#phase === "waiting") this.#ask("recovering", Command.GetResult);
	}

	#onFrame(frame: ReaderFrame): void {
		this.#noiseTold = false;
		if (frame.command === displayRequest || isUnderWay(frame)) return;
		if (carriesClearData(frame.data)) {
			this.#log.event(LogCode.ReaderClearData, frame.command);
			if (this.#phase === "completing") this.#complete(nothing);
			else if (this.#isCardAnswer(frame)) this.#end({ kind: "failed", reason: "clear-data" });
			else if (this.#isAwaited(frame)) this.#onAnswer(frame);
			return;
		}
		if (this.#phase === "completing" && frame.command === contactAnswer)
			this.#complete(chipOutcomeOf(frame));
		else if (this.#isCardAnswer(frame)) this.#onCardAnswer(frame);
		else if (this.#isAwaited(frame)) this.#onAnswer(frame);
		else this.#log.event(LogCode.ReaderFault, ReaderEvent.Stray, frame.command);
	}

	#isCardAnswer({ command, status, data }: ReaderFrame): boolean {
		const phase = this.#phase;
		if (command === Command.GetResult >> 8)
			return phase === "recovering" && status === Status.Ok && ksnIn(data) !== this.#earlierKsn;
		const awaited = phase === "waiting" || phase === "recovering" || phase === "cancelling";
		return awaited && (command === Command.Activate >> 8 || command === contactAnswer);
	}

	/** Any status will do: the reader is there, and a cancel has ended what was to be ended. */
	#isAwaited(frame: ReaderFrame): boolean {
		const phase = this.#phase;
		const asking = phase !== "idle" && phase !== "waiting" && phase !== "completing";
		return asking && frame.command === this.#asked >> 8;
	}

	#onAnswer(frame: ReaderFrame): void {
		this.#setReady(true);
		const job = this.#job;
		if (this.#asked === Command.Cancel) this.#stale = false;
		if (this.#phase === "ping" || job === undefined) this.#rest(pingEveryMs);
		else if (this.#phase === "recovering") this.#goOnWaiting({ kind: "timeout" });
		else if (job.cancelled) this.#end({ kind: "cancelled" });
		else {
			if (this.#asked === Command.GetResult) this.#earlierKsn = ksnIn(frame.data);
			if (this.#earlierKsn === undefined) this.#ask("preflight", Command.GetResult);
			else this.#wait(job.request);
		}
	}

	#wait(request: CardRequest): void {
		const seconds = Math.min(Math.max(Math.ceil(request.timeoutMs / 1000), 1), timeoutSecondsMax);
		this.#stale = true;
		this.#receiver.forgetNoise();
		this.#send(commandFrame(Command.Activate, activationData(request, seconds)));
		this.#cardDeadlineMs = this.#clock.ticksMs() + seconds * 1000 + cardMarginMs;
		this.#goOnWaiting({ kind: "timeout" });
	}

	/** @param late what it comes to when the deadline is over */
	#goOnWaiting(late: CardOutcome): void {
		const leftMs = this.#cardDeadlineMs - this.#clock.ticksMs();
		if (leftMs <= 0) {
			// Nothing may be on in the reader any more; its answer is not waited for.
			this.#send(commandFrame(Command.Cancel, new Uint8Array(0)));
			this.#end(late);
			return;
		}
		this.#phase = "waiting";
		this.#startTimer(() => this.#ask("recovering", Command.GetResult), leftMs);
	}

	#onCardAnswer(frame: ReaderFrame): void {
		this.#stale = false;
		this.#setReady(true);
		const job = this.#job;
		if (job === undefined) return;
		const outcome = outcomeOf(frame, job.request.amountMinor, job.cancelled);
		if (outcome.kind === "failed" && outcome.reason === "clear-data")
			this.#log.event(LogCode.ReaderClearData, frame.command);
		// A chip stays with the reader until it is told what the host said, or is cancelled before the next activation.
		this.#awaitsHost = outcome.kind === "card" && outcome.card.entryMode === EntryMode.Chip;
		if (this.#awaitsHost) this.#stale = true;
		this.#end(outcome, outcome.kind === "card" ? ksnIn(frame.data) : undefined);
	}

	/** The chip's last word, or the lack of one; 05-01 ends what may still be on before the next activation. */
	#complete(outcome: ChipOutcome): void {
		const done = this.#completed;
		this.#completed = undefined;
		this.#stale = outcome.kind === "failed";
		if (this.#serial !== undefined) this.#rest(this.#ready ? pingEveryMs : pingSilentMs);
		done?.(outcome);
	}

	/** Sends a command that is answered at once, at most twice. */
	#ask(phase: Exclude<Phase, "idle" | "waiting" | "completing">, command: Command): void {
		this.#phase = phase;
		this.#asked = command;
		this.#sends = 0;
		this.#sendAsked();
	}

	#sendAsked(): void {
		this.#sends++;
		this.#send(commandFrame(this.#asked, new Uint8Array(0)));
		this.#startTimer(() => this.#onDeadline(), answerMs);
	}

	#onDeadline(): void {
		if (this.#sends < sendsMax) {
			this.#sendAsked();
			return;
		}
		// What waits for a silent reader has waited too long.
		this.#writer.clear();
		const silent: CardOutcome = { kind: "failed", reason: "no-reader" };
		// A reader need not answer 03-40 while it awaits a card.
		const late = this.#clock.ticksMs() >= this.#cardDeadlineMs;
		const recovering = this.#phase === "recovering";
		if (!recovering || late) this.#setReady(false);
		if (recovering) this.#goOnWaiting(silent);
		else this.#end(this.#job?.cancelled === true ? { kind: "cancelled" } : silent);
	}

	/**
	 * Ends whatever was on and goes to rest; tells the sale, if one waits.
	 * @param ksn of the card that 03-40 will give from now on, undefined when that is not known
	 */
	#end(outcome: CardOutcome, ksn?: string): void {
		this.#earlierKsn = ksn;
		this.#rest(this.#awaitsHost ? hostWaitMs : this.#ready ? pingEveryMs : pingSilentMs);
		this.#finish(outcome);
	}

	/** The last thing in a turn: the owner may activate again from inside `done`. */
	#finish(outcome: CardOutcome): void {
		const job = this.#job;
		this.#job = undefined;
		job?.done(outcome);
	}

	#rest(pauseMs: number): void {
		this.#phase = "idle";
		this.#startTimer(() => this.#ask("ping", Command.Ping), pauseMs);
	}

	#setReady(ready: boolean): void {
		if (ready === this.#ready) return;
		this.#ready = ready;
		this.#log.event(LogCode.ReaderFault, ready ? ReaderEvent.Answers : ReaderEvent.Silent);
	}

	/** Never throws: a full queue means that the port is stuck, and the deadline tells. */
	#send(bytes: Uint8Array): void {
		const serial = this.#serial;
		if (serial !== undefined && this.#writer.pending + bytes.length <= 512)
			this.#writer.push(serial, bytes);
	}

	#startTimer(action: () => void, delayMs: number): void {
		this.#stopTimer();
		this.#timer = this.#timers.set(() => {
			this.#timer = undefined;
			action();
		}, delayMs);
	}

	#stopTimer(): void {
		if (this.#timer !== undefined) this.#timers.clear(this.#timer);
		this.#timer = undefined;
	}
}

/** "It is being done": the answer itself follows. */
function isUnderWay({ command, status }: ReaderFrame): boolean {
	return command === contactAnswer && status === Status.UnderWay;
}
