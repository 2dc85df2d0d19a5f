/** A line between a terminal and a broker: both ways are delayed and, where asked for, paced. Real sockets on both sides. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { once } from "node:events";

export interface LineOptions {
	/** Where the line leads. */
	readonly port: number;
	readonly roundTripMs: number;
	/** Each way; absent: as fast as the machine. */
	readonly bytesPerSecond?: number;
	/** What each packet costs on the line beside its bytes (AT command around it). */
	readonly packetBytes?: number;
}

/** One way of one connection: what arrives leaves after its time on the line and half a round trip. */
class Way {
	readonly #options: LineOptions;
	readonly #to: Socket;
	/** The line is busy until then, ms of `performance.now`. */
	#freeMs = 0;
	/** Time on the line of all that has passed. */
	busyMs = 0;
	bytes = 0;
	/** Content of PUBLISH packets. */
	payloadBytes = 0;
	/** Of a packet that is not complete yet. */
	#rest: Buffer = Buffer.alloc(0);
	#queue: { readonly atMs: number; readonly packet: Buffer }[] = [];
	#waits = false;

	constructor(options: LineOptions, to: Socket) {
		this.#options = options;
		this.#to = to;
	}

	/** Packet by packet, however TCP has cut them: one that follows does not hold up the one before. */
	push(chunk: Buffer): void {
		let bytes = Buffer.concat([this.#rest, chunk]);
		for (let size = packetSize(bytes); size > 0 && size <= bytes.length; size = packetSize(bytes)) {
			this.#send(bytes.subarray(0, size));
			bytes = bytes.subarray(size);
		}
		this.#rest = bytes;
	}

	#send(packet: Buffer): void {
		const { bytesPerSecond, packetBytes = 0, roundTripMs } = this.#options;
		const cost = packet.length + packetBytes;
		const takesMs = bytesPerSecond === undefined ? 0 : (cost / bytesPerSecond) * 1000;
		this.#freeMs = Math.max(this.#freeMs, performance.now()) + takesMs;
		this.busyMs += takesMs;
		this.bytes += packet.length;
		this.payloadBytes += payloadSize(packet);
		this.#queue.push({ atMs: this.#freeMs + roundTripMs / 2, packet });
		this.#wait();
	}

	/** Timers of Node are late by up to a millisecond: the last one is waited for in turns of the loop. */
	#wait(): void {
		const next = this.#queue[0];
		if (this.#waits || next === undefined) return;
		const leftMs = next.atMs - performance.now();
		if (leftMs <= 0) {
			this.#queue.shift();
			if (!this.#to.destroyed) this.#to.write(next.packet);
			this.#wait();
			return;
		}
		this.#waits = true;
		const again = (): void => {
			this.#waits = false;
			this.#wait();
		};
		if (leftMs > 2) setTimeout(again, leftMs - 2);
		else setImmediate(again);
	}
}

/** Bytes of the packet at the beginning, 0 while its length is not there. */
function packetSize(bytes: Buffer): number {
	let length = 0;
	for (let digits = 0; digits < 4; digits++) {
		const digit = bytes[1 + digits];
		if (digit === undefined) return 0;
		length += (digit & 127) * 128 ** digits;
		if (digit < 128) return 2 + digits + length;
	}
	throw new Error("no MQTT on the line");
}

/** Content of a PUBLISH, 0 for any other packet. */
function payloadSize(packet: Buffer): number {
	if (packet[0]! >> 4 !== 3) return 0;
	let at = 1;
	while (packet[at]! >= 128) at++;
	const topicEnd = at + 3 + packet.readUInt16BE(at + 1);
	return packet.length - topicEnd - ((packet[0]! & 6) === 0 ? 0 : 2);
}

export class DelayedLine {
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();
	/** Of the newest connection. */
	up: Way | undefined;
	down: Way | undefined;

	private constructor(options: LineOptions) {
		this.#server = createServer({ noDelay: true }, (terminal) => {
			const far = connect({ port: options.port, host: "127.0.0.1", noDelay: true });
			const up = (this.up = new Way(options, far));
			const down = (this.down = new Way(options, terminal));
			terminal.on("data", (chunk: Buffer) => up.push(chunk));
			far.on("data", (chunk: Buffer) => down.push(chunk));
			for (const [socket, other] of [
				[terminal, far],
				[far, terminal],
			] as const) {
				this.#sockets.add(socket);
				socket.on("error", () => other.destroy());
				socket.on("close", () => {
					this.#sockets.delete(socket);
					other.destroy();
				});
			}
		});
	}

	static async open(options: LineOptions): Promise<DelayedLine> {
		const line = new DelayedLine(options);
		line.#server.listen(0, "127.0.0.1");
		await once(line.#server, "listening");
		return line;
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	async close(): Promise<void> {
		for (const socket of this.#sockets) socket.destroy();
		this.#server.close();
		await once(this.#server, "close");
	}
}
