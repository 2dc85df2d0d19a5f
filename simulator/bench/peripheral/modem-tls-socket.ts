import { Duplex } from "node:stream";
import { connect, type SecureVersion, type TLSSocket } from "node:tls";
import type { Air } from "./modem-air";
import type { BankSocket } from "./modem-bank";
import {
	ModemSocket,
	socketBufferLimit,
	type SocketEvents,
	type SocketState,
} from "./modem-socket";
import { distrust, type Trust } from "./modem-trust";

export interface TlsOptions {
	readonly minVersion: SecureVersion;
	readonly maxVersion: SecureVersion;
	/** Sent as the server's name; not for addresses. */
	readonly serverName: string | undefined;
	/** Undefined: seclevel 0, anybody will do. */
	readonly trust: Trust | undefined;
	/** For the whole handshake. */
	readonly negotiationUs: number;
	readonly note: (text: string) => void;
}

/** Any failure of the handshake; the module knows no better. */
const handshakeError = 566;
const timeoutError = 569;
const retryUs = 20_000;

/** TLS of the modem: Node's on top of a TCP connection that goes through the same air. */
export class TlsModemSocket implements BankSocket {
	readonly host: string;
	readonly port: number;
	readonly #air: Air;
	readonly #options: TlsOptions;
	readonly #events: SocketEvents;
	readonly #wire: ModemSocket;
	#tls: TLSSocket | undefined;
	#pipe: Duplex | undefined;
	/** TLS takes more; otherwise it stays in the wire, whose room is limited. */
	#thirsty = false;
	#state: SocketState = "opening";
	#received: Buffer = Buffer.alloc(0);
	#readTotal = 0;
	#endTimeout: () => void = () => undefined;

	constructor(host: string, port: number, air: Air, options: TlsOptions, events: SocketEvents) {
		this.host = host;
		this.port = port;
		this.#air = air;
		this.#options = options;
		this.#events = events;
		this.#wire = new ModemSocket(host, port, air, {
			onOpened: (error) => {
				if (error === 0) this.#shake();
				else this.#openFailed(error);
			},
			onData: () => this.#pump(),
			onClosed: () => this.#wireClosed(),
		});
	}

	get state(): SocketState {
		return this.#state;
	}

	/** EG800K shows none. */
	get localPort(): number {
		return 0;
	}

	get unread(): number {
		return this.#received.length;
	}

	get readTotal(): number {
		return this.#readTotal;
	}

	get sent(): number {
		return this.#wire.sent;
	}

	get acked(): number {
		return this.#wire.acked;
	}

	send(bytes: Buffer): boolean {
		const { sent, acked } = this.#wire;
		if (this.#tls === undefined || sent - acked + bytes.length > socketBufferLimit / 2)
			return false;
		this.#air.scheduler.busy();
		this.#tls.write(bytes);
		return true;
	}

	read(count: number): Buffer {
		const bytes = this.#received.subarray(0, count);
		this.#received = this.#received.subarray(bytes.length);
		this.#readTotal += bytes.length;
		this.#pull();
		return bytes;
	}

	/** close_notify, and then FIN. */
	close(): void {
		this.#retire();
		this.#air.scheduler.busy();
		if (this.#tls === undefined) this.#wire.close();
		else this.#tls.resume().end();
	}

	destroy(): void {
		this.#retire();
		this.#air.scheduler.busy();
		this.#tls?.destroy();
		this.#wire.destroy();
	}

	#retire(): void {
		this.#state = "closed";
		this.#endTimeout();
		this.#tls?.removeAllListeners();
		this.#tls?.on("error", () => undefined);
	}

	/** The handshake: its records travel like all bytes of the modem. */
	#shake(): void {
		const { minVersion, maxVersion, serverName, negotiationUs } = this.#options;
		const { scheduler } = this.#air;
		this.#endTimeout = scheduler.after(negotiationUs, () =>
			this.#refuse("no answer", timeoutError),
		);
		const pipe = this.#makePipe();
		this.#pipe = pipe;
		scheduler.busy();
		const tls = connect({
			socket: pipe,
			rejectUnauthorized: false,
			minVersion,
			maxVersion,
			...(serverName !== undefined && { servername: serverName }),
		});
		this.#tls = tls;
		tls.on("secureConnect", () => this.#judge(tls));
		tls.on("readable", () => this.#pull());
		tls.on("error", (reason: NodeJS.ErrnoException) => {
			if (this.#state === "opening") this.#refuse(reason.code ?? reason.message, handshakeError);
		});
		tls.on("end", () => this.#ended());
		tls.on("close", () => this.#ended());
		this.#pump();
	}

	#makePipe(): Duplex {
		return new Duplex({
			read: () => {
				this.#thirsty = true;
				this.#pump();
			},
			write: (bytes: Buffer, _encoding, done) => this.#out(bytes, done),
			final: (done) => {
				this.#wire.close();
				done();
			},
			destroy: (_error, done) => {
				if (this.#state !== "closed") this.#wire.destroy();
				done(null);
			},
		});
	}

	/** Into the wire as soon as it takes it. */
	#out(bytes: Buffer, done: () => void): void {
		if (this.#wire.send(bytes)) done();
		else this.#air.scheduler.after(retryUs, () => this.#out(bytes, done));
	}

	/** Out of the wire as soon as TLS wants it. */
	#pump(): void {
		const pipe = this.#pipe;
		if (pipe === undefined || pipe.destroyed || !this.#thirsty) return;
		if (this.#wire.unread === 0) {
			if (this.#wire.state === "closed" && !pipe.readableEnded) pipe.push(null);
			return;
		}
		this.#air.scheduler.busy();
		this.#thirsty = pipe.push(this.#wire.read(this.#wire.unread));
	}

	#judge(tls: TLSSocket): void {
		this.#air.scheduler.busy();
		if (this.#state !== "opening") return;
		const { trust } = this.#options;
		const reason = trust === undefined ? undefined : distrust(tls, trust);
		if (reason !== undefined) {
			this.#refuse(reason, handshakeError);
			return;
		}
		this.#endTimeout();
		this.#options.note(`TLS ${tls.getProtocol() ?? ""} ${tls.getCipher().standardName}`);
		this.#state = "connected";
		this.#events.onOpened(0);
		this.#pull();
	}

	#refuse(reason: string, error: number): void {
		this.#options.note(`TLS refused: ${reason}`);
		this.#openFailed(error);
	}

	#openFailed(error: number): void {
		if (this.#state !== "opening") return;
		this.destroy();
		this.#events.onOpened(error);
	}

	#wireClosed(): void {
		this.#pump();
		if (this.#tls === undefined) this.#openFailed(handshakeError);
	}

	#ended(): void {
		this.#air.scheduler.busy();
		if (this.#state === "opening") this.#refuse("server hung up", handshakeError);
		else if (this.#state === "connected") {
			this.#state = "closed";
			this.#events.onClosed();
		}
	}

	#pull(): void {
		const tls = this.#tls;
		if (tls === undefined || this.#state === "opening" || tls.destroyed) return;
		const room = socketBufferLimit - this.#received.length;
		const count = Math.min(room, tls.readableLength);
		// A read of nothing lets the end of the stream come through.
		const bytes: unknown = count > 0 ? tls.read(count) : room > 0 ? tls.read(0) : null;
		if (!Buffer.isBuffer(bytes)) return;
		this.#air.scheduler.busy();
		this.#received = Buffer.concat([this.#received, bytes]);
		this.#events.onData();
	}
}
