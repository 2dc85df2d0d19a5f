import { asciiBytes } from "core/bytes";
import type { TimerId } from "core/clock";
import { EquipmentError, equipmentError, fieldsOf, wholeNumber } from "modem/at-fields";
import { AtParser, type AtSink } from "modem/at-parser";
import type { ChannelEvents, ChannelOptions } from "modem/channel-options";
import { Outcome, type Command } from "modem/command";
import type { CounterBoard } from "modem/counters";
import type { ModemFamily } from "modem/family";
import { endsCommand, finalOf } from "modem/finals";
import { LineSync, quietMs } from "modem/line-sync";

const Phase = Object.freeze({ Free: 0, Busy: 1, Syncing: 2, Silent: 3, Closed: 4 } as const);
type Phase = (typeof Phase)[keyof typeof Phase];

const promptTimeoutMs = 3_000;

/** One command in flight on the line of a modem. After one that went wrong the line is synchronised first. */
export class AtChannel implements AtSink {
	readonly #options: ChannelOptions;
	readonly #family: ModemFamily;
	readonly #events: ChannelEvents;
	readonly #counters: CounterBoard;
	readonly #parser: AtParser;
	readonly #sync: LineSync;
	#phase: Phase = Phase.Silent;
	#timer: TimerId | undefined;
	#command: Command | undefined;
	#fields: string[] | undefined;
	#raw: Uint8Array | undefined;
	#payloadSent = false;
	/** A prompt was not in time, but may still come: ">" or a line. */
	#promptOwed = false;
	#owedLine: string | undefined;
	/** What comes may be the rest of a lost block: nothing in it is believed. */
	#deaf = false;

	constructor(options: ChannelOptions) {
		this.#options = options;
		this.#family = options.family;
		this.#events = options.events;
		this.#counters = options.counters;
		this.#parser = new AtParser(this, Uint8Array.from(options.family.rawTail));
		this.#sync = new LineSync({
			...options,
			say: (text) => this.#call(text),
			settled: () => this.#settled(),
			inStep: () => this.#inStep(),
			silent: () => this.#silent(),
		});
	}

	/** A command may be run. A silent module can still be told to restart. */
	get free(): boolean {
		return this.#phase === Phase.Free || this.#phase === Phase.Silent;
	}

	/** Sends a command. Only while `free`; otherwise it is dropped (a bug of ours, but no crash). */
	run(command: Command): void {
		if (!this.free) {
			command.done({ outcome: Outcome.Dropped, errorCode: -1, fields: [], raw: undefined });
			return;
		}
		this.#phase = Phase.Busy;
		this.#command = command;
		this.#fields = undefined;
		this.#raw = undefined;
		this.#payloadSent = false;
		this.#promptOwed = false;
		this.#owedLine = undefined;
		this.#parser.expectPrompt(command.payload !== undefined && command.promptLine === undefined);
		if (command.payload !== undefined) {
			this.#after(promptTimeoutMs, () => this.#commandLate(Outcome.NoPrompt));
		} else this.#after(command.timeoutMs, () => this.#commandLate(Outcome.Timeout));
		this.#say(command.text);
	}

	/**
	 * Drops the command in flight and calls the module until it answers.
	 * @param forMs how long; then `silent` is reported
	 */
	synchronize(forMs: number): void {
		if (this.#phase === Phase.Closed) return;
		this.#deaf = false;
		this.#promptOwed = false;
		this.#owedLine = undefined;
		this.#parser.reset();
		this.#options.writer.clear();
		const dropped = this.#takeCommand();
		this.#phase = Phase.Syncing;
		this.#clearTimer();
		this.#sync.call(forMs);
		dropped?.done({ outcome: Outcome.Dropped, errorCode: -1, fields: [], raw: undefined });
	}

	/** Bytes from the line. Never throws. */
	receive(bytes: Uint8Array): void {
		this.#counters.bytesIn += bytes.length;
		this.#sync.heard();
		this.#parser.feed(bytes);
	}

	/** No callback comes any more. */
	close(): void {
		this.#phase = Phase.Closed;
		this.#command = undefined;
		this.#clearTimer();
		this.#sync.stop();
	}

	/** AtSink. @returns raw bytes that follow */
	line(text: string): number {
		if (this.#phase === Phase.Closed || this.#deaf) return 0;
		const command = this.#command;
		if (text === (command?.promptLine ?? this.#owedLine)) {
			this.prompt();
			return 0;
		}
		if (text === (command === undefined ? this.#sync.said : command.text)) {
			this.#events.echoed();
			return 0;
		}
		if (command !== undefined) {
			const rawLength = this.#answerOf(command, text);
			if (rawLength >= 0) return rawLength;
		}
		if (this.#sync.line(text) || this.#events.unsolicited(text)) return 0;
		const outcome = finalOf(text, this.#family);
		if (outcome !== undefined) this.#final(outcome, text);
		else {
			this.#counters.noise++;
			this.#events.noise();
		}
		return 0;
	}

	/** AtSink. */
	prompt(): void {
		const command = this.#command;
		if (command === undefined && this.#promptOwed) this.#recover(this.#promptEndMs);
		if (command?.payload === undefined || this.#payloadSent) return;
		this.#payloadSent = true;
		this.#after(command.timeoutMs, () => this.#commandLate(Outcome.Timeout));
		this.#write(command.payload);
	}

	/** AtSink. */
	raw(bytes: Uint8Array): void {
		this.#raw = bytes;
	}

	/** AtSink. */
	broken(): void {
		if (this.#command !== undefined) this.#commandBroken();
	}

	/** AtSink. */
	overlong(): void {
		this.#counters.overlongLines++;
		this.#events.noise();
	}

	/** @returns raw bytes that follow, or -1 when the line does not answer the command */
	#answerOf(command: Command, text: string): number {
		if (command.answer === undefined || !text.startsWith(command.answer)) return -1;
		const fields = fieldsOf(text, command.answer.length);
		if (command.fits !== undefined && !command.fits(fields)) return -1;
		if (this.#fields !== undefined) return 0;
		this.#fields = fields;
		if (command.rawByteLimit === undefined) return 0;
		const length = fields.length === 1 ? wholeNumber(fields[0]) : -1;
		if (length >= 0 && length <= command.rawByteLimit) return length;
		this.#commandBroken();
		return 0;
	}

	#final(outcome: Outcome, text: string): void {
		const command = this.#command;
		if (command === undefined) this.#sync.final(text === "OK");
		else if (this.#isFinalOf(command, outcome, text)) {
			let errorCode: number = EquipmentError.Unknown;
			if (outcome === Outcome.Failed) errorCode = equipmentError(text.slice(11));
			this.#phase = Phase.Free;
			this.#clearTimer();
			this.#parser.expectPrompt(false);
			this.#finish(outcome, errorCode);
		} else this.#counters.strayFinals++;
	}

	#isFinalOf(command: Command, outcome: Outcome, text: string): boolean {
		const progress = { payloadSent: this.#payloadSent, answered: this.#fields !== undefined };
		return endsCommand(command, outcome, text, progress, this.#family);
	}

	#commandLate(outcome: Outcome): void {
		if (outcome === Outcome.NoPrompt) this.#counters.missingPrompts++;
		else this.#counters.timeouts++;
		const waitMs = outcome === Outcome.NoPrompt ? this.#promptEndMs : quietMs;
		this.#promptOwed = outcome === Outcome.NoPrompt;
		this.#owedLine = this.#promptOwed ? this.#command?.promptLine : undefined;
		this.#deaf = this.#command?.rawByteLimit !== undefined;
		this.#recover(waitMs);
		this.#finish(outcome, -1);
	}

	/** A module that did prompt takes whatever is said next for payload, until it gives up. */
	get #promptEndMs(): number {
		return this.#family.promptInputTimeoutMs + 1_000;
	}

	#commandBroken(): void {
		this.#counters.brokenReads++;
		this.#deaf = true;
		this.#recover(quietMs);
		this.#finish(Outcome.Broken, -1);
	}

	#recover(waitMs: number): void {
		this.#parser.reset();
		this.#parser.expectPrompt(this.#promptOwed);
		this.#phase = Phase.Syncing;
		this.#clearTimer();
		this.#sync.settle(waitMs);
	}

	#settled(): void {
		this.#deaf = false;
		this.#parser.reset();
		this.#parser.expectPrompt(this.#promptOwed);
		this.#options.writer.clear();
	}

	#inStep(): void {
		this.#phase = Phase.Free;
		this.#promptOwed = false;
		this.#owedLine = undefined;
		this.#parser.expectPrompt(false);
		this.#events.synchronized();
	}

	#silent(): void {
		this.#phase = Phase.Silent;
		this.#events.silent();
	}

	#finish(outcome: Outcome, errorCode: number): void {
		const reply = { outcome, errorCode, fields: this.#fields ?? [], raw: this.#raw };
		this.#takeCommand()?.done(reply);
	}

	#takeCommand(): Command | undefined {
		const command = this.#command;
		this.#command = undefined;
		return command;
	}

	/** A port that does not take our bytes is not given more of them. */
	#call(text: string): void {
		if (this.#options.writer.pending === 0) this.#say(text);
	}

	#say(text: string): void {
		this.#write(asciiBytes(`${text}\r`));
	}

	/** A full queue loses the command; its deadline finds out. */
	#write(bytes: Uint8Array): void {
		this.#counters.bytesOut += bytes.length;
		try {
			this.#options.writer.push(this.#options.serial, bytes);
		} catch {
			// The module then hears nothing or a part, which the deadline treats alike.
		}
	}

	#after(delayMs: number, callback: () => void): void {
		this.#clearTimer();
		this.#timer = this.#options.timers.set(() => {
			this.#timer = undefined;
			callback();
		}, delayMs);
	}

	#clearTimer(): void {
		if (this.#timer !== undefined) this.#options.timers.clear(this.#timer);
		this.#timer = undefined;
	}
}
