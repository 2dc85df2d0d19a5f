import { certificateCharLimit } from "core/certificate";
import type { Clock, TimerId, Timers } from "core/clock";
import type { Network } from "core/devices";
import { Fault } from "core/fault";
import type { Serial, SerialPort, SocketConstructor, SocketOptions } from "core/io";
import { LogCode, type Log } from "core/log";
import type { SerialWriter } from "core/serial-writer";
import { AtChannel } from "modem/at-channel";
import { BringUp } from "modem/bring-up";
import { bringUpRows } from "modem/bring-up-states";
import type { Command, Reply } from "modem/command";
import { makeCounters, type ModemCounters } from "modem/counters";
import type { ModemFamily } from "modem/family";
import { isAccessPointName } from "modem/host-name";
import { ModemPort } from "modem/modem-port";
import { ModemSocket } from "modem/modem-socket";
import { PinStore } from "modem/pin-store";
import { quectel } from "modem/quectel";
import type { SocketHost } from "modem/socket-host";
import { SocketTable } from "modem/socket-table";
import { dispatch } from "modem/unsolicited";

export interface ModemOptions {
	readonly port: SerialPort;
	/** Access point name: letters, digits, ".", "-", "_"; at most 63; may be empty. */
	readonly apn: string;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly log: Log;
	/** `up`, `signal` or `stateName` has changed. */
	readonly onChanged: () => void;
	/** The network's time, 2024 or later. @param wallMs unix milliseconds, UTC */
	readonly onTime: (wallMs: number) => void;
	/** Restarts the module by PWRKEY or RESET. Without it AT+CFUN=1,1 does, which a hung module does not hear. */
	readonly onReset?: () => void;
	/** Quectel when absent. */
	readonly family?: ModemFamily;
}

/** A payload (the longest is a certificate), its command and something to spare. */
const writerByteLimit = certificateCharLimit + 512;
/** Opens that fail in a row before the data connection is made anew. */
const openFailureLimit = 5;

/**
 * A 4G modem as a carrier of IP. Starts by itself, keeps itself up and never throws out of a callback.
 * All work of an owner (callbacks) and the next command happen in one turn, in this order: so the line is
 * silent while the owner works, and what comes unasked fits the FIFO.
 */
export class Modem implements Network {
	readonly Socket: SocketConstructor;
	readonly #options: ModemOptions;
	readonly #family: ModemFamily;
	readonly #counters = makeCounters();
	readonly #sockets = new SocketTable();
	readonly #pins: PinStore | undefined;
	readonly #bringUp: BringUp;
	readonly #port: ModemPort;
	#channel: AtChannel | undefined;
	#turnTimer: TimerId | undefined;
	#dueTimer: TimerId | undefined;
	#openFailures = 0;
	#noiseLogAt = 1;
	#changed = false;
	#wallMs: number | undefined;
	#closed = false;

	/** @throws Fault "config" for an access point name that could not be sent */
	constructor(options: ModemOptions) {
		if (!isAccessPointName(options.apn)) throw new Fault("config");
		this.#options = options;
		this.#family = options.family ?? quectel;
		const { tls } = this.#family;
		this.#pins = tls === undefined ? undefined : new PinStore(tls, this.#counters, options.log);
		this.Socket = this.#makeSocketClass();
		this.#bringUp = new BringUp({
			family: this.#family,
			apn: options.apn,
			clock: options.clock,
			timers: options.timers,
			log: options.log,
			counters: this.#counters,
			hardReset: options.onReset === undefined ? undefined : () => options.onReset?.(),
			synchronize: (forMs) => this.#synchronize(forMs),
			wake: () => this.#wake(),
			changed: () => this.#noteChange(),
			lost: () => this.#sockets.drop(),
			timeKnown: (wallMs) => this.#noteTime(wallMs),
		});
		this.#port = new ModemPort(options.port, options.timers, writerByteLimit, {
			opened: (serial, writer) => this.#opened(serial, writer),
			received: (bytes) => this.#channel?.receive(bytes),
			lost: () => this.#portLost(),
		});
	}

	/** Sockets can be opened now. */
	get up(): boolean {
		return this.#bringUp.up;
	}

	/** 0 to 31 as AT+CSQ gives it, 99 unknown. */
	get signal(): number {
		return this.#bringUp.signal;
	}

	/** Short name for the console, see bring-up-states. */
	get stateName(): string {
		return bringUpRows[this.#bringUp.state]!.name;
	}

	get counters(): ModemCounters {
		return this.#counters;
	}

	/** Gives the port back. Open sockets hear nothing any more. Twice is fine. */
	close(): void {
		if (this.#closed) return;
		this.#bringUp.stop();
		this.#closed = true;
		this.#channel?.close();
		this.#port.close();
		this.#clear(this.#turnTimer);
		this.#clear(this.#dueTimer);
	}

	#opened(serial: Serial, writer: SerialWriter): void {
		this.#channel = new AtChannel({
			family: this.#family,
			serial,
			writer,
			clock: this.#options.clock,
			timers: this.#options.timers,
			counters: this.#counters,
			events: {
				unsolicited: (line) => this.#unsolicited(line),
				synchronized: () => this.#synchronized(),
				silent: () => this.#bringUp.silent(),
				echoed: () => this.#bringUp.echoed(),
				noise: () => this.#noteNoise(),
			},
		});
		this.#bringUp.start();
	}

	#portLost(): void {
		this.#options.log.event(LogCode.ModemReset, 2);
		this.#channel?.close();
		this.#channel = undefined;
		this.#bringUp.stop();
	}

	/** Logged at 1, 2, 4 … lines, so that a noisy line does not fill the log. */
	#noteNoise(): void {
		const { noise, overlongLines } = this.#counters;
		if (noise + overlongLines < this.#noiseLogAt) return;
		this.#noiseLogAt = 2 * (noise + overlongLines);
		this.#options.log.event(LogCode.ModemNoise, noise, overlongLines);
	}

	/** One turn at a time is due; the port must be open for the first. */
	#wake(): void {
		if (this.#closed || this.#turnTimer !== undefined) return;
		this.#turnTimer = this.#options.timers.set(() => {
			this.#turnTimer = undefined;
			this.#turn();
		}, 0);
	}

	#turn(): void {
		try {
			this.#deliver();
		} finally {
			// An owner that throws must not stop the others.
			if (!this.#closed) this.#runNext();
		}
	}

	#deliver(): void {
		if (this.#changed) {
			this.#changed = false;
			this.#options.onChanged();
		}
		if (this.#wallMs !== undefined) {
			const wallMs = this.#wallMs;
			this.#wallMs = undefined;
			this.#options.onTime(wallMs);
		}
		this.#sockets.deliver(() => this.#closed);
	}

	#runNext(): void {
		const channel = this.#channel;
		if (channel?.free === true) {
			const command = this.#bringUp.next() ?? (this.up ? this.#sockets.next() : undefined);
			if (command !== undefined) channel.run(this.#waking(command));
		}
		this.#sockets.sweep();
		this.#armDue();
	}

	/** The end of a command is followed by a turn. */
	#waking(command: Command): Command {
		const done = (reply: Reply): void => {
			command.done(reply);
			this.#wake();
		};
		return { ...command, done };
	}

	/** Wakes up when a socket's poll, retry or deadline is due. A busy channel wakes us when it is done. */
	#armDue(): void {
		this.#clear(this.#dueTimer);
		this.#dueTimer = undefined;
		if (this.#channel?.free !== true && this.up) return;
		const at = this.#sockets.dueMs;
		if (at === Infinity) return;
		const delayMs = Math.max(1, at - this.#options.clock.ticksMs());
		this.#dueTimer = this.#options.timers.set(() => this.#wake(), delayMs);
	}

	#unsolicited(line: string): boolean {
		if (!dispatch(line, this.#family, this.#sockets, this.#bringUp)) return false;
		this.#wake();
		return true;
	}

	/** The module may have restarted, and then has forgotten its TLS settings. */
	#synchronize(forMs: number): void {
		this.#channel?.synchronize(forMs);
		this.#pins?.forget();
	}

	#synchronized(): void {
		this.#sockets.checkSoon();
		this.#bringUp.synchronized();
	}

	#openEnded(error: number): void {
		if (error === 0) {
			this.#openFailures = 0;
			return;
		}
		this.#counters.openFailures++;
		this.#openFailures++;
		if (error === this.#family.openFatalError) this.#bringUp.recover();
		else if (this.#openFailures >= openFailureLimit && !this.#sockets.someOpen) {
			this.#openFailures = 0;
			this.#bringUp.reconnect();
		}
	}

	#noteChange(): void {
		this.#changed = true;
		this.#wake();
	}

	#noteTime(wallMs: number): void {
		this.#wallMs = wallMs;
		this.#wake();
	}

	#clear(timer: TimerId | undefined): void {
		if (timer !== undefined) this.#options.timers.clear(timer);
	}

	#makeSocketClass(): SocketConstructor {
		const { timers } = this.#options;
		const host: SocketHost = {
			family: this.#family,
			clock: this.#options.clock,
			counters: this.#counters,
			pins: this.#pins,
			timeKnown: () => this.#bringUp.timeKnown,
			attach: (socket) => (this.up ? this.#sockets.attach(socket) : -1),
			wake: () => this.#wake(),
			openEnded: (error) => this.#openEnded(error),
			stuck: () => this.#bringUp.recover(),
		};
		return class extends ModemSocket {
			constructor(options: SocketOptions) {
				super(host, options);
				// Not attached: nobody but this timer will tell the owner.
				if (this.unattached) timers.set(() => this.deliver(), 0);
			}
		};
	}
}
