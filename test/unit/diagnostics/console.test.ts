import { asciiBytes, asciiText } from "core/bytes";
import type { Serial, SerialOptions } from "core/io";
import { limits } from "core/limits";
import { LogCode } from "core/log";
import { Console, type Command } from "diagnostics/console";
import { equal, ok, test } from "test/harness";
import { FakeEntropy } from "test/unit/fakes/entropy";
import { FakeLog } from "test/unit/fakes/log";

/** A technician's line into a console. */
class Line {
	written = "";
	readonly log = new FakeLog();
	#pending: Uint8Array | undefined;
	#readable: ((count: number) => void) | undefined;

	constructor(commands: readonly Command[]) {
		const line = {
			open: (options: SerialOptions): Serial => {
				this.#readable = options.onReadable;
				return {
					read: () => {
						const bytes = this.#pending;
						this.#pending = undefined;
						return bytes;
					},
					write: (bytes) => void (this.written += asciiText(bytes)),
					close: () => undefined,
				};
			},
		};
		let writable: ((count: number) => void) | undefined;
		const io = function (options: SerialOptions): Serial {
			writable = options.onWritable;
			return line.open(options);
		} as unknown as new (options: SerialOptions) => Serial;
		new Console({ io, baud: 115_200 }, commands, this.log);
		writable?.(100_000);
	}

	send(bytes: Uint8Array): string {
		this.written = "";
		this.#pending = bytes;
		this.#readable?.(bytes.length);
		return this.written;
	}

	type(text: string): string {
		return this.send(asciiBytes(text));
	}
}

const echo: Command = {
	name: "echo",
	usage: "echo X",
	help: "says X",
	run: (argument) =>
		argument === "bad" ? { error: "no" } : { lines: [argument, "."], data: { said: argument } },
};

test("a command answers its lines and the prompt", () => {
	equal(new Line([echo]).type("echo one two\r"), "one two\r\n.\r\n> ");
});

test("--json anywhere gives data, also for an error", () => {
	const line = new Line([echo]);
	equal(line.type("echo --json x\r"), '{"said":"x"}\r\n> ');
	equal(line.type("echo bad --json\r"), '{"error":"no"}\r\n> ');
});

test("CR, LF and CR LF each end one line", () => {
	const line = new Line([echo]);
	equal(line.type("echo a\r\necho b\n"), "a\r\n.\r\n> b\r\n.\r\n> ");
});

test("backspace edits, an empty line prompts, an unknown command says so", () => {
	const line = new Line([echo]);
	equal(line.type("echi\bo x\r"), "x\r\n.\r\n> ");
	equal(line.type("\r"), "> ");
	equal(line.type("nope\r"), 'unknown command: try "help"\r\n> ');
});

test("help lists every command within 80 columns", () => {
	const text = new Line([echo]).type("help\r");
	ok(text.includes("echo X"));
	for (const row of text.split("\r\n")) ok(row.length <= 80, row);
});

test("a line over the limit is refused as a whole and leaves an event", () => {
	const line = new Line([echo]);
	const text = line.type(`echo ${"x".repeat(limits.consoleLineMax)}\r`);
	ok(text.startsWith("line too long"), text);
	equal(line.log.of(LogCode.ConsoleOverrun).length, 1);
	equal(line.type("echo y\r"), "y\r\n.\r\n> ");
});

test("ten thousand random bytes do no harm", () => {
	const line = new Line([echo]);
	const bytes = new Uint8Array(100);
	const entropy = new FakeEntropy(7);
	for (let i = 0; i < 100; i++) {
		entropy.fill(bytes);
		line.send(bytes);
	}
	line.type("\r");
	equal(line.type("echo z\r"), "z\r\n.\r\n> ");
});
