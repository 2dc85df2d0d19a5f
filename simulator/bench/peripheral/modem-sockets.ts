import type { AtCommand } from "./at-command";
import type { Air } from "./modem-air";
import { idMax, SocketBank, type BankSocket } from "./modem-bank";
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
	/** The packet context goes: the connections of all kinds are to be destroyed. */
	contextLost(): void;
}

const activateUs = 300_000;
const deactivateUs = 100_000;
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
	readonly #bank: SocketBank;
	#apn = ["1", "", "", "", "0"];
	#lastError = 0;

	constructor(host: SocketsHost, air: Air) {
		this.#host = host;
		this.#air = air;
		this.#bank = new SocketBank(
			{ ...host, failed: (code) => (this.#lastError = code) },
			"+QIOPEN",
			"+QIURC",
		);
	}

	/** Sockets that are open or being opened. */
	get count(): number {
		return this.#bank.count;
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
			"+QISEND": (command, done) => done(this.#bank.send(command, sendStatistics)),
			"+QIRD": (command, done) => done(this.#bank.read(command, "+QIRD", readStatistics)),
			"+QICLOSE": (command, done) => this.#bank.close(command, done),
			"+QISTATE": (command, done) => done(this.#state(command)),
			"+QIGETERROR": (_, done) =>
				done(lines(`+QIGETERROR: ${this.#lastError},${errorTexts[this.#lastError] ?? ""}`)),
		};
	}

	/** The context or the supply is gone: every connection is dead. */
	destroyAll(): void {
		this.#bank.destroyAll();
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
			this.#host.contextLost();
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
		this.#host.note(`socket ${id} opens ${host}:${port}`);
		this.#bank.open(id, (events) => new ModemSocket(host, port, this.#air, events));
	}

	#state(command: AtCommand): AtReply {
		const id = command.args[0] === "1" ? integer(command.args[1], 0, idMax) : undefined;
		const shown = this.#bank.entries.filter(([one]) => id === undefined || one === id);
		return lines(...shown.map(([one, socket]) => stateLine(one, socket)));
	}
}

function sendStatistics({ sent, acked }: BankSocket): AtReply {
	return lines(`+QISEND: ${sent},${acked},${sent - acked}`);
}

function readStatistics({ readTotal, unread }: BankSocket): AtReply {
	return lines(`+QIRD: ${readTotal + unread},${readTotal},${unread}`);
}

function stateLine(id: number, socket: BankSocket): string {
	const state = socket.state === "opening" ? 1 : socket.state === "connected" ? 2 : 4;
	return `+QISTATE: ${id},"TCP","${socket.host}",${socket.port},${socket.localPort},${state},1,${id},0,"uart1"`;
}
