/** A wire between terminal and server that shows every byte on it. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { TestContext } from "node:test";

export class WireTap {
	/** From the terminal, all connections one after the other. */
	up: Buffer = Buffer.alloc(0);
	/** To the terminal. */
	down: Buffer = Buffer.alloc(0);
	connections = 0;
	/** Where the far end is; undefined: bytes are answered by `answer`. */
	target: number | undefined;
	/** What a server without TLS says to a piece of bytes. */
	answer: (bytes: Buffer) => Uint8Array | undefined = () => undefined;
	/** Keeps virtual time from running ahead. */
	busy: () => void = () => undefined;
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();

	private constructor() {
		this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
	}

	static async start(context: TestContext): Promise<WireTap> {
		const tap = new WireTap();
		await new Promise<void>((resolve) => tap.#server.listen(0, "127.0.0.1", () => resolve()));
		context.after(() => {
			for (const socket of tap.#sockets) socket.destroy();
			tap.#server.close();
		});
		return tap;
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	#accept(near: Socket): void {
		this.connections++;
		this.#watch(near);
		if (this.target === undefined) {
			near.on("data", (bytes: Buffer) => {
				this.up = Buffer.concat([this.up, bytes]);
				const answer = this.answer(bytes);
				if (answer !== undefined) near.write(answer);
			});
			return;
		}
		const far = connect({ port: this.target, host: "127.0.0.1", noDelay: true });
		this.#watch(far);
		near.on("data", (bytes: Buffer) => {
			this.up = Buffer.concat([this.up, bytes]);
			far.write(bytes);
		});
		far.on("data", (bytes: Buffer) => {
			this.down = Buffer.concat([this.down, bytes]);
			near.write(bytes);
		});
		near.on("end", () => far.end());
		far.on("end", () => near.end());
		near.on("close", () => far.destroy());
		far.on("close", () => near.destroy());
	}

	#watch(socket: Socket): void {
		this.#sockets.add(socket);
		socket.on("data", () => this.busy());
		socket.on("error", () => undefined);
		socket.on("close", () => {
			this.busy();
			this.#sockets.delete(socket);
		});
		this.busy();
	}
}

/** Content types of TLS records (RFC 5246, 6.2.1). */
export const recordType = Object.freeze({ alert: 21, handshake: 22, applicationData: 23 });

/** The content types of a stream of TLS records. @throws Error when it is none: something went in clear */
export function recordTypes(stream: Buffer): number[] {
	const types: number[] = [];
	let at = 0;
	while (at < stream.length) {
		const type = stream[at]!;
		if (type < 20 || type > 23 || stream[at + 1] !== 3)
			throw new Error(`no TLS record at byte ${at}: ${stream.toString("hex", at, at + 8)}`);
		types.push(type);
		at += 5 + stream.readUInt16BE(at + 3);
	}
	return types;
}
