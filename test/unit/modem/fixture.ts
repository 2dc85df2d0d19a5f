/** A line with a scripted modem at its far end, on virtual time. */
import { asciiBytes, asciiText, concatBytes } from "core/bytes";
import type { Clock, TimerId, Timers } from "core/clock";
import type {
	Serial,
	SerialOptions,
	SerialPort,
	Socket,
	SocketConstructor,
	SocketTls,
} from "core/io";
import type { Log, LogCode } from "core/log";
import type { ModemFamily } from "modem/family";
import { Modem } from "modem/modem";
import { equal, fail } from "test/harness";

interface Entry {
	readonly id: TimerId;
	readonly atMs: number;
	readonly callback: () => void;
}

/** Clock and timers that run when told to. */
export class FakeTime implements Clock, Timers {
	#nowMs = 0;
	#lastId = 0;
	#entries: Entry[] = [];

	ticksMs(): number {
		return this.#nowMs;
	}

	wallMs(): undefined {
		return undefined;
	}

	setWallMs(): void {}

	set(callback: () => void, delayMs: number): TimerId {
		if (!(delayMs >= 0 && delayMs < 2 ** 31)) fail(`timer of ${delayMs} ms`);
		this.#lastId++;
		this.#entries.push({ id: this.#lastId, atMs: this.#nowMs + delayMs, callback });
		return this.#lastId;
	}

	clear(id: TimerId): void {
		this.#entries = this.#entries.filter((entry) => entry.id !== id);
	}

	get pending(): number {
		return this.#entries.length;
	}

	/** Runs what is due within the next `forMs`, in order. Fails when nothing but timers of 0 ms runs. */
	run(forMs: number): void {
		const endMs = this.#nowMs + forMs;
		for (let steps = 0; ; steps++) {
			if (steps > 100_000) fail("time does not pass");
			let next: Entry | undefined;
			for (const entry of this.#entries)
				if (entry.atMs <= endMs && (next === undefined || entry.atMs < next.atMs)) next = entry;
			if (next === undefined) break;
			this.clear(next.id);
			this.#nowMs = Math.max(this.#nowMs, next.atMs);
			next.callback();
		}
		this.#nowMs = endMs;
	}
}

/** What is written and what comes back: text, or text and when, or a function that finds the answer. */
export type Step = readonly [expected: string, reply: string | (() => void)];

const replyAfterMs = 2;
const fifoBytes = 128;

/** The modem's end of the line. Fails (see `failure`) on the first byte that the script does not expect. */
export class ScriptedLine {
	readonly time: FakeTime;
	readonly port: SerialPort;
	/** Bytes a piece of what the modem sends. */
	pieceBytes = 100;
	failure = "";
	/** Everything that the driver wrote. */
	written = "";
	/** Answers anything instead of the script. */
	responder: ((text: string) => string | undefined) | undefined;
	opened = 0;
	/** Takes no bytes while true. */
	blocked = false;
	readonly #script: Step[] = [];
	#input = "";
	#options: SerialOptions | undefined;
	#pending = new Uint8Array(0);
	#room = 0;

	constructor(time: FakeTime) {
		this.time = time;
		const open = (options: SerialOptions): Serial => this.#open(options);
		this.port = {
			baud: 115_200,
			io: class implements Serial {
				readonly #line: Serial;
				constructor(options: SerialOptions) {
					this.#line = open(options);
				}
				read(): Uint8Array | undefined {
					return this.#line.read();
				}
				write(bytes: Uint8Array): void {
					this.#line.write(bytes);
				}
				close(): void {
					this.#line.close();
				}
			},
		};
	}

	/** Appends steps. */
	expect(...steps: readonly Step[]): void {
		this.#script.push(...steps);
	}

	get stepsLeft(): number {
		return this.#script.length;
	}

	/** Bytes from the modem, now, in pieces. */
	send(text: string): void {
		this.sendBytes(asciiLatin(text));
	}

	sendBytes(bytes: Uint8Array): void {
		for (let at = 0; at < bytes.length; at += this.pieceBytes) {
			this.#pending = bytes.slice(at, at + this.pieceBytes);
			this.#options?.onReadable?.(this.#pending.length);
		}
	}

	/** The port breaks. */
	breakPort(): void {
		this.#options?.onError?.();
	}

	#open(options: SerialOptions): Serial {
		this.opened++;
		this.#options = options;
		this.#refill(options);
		return {
			read: () => {
				const bytes = this.#pending;
				this.#pending = new Uint8Array(0);
				return bytes.length > 0 ? bytes : undefined;
			},
			write: (bytes) => this.#write(bytes, options),
			close: () => {
				if (this.#options === options) this.#options = undefined;
			},
		};
	}

	#refill(options: SerialOptions): void {
		this.time.set(() => {
			if (this.blocked) {
				this.time.set(() => this.#refill(options), 100);
				return;
			}
			this.#room = fifoBytes;
			options.onWritable?.(fifoBytes);
		}, 1);
	}

	#write(bytes: Uint8Array, options: SerialOptions): void {
		if (bytes.length > this.#room) this.failure ||= `wrote ${bytes.length} into ${this.#room}`;
		if (this.#room === fifoBytes) this.#refill(options);
		this.#room -= bytes.length;
		const text = asciiText(bytes);
		this.written += text;
		this.#input += text;
		if (this.responder !== undefined) this.#respond();
		else this.#follow();
	}

	#respond(): void {
		const reply = this.responder?.(this.#input);
		if (reply === undefined) return;
		this.#input = "";
		this.time.set(() => this.send(reply), replyAfterMs);
	}

	#follow(): void {
		const step = this.#script[0];
		if (step === undefined) {
			this.failure ||= `at ${this.time.ticksMs()} ms wrote ${JSON.stringify(this.#input)}, expected nothing`;
			return;
		}
		const [expected, reply] = step;
		if (!expected.startsWith(this.#input)) {
			this.failure ||=
				`at ${this.time.ticksMs()} ms wrote ${JSON.stringify(this.#input)}, ` +
				`expected ${JSON.stringify(expected)}`;
			return;
		}
		if (this.#input !== expected) return;
		this.#script.shift();
		this.#input = "";
		if (typeof reply === "function") this.time.set(reply, replyAfterMs);
		else if (reply !== "") this.time.set(() => this.send(reply), replyAfterMs);
	}
}

/** Latin-1, so that a script can say "\x00" and "\xff". */
export function asciiLatin(text: string): Uint8Array {
	const bytes = new Uint8Array(text.length);
	for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i) & 0xff;
	return bytes;
}

export const OK = "\r\nOK\r\n";
export const ERROR = "\r\nERROR\r\n";

export function info(line: string): string {
	return `\r\n${line}\r\n${OK}`;
}

/** AT until OK, then a probe that can be recognised. */
export const inStep: readonly Step[] = [
	["AT\r", OK],
	["AT+CSQ\r", info("+CSQ: 20,99")],
];

export const setup: readonly Step[] = [
	["ATE0\r", `ATE0\r${OK}`],
	["AT+CMEE=1\r", OK],
	['AT+QURCCFG="urcport","uart1"\r', OK],
	["AT+QISDE=0\r", OK],
	["AT+CTZU=3\r", OK],
	["AT+CEREG=1\r", OK],
];

export const simReady: Step = ["AT+CPIN?\r", info("+CPIN: READY")];
export const searching: readonly Step[] = [
	["AT+CSQ\r", info("+CSQ: 17,99")],
	["AT+CEREG?\r", info("+CEREG: 1,1")],
];
export const clock: Step = ["AT+CCLK?\r", info('+CCLK: "26/11/22,10:30:00+32"')];
export const activation: readonly Step[] = [
	["AT+QIACT?\r", OK],
	['AT+QICSGP=1,1,"cmnet","","",0\r', OK],
	["AT+QIACT=1\r", OK],
	// Up: the signal is asked at once.
	["AT+CSQ\r", info("+CSQ: 17,99")],
];

/** From power-up to "up". */
export const bringUp: readonly Step[] = [
	...inStep,
	...setup,
	simReady,
	...searching,
	clock,
	...activation,
];

/** A modem on a scripted line and what it told its owner. */
export interface Bench {
	readonly time: FakeTime;
	readonly line: ScriptedLine;
	readonly modem: Modem;
	readonly events: { readonly code: LogCode; readonly a: number; readonly b: number }[];
	readonly times: number[];
	readonly states: string[];
	resets: number;
}

export function makeBench(
	options: { readonly resetPin?: boolean; readonly family?: ModemFamily } = {},
): Bench {
	const time = new FakeTime();
	const line = new ScriptedLine(time);
	const events: Bench["events"] = [];
	const times: number[] = [];
	const states: string[] = [];
	const log: Log = {
		event: (code, a = 0, b = 0) => {
			events.push({ code, a, b });
		},
	};
	const common = {
		port: line.port,
		apn: "cmnet",
		clock: time,
		timers: time,
		log,
		...(options.family && { family: options.family }),
		onChanged: () => {
			states.push(modem.stateName);
		},
		onTime: (wallMs: number) => {
			times.push(wallMs);
		},
	};
	const onReset = (): void => {
		bench.resets++;
	};
	const modem = new Modem(options.resetPin === true ? { ...common, onReset } : common);
	const bench: Bench = { time, line, modem, events, times, states, resets: 0 };
	return bench;
}

/** A bench whose modem is up. */
export function upBench(options: { readonly family?: ModemFamily } = {}): Bench {
	const bench = makeBench(options);
	bench.line.expect(...bringUp);
	bench.time.run(1_000);
	check(bench);
	equal(bench.modem.stateName, "up");
	return bench;
}

/** The script was followed to its end. */
export function check(bench: Bench): void {
	equal(bench.line.failure, "");
	equal(bench.line.stepsLeft, 0, "steps left");
}

/** What a socket told its owner. */
export interface Heard {
	readonly socket: Socket;
	received: string;
	errors: number;
	opened: number;
	room: number;
	/** false: the owner leaves data in the socket. */
	reads: boolean;
}

export function openSocket(
	Socket: SocketConstructor,
	host = "acq.example",
	port = 8583,
	tls?: SocketTls,
): Heard {
	const heard: Heard = {
		socket: new Socket({
			host,
			port,
			tls,
			onReadable: (count) => {
				if (!heard.reads) return;
				const bytes = heard.socket.read();
				if (bytes === undefined || bytes.length !== count) fail(`onReadable said ${count}`);
				heard.received += asciiText(bytes);
			},
			onWritable: (count) => {
				heard.opened++;
				heard.room = count;
			},
			onError: () => {
				heard.errors++;
			},
		}),
		received: "",
		errors: 0,
		opened: 0,
		room: 0,
		reads: true,
	};
	return heard;
}

/** A bench with socket 0 open. */
export function openBench(): Bench & { readonly heard: Heard } {
	const bench = upBench();
	const heard = openSocket(bench.modem.Socket);
	bench.line.expect(openStep(0));
	bench.time.run(100);
	check(bench);
	equal([heard.opened, heard.room, heard.errors], [1, 2048, 0]);
	return Object.assign(bench, { heard });
}

export function openStep(id: number): Step {
	return [`AT+QIOPEN=1,${id},"TCP","acq.example",8583,0,0\r`, `${OK}\r\n+QIOPEN: ${id},0\r\n`];
}

/** The reply to a read, as the manual has it. */
export function block(payload: string): string {
	return `\r\n+QIRD: ${payload.length}\r\n${payload}\r\n${OK}`;
}

export const empty = `\r\n+QIRD: 0\r\n${OK}`;

/** A send with its prompt. */
export function sendSteps(id: number, payload: string, result = "\r\nSEND OK\r\n"): Step[] {
	return [
		[`AT+QISEND=${id},${payload.length}\r`, "\r\n> "],
		[payload, result],
	];
}

export function bytes(text: string): Uint8Array {
	return concatBytes(asciiBytes(text));
}
