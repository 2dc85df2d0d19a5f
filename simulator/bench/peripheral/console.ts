import { Peripheral } from "./peripheral";
import type { PeripheralOptions } from "./peripheral";

export interface ConsoleOptions extends PeripheralOptions {
	/** Text as it comes, decoded from UTF-8. */
	readonly onText?: (text: string) => void;
	/** Most characters of `text` that are kept; the oldest go first. */
	readonly textLimit?: number;
}

/** What became of a command; `text` has neither echo nor prompt. */
export interface ConsoleAnswer {
	readonly complete: boolean;
	readonly text: string;
}

interface Pending {
	readonly line: string;
	readonly timeoutMs: number;
	readonly done: (answer: ConsoleAnswer) => void;
}

const prompt = "> ";
const quietUs = 5_000;
const defaultTimeoutMs = 10_000;
const defaultTextLimit = 1_000_000;

/** The person's end of the diagnostics console. Commands run one after the other, on virtual time. */
export class ConsoleClient extends Peripheral {
	readonly #onText: ((text: string) => void) | undefined;
	readonly #textLimit: number;
	#decoder = new TextDecoder();
	#text = "";
	#answer = "";
	#queue: Pending[] = [];
	#current: Pending | undefined;
	#cancelTimeout: (() => void) | undefined;
	#cancelQuiet: (() => void) | undefined;

	constructor(options: ConsoleOptions = {}) {
		super("console", options);
		this.#onText = options.onText;
		this.#textLimit = options.textLimit ?? defaultTextLimit;
	}

	/** All that the terminal has said so far, over all boots. */
	get text(): string {
		return this.#text;
	}

	/** Types a line and does not wait for an answer. */
	send(line: string): void {
		this.note(`< ${line}`);
		this.transmit(Buffer.from(`${line}\r`, "utf8"));
	}

	/** Sends any bytes. */
	sendRaw(bytes: Uint8Array): void {
		this.transmit(bytes);
	}

	/**
	 * Runs a command after those before it. `done` is called exactly once: with the whole answer, or with what had
	 * come (`complete` false) when the time was out or the power went.
	 * @param timeoutMs virtual time that the answer may take
	 */
	run(line: string, done: (answer: ConsoleAnswer) => void, timeoutMs = defaultTimeoutMs): void {
		this.#queue.push({ line, timeoutMs, done });
		this.scheduler.after(0, () => this.#next());
	}

	protected override start(): void {
		this.#decoder = new TextDecoder();
	}

	protected override stop(): void {
		this.#cancelQuiet = undefined;
		this.#cancelTimeout = undefined;
		const all = [...(this.#current === undefined ? [] : [this.#current]), ...this.#queue];
		const text = this.#answer;
		this.#current = undefined;
		this.#queue = [];
		for (const [i, one] of all.entries())
			this.scheduler.after(0, () => one.done({ complete: false, text: i === 0 ? text : "" }));
	}

	protected override hear(bytes: Uint8Array): void {
		const text = this.#decoder.decode(bytes, { stream: true });
		this.#text = (this.#text + text).slice(-this.#textLimit);
		this.#onText?.(text);
		if (this.#current === undefined) return;
		this.#answer += text;
		this.#cancelQuiet?.();
		this.#cancelQuiet = undefined;
		if (this.#answer === prompt || this.#answer.endsWith(`\n${prompt}`))
			this.#cancelQuiet = this.later(quietUs, () => this.#finish(true));
	}

	#next(): void {
		if (this.#current !== undefined) return;
		const next = this.#queue.shift();
		if (next === undefined) return;
		this.#current = next;
		this.#answer = "";
		this.#cancelTimeout = this.later(next.timeoutMs * 1000, () => this.#finish(false));
		this.send(next.line);
	}

	#finish(complete: boolean): void {
		const current = this.#current;
		if (current === undefined) return;
		this.#cancelQuiet?.();
		this.#cancelTimeout?.();
		this.#cancelQuiet = undefined;
		this.#cancelTimeout = undefined;
		this.#current = undefined;
		const text = tidy(this.#answer, current.line);
		this.note(`> ${complete ? "" : "(no prompt) "}${text}`);
		this.#next();
		current.done({ complete, text });
	}
}

/** Without the echoed command in front, the prompt at the end and carriage returns. */
function tidy(answer: string, line: string): string {
	let text = answer.replaceAll("\r\n", "\n").replaceAll("\r", "\n");
	if (text.startsWith(`${line}\n`)) text = text.slice(line.length + 1);
	if (text === prompt) return "";
	if (text.endsWith(`\n${prompt}`)) text = text.slice(0, -prompt.length);
	return text.replace(/^\n+/, "").trimEnd();
}
