import { utf8Bytes } from "core/bytes";
import { limits } from "core/limits";
import { LogCode, type Log } from "core/log";
import type { Serial, SerialPort } from "core/io";
import { Fault } from "core/fault";
import { SerialWriter } from "core/serial-writer";
import { jsonOf } from "diagnostics/json";

/** One command of the console: lines for people, data for `--json`. */
export interface Command {
	readonly name: string;
	readonly usage: string;
	readonly help: string;
	/** @throws never; a wrong argument is answered with `error` */
	readonly run: (argument: string) => Answer;
}

export type Answer =
	{ readonly lines: readonly string[]; readonly data: unknown } | { readonly error: string };

const prompt = "> ";

/**
 * The technician's console: 115200 8N1, one line a command, answers end with the prompt "> ".
 * Any bytes may come at any time; a line over the limit is refused as a whole.
 */
export class Console {
	readonly #commands: readonly Command[];
	readonly #log: Log;
	readonly #writer = new SerialWriter(32_768);
	#serial: Serial | undefined;
	#line = "";
	#tooLong = false;
	#lastWasReturn = false;

	constructor(port: SerialPort, commands: readonly Command[], log: Log) {
		this.#commands = commands;
		this.#log = log;
		this.#serial = new port.io({
			...port,
			onReadable: () => this.#readable(),
			onWritable: (count) => this.#serial && this.#writer.writable(this.#serial, count),
			onError: () => this.close(),
		});
	}

	/** Writes a line on its own, such as the greeting at boot. */
	say(line: string): void {
		this.#write(`${line}\r\n${prompt}`);
	}

	close(): void {
		this.#serial?.close();
		this.#serial = undefined;
	}

	#readable(): void {
		const bytes = this.#serial?.read();
		if (bytes === undefined) return;
		for (const byte of bytes) this.#byte(byte);
	}

	#byte(byte: number): void {
		const newline = byte === 0x0d || byte === 0x0a;
		if (newline) {
			if (byte === 0x0d || !this.#lastWasReturn) this.#enter();
		} else if (byte === 0x08 || byte === 0x7f) this.#line = this.#line.slice(0, -1);
		else if (byte >= 0x20 && byte < 0x7f) {
			if (this.#line.length < limits.consoleLineMax) this.#line += String.fromCharCode(byte);
			else this.#tooLong = true;
		}
		this.#lastWasReturn = byte === 0x0d;
	}

	#enter(): void {
		const line = this.#line.trim();
		const tooLong = this.#tooLong;
		this.#line = "";
		this.#tooLong = false;
		if (tooLong) {
			this.#log.event(LogCode.ConsoleOverrun);
			this.#write(`line too long: at most ${limits.consoleLineMax} characters\r\n${prompt}`);
		} else this.#write(line === "" ? prompt : `${this.#answer(line)}\r\n${prompt}`);
	}

	#answer(line: string): string {
		const words = line.split(" ").filter((word) => word !== "");
		const json = words.includes("--json");
		const [name, ...rest] = words.filter((word) => word !== "--json");
		const answer = this.#run(name ?? "", rest.join(" "));
		if ("error" in answer) return json ? JSON.stringify({ error: answer.error }) : answer.error;
		return json ? jsonOf(answer.data) : answer.lines.join("\r\n");
	}

	#run(name: string, argument: string): Answer {
		if (name === "help") return this.#help();
		const command = this.#commands.find((candidate) => candidate.name === name);
		return command?.run(argument) ?? { error: `unknown command: try "help"` };
	}

	#help(): Answer {
		const rows = [
			{ usage: "help", help: "this list" },
			...this.#commands.map(({ usage, help }) => ({ usage, help })),
		];
		const lines = rows.map(({ usage, help }) => `${usage.padEnd(12)} ${help}`);
		return { lines: [...lines, "--json after any command gives data"], data: rows };
	}

	#write(text: string): void {
		if (this.#serial === undefined) return;
		try {
			this.#writer.push(this.#serial, utf8Bytes(text));
		} catch (error) {
			// A console that nobody drains loses output, never money.
			if (!(error instanceof Fault)) throw error;
			this.#log.event(LogCode.ConsoleOverrun, 1);
		}
	}
}
