import type { SocketTls } from "core/io";
import { Outcome, type Command } from "modem/command";
import type { SocketCommands } from "modem/family";
import { openCommand, type Opening, type OpeningHost } from "modem/opening";
import type { PinStore } from "modem/pin-store";
import { TlsFailure, type PinnedFile } from "modem/pinned-file";

const Step = Object.freeze({
	Prepare: 0,
	Open: 1,
	/** The TLS socket failed and is closed, to ask why. */
	Clear: 2,
	Probe: 3,
	Probing: 4,
	ClearProbe: 5,
	Over: 6,
} as const);
type Step = (typeof Step)[keyof typeof Step];

export interface SecureParts {
	readonly tls: SocketTls;
	/** Of its pins, in the order in which they are tried. At least one. */
	readonly files: readonly PinnedFile[];
	readonly store: PinStore;
	/** Plain sockets, to ask whether host and port are there. */
	readonly probe: SocketCommands;
	/** The module knows the time, so that the dates of certificates count. */
	readonly timeKnown: () => boolean;
}

/**
 * TLS of the module, verified by one pinned certificate after the other.
 *
 *   Prepare ─▶ Open ─(0)─▶ opened
 *      ▲         └─(error)─▶ Clear ─▶ Probe ─▶ Probing ─(no TCP either)─▶ failed
 *      │                                          └─(TCP works)─▶ unproved, or
 *      └──(there is another pin)── ClearProbe ◀───────────────────┘
 *
 * A module has one error for "no such host", "wrong certificate" and "expired". So the same host and port are opened in
 * clear, without a byte being sent: when that works, it was the proof that failed.
 */
export class SecureOpening implements Opening {
	readonly #host: OpeningHost;
	readonly #p: SecureParts;
	#commands: SocketCommands;
	#deadlineMs = Infinity;
	#step: Step = Step.Prepare;
	#turn = 0;
	/** Of the last TLS open in which the far end did not prove itself; 0 for none. */
	#refusal = 0;

	constructor(host: OpeningHost, parts: SecureParts) {
		this.#host = host;
		this.#p = parts;
		this.#commands = parts.store.commands.socket;
		this.#file.renew();
	}

	get commands(): SocketCommands {
		return this.#commands;
	}

	get deadlineMs(): number {
		return this.#deadlineMs;
	}

	next(): Command | undefined {
		switch (this.#step) {
			case Step.Prepare:
				return this.#prepareCommand();
			case Step.Clear:
				return this.#clearCommand(Step.Probe);
			case Step.Probe:
				this.#commands = this.#p.probe;
				return this.#openCommand(Step.Probing, 0);
			case Step.ClearProbe:
				return this.#clearCommand(Step.Prepare);
			default:
				return undefined;
		}
	}

	reported(secure: boolean, error: number): void {
		if (this.#step === Step.Open && secure) this.#secureEnded(error);
		else if (this.#step === Step.Probing && !secure) this.#probeEnded(error);
	}

	/** A server that hangs up in the handshake: the outcome of the open says so as well. */
	closed(): void {}

	late(): void {
		if (this.#step !== Step.Over) this.#fail(-1);
	}

	/** The reason that is already known is told all the same. */
	abandoned(): void {
		if (this.#step === Step.Over) return;
		this.#over();
		if (this.#refusal !== 0) this.#p.store.failed(TlsFailure.Unproved, this.#refusal);
	}

	get #file(): PinnedFile {
		return this.#p.files[this.#turn]!;
	}

	#prepareCommand(): Command | undefined {
		const file = this.#file;
		const command = file.next(this.#p.timeKnown());
		if (command !== undefined) return command;
		if (file.failure !== TlsFailure.None) {
			this.#unproved(file.failure, file.error);
			return undefined;
		}
		this.#commands = this.#p.store.commands.socket;
		return this.#openCommand(Step.Open, file.context);
	}

	#openCommand(step: Step, context: number): Command {
		this.#step = step;
		this.#deadlineMs = this.#host.nowMs() + this.#commands.openTimeoutMs;
		return openCommand(this.#commands, this.#host, context, (error) => {
			if (this.#step === step) this.#fail(error);
		});
	}

	#clearCommand(then: Step): Command {
		const step = this.#step;
		this.#deadlineMs = Infinity;
		return {
			text: this.#commands.close(this.#host.id),
			timeoutMs: this.#commands.closeTimeoutMs,
			done: ({ outcome, errorCode }) => {
				if (this.#step !== step) return;
				if (outcome === Outcome.Ok || outcome === Outcome.Failed) this.#step = then;
				else this.#fail(errorCode);
			},
		};
	}

	#secureEnded(error: number): void {
		if (error === 0) {
			this.#over();
			this.#p.store.proved(this.#file, this.#p.tls);
			this.#host.opened();
		} else if (this.#p.store.commands.networkErrors.includes(error)) this.#fail(error);
		else {
			this.#refusal = error;
			this.#step = Step.Clear;
		}
	}

	#probeEnded(error: number): void {
		if (error !== 0) {
			this.#refusal = 0;
			this.#fail(error);
			return;
		}
		this.#turn++;
		if (this.#turn < this.#p.files.length) {
			this.#file.renew();
			this.#step = Step.ClearProbe;
			return;
		}
		for (const file of this.#p.files) file.doubt();
		this.#unproved(TlsFailure.Unproved, this.#refusal);
	}

	#unproved(failure: TlsFailure, error: number): void {
		this.#over();
		this.#p.store.failed(failure, error);
		this.#host.unproved();
	}

	#fail(error: number): void {
		this.#over();
		this.#host.failed(error);
	}

	#over(): void {
		this.#step = Step.Over;
		this.#deadlineMs = Infinity;
	}
}
