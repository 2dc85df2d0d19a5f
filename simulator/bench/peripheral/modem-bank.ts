import { Cme, cme, error, integer, lines, ok } from "./modem-core";
import type { AtReply } from "./modem-core";
import type { SocketEvents, SocketState } from "./modem-socket";
import type { AtCommand } from "./at-command";

/** A connection behind a socket number, in clear or not. */
export interface BankSocket {
	readonly host: string;
	readonly port: number;
	readonly state: SocketState;
	readonly localPort: number;
	/** Bytes that can be read now. */
	readonly unread: number;
	readonly readTotal: number;
	readonly sent: number;
	readonly acked: number;
	/** @returns false when there is no room; then nothing is taken */
	send(bytes: Buffer): boolean;
	read(count: number): Buffer;
	/** In order: what was sent still goes out. */
	close(): void;
	/** At once and without a word. */
	destroy(): void;
}

export interface BankHost {
	later(delayUs: number, action: () => void): () => void;
	urc(text: string): void;
	note(text: string): void;
	/** The next send answers SEND FAIL. */
	takeSendFail(): boolean;
	/** AT+QIGETERROR shows it. */
	failed(code: number): void;
}

export const idMax = 11;
const sendMax = 1460;
const readMax = 1500;
const closeUs = 20_000;
const lingerUs = 600_000_000;

/** The sockets of one kind, by number, and what is the same for all kinds. */
export class SocketBank {
	readonly #host: BankHost;
	readonly #open: string;
	readonly #urc: string;
	readonly #sockets = new Map<number, BankSocket>();
	/** Closed by command, but their last bytes may still be on the way. */
	readonly #lingering = new Set<BankSocket>();
	/** Ids whose "recv" URC is out and whose buffer was not read empty since. */
	readonly #announced = new Set<number>();

	/** @param open name of the outcome's line @param urc name of the reports' line */
	constructor(host: BankHost, open: string, urc: string) {
		this.#host = host;
		this.#open = open;
		this.#urc = urc;
	}

	/** Sockets that are open or being opened. */
	get count(): number {
		return [...this.#sockets.values()].filter((one) => one.state !== "closed").length;
	}

	get entries(): readonly (readonly [number, BankSocket])[] {
		return [...this.#sockets];
	}

	find(id: number | undefined): BankSocket | undefined {
		return id === undefined ? undefined : this.#sockets.get(id);
	}

	/** Opens a connection under a number, unless it is taken. */
	open(id: number, make: (events: SocketEvents) => BankSocket): void {
		if (this.#sockets.has(id)) return this.opened(id, 563);
		const socket = make({
			onOpened: (code) => this.opened(id, code),
			onData: () => this.#announce(id),
			onClosed: () => {
				this.#host.note(`socket ${id} closed by the far end`);
				this.#host.urc(`${this.#urc}: "closed",${id}`);
			},
		});
		this.#sockets.set(id, socket);
	}

	opened(id: number, code: number): void {
		if (code !== 0) this.#host.failed(code);
		this.#host.note(`socket ${id} open: ${code}`);
		this.#host.urc(`${this.#open}: ${id},${code}`);
	}

	/** @param statistics answers a send of nothing */
	send(command: AtCommand, statistics?: (socket: BankSocket) => AtReply): AtReply {
		const id = integer(command.args[0], 0, idMax);
		const length = integer(command.args[1], statistics === undefined ? 1 : 0, sendMax);
		const socket = this.find(id);
		if (id === undefined || length === undefined) return cme(Cme.BadParameters);
		if (socket === undefined) return error;
		if (length === 0 && statistics !== undefined) return statistics(socket);
		if (socket.state !== "connected") return error;
		return { kind: "data", length, take: (bytes) => [this.#take(id, socket, bytes)] };
	}

	/** @param statistics answers a read of nothing */
	read(command: AtCommand, header: string, statistics?: (socket: BankSocket) => AtReply): AtReply {
		const id = integer(command.args[0], 0, idMax);
		const least = statistics === undefined ? 1 : 0;
		const count = integer(command.args[1] ?? String(readMax), least, readMax);
		const socket = this.find(id);
		if (id === undefined || count === undefined) return cme(Cme.BadParameters);
		if (socket === undefined || socket.state === "opening") return error;
		if (count === 0 && statistics !== undefined) return statistics(socket);
		const data = socket.read(count);
		if (socket.unread === 0) this.#announced.delete(id);
		if (data.length === 0) return lines(`${header}: 0`);
		return { kind: "raw", header: `${header}: ${data.length}`, data };
	}

	close(command: AtCommand, done: (reply: AtReply) => void): void {
		const id = integer(command.args[0], 0, idMax);
		if (id === undefined) return done(cme(Cme.BadParameters));
		const socket = this.#sockets.get(id);
		this.#host.later(closeUs, () => {
			if (socket !== undefined && this.#sockets.get(id) === socket) this.#retire(id, socket);
			done(ok);
		});
	}

	/** The context or the supply is gone: every connection is dead. */
	destroyAll(): void {
		for (const socket of [...this.#sockets.values(), ...this.#lingering]) socket.destroy();
		this.#sockets.clear();
		this.#lingering.clear();
		this.#announced.clear();
	}

	#announce(id: number): void {
		if (this.#announced.has(id)) return;
		this.#announced.add(id);
		this.#host.urc(`${this.#urc}: "recv",${id}`);
	}

	#take(id: number, socket: BankSocket, bytes: Buffer): string {
		if (socket.state !== "connected") return "ERROR";
		const taken = !this.#host.takeSendFail() && socket.send(bytes);
		this.#host.note(`socket ${id} ${taken ? "takes" : "refuses"} ${bytes.length} bytes`);
		return taken ? "SEND OK" : "SEND FAIL";
	}

	#retire(id: number, socket: BankSocket): void {
		socket.close();
		this.#sockets.delete(id);
		this.#announced.delete(id);
		this.#lingering.add(socket);
		this.#host.later(lingerUs, () => {
			if (this.#lingering.delete(socket)) socket.destroy();
		});
	}
}
