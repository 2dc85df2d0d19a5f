import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { Aedes } from "aedes";
import type { Identity } from "../certificates";
import { tapConnection } from "./packet-tap";
import type { CapturedPacket } from "./packet-tap";
import { TlsListener } from "./tls-listener";

export type { CapturedPacket } from "./packet-tap";

export interface BrokerOptions {
	/** 0 lets the system pick a free one. */
	readonly port?: number;
	/** Loopback when absent. */
	readonly host?: string;
	/** Told about every packet, in both directions, as it goes over the wire. */
	readonly capture?: (packet: CapturedPacket) => void;
	/** Called whenever bytes come or go: the bench keeps virtual time from running ahead. */
	readonly onActivity?: () => void;
	/** Unix ms for captured packets; Date.now when absent. */
	readonly wallMs?: () => number;
	/** Listens with TLS as well, on a port of its own. */
	readonly tls?: BrokerTls;
}

export interface BrokerTls {
	/** What it shows at the start; see TlsListener.present. */
	readonly identity: Identity;
	/** 0 lets the system pick a free one. */
	readonly port?: number;
}

/** The broker could not be started; the message is one line for a person. */
export class BrokerError extends Error {
	override readonly name = "BrokerError";
}

/** An MQTT broker (aedes) inside the bench, on real TCP. */
export class Broker {
	readonly #options: BrokerOptions;
	readonly #sockets = new Set<Socket>();
	#aedes: Aedes | undefined;
	#server: Server | undefined;
	#port: number;
	#tls: TlsListener | undefined;
	/** The same again after a stop and start. */
	#tlsPort: number;

	constructor(options: BrokerOptions = {}) {
		this.#options = options;
		this.#port = options.port ?? 0;
		this.#tlsPort = options.tls?.port ?? 0;
	}

	get running(): boolean {
		return this.#server !== undefined;
	}

	/** The port that it listens on; the same again after a stop and start. */
	get port(): number {
		return this.#port;
	}

	/** The TLS side, while it runs. */
	get tls(): TlsListener | undefined {
		return this.#tls;
	}

	/** "mqtt://127.0.0.1:1883". */
	get url(): string {
		return `mqtt://${this.#host}:${this.#port}`;
	}

	/** TCP connections now. */
	get connections(): number {
		return this.#sockets.size;
	}

	/**
	 * Begins to listen. Twice is fine.
	 * @throws BrokerError when the port is in use or not allowed
	 */
	async start(): Promise<void> {
		if (this.#server !== undefined) return;
		const aedes = await Aedes.createBroker({ heartbeatInterval: 60_000 });
		const server = createServer({ noDelay: true }, (socket) => this.#accept(aedes, socket));
		const tls = this.#makeTls(aedes);
		try {
			await listen(server, this.#port, this.#host);
			await tls?.start();
		} catch (error) {
			server.close();
			aedes.close();
			throw new BrokerError(this.#listenText(error));
		}
		this.#tls = tls;
		this.#tlsPort = tls?.port ?? 0;
		this.#port = (server.address() as AddressInfo).port;
		this.#aedes = aedes;
		this.#server = server;
	}

	/** Ends all connections and forgets all sessions, as a crash would. Twice is fine. */
	async stop(): Promise<void> {
		const server = this.#server;
		const aedes = this.#aedes;
		this.#server = undefined;
		this.#aedes = undefined;
		if (server === undefined || aedes === undefined) return;
		const closed = new Promise<void>((resolve) => server.close(() => resolve()));
		this.kill();
		await closed;
		await this.#tls?.stop();
		this.#tls = undefined;
		await new Promise<void>((resolve) => aedes.close(() => resolve()));
	}

	/** Cuts all connections at once; new ones are welcome. @returns how many it were */
	kill(): number {
		const sockets = [...this.#sockets];
		for (const socket of sockets) socket.destroy();
		this.#tls?.kill();
		return sockets.length;
	}

	get #host(): string {
		return this.#options.host ?? "127.0.0.1";
	}

	#makeTls(aedes: Aedes): TlsListener | undefined {
		const { tls, host, onActivity } = this.#options;
		if (tls === undefined) return undefined;
		return new TlsListener({
			identity: tls.identity,
			port: this.#tlsPort,
			...(host !== undefined && { host }),
			...(onActivity !== undefined && { onActivity }),
			onConnection: (socket) => this.#accept(aedes, socket),
		});
	}

	#accept(aedes: Aedes, socket: Socket): void {
		const { capture, onActivity, wallMs } = this.#options;
		this.#sockets.add(socket);
		onActivity?.();
		socket.on("close", () => {
			this.#sockets.delete(socket);
			onActivity?.();
		});
		// A reset by the peer is an end like any other.
		socket.on("error", () => undefined);
		if (capture !== undefined || onActivity !== undefined)
			tapConnection(socket, { capture, onActivity, wallMs: wallMs ?? Date.now });
		aedes.handle(socket);
	}

	#listenText(error: unknown): string {
		const code = (error as NodeJS.ErrnoException).code;
		const place = `port ${this.#port} on ${this.#host}`;
		if (code === "EADDRINUSE") return `MQTT broker: ${place} is in use`;
		if (code === "EACCES") return `MQTT broker: ${place} is not allowed for this user`;
		return `MQTT broker: cannot listen on ${place} (${code ?? String(error)})`;
	}
}

function listen(server: Server, port: number, host: string): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen({ port, host }, () => {
			server.removeListener("error", reject);
			resolve();
		});
	});
}
