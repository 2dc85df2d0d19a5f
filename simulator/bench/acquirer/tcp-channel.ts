/** Requests and answers over plain TCP (docs/host-protocol.md, Backup channel). */
import { createServer, type Server, type Socket } from "node:net";
import type { Message } from "./codec";
import { reasonOf } from "./mqtt-client";
import type { AcquirerClock } from "./options";
import {
	answerTo,
	envelopeFlaw,
	frameBytes,
	FrameReader,
	type Frame,
	type LengthFormat,
} from "./tcp-frames";
import type { Way } from "./way";

export interface TcpOptions {
	/** 0 lets the system pick a free one. */
	readonly port: number;
	/** Loopback when absent. */
	readonly host?: string;
	/** "binary" when absent. */
	readonly length?: LengthFormat;
	/** The addresses of the TPDU are changed over in answers; true when absent. */
	readonly swapTpdu?: boolean;
}

export interface TcpChannelParts {
	readonly options: TcpOptions;
	readonly clock: AcquirerClock;
	readonly log: (line: string) => void;
	/** A message has come. @returns why it was dropped */
	readonly onRequest: (payload: Buffer, way: Way) => string | undefined;
	readonly onMessage: () => void;
	/** Whenever a connection or bytes come or go: a bench keeps its time from running ahead. */
	readonly onActivity: () => void;
	readonly onDropped: () => void;
	/** Digit "request" in the header of an answer to this terminal. */
	readonly requestDigit: (terminal: string) => number;
}

/** A started frame is complete within this, something is asked within this, and again after an answer. */
const quietMs = 30_000;
/** An answer that never comes (the host is told to be silent) does not keep a connection for ever. */
const unansweredMs = 180_000;
const connectionsMax = 256;
/** Answers that a peer does not take. */
const unsentBytesMax = 65_536;

export class TcpChannel {
	readonly #parts: TcpChannelParts;
	readonly #connections = new Set<Connection>();
	#server: Server | undefined;
	#port: number;

	constructor(parts: TcpChannelParts) {
		this.#parts = parts;
		this.#port = parts.options.port;
	}

	/** The port that it listens on, the same after a stop and start. */
	get port(): number {
		return this.#port;
	}

	/** @throws Error with one clear line when the port is in use or not allowed */
	async start(): Promise<void> {
		const server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
		server.maxConnections = connectionsMax;
		const { host = "127.0.0.1" } = this.#parts.options;
		try {
			await new Promise<void>((resolve, reject) => {
				server.once("error", reject);
				server.listen({ port: this.#port, host }, resolve);
			});
		} catch (error) {
			throw new Error(`TCP ${listenText(error, `port ${this.#port} on ${host}`)}`, {
				cause: error,
			});
		}
		server.on("error", (error) => this.#parts.log(`TCP: ${reasonOf(error)}`));
		const address = server.address();
		if (typeof address === "object" && address !== null) this.#port = address.port;
		this.#server = server;
	}

	/** Cuts every connection and listens no more. */
	async stop(): Promise<void> {
		const server = this.#server;
		this.#server = undefined;
		for (const connection of this.#connections) connection.end();
		this.#connections.clear();
		if (server !== undefined) await new Promise((resolve) => server.close(resolve));
	}

	#accept(socket: Socket): void {
		const connection = new Connection(socket, this.#parts);
		this.#connections.add(connection);
		this.#parts.onActivity();
		socket.once("close", () => {
			this.#connections.delete(connection);
			this.#parts.onActivity();
		});
	}
}

/** One attempt of a terminal, or one poll for notices. */
class Connection {
	readonly #socket: Socket;
	readonly #parts: TcpChannelParts;
	readonly #reader: FrameReader;
	readonly #name: string;
	readonly #poll: { request?: Message } = {};
	#cancelTimer: () => void = () => undefined;
	#frameStarted = false;

	constructor(socket: Socket, parts: TcpChannelParts) {
		this.#socket = socket;
		this.#parts = parts;
		this.#reader = new FrameReader(parts.options.length ?? "binary");
		this.#name = `TCP ${socket.remoteAddress ?? "?"}:${socket.remotePort ?? 0}`;
		socket.on("data", (bytes: Buffer) => this.#onBytes(bytes));
		// A reset by the peer is an end like any other.
		socket.on("error", () => undefined);
		socket.on("close", () => this.#cancelTimer());
		this.#closeAfter(quietMs, "nothing was asked");
	}

	end(): void {
		this.#cancelTimer();
		this.#socket.destroy();
	}

	#onBytes(bytes: Buffer): void {
		this.#parts.onActivity();
		const frames = this.#reader.push(bytes);
		if (typeof frames === "string") {
			this.#drop(bytes.length, frames);
			return this.end();
		}
		for (const frame of frames) this.#onFrame(frame);
		const started = this.#reader.started;
		// The time of a frame runs from its first byte, not from its newest one.
		if (started && (!this.#frameStarted || frames.length > 0))
			this.#closeAfter(quietMs, "a frame was not completed");
		this.#frameStarted = started;
	}

	#onFrame(frame: Frame): void {
		this.#parts.onMessage();
		this.#closeAfter(unansweredMs, "no answer");
		const { message } = frame;
		const way: Way = {
			name: this.#name,
			poll: this.#poll,
			send: (bytes, _qos, terminal) => this.#send(frame, bytes, terminal),
			end: () => this.#socket.end(),
		};
		const envelope = envelopeFlaw(frame);
		const flaw = envelope !== "" ? envelope : this.#parts.onRequest(Buffer.from(message), way);
		if (flaw === undefined) return;
		this.#closeAfter(quietMs, "");
		this.#drop(message.length, flaw);
	}

	#send(frame: Frame, message: Buffer, terminal: string): string {
		const { options, requestDigit } = this.#parts;
		if (!this.#socket.writable) return "connection closed";
		if (this.#socket.writableLength > unsentBytesMax) return "the peer does not read";
		const answer = answerTo(frame, message, requestDigit(terminal), options.swapTpdu ?? true);
		this.#socket.write(frameBytes(answer, options.length ?? "binary"));
		this.#closeAfter(quietMs, "");
		return "";
	}

	#closeAfter(delayMs: number, reason: string): void {
		this.#cancelTimer();
		this.#cancelTimer = this.#parts.clock.after(delayMs, () => {
			if (reason !== "") this.#parts.log(`${this.#name} closed: ${reason}`);
			this.#socket.destroy();
		});
	}

	#drop(byteCount: number, flaw: string): void {
		this.#parts.onDropped();
		this.#parts.log(`dropped ${byteCount} bytes on ${this.#name}: ${flaw}`);
	}
}

function listenText(error: unknown, place: string): string {
	const code = error instanceof Error && "code" in error ? String(error.code) : "";
	if (code === "EADDRINUSE") return `${place} is in use`;
	if (code === "EACCES") return `${place} is not allowed for this user`;
	return `cannot listen on ${place} (${code === "" ? reasonOf(error) : code})`;
}
