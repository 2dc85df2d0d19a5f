import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import {
	createServer as createTlsServer,
	type Server as TlsServer,
	type TLSSocket,
} from "node:tls";
import type { Identity } from "../certificates";

export interface TlsListenerOptions {
	/** 0 lets the system pick a free one. */
	readonly port?: number;
	/** Loopback when absent. */
	readonly host?: string;
	readonly identity: Identity;
	/** A client has shaken hands; what it sends is in clear here. */
	readonly onConnection: (socket: TLSSocket) => void;
	readonly onActivity?: () => void;
}

/** What the far end of a TLS connection does instead of shaking hands. */
export type TlsFault =
	"none" | /** Accepts and says nothing. */ "stall" | /** Resets the connection. */ "reset";

/** A TLS server of the bench, with the faults of real ones. */
export class TlsListener {
	readonly #options: TlsListenerOptions;
	readonly #tls: TlsServer;
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();
	readonly #secure = new Set<TLSSocket>();
	/** Clients that have ever shaken hands. */
	handshakes = 0;
	#fault: TlsFault = "none";
	#port: number;

	constructor(options: TlsListenerOptions) {
		const { certPem, keyPem } = options.identity;
		this.#options = options;
		this.#port = options.port ?? 0;
		this.#tls = createTlsServer({ cert: certPem, key: keyPem, minVersion: "TLSv1.2" });
		this.#tls.on("secureConnection", (socket) => this.#shaken(socket));
		// A client that does not trust us is not our failure.
		this.#tls.on("tlsClientError", () => options.onActivity?.());
		this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
	}

	get port(): number {
		return this.#port;
	}

	/** Clients that have shaken hands. */
	get connections(): number {
		return this.#secure.size;
	}

	/** @throws what `listen` throws: port in use, not allowed */
	async start(): Promise<void> {
		await new Promise<void>((resolve, reject) => {
			this.#server.once("error", reject);
			this.#server.listen({ port: this.#port, host: this.#options.host ?? "127.0.0.1" }, () => {
				this.#server.removeListener("error", reject);
				resolve();
			});
		});
		this.#port = (this.#server.address() as AddressInfo).port;
	}

	async stop(): Promise<void> {
		const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
		this.kill();
		await closed;
	}

	/** From the next connection on it shows this certificate. */
	present({ certPem, keyPem }: Identity): void {
		this.#tls.setSecureContext({ cert: certPem, key: keyPem, minVersion: "TLSv1.2" });
	}

	/** From the next connection on. */
	setFault(fault: TlsFault): void {
		this.#fault = fault;
	}

	/** Resets all connections at once. */
	kill(): void {
		this.#options.onActivity?.();
		for (const socket of this.#sockets) socket.destroy();
	}

	/** Ends all connections in order, with close_notify. */
	hangUp(): void {
		this.#options.onActivity?.();
		for (const socket of this.#secure) socket.end();
	}

	#accept(socket: Socket): void {
		this.#sockets.add(socket);
		socket.on("close", () => {
			this.#sockets.delete(socket);
			this.#options.onActivity?.();
		});
		socket.on("error", () => undefined);
		this.#options.onActivity?.();
		if (this.#fault === "reset") return void socket.resetAndDestroy();
		if (this.#fault === "stall") return void socket.resume();
		this.#tls.emit("connection", socket);
	}

	#shaken(socket: TLSSocket): void {
		this.handshakes++;
		this.#secure.add(socket);
		socket.on("close", () => this.#secure.delete(socket));
		socket.on("error", () => undefined);
		this.#options.onActivity?.();
		this.#options.onConnection(socket);
	}
}
