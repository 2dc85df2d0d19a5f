import { parseAtLine } from "./at-command";
import type { AtCommand } from "./at-command";
import { cmeTexts, error } from "./modem-core";
import type { AtHandlers, AtReply } from "./modem-core";
import type { ModemFaults } from "./modem-faults";
import type { ModemSettings } from "./modem-general";

export interface AtPortHost {
	readonly settings: ModemSettings;
	readonly faults: ModemFaults;
	transmit(bytes: Uint8Array): void;
	/** One-shot timer that dies with the supply and with a reset. */
	later(delayUs: number, action: () => void): () => void;
	note(text: string): void;
	/** The modem restarts. */
	reset(): void;
}

type DataReply = AtReply & { readonly kind: "data" };

const commandUs = 2_000;
const lateUs = 12_000_000;
const promptTimeoutUs = 5_000_000;
const lineLimit = 1024;
const waitingLimit = 4096;
const noise = Buffer.from([0x00, 0x00, 0xff, 0x80, 0x0d, 0x0a, 0x2b, 0x51, 0xfe]);

/** The command interpreter at the modem's UART: lines in, answers and unsolicited codes out, data after a prompt. */
export class AtPort {
	readonly #host: AtPortHost;
	readonly #handlers: AtHandlers;
	#busy = false;
	#waiting: Buffer = Buffer.alloc(0);
	#line = "";
	#lineTooLong = false;
	#data: { readonly reply: DataReply; bytes: Buffer; readonly end: () => void } | undefined;
	#heldUrcs: string[] = [];

	constructor(host: AtPortHost, handlers: AtHandlers) {
		this.#host = host;
		this.#handlers = handlers;
	}

	/** As after power-on. The owner has cancelled all timers. */
	reset(): void {
		this.#busy = false;
		this.#waiting = Buffer.alloc(0);
		this.#line = "";
		this.#lineTooLong = false;
		this.#data = undefined;
		this.#heldUrcs = [];
	}

	hear(bytes: Uint8Array): void {
		this.#waiting = Buffer.concat([this.#waiting, bytes]).subarray(0, waitingLimit);
		this.#work();
	}

	/** An unsolicited code, if they come over this port; held back while data are taken. */
	urc(text: string): void {
		const { urcPort } = this.#host.settings;
		if (urcPort !== "uart1" && urcPort !== "all") return;
		if (this.#data !== undefined) this.#heldUrcs.push(text);
		else this.say(text);
	}

	/** Lines of the boot come over the UART whatever the port for unsolicited codes is. */
	bootLine(text: string): void {
		if (this.#data === undefined) this.say(text);
	}

	say(text: string): void {
		this.#host.note(`> ${text}`);
		this.#host.transmit(Buffer.from(`\r\n${text}\r\n`, "latin1"));
	}

	noise(): void {
		this.#host.transmit(noise);
	}

	#work(): void {
		while (!this.#busy && this.#waiting.length > 0) {
			if (this.#data !== undefined) this.#collect(this.#data);
			else this.#hearByte();
		}
	}

	#hearByte(): void {
		const byte = this.#waiting[0]!;
		this.#waiting = this.#waiting.subarray(1);
		if (this.#host.settings.echo) this.#host.transmit(Buffer.of(byte));
		if (byte === 0x0d) {
			const line = this.#line;
			this.#line = "";
			this.#execute(line);
		} else if (byte !== 0x0a) {
			if (this.#line.length < lineLimit) this.#line += String.fromCharCode(byte);
			else this.#lineTooLong = true;
		}
	}

	#execute(line: string): void {
		const tooLong = this.#lineTooLong;
		this.#lineTooLong = false;
		const commands = parseAtLine(line);
		if (commands === undefined) return;
		this.#host.note(`< ${line}`);
		const fault = this.#host.faults.take("error", "late", "no-answer", "noise");
		if (fault === "no-answer") return;
		this.#busy = true;
		this.#host.later(fault === "late" ? lateUs : commandUs, () => {
			if (fault === "noise") this.noise();
			if (tooLong || fault === "error") this.#finish(error);
			else this.#runAll(commands, []);
		});
	}

	/** Runs the commands of a line one after the other; the first error ends it. */
	#runAll(commands: readonly AtCommand[], earlier: readonly string[]): void {
		const [first, ...rest] = commands;
		if (first === undefined) return this.#finish({ kind: "ok", lines: earlier });
		const known = Object.hasOwn(this.#handlers, first.name);
		const handler = known ? this.#handlers[first.name] : undefined;
		if (handler === undefined) return this.#finish(error);
		handler(first, (reply) => {
			if (reply.kind !== "ok") return this.#finish(reply);
			const all = [...earlier, ...(reply.lines ?? [])];
			if (rest.length === 0) this.#finish({ kind: "ok", lines: all });
			else this.#runAll(rest, all);
		});
	}

	#finish(reply: AtReply): void {
		this.#busy = false;
		switch (reply.kind) {
			case "ok":
				for (const line of reply.lines ?? []) this.say(line);
				this.#final("OK", "0");
				break;
			case "error":
				this.#finishError(reply.cme);
				break;
			case "raw":
				this.#finishRaw(reply.header, reply.data);
				break;
			case "data":
				this.#prompt(reply);
				break;
		}
		this.#host.later(0, () => this.#work());
	}

	#finishError(code: number | undefined): void {
		const { errors } = this.#host.settings;
		if (code === undefined || errors === 0) this.#final("ERROR", "4");
		else this.say(`+CME ERROR: ${errors === 1 ? code : (cmeTexts[code] ?? "unknown")}`);
	}

	#finishRaw(header: string, data: Buffer): void {
		this.#host.note(`> ${header}, ${data.length} raw bytes`);
		const head = Buffer.from(`\r\n${header}\r\n`, "latin1");
		const torn = this.#host.faults.take("reset-in-read") !== undefined;
		const shown = torn ? data.subarray(0, data.length >> 1) : data;
		const tail = Buffer.from(torn ? "" : "\r\n\r\nOK\r\n", "latin1");
		this.#host.transmit(Buffer.concat([head, shown, tail]));
		if (torn) this.#host.reset();
	}

	#prompt(reply: DataReply): void {
		if (this.#host.faults.take("drop-prompt") !== undefined) return;
		if (reply.promptLine !== undefined) this.say(reply.promptLine);
		else this.#host.transmit(Buffer.from("\r\n> ", "latin1"));
		const end = this.#host.later(promptTimeoutUs, () => this.#endData(["ERROR"]));
		this.#data = { reply, bytes: Buffer.alloc(0), end };
	}

	#collect(data: { readonly reply: DataReply; bytes: Buffer; readonly end: () => void }): void {
		const part = this.#waiting.subarray(0, data.reply.length - data.bytes.length);
		this.#waiting = this.#waiting.subarray(part.length);
		data.bytes = Buffer.concat([data.bytes, part]);
		const { echo, echoData } = this.#host.settings;
		if (echo && echoData && data.reply.promptLine === undefined) this.#host.transmit(part);
		if (data.bytes.length < data.reply.length) return;
		data.end();
		this.#busy = true;
		this.#host.later(commandUs, () => {
			this.#busy = false;
			this.#endData(data.reply.take(data.bytes));
			this.#work();
		});
	}

	#endData(result: readonly string[]): void {
		this.#data = undefined;
		for (const line of result) this.say(line);
		const urcs = this.#heldUrcs;
		this.#heldUrcs = [];
		for (const text of urcs) this.urc(text);
	}

	#final(text: string, code: string): void {
		if (this.#host.settings.verbose) this.say(text);
		else this.#host.transmit(Buffer.from(`${code}\r`, "latin1"));
	}
}
