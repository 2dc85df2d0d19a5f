import type { AtCommand } from "./at-command";
import type { Air } from "./modem-air";
import { Cme, cme, error, integer, lines, ok } from "./modem-core";
import type { AtHandlers, AtReply } from "./modem-core";
import type { Radio } from "./modem-radio";
import { ModemSocket } from "./modem-socket";

export interface SocketsHost {
	readonly radio: Radio;
	later(delayUs: number, action: () => void): () => void;
	urc(text: string): void;
	note(text: string): void;
	/** The next QISEND answers SEND FAIL. */
	takeSendFail(): boolean;
}

const idMax = 11;
const sendMax = 1460;
const readMax = 1500;
const activateUs = 300_000;
const deactivateUs = 100_000;
const closeUs = 20_000;
const lingerUs = 600_000_000;
const address = "10.64.0.2";
const errorTexts: Readonly<Record<number, string>> = {
	0: "operate successfully",
	550: "unknown error",
	552: "memory allocation failed",
	561: "open PDP context failed",
	563: "socket identity has been used",
	565: "DNS parse failed",
	566: "socket connect failed",
	569: "operation timeout",
};

/** The packet context and the TCP commands of the QI family. */
export class ModemSockets {
	readonly #host: SocketsHost;
	readonly #air: Air;
	readonly #sockets = new Map<number, ModemSocket>();
	/** Closed by command, but their last bytes may still be on the way. */
	readonly #lingering = new Set<ModemSocket>();
	/** Ids whose "recv" URC is out and whose buffer was not read empty since. */
	readonly #announced = new Set<number>();
	#apn = ["1", "", "", "", "0"];
	#lastError = 0;

	constructor(host: SocketsHost, air: Air) {
		this.#host = host;
		this.#air = air;
	}

	/** Sockets that are open or being opened. */
	get count(): number {
		return [...this.#sockets.values()].filter((one) => one.state !== "closed").length;
	}

	get commands(): AtHandlers {
		return {
			"+QICSGP": (command, done) => done(this.#configure(command)),
			"+QIACT": (command, done) => this.#activate(command, done),
			"+QIDEACT": (_, done) => this.#deactivate(done),
			"+CGACT": (command, done) =>
				done(command.form === "read" ? lines(`+CGACT: 1,${this.#activeFlag()}`) : ok),
			"+CGPADDR": (_, done) =>
				done(lines(`+CGPADDR: 1,"${this.#activeFlag() === 1 ? address : "0.0.0.0"}"`)),
			"+CGDCONT": (_, done) => done(ok),
			"+QIOPEN": (command, done) => this.#open(command, done),
			"+QISEND": (command, done) => done(this.#send(command)),
			"+QIRD": (command, done) => done(this.#read(command)),
			"+QICLOSE": (command, done) => this.#close(command, done),
			"+QISTATE": (command, done) => done(this.#state(command)),
			"+QIGETERROR": (_, done) =>
				done(lines(`+QIGETERROR: ${this.#lastError},${errorTexts[this.#lastError] ?? ""}`)),
		};
	}

	/** The context or the supply is gone: every connection is dead. */
	destroyAll(): void {
		for (const socket of [...this.#sockets.values(), ...this.#lingering]) socket.destroy();
		this.#sockets.clear();
		this.#lingering.clear();
		this.#announced.clear();
	}

	reset(): void {
		this.destroyAll();
		this.#lastError = 0;
	}

	#activeFlag(): number {
		return this.#host.radio.contextActive ? 1 : 0;
	}

	#configure(command: AtCommand): AtReply {
		const [context, ...rest] = command.args;
		if (command.form !== "set" || context !== "1") return cme(Cme.BadParameters);
		if (rest.length === 0) {
			const [type, apn, user, password, method] = this.#apn;
			return lines(`+QICSGP: ${type},"${apn}","${user}","${password}",${method}`);
		}
		if (this.#host.radio.contextActive) return error;
		this.#apn = [0, 1, 2, 3, 4].map((i) => rest[i] ?? "");
		return ok;
	}

	#activate(command: AtCommand, done: (reply: AtReply) => void): void {
		const { radio } = this.#host;
		if (command.form === "read")
			return done(radio.contextActive ? lines(`+QIACT: 1,1,1,"${address}"`) : ok);
		if (command.args[0] !== "1") return done(cme(Cme.BadParameters));
		this.#host.later(activateUs, () => {
			const active = !radio.contextActive && radio.activate();
			if (!active) this.#lastError = 561;
			done(active ? ok : error);
		});
	}

	#deactivate(done: (reply: AtReply) => void): void {
		this.#host.later(deactivateUs, () => {
			this.destroyAll();
			this.#host.radio.deactivate();
			done(ok);
		});
	}

	#open(command: AtCommand, done: (reply: AtReply) => void): void {
		const [context, idText, kind, host, portText, , mode] = command.args;
		const id = integer(idText, 0, idMax);
		const port = integer(portText, 1, 65535);
		const known = context === "1" && kind === "TCP" && (mode ?? "0") === "0";
		if (!known || id === undefined || port === undefined || host === undefined || host === "")
			return done(cme(Cme.BadParameters));
		if (!this.#host.radio.contextActive) {
			this.#lastError = 561;
			return done(error);
		}
		done(ok);
		if (this.#sockets.has(id)) return this.#opened(id, 563);
		this.#host.note(`socket ${id} opens ${host}:${port}`);
		const socket = new ModemSocket(host, port, this.#air, {
			onOpened: (code) => this.#opened(id, code),
			onData: () => this.#announce(id),
			onClosed: () => {
				this.#host.note(`socket ${id} closed by the far end`);
				this.#host.urc(`+QIURC: "closed",${id}`);
			},
		});
		this.#sockets.set(id, socket);
	}

	#opened(id: number, code: number): void {
		if (code !== 0) this.#lastError = code;
		this.#host.note(`socket ${id} open: ${code}`);
		this.#host.urc(`+QIOPEN: ${id},${code}`);
	}

	#announce(id: number): void {
		if (this.#announced.has(id)) return;
		this.#announced.add(id);
		this.#host.urc(`+QIURC: "recv",${id}`);
	}

	#send(command: AtCommand): AtReply {
		const id = integer(command.args[0], 0, idMax);
		const length = integer(command.args[1], 0, sendMax);
		const socket = id === undefined ? undefined : this.#sockets.get(id);
		if (id === undefined || length === undefined) return cme(Cme.BadParameters);
		if (socket === undefined) return error;
		if (length === 0) {
			const { sent, acked } = socket;
			return lines(`+QISEND: ${sent},${acked},${sent - acked}`);
		}
		if (socket.state !== "connected") return error;
		return { kind: "data", length, take: (bytes) => this.#take(id, socket, bytes) };
	}

	#take(id: number, socket: ModemSocket, bytes: Buffer): string {
		if (socket.state !== "connected") return "ERROR";
		const taken = !this.#host.takeSendFail() && socket.send(bytes);
		this.#host.note(`socket ${id} ${taken ? "takes" : "refuses"} ${bytes.length} bytes`);
		return taken ? "SEND OK" : "SEND FAIL";
	}

	#read(command: AtCommand): AtReply {
		const id = integer(command.args[0], 0, idMax);
		const count = integer(command.args[1] ?? String(readMax), 0, readMax);
		const socket = id === undefined ? undefined : this.#sockets.get(id);
		if (id === undefined || count === undefined) return cme(Cme.BadParameters);
		if (socket === undefined || socket.state === "opening") return error;
		if (count === 0) {
			const { readTotal, unread } = socket;
			return lines(`+QIRD: ${readTotal + unread},${readTotal},${unread}`);
		}
		const data = socket.read(count);
		if (socket.unread === 0) this.#announced.delete(id);
		if (data.length === 0) return lines("+QIRD: 0");
		return { kind: "raw", header: `+QIRD: ${data.length}`, data };
	}

	#close(command: AtCommand, done: (reply: AtReply) => void): void {
		const id = integer(command.args[0], 0, idMax);
		if (id === undefined) return done(cme(Cme.BadParameters));
		const socket = this.#sockets.get(id);
		this.#host.later(closeUs, () => {
			if (socket !== undefined && this.#sockets.get(id) === socket) this.#retire(id, socket);
			done(ok);
		});
	}

	#retire(id: number, socket: ModemSocket): void {
		socket.close();
		this.#sockets.delete(id);
		this.#announced.delete(id);
		this.#lingering.add(socket);
		this.#host.later(lingerUs, () => {
			if (this.#lingering.delete(socket)) socket.destroy();
		});
	}

	#state(command: AtCommand): AtReply {
		const id = command.args[0] === "1" ? integer(command.args[1], 0, idMax) : undefined;
		const shown = [...this.#sockets].filter(([one]) => id === undefined || one === id);
		return lines(...shown.map(([one, socket]) => stateLine(one, socket)));
	}
}

function stateLine(id: number, socket: ModemSocket): string {
	const state = socket.state === "opening" ? 1 : socket.state === "connected" ? 2 : 4;
	return `+QISTATE: ${id},"TCP","${socket.host}",${socket.port},${socket.localPort},${state},1,${id},0,"uart1"`;
}
