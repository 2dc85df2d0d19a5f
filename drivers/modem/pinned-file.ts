import { asciiBytes } from "core/bytes";
import { crc32 } from "core/crc";
import { wholeNumber } from "modem/at-fields";
import { Outcome, type Command, type Reply } from "modem/command";
import type { CounterBoard } from "modem/counters";
import type { TlsCommands } from "modem/family";

/** Why there is no TLS connection. Numbers are logged (TlsFailed): append only. */
export const TlsFailure = Object.freeze({
	None: 0,
	/** Host and port answer, but no pin fits, or the handshake fails for another reason: the module tells them not apart. */
	Unproved: 1,
	/** The module refuses a setting. */
	Settings: 2,
	/** The module does not keep the certificate. */
	File: 3,
} as const);
export type TlsFailure = (typeof TlsFailure)[keyof typeof TlsFailure];

const Step = Object.freeze({ Look: 0, Delete: 1, Upload: 2, Set: 3, Dates: 4, Ready: 5 } as const);
type Step = (typeof Step)[keyof typeof Step];

const tryLimit = 3;

/**
 * One pinned certificate as a file in the module, and the TLS context that trusts it alone.
 *
 *   Look ─(there, right size)──────────────────▶ Set … ─▶ Dates ─▶ Ready
 *    ├─(other size)─▶ Delete ─▶ Upload ─(sum)──────▲        ▲ (the module's clock)
 *    └─(none)─────────────────────▲
 *
 * The name holds the sum of the content, so that a file of that name and size is this certificate.
 */
export class PinnedFile {
	/** Number of its TLS context in the module. */
	readonly context: number;
	readonly pem: string;
	/** It has proved the far end last. */
	proved = false;
	readonly #commands: TlsCommands;
	readonly #counters: CounterBoard;
	readonly #name: string;
	#step: Step = Step.Look;
	#setting = 0;
	#tries = 0;
	#rewritten = false;
	#failure: TlsFailure = TlsFailure.None;
	#error = 0;

	/** @param pem see core/certificate */
	constructor(pem: string, context: number, commands: TlsCommands, counters: CounterBoard) {
		this.pem = pem;
		this.context = context;
		this.#commands = commands;
		this.#counters = counters;
		const sum = crc32(asciiBytes(pem)).toString(16).padStart(8, "0");
		this.#name = `hf${sum}.pem`;
	}

	get failure(): TlsFailure {
		return this.#failure;
	}

	/** The module's error behind `failure`, -1 when it gave none. */
	get error(): number {
		return this.#error;
	}

	/** The module has restarted: its settings are gone, and who knows about the file. */
	forget(): void {
		this.#rewritten = false;
		this.#begin(Step.Look);
	}

	/**
	 * For each open: a new chance after a failure, and the settings once more. A module that has restarted without being
	 * heard is back at its factory settings, which verify nobody.
	 */
	renew(): void {
		if (this.#failure !== TlsFailure.None) this.#begin(Step.Look);
		else if (this.#step > Step.Set) this.#begin(Step.Set);
		else this.#setting = 0;
	}

	/** No pin fitted: is the file damaged? Writes it anew, once in a life of the module. */
	doubt(): void {
		if (this.#rewritten) return;
		this.#rewritten = true;
		this.#begin(Step.Delete);
	}

	/**
	 * @param datesCount the module knows the time
	 * @returns the next command, or undefined: it is ready, or `failure` says why not
	 */
	next(datesCount: boolean): Command | undefined {
		if (this.#failure !== TlsFailure.None) return undefined;
		switch (this.#step) {
			case Step.Look:
				return this.#lookCommand();
			case Step.Delete:
				return this.#plain(this.#commands.fileDelete(this.#name), TlsFailure.File, false, () => {
					this.#step = Step.Upload;
				});
			case Step.Upload:
				return this.#uploadCommand();
			case Step.Set:
				return this.#settingCommand();
			case Step.Dates:
				return this.#plain(
					this.#commands.dates(this.context, datesCount),
					TlsFailure.Settings,
					false,
					() => {
						this.#step = Step.Ready;
					},
				);
			case Step.Ready:
				return undefined;
		}
	}

	#begin(step: Step): void {
		this.#step = step;
		this.#setting = 0;
		this.#tries = 0;
		this.#failure = TlsFailure.None;
		this.#error = 0;
	}

	#lookCommand(): Command {
		return {
			text: this.#commands.fileQuery(this.#name),
			timeoutMs: 5_000,
			answer: this.#commands.fileAnswer,
			answerOptional: true,
			fits: (fields) => fields[0]?.endsWith(this.#name) === true,
			done: (reply) => {
				if (!this.#heard(reply, TlsFailure.File)) return;
				const there = reply.outcome === Outcome.Ok && reply.fields.length > 0;
				if (!there) this.#step = Step.Upload;
				else if (wholeNumber(reply.fields[1]) === this.pem.length) this.#step = Step.Set;
				else this.#step = Step.Delete;
			},
		};
	}

	#uploadCommand(): Command {
		const payload = asciiBytes(this.pem);
		this.#counters.pinUploads++;
		return {
			text: this.#commands.fileUpload(this.#name, payload.length),
			timeoutMs: 10_000,
			payload,
			promptLine: this.#commands.filePrompt,
			answer: this.#commands.uploadAnswer,
			done: (reply) => {
				const { outcome, fields, errorCode } = reply;
				const sum = this.#commands.checksum(payload);
				const right =
					outcome === Outcome.Ok &&
					wholeNumber(fields[0]) === payload.length &&
					Number.parseInt(fields[1] ?? "", 16) === sum;
				if (right) this.#step = Step.Set;
				else if (this.#tried(TlsFailure.File, errorCode)) this.#step = Step.Delete;
			},
		};
	}

	#settingCommand(): Command {
		const settings = this.#commands.settings(this.context, this.#name);
		const { text, required } = settings[this.#setting]!;
		return this.#plain(text, TlsFailure.Settings, required, () => {
			this.#setting++;
			if (this.#setting === settings.length) this.#step = Step.Dates;
		});
	}

	/** A command without answer. An error is passed over unless it is `required`. */
	#plain(text: string, failure: TlsFailure, required: boolean, then: () => void): Command {
		return {
			text,
			timeoutMs: 5_000,
			done: (reply) => {
				if (!this.#heard(reply, failure)) return;
				if (reply.outcome === Outcome.Failed && required) this.#fail(failure, reply.errorCode);
				else then();
			},
		};
	}

	/** @returns true for OK and for an error; anything else is tried again, some times */
	#heard({ outcome, errorCode }: Reply, failure: TlsFailure): boolean {
		if (outcome === Outcome.Ok || outcome === Outcome.Failed) return true;
		this.#tried(failure, errorCode);
		return false;
	}

	/** @returns true when it may be tried again */
	#tried(failure: TlsFailure, error: number): boolean {
		this.#tries++;
		if (this.#tries < tryLimit) return true;
		this.#fail(failure, error);
		return false;
	}

	#fail(failure: TlsFailure, error: number): void {
		this.#failure = failure;
		this.#error = error;
	}
}
