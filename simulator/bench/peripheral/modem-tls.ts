import { isIP } from "node:net";
import type { SecureVersion } from "node:tls";
import type { AtCommand } from "./at-command";
import type { Air } from "./modem-air";
import { idMax, SocketBank, type BankHost, type BankSocket } from "./modem-bank";
import { Cme, cme, error, integer, lines, ok } from "./modem-core";
import type { AtHandlers, AtReply } from "./modem-core";
import type { ModemFiles } from "./modem-files";
import type { Radio } from "./modem-radio";
import { TlsModemSocket, type TlsOptions } from "./modem-tls-socket";

export interface TlsHost extends Omit<BankHost, "failed"> {
	readonly radio: Radio;
	readonly files: ModemFiles;
}

const contextMax = 5;
/** AT+QSSLCFG's numbers: 0 is SSL 3, which nobody speaks any more. */
const versions: readonly (readonly [SecureVersion, SecureVersion])[] = [
	["TLSv1", "TLSv1"],
	["TLSv1", "TLSv1"],
	["TLSv1.1", "TLSv1.1"],
	["TLSv1.2", "TLSv1.2"],
	["TLSv1", "TLSv1.2"],
];

/** Settings of a context with what they may be, and what they are after a restart. */
const settings: Readonly<Record<string, { readonly form: RegExp; readonly factory: string }>> = {
	sslversion: { form: /^[0-4]$/, factory: "4" },
	ciphersuite: { form: /^0X[0-9A-F]{4}$/i, factory: "0XFFFF" },
	seclevel: { form: /^[0-2]$/, factory: "0" },
	cacert: { form: /^(UFS:)?[\w.-]{1,80}$/, factory: "" },
	sni: { form: /^[01]$/, factory: "0" },
	checkhost: { form: /^[01]$/, factory: "0" },
	ignorelocaltime: { form: /^[01]$/, factory: "1" },
	negotiatetime: { form: /^([1-9]\d|[12]\d\d|300)$/, factory: "300" },
	closetimemode: { form: /^[01]$/, factory: "0" },
};

/** The TLS contexts and the TLS commands of the QSSL family. */
export class ModemTlsSockets {
	readonly #host: TlsHost;
	readonly #air: Air;
	readonly #bank: SocketBank;
	/** By context and name. */
	readonly #settings = new Map<string, string>();

	constructor(host: TlsHost, air: Air) {
		this.#host = host;
		this.#air = air;
		// Errors of TLS are not shown by AT+QIGETERROR.
		this.#bank = new SocketBank({ ...host, failed: () => undefined }, "+QSSLOPEN", "+QSSLURC");
	}

	/** Sockets that are open or being opened. */
	get count(): number {
		return this.#bank.count;
	}

	get commands(): AtHandlers {
		return {
			"+QSSLCFG": (command, done) => done(this.#configure(command)),
			"+QSSLOPEN": (command, done) => this.#open(command, done),
			"+QSSLSEND": (command, done) => done(this.#bank.send(command)),
			"+QSSLRECV": (command, done) => done(this.#bank.read(command, "+QSSLRECV")),
			"+QSSLCLOSE": (command, done) => this.#bank.close(command, done),
			"+QSSLSTATE": (_, done) => done(lines(...this.#bank.entries.map(stateLine))),
		};
	}

	destroyAll(): void {
		this.#bank.destroyAll();
	}

	/** The settings go as well; the files stay. */
	reset(): void {
		this.destroyAll();
		this.#settings.clear();
	}

	#setting(context: number, name: string): string {
		return this.#settings.get(`${context} ${name}`) ?? settings[name]!.factory;
	}

	#configure(command: AtCommand): AtReply {
		const [name = "", contextText, value] = command.args;
		const context = integer(contextText, 0, contextMax);
		if (command.form !== "set" || context === undefined || !Object.hasOwn(settings, name))
			return cme(Cme.BadParameters);
		if (value === undefined) {
			const shown = this.#setting(context, name);
			return lines(`+QSSLCFG: "${name}",${context},${name === "cacert" ? `"${shown}"` : shown}`);
		}
		if (!settings[name]!.form.test(value)) return cme(Cme.BadParameters);
		this.#settings.set(`${context} ${name}`, value);
		return ok;
	}

	#open(command: AtCommand, done: (reply: AtReply) => void): void {
		const [pdp, contextText, idText, host, portText, mode] = command.args;
		const context = integer(contextText, 0, contextMax);
		const id = integer(idText, 0, idMax);
		const port = integer(portText, 1, 65535);
		const known = pdp === "1" && (mode ?? "0") === "0" && context !== undefined;
		if (!known || id === undefined || port === undefined || host === undefined || host === "")
			return done(cme(Cme.BadParameters));
		if (!this.#host.radio.contextActive) return done(error);
		done(ok);
		this.#host.note(`TLS socket ${id} opens ${host}:${port}`);
		const options = this.#options(context, host);
		if (options === undefined) return this.#bank.opened(id, 566);
		this.#bank.open(id, (events) => new TlsModemSocket(host, port, this.#air, options, events));
	}

	/** @returns undefined when the server is to be verified by a file that is not there */
	#options(context: number, host: string): TlsOptions | undefined {
		const is = (name: string, value: string): boolean => this.#setting(context, name) === value;
		const [minVersion, maxVersion] = versions[Number(this.#setting(context, "sslversion"))]!;
		const anchors = this.#host.files.read(this.#setting(context, "cacert"))?.toString("latin1");
		const verify = !is("seclevel", "0");
		if (verify && anchors === undefined) return undefined;
		return {
			minVersion,
			maxVersion,
			serverName: is("sni", "1") && isIP(host) === 0 ? host : undefined,
			trust: verify
				? {
						anchors: anchors ?? "",
						nowMs: is("ignorelocaltime", "0") ? this.#host.radio.clockMs() : undefined,
						host: is("checkhost", "1") ? host : undefined,
					}
				: undefined,
			negotiationUs: Number(this.#setting(context, "negotiatetime")) * 1_000_000,
			note: (text) => this.#host.note(text),
		};
	}
}

function stateLine([id, socket]: readonly [number, BankSocket]): string {
	const state = socket.state === "opening" ? 1 : socket.state === "connected" ? 2 : 4;
	return `+QSSLSTATE: ${id},"SSLClient","${socket.host}",${socket.port},0,${state},1,${id},0,"uart1",0`;
}
