import { isCertificatePem } from "core/certificate";
import { Fault } from "core/fault";
import { pinLimit, type SocketTls } from "core/io";
import { LogCode, type Log } from "core/log";
import type { CounterBoard } from "modem/counters";
import type { TlsCommands } from "modem/family";
import type { TlsFailure } from "modem/pinned-file";
import { PinnedFile } from "modem/pinned-file";

/** The pinned certificates of all sockets, each with its TLS context in the module. */
export class PinStore {
	readonly #commands: TlsCommands;
	readonly #counters: CounterBoard;
	readonly #log: Log;
	readonly #files: PinnedFile[] = [];

	constructor(commands: TlsCommands, counters: CounterBoard, log: Log) {
		this.#commands = commands;
		this.#counters = counters;
		this.#log = log;
	}

	get commands(): TlsCommands {
		return this.#commands;
	}

	/**
	 * The files of a socket's pins, in the order in which they are to be tried: what proved the far end last is first.
	 * @throws Fault "io.options" 3 for pins that are none, 4 when the module has no context left
	 */
	filesOf({ pins }: SocketTls): readonly PinnedFile[] {
		if (pins.length < 1 || pins.length > pinLimit || !pins.every(isCertificatePem))
			throw new Fault("io.options", 3);
		const files = pins.map((pem) => this.#fileOf(pem));
		return files.sort((left, right) => Number(right.proved) - Number(left.proved));
	}

	/** @param pins as in the options of the socket */
	proved(file: PinnedFile, pins: SocketTls): void {
		if (file.proved) return;
		for (const one of this.#files) if (pins.pins.includes(one.pem)) one.proved = one === file;
		this.#log.event(LogCode.TlsPin, pins.pins.indexOf(file.pem) + 1);
	}

	/** No connection. @param error of the module */
	failed(failure: TlsFailure, error: number): void {
		this.#counters.tlsFailures++;
		this.#log.event(LogCode.TlsFailed, failure, error);
	}

	/** The module has lost its settings. */
	forget(): void {
		for (const file of this.#files) file.forget();
	}

	#fileOf(pem: string): PinnedFile {
		const known = this.#files.find((file) => file.pem === pem);
		if (known !== undefined) return known;
		const context = this.#files.length;
		if (context >= this.#commands.contexts) throw new Fault("io.options", 4);
		const file = new PinnedFile(pem, context, this.#commands, this.#counters);
		this.#files.push(file);
		return file;
	}
}
