import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { Scheduler, SerialDevice } from "./device";
import { PacedLine } from "./paced-line";

export interface TcpSerialOptions {
	readonly device: SerialDevice;
	/** A scheduler of the real pace that somebody runs. */
	readonly scheduler: Scheduler;
	/** TCP port, 0 for any. */
	readonly port: number;
	/** Interface to listen on. Default 127.0.0.1. */
	readonly host?: string;
	/** Speed of the line. Default 115200. */
	readonly baud?: number;
	/** Every byte of both directions. */
	readonly onCapture?: (direction: "to-terminal" | "from-terminal", bytes: Uint8Array) => void;
}

const pieceBytes = 16;
/** The client's bytes are not read while more than this wait for the line. */
const pendingBytesMax = 4096;

/**
 * A peripheral behind a TCP port: the connection carries the raw bytes of the serial line. It stands for the
 * terminal's supply as well: the device has power while somebody is connected. A new connection takes the
 * place of the one before.
 */
export class TcpSerial {
	readonly #options: TcpSerialOptions;
	readonly #server: Server;
	readonly #toDevice: PacedLine;
	readonly #toTerminal: PacedLine;
	#client: Socket | undefined;

	constructor(options: TcpSerialOptions) {
		this.#options = options;
		const { device, scheduler, baud = 115_200, onCapture } = options;
		this.#toDevice = new PacedLine(scheduler, baud, pieceBytes, (bytes) => {
			onCapture?.("from-terminal", bytes);
			device.receive(bytes);
			if (this.#toDevice.pendingBytes < pendingBytesMax) this.#client?.resume();
		});
		this.#toTerminal = new PacedLine(scheduler, baud, pieceBytes, (bytes) => {
			onCapture?.("to-terminal", bytes);
			this.#client?.write(bytes);
		});
		this.#server = createServer((socket) => this.#accept(socket));
		device.plug({ send: (bytes) => this.#send(bytes) }, scheduler);
	}

	/**
	 * @returns the port that it listens on
	 * @throws Error with code EADDRINUSE when the port is taken
	 */
	listen(): Promise<number> {
		return new Promise((resolve, reject) => {
			this.#server.once("error", reject);
			this.#server.listen(this.#options.port, this.#options.host ?? "127.0.0.1", () => {
				this.#server.off("error", reject);
				resolve((this.#server.address() as AddressInfo).port);
			});
		});
	}

	/** Hangs up and stops listening. */
	close(): void {
		this.#client?.destroy();
		this.#drop(this.#client);
		this.#server.close();
	}

	#accept(socket: Socket): void {
		const before = this.#client;
		before?.destroy();
		this.#drop(before);
		this.#client = socket;
		socket.setNoDelay(true);
		socket.on("data", (bytes) => {
			if (socket !== this.#client) return;
			this.#toDevice.push(bytes);
			if (this.#toDevice.pendingBytes >= pendingBytesMax) socket.pause();
		});
		// An error is followed by "close".
		socket.on("error", () => {});
		socket.on("close", () => this.#drop(socket));
		this.#options.device.power(true);
	}

	#send(bytes: Uint8Array): void {
		if (this.#client !== undefined) this.#toTerminal.push(bytes);
	}

	#drop(socket: Socket | undefined): void {
		if (socket === undefined || socket !== this.#client) return;
		this.#client = undefined;
		this.#toDevice.clear();
		this.#toTerminal.clear();
		this.#options.device.power(false);
	}
}
