import { Outcome, type Command } from "modem/command";
import type { SocketCommands } from "modem/family";

/** What an opening needs of its socket. */
export interface OpeningHost {
	readonly id: number;
	readonly host: string;
	readonly port: number;
	/** Ticks. */
	nowMs(): number;
	opened(): void;
	/** @param error of the module, -1 for none */
	failed(error: number): void;
	/** The network is there, but TLS is not. */
	unproved(): void;
}

/** The way from a wanted connection to an open one. One of `opened`, `failed` and `unproved` ends it. */
export interface Opening {
	/** Of the kind of socket that was tried last: it has to be closed with them. */
	readonly commands: SocketCommands;
	/** When `late` is to be called. Ticks, or Infinity. */
	readonly deadlineMs: number;
	/** What to tell the module now; undefined: nothing, or it is over. */
	next(): Command | undefined;
	/** The module tells the outcome of an open. @param secure of a TLS socket @param error 0 for success */
	reported(secure: boolean, error: number): void;
	/** The module says that the peer has closed. */
	closed(): void;
	late(): void;
	/** The owner has closed the socket. */
	abandoned(): void;
}

/** @param refused the module did not take the command @returns the command that opens */
export function openCommand(
	commands: SocketCommands,
	{ id, host, port }: OpeningHost,
	context: number,
	refused: (error: number) => void,
): Command {
	return {
		text: commands.open(id, host, port, context),
		timeoutMs: 10_000,
		done: ({ outcome, errorCode }) => {
			if (outcome !== Outcome.Ok) refused(errorCode);
		},
	};
}

/** TCP in clear. */
export class PlainOpening implements Opening {
	readonly commands: SocketCommands;
	readonly #host: OpeningHost;
	#deadlineMs = Infinity;
	#asked = false;
	#over = false;

	constructor(commands: SocketCommands, host: OpeningHost) {
		this.commands = commands;
		this.#host = host;
	}

	get deadlineMs(): number {
		return this.#deadlineMs;
	}

	next(): Command | undefined {
		if (this.#asked) return undefined;
		this.#asked = true;
		this.#deadlineMs = this.#host.nowMs() + this.commands.openTimeoutMs;
		return openCommand(this.commands, this.#host, 0, (error) => this.#end(error));
	}

	reported(secure: boolean, error: number): void {
		if (this.#asked && !secure) this.#end(error);
	}

	closed(): void {
		this.#end(-1);
	}

	late(): void {
		this.#end(-1);
	}

	abandoned(): void {
		this.#over = true;
	}

	#end(error: number): void {
		if (this.#over) return;
		this.#over = true;
		this.#deadlineMs = Infinity;
		if (error === 0) this.#host.opened();
		else this.#host.failed(error);
	}
}
