/** A connection to the host's TCP listener for tests: frames out, frames in, believes nothing. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { decode, encode, type Message } from "../../simulator/bench/acquirer/codec";
import { sign } from "../../simulator/bench/acquirer/mac";
import { pause } from "./acquirer-terminal";

export const tpduHex = "6000030000";
export const headerHex = "602200000000";

/** A frame put together by hand from docs/host-protocol.md. */
export function framed(message: Buffer, head = tpduHex + headerHex): Buffer {
	const body = Buffer.concat([Buffer.from(head, "hex"), message]);
	return Buffer.concat([Buffer.from([body.length >> 8, body.length & 255]), body]);
}

export interface TcpReply {
	readonly tpdu: string;
	readonly header: string;
	readonly message: Message;
	readonly bytes: Buffer;
}

const answerTimeoutMs = 5_000;

export class TcpLink {
	readonly socket: Socket;
	closed = false;
	#bytes: Buffer = Buffer.alloc(0);

	private constructor(socket: Socket) {
		this.socket = socket;
		socket.on("data", (bytes: Buffer) => (this.#bytes = Buffer.concat([this.#bytes, bytes])));
		socket.on("error", () => undefined);
		socket.on("close", () => (this.closed = true));
	}

	static async open(port: number | undefined): Promise<TcpLink> {
		const socket = connect({ port: port ?? 0, host: "127.0.0.1", noDelay: true });
		await once(socket, "connect");
		return new TcpLink(socket);
	}

	/** Sends with a MAC under `mak`, without one for 08xx. */
	send(message: Message, mak: Buffer): void {
		const bytes = message.mti.startsWith("08") ? encode(message) : sign(mak, message);
		this.socket.write(framed(bytes));
	}

	/** The next frame that comes. */
	async reply(): Promise<TcpReply> {
		const deadline = Date.now() + answerTimeoutMs;
		for (;;) {
			const length = this.#bytes.length < 2 ? Infinity : this.#bytes.readUInt16BE(0);
			if (this.#bytes.length >= 2 + length) {
				const frame = this.#bytes.subarray(2, 2 + length);
				this.#bytes = this.#bytes.subarray(2 + length);
				const bytes = frame.subarray(11);
				const message = decode(bytes);
				return {
					tpdu: frame.toString("hex", 0, 5),
					header: frame.toString("hex", 5, 11),
					message,
					bytes,
				};
			}
			if (this.closed || Date.now() > deadline) throw new Error("no reply");
			await pause(2);
		}
	}

	/** Bytes that have come and were not taken, after a while. */
	async leftBytes(): Promise<number> {
		await pause(150);
		return this.#bytes.length;
	}

	async ended(): Promise<void> {
		const deadline = Date.now() + answerTimeoutMs;
		while (!this.closed) {
			if (Date.now() > deadline) throw new Error("the connection is not closed");
			await pause(2);
		}
	}

	close(): void {
		this.socket.destroy();
	}
}
