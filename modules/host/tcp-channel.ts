import type { TimerId, Timers } from "core/clock";
import type { Network } from "core/devices";
import { Fault } from "core/fault";
import type { Socket } from "core/io";
import { LogCode, type Log } from "core/log";
import type { TerminalConfig } from "core/platform";
import { ChannelKind, type Channel, type ChannelEvents } from "host/channel";
import {
	frameBytes,
	FrameReader,
	headerBytes,
	readHeader,
	tpduAnswers,
	tpduBytes,
	unionpayFrames,
	type Frame,
} from "message/framing";

/** First number of LogCode.BackupError; the second is the attempt. */
export const BackupReason = Object.freeze({
	/** The socket failed, or the host closed before it had answered. */
	Socket: 1,
	/** The connection did not open in time. */
	ConnectTimeout: 2,
	/** A frame whose length cannot be. */
	Length: 3,
	/** A reply with the addresses of somebody else. */
	Tpdu: 4,
} as const);

export interface TcpChannelOptions {
	readonly config: TerminalConfig;
	readonly network: Network;
	readonly timers: Timers;
	readonly log: Log;
	/** For one connection to open. */
	readonly connectTimeoutMs: number;
	readonly inFlight: number;
	readonly events: ChannelEvents;
}

/** The connection of one attempt. */
interface Line {
	readonly attempt: number;
	readonly reader: FrameReader;
	socket: Socket | undefined;
	/** Frames that were not handed over yet. */
	waiting: Uint8Array[];
	open: boolean;
	over: boolean;
	deadline: TimerId;
}

const header = Object.freeze({
	application: 60,
	version: 31,
	terminalState: 0,
	request: 0,
	software: 100,
});
/** Network identifier 0003, as most acquirers have it. */
const defaultTpdu = "6000030000";
/** Requests of our own (sign-on, echo, poll) have room beside those about money. */
const serviceLines = 2;

/**
 * The backup channel (docs/host-protocol.md): plain TCP, one connection for each attempt, which is what ties a reply
 * to its request. There is nothing to connect beforehand, so it is ready at once.
 */
export class TcpChannel implements Channel {
	readonly kind = ChannelKind.Backup;
	readonly inFlight: number;
	readonly #options: TcpChannelOptions;
	readonly #tpdu: Uint8Array;
	readonly #header = headerBytes(header);
	readonly #ready: TimerId;
	#lines: Line[] = [];

	/** @throws Fault "config" for a TPDU that is none */
	constructor(options: TcpChannelOptions) {
		this.inFlight = options.inFlight;
		this.#options = options;
		this.#tpdu = tpduOf(options.config);
		this.#ready = options.timers.set(() => options.events.onReady(), 0);
	}

	/** Opens a connection for an attempt, or sends on in the one that it has. QoS has no meaning here. */
	send(attempt: number, message: Uint8Array): boolean {
		const frame = frameBytes(unionpayFrames, message, this.#tpdu, this.#header);
		const known = this.#lines.find((line) => line.attempt === attempt);
		if (known !== undefined) {
			known.waiting.push(frame);
			return this.#flush(known);
		}
		if (this.#lines.length >= this.inFlight + serviceLines) return false;
		return this.#dial(attempt, frame);
	}

	/** Notices come in answer to a poll, on its own connection. */
	answer(): boolean {
		return false;
	}

	over(attempt: number): void {
		const line = this.#lines.find((each) => each.attempt === attempt);
		if (line !== undefined) this.#hangUp(line);
	}

	close(): void {
		this.#options.timers.clear(this.#ready);
		for (const line of [...this.#lines]) this.#hangUp(line);
	}

	#dial(attempt: number, frame: Uint8Array): boolean {
		const { config, network, timers, connectTimeoutMs } = this.#options;
		const line: Line = {
			attempt,
			reader: new FrameReader(unionpayFrames),
			socket: undefined,
			waiting: [frame],
			open: false,
			over: false,
			deadline: 0,
		};
		try {
			line.socket = new network.Socket({
				host: config.backupHost ?? "",
				port: config.backupPort ?? 0,
				tls: config.hostTls,
				onWritable: () => this.#opened(line),
				onReadable: () => this.#readable(line),
				onError: () => this.#lost(line, BackupReason.Socket),
			});
		} catch {
			return false;
		}
		line.deadline = timers.set(
			() => this.#lost(line, BackupReason.ConnectTimeout),
			connectTimeoutMs,
		);
		this.#lines.push(line);
		return true;
	}

	#opened(line: Line): void {
		if (line.over) return;
		line.open = true;
		this.#options.timers.clear(line.deadline);
		if (!this.#flush(line)) this.#lost(line, BackupReason.Socket);
	}

	/** Hands over what waits, as far as there is room. @returns false when the connection is no use */
	#flush(line: Line): boolean {
		while (line.open && line.waiting.length > 0) {
			try {
				line.socket?.write(line.waiting[0]!);
			} catch (error) {
				return error instanceof Fault && error.code === "io.busy";
			}
			line.waiting.shift();
		}
		return true;
	}

	#readable(line: Line): void {
		const { log } = this.#options;
		let chunk = line.over ? undefined : line.socket?.read();
		while (chunk !== undefined) {
			for (const frame of line.reader.push(chunk)) {
				if (!line.over) this.#frame(line, frame);
			}
			if (line.over) return;
			if (line.reader.fault !== undefined) {
				log.event(LogCode.BadMessage, line.attempt, 0);
				this.#lost(line, BackupReason.Length);
				return;
			}
			chunk = line.socket?.read();
		}
	}

	#frame(line: Line, frame: Frame): void {
		if (!tpduAnswers(this.#tpdu, frame.tpdu)) {
			this.#lost(line, BackupReason.Tpdu);
			return;
		}
		const { events } = this.#options;
		const asked = readHeader(frame.header)?.request ?? 0;
		events.onReply(line.attempt, frame.message);
		if (asked > 0) events.onAsked(asked);
	}

	#lost(line: Line, reason: number): void {
		if (line.over) return;
		this.#hangUp(line);
		this.#options.log.event(LogCode.BackupError, reason, line.attempt);
		this.#options.events.onLost(line.attempt);
	}

	#hangUp(line: Line): void {
		line.over = true;
		this.#lines = this.#lines.filter((each) => each !== line);
		this.#options.timers.clear(line.deadline);
		line.socket?.close();
		line.socket = undefined;
	}
}

/** @throws Fault "config" */
function tpduOf({ tpdu }: TerminalConfig): Uint8Array {
	const digits = tpdu ?? defaultTpdu;
	if (!/^60[0-9]{8}$/.test(digits)) throw new Fault("config", 0, digits.length);
	return tpduBytes(Number(digits.slice(2, 6)), Number(digits.slice(6)));
}
