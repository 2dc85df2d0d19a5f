import type { Scheduler, Wire } from "../board/device";
import { parseAtLine } from "./at-command";
import type { AtCommand } from "./at-command";
import { Air } from "./modem-air";
import { cmeTexts, error } from "./modem-core";
import type { AtHandlers, AtReply } from "./modem-core";
import { generalCommands } from "./modem-general";
import type { ModemSettings } from "./modem-general";
import { Radio } from "./modem-radio";
import { ModemSockets } from "./modem-sockets";
import { Peripheral } from "./peripheral";
import type { PeripheralOptions } from "./peripheral";

/** What may go wrong once, with the next command that it fits. */
export type ModemFault =
	/** No prompt after QISEND: the command has got lost. */
	| "drop-prompt"
	/** The data are not taken. */
	| "send-fail"
	/** The next command is answered ERROR. */
	| "error"
	/** The answer comes twelve seconds late. */
	| "late"
	/** The next command is never answered. */
	| "no-answer"
	/** Noise in front of the answer. */
	| "noise"
	/** The modem restarts in the middle of a QIRD answer. */
	| "reset-in-read";

export interface ModemOptions extends PeripheralOptions {
	/** Local time east of UTC in quarter hours; 32 (UTC+8) when absent. */
	readonly zoneQuarters?: number;
}

const bootUs = 1_200_000;
const commandUs = 2_000;
const lateUs = 12_000_000;
const promptTimeoutUs = 5_000_000;
const lineLimit = 1024;
const waitingLimit = 4096;
const noise = Buffer.from([0x00, 0x00, 0xff, 0x80, 0x0d, 0x0a, 0x2b, 0x51, 0xfe]);

/** A Quectel EC200U on its UART. Sockets behind QIOPEN are real ones. */
export class ModemDevice extends Peripheral {
	readonly #settings: ModemSettings;
	readonly #zoneQuarters: number;
	#air: Air | undefined;
	#radio: Radio | undefined;
	#sockets: ModemSockets | undefined;
	#handlers: AtHandlers = {};
	#awake = false;
	#busy = false;
	#waiting: Buffer = Buffer.alloc(0);
	#line = "";
	#lineTooLong = false;
	#data: { reply: AtReply & { kind: "data" }; bytes: Buffer; end: () => void } | undefined;
	#heldUrcs: string[] = [];
	#faults: ModemFault[] = [];
	#silent = false;
	#bootNoise = false;

	constructor(options: ModemOptions = {}) {
		super("modem", options);
		this.#zoneQuarters = options.zoneQuarters ?? 32;
		this.#settings = { ...volatileSettings(), urcPort: "usbat", signal: 24 };
	}

	override plug(wire: Wire, scheduler: Scheduler): void {
		super.plug(wire, scheduler);
		const later = (delayUs: number, action: () => void) => this.later(delayUs, action);
		const urc = (text: string) => this.#urc(text);
		const air = new Air(scheduler);
		const radio = new Radio(
			{
				later,
				urc,
				nowUs: () => scheduler.nowUs(),
				wallMs: () => scheduler.wallMs(),
				contextLost: () => this.#sockets?.destroyAll(),
			},
			this.#zoneQuarters,
		);
		const sockets = new ModemSockets(
			{
				radio,
				later,
				urc,
				note: (text) => this.note(text),
				takeSendFail: () => this.#takeFault("send-fail"),
			},
			air,
		);
		this.#air = air;
		this.#radio = radio;
		this.#sockets = sockets;
		const general = generalCommands({
			settings: this.#settings,
			radio,
			restart: () => this.later(commandUs, () => this.reset()),
			powerDown: () => this.later(commandUs, () => this.#powerDown()),
		});
		this.#handlers = { ...general, ...sockets.commands };
	}

	/** Registered with the network. */
	get registered(): boolean {
		return this.#radio?.registration === 1;
	}

	/** TCP connections that are open or being opened. */
	get openSockets(): number {
		return this.#sockets?.count ?? 0;
	}

	/** No coverage any more: deregistered, context and sockets gone. */
	cut(): void {
		this.note("network cut");
		this.#radio?.loseCoverage();
	}

	/** Registered, but bytes vanish both ways. Ending it resets the connections that lost bytes, as TCP would. */
	blackhole(on: boolean): void {
		this.note(`black hole ${on ? "on" : "off"}`);
		this.#air?.set(on ? "lost" : "clear");
	}

	/** Bytes wait both ways and arrive when it ends: a late request, a late reply. */
	stall(on: boolean): void {
		this.note(`stall ${on ? "on" : "off"}`);
		this.#air?.set(on ? "held" : "clear");
	}

	/** The network is well again; the modem registers by itself. */
	restore(): void {
		this.note("network restored");
		this.#air?.set("clear");
		this.#radio?.findCoverage();
	}

	/** The network ends the packet context ("pdpdeact"), the registration stays. */
	dropContext(): void {
		this.#radio?.dropContext();
	}

	removeSim(): void {
		this.note("SIM out");
		this.#radio?.removeSim();
	}

	insertSim(): void {
		this.note("SIM in");
		this.#radio?.insertSim(this.#awake);
	}

	/** One way, virtual time. */
	setLatencyMs(latencyMs: number): void {
		if (this.#air !== undefined) this.#air.latencyUs = latencyMs * 1000;
	}

	/** @param rssi 0 to 31, as AT+CSQ shows it */
	setSignal(rssi: number): void {
		this.#settings.signal = rssi;
	}

	/** The modem restarts by itself: deaf, then RDY. */
	reset(): void {
		if (!this.powered) return;
		this.note("modem resets");
		this.#quiet();
		this.start();
	}

	failNext(fault: ModemFault, count = 1): void {
		for (let i = 0; i < count; i++) this.#faults.push(fault);
	}

	/** Deaf and dumb until switched back. */
	setSilent(silent: boolean): void {
		this.#silent = silent;
	}

	/** Noise before every RDY, as a supply that dips gives it. */
	setBootNoise(on: boolean): void {
		this.#bootNoise = on;
	}

	/** Sends any bytes, as a disturbed line would. */
	sendRaw(bytes: Uint8Array): void {
		this.transmit(bytes);
	}

	/** Ends all real connections; the bench is over. */
	dispose(): void {
		this.#sockets?.destroyAll();
	}

	protected override start(): void {
		this.later(bootUs, () => {
			this.#awake = true;
			if (this.#bootNoise) this.transmit(noise);
			this.#bootLine("RDY");
			this.#radio?.boot();
			this.later(300_000, () => this.#bootLine("+CFUN: 1"));
			this.later(800_000, () => {
				if (this.#settings.urcPort === "usbat") this.#bootLine(this.#simLine());
			});
			this.later(2_400_000, () => this.#bootLine("+QIND: SMS DONE"));
			this.later(2_600_000, () => this.#bootLine("+QIND: PB DONE"));
		});
	}

	protected override stop(): void {
		this.#quiet();
	}

	protected override hear(bytes: Uint8Array): void {
		if (!this.#awake || this.#silent) return;
		this.#waiting = Buffer.concat([this.#waiting, bytes]).subarray(0, waitingLimit);
		this.#work();
	}

	#simLine(): string {
		return this.#radio?.simState === "missing" ? "+CPIN: NOT READY" : "+CPIN: READY";
	}

	#quiet(): void {
		this.cancelAll();
		this.#awake = false;
		this.#busy = false;
		this.#waiting = Buffer.alloc(0);
		this.#line = "";
		this.#data = undefined;
		this.#heldUrcs = [];
		Object.assign(this.#settings, volatileSettings());
		this.#sockets?.reset();
		this.#radio?.reset();
	}

	#powerDown(): void {
		this.#say("POWERED DOWN");
		this.#quiet();
	}

	#work(): void {
		while (!this.#busy && this.#waiting.length > 0) {
			if (this.#data !== undefined) this.#collect();
			else this.#hearByte();
		}
	}

	#hearByte(): void {
		const byte = this.#waiting[0]!;
		this.#waiting = this.#waiting.subarray(1);
		if (this.#settings.echo) this.transmit(Buffer.of(byte));
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
		this.note(`< ${line}`);
		const fault = this.#faults[0];
		const generic = fault === "error" || fault === "late" || fault === "no-answer";
		if (generic || fault === "noise") this.#faults.shift();
		if (fault === "no-answer") return;
		this.#busy = true;
		this.later(fault === "late" ? lateUs : commandUs, () => {
			if (fault === "noise") this.transmit(noise);
			if (tooLong || fault === "error") this.#finish(error);
			else this.#runAll(commands, []);
		});
	}

	/** Runs the commands of a line one after the other; the first error ends it. */
	#runAll(commands: readonly AtCommand[], earlier: readonly string[]): void {
		const [first, ...rest] = commands;
		if (first === undefined) return this.#finish({ kind: "ok", lines: earlier });
		const handler = Object.hasOwn(this.#handlers, first.name)
			? this.#handlers[first.name]
			: undefined;
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
				for (const line of reply.lines ?? []) this.#say(line);
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
		this.later(0, () => this.#work());
	}

	#finishError(code: number | undefined): void {
		const { errors } = this.#settings;
		if (code === undefined || errors === 0) this.#final("ERROR", "4");
		else this.#say(`+CME ERROR: ${errors === 1 ? code : (cmeTexts[code] ?? "unknown")}`);
	}

	#finishRaw(header: string, data: Buffer): void {
		this.note(`> ${header}, ${data.length} raw bytes`);
		const bytes = Buffer.concat([
			Buffer.from(`\r\n${header}\r\n`, "latin1"),
			data,
			Buffer.from("\r\n\r\nOK\r\n", "latin1"),
		]);
		if (!this.#takeFault("reset-in-read")) return this.#put(bytes);
		this.#put(bytes.subarray(0, bytes.length - 8 - (data.length >> 1)));
		this.reset();
	}

	#prompt(reply: AtReply & { kind: "data" }): void {
		if (this.#takeFault("drop-prompt")) return;
		this.#put(Buffer.from("\r\n> ", "latin1"));
		const end = this.later(promptTimeoutUs, () => this.#endData("ERROR"));
		this.#data = { reply, bytes: Buffer.alloc(0), end };
	}

	#collect(): void {
		const data = this.#data!;
		const part = this.#waiting.subarray(0, data.reply.length - data.bytes.length);
		this.#waiting = this.#waiting.subarray(part.length);
		data.bytes = Buffer.concat([data.bytes, part]);
		if (this.#settings.echo && this.#settings.echoData) this.#put(part);
		if (data.bytes.length < data.reply.length) return;
		data.end();
		this.#busy = true;
		this.later(commandUs, () => {
			this.#busy = false;
			this.#endData(data.reply.take(data.bytes));
			this.#work();
		});
	}

	#endData(result: string): void {
		this.#data = undefined;
		this.#say(result);
		const urcs = this.#heldUrcs;
		this.#heldUrcs = [];
		for (const text of urcs) this.#urc(text);
	}

	#takeFault(fault: ModemFault): boolean {
		if (this.#faults[0] !== fault) return false;
		this.#faults.shift();
		return true;
	}

	#urc(text: string): void {
		if (!this.#awake || this.#settings.urcPort === "usbat") return;
		if (this.#settings.urcPort === "usbmodem") return;
		if (this.#data !== undefined) this.#heldUrcs.push(text);
		else this.#say(text);
	}

	/** Lines of the boot come over the UART whatever the URC port is. */
	#bootLine(text: string): void {
		if (this.#data === undefined) this.#say(text);
	}

	#final(text: string, code: string): void {
		if (this.#settings.verbose) this.#say(text);
		else this.#put(Buffer.from(`${code}\r`, "latin1"));
	}

	#say(text: string): void {
		this.note(`> ${text}`);
		this.#put(Buffer.from(`\r\n${text}\r\n`, "latin1"));
	}

	#put(bytes: Uint8Array): void {
		if (!this.#silent) this.transmit(bytes);
	}
}

function volatileSettings(): Omit<ModemSettings, "urcPort" | "signal"> {
	return { echo: true, verbose: true, errors: 0, echoData: true };
}
