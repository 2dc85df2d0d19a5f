import type { Scheduler, Wire } from "../board/device";
import { AtPort } from "./at-port";
import { Air } from "./modem-air";
import { ModemFaults } from "./modem-faults";
import type { ModemFault } from "./modem-faults";
import { ModemFiles } from "./modem-files";
import { generalCommands } from "./modem-general";
import type { ModemSettings } from "./modem-general";
import { Radio } from "./modem-radio";
import { ModemSockets } from "./modem-sockets";
import { ModemTlsSockets } from "./modem-tls";
import { Peripheral } from "./peripheral";
import type { PeripheralOptions } from "./peripheral";

export type { ModemFault } from "./modem-faults";

export interface ModemOptions extends PeripheralOptions {
	/** Local time east of UTC in quarter hours; 32 (UTC+8) when absent. */
	readonly zoneQuarters?: number;
}

const bootUs = 1_200_000;
/** A restart begins when the answer to its command is out. */
const restartUs = 2_000;

/** A Quectel EC200U on its UART. Sockets behind QIOPEN are real ones. */
export class ModemDevice extends Peripheral {
	readonly #settings: ModemSettings;
	readonly #zoneQuarters: number;
	#air: Air | undefined;
	#radio: Radio | undefined;
	#sockets: ModemSockets | undefined;
	#secure: ModemTlsSockets | undefined;
	#port: AtPort | undefined;
	readonly #faults = new ModemFaults();
	/** Its file system; outlives everything. */
	readonly files = new ModemFiles((text) => this.note(text));
	#awake = false;
	#silent = false;
	#bootNoise = false;

	constructor(options: ModemOptions = {}) {
		super("modem", options);
		this.#zoneQuarters = options.zoneQuarters ?? 32;
		this.#settings = { ...volatileSettings(), urcPort: "usbat", signal: 24 };
	}

	override plug(wire: Wire, scheduler: Scheduler): void {
		super.plug(wire, scheduler);
		const later = (delayUs: number, action: () => void) => this.later(delayUs, action);
		const note = (text: string) => this.note(text);
		const urc = (text: string) => {
			if (this.#awake) this.#port?.urc(text);
		};
		const air = new Air(scheduler);
		const radio = new Radio(
			{
				later,
				urc,
				nowUs: () => scheduler.nowUs(),
				wallMs: () => scheduler.wallMs(),
				contextLost: () => this.#destroySockets(),
			},
			this.#zoneQuarters,
		);
		const takeSendFail = () => this.#faults.take("send-fail") !== undefined;
		const contextLost = (): void => this.#destroySockets();
		const host = { radio, later, urc, note, takeSendFail, contextLost };
		const sockets = new ModemSockets(host, air);
		const secure = new ModemTlsSockets({ ...host, files: this.files }, air);
		const general = generalCommands({
			settings: this.#settings,
			radio,
			restart: () => later(restartUs, () => this.reset()),
			powerDown: () => later(restartUs, () => this.#powerDown()),
		});
		this.#air = air;
		this.#radio = radio;
		this.#sockets = sockets;
		this.#secure = secure;
		this.#port = new AtPort(
			{
				settings: this.#settings,
				faults: this.#faults,
				transmit: (bytes) => this.#put(bytes),
				later,
				note,
				reset: () => this.reset(),
			},
			{ ...general, ...sockets.commands, ...secure.commands, ...this.files.commands },
		);
	}

	/** Registered with the network. */
	get registered(): boolean {
		return this.#radio?.registration === 1;
	}

	/** TCP connections that are open or being opened. */
	get openSockets(): number {
		return (this.#sockets?.count ?? 0) + (this.#secure?.count ?? 0);
	}

	/** No coverage any more: deregistered, context and sockets gone. */
	cut(): void {
		this.note("network cut");
		this.#radio?.loseCoverage();
	}

	/** Registered, but bytes vanish both ways. Ending it resets the connections that lost bytes, as TCP would. */
	blackhole(on: boolean): void {
		this.note(`black hole ${on ? "on" : "off"}`);
		this.#air?.set(on ? "lost" : "clear");
	}

	/** Bytes wait both ways and arrive when it ends: a late request, a late reply. */
	stall(on: boolean): void {
		this.note(`stall ${on ? "on" : "off"}`);
		this.#air?.set(on ? "held" : "clear");
	}

	/** The network is well again; the modem registers by itself. */
	restore(): void {
		this.note("network restored");
		this.#air?.set("clear");
		this.#radio?.findCoverage();
	}

	/** The network ends the packet context ("pdpdeact"), the registration stays. */
	dropContext(): void {
		this.#radio?.dropContext();
	}

	removeSim(): void {
		this.note("SIM out");
		this.#radio?.removeSim();
	}

	insertSim(): void {
		this.note("SIM in");
		this.#radio?.insertSim(this.#awake);
	}

	/** One way, virtual time. */
	setLatencyMs(latencyMs: number): void {
		if (this.#air !== undefined) this.#air.latencyUs = latencyMs * 1000;
	}

	/** @param rssi 0 to 31, as AT+CSQ shows it */
	setSignal(rssi: number): void {
		this.#settings.signal = rssi;
	}

	/** The modem restarts by itself: deaf, then RDY. */
	reset(): void {
		if (!this.powered) return;
		this.note("modem resets");
		this.#quiet();
		this.start();
	}

	failNext(fault: ModemFault, count = 1): void {
		this.#faults.add(fault, count);
	}

	/** Deaf and dumb until switched back. */
	setSilent(silent: boolean): void {
		this.#silent = silent;
	}

	/** Noise before every RDY, as a supply that dips gives it. */
	setBootNoise(on: boolean): void {
		this.#bootNoise = on;
	}

	/** Sends any bytes, as a disturbed line would. */
	sendRaw(bytes: Uint8Array): void {
		this.transmit(bytes);
	}

	/** Ends all real connections; the bench is over. */
	dispose(): void {
		this.#destroySockets();
	}

	protected override start(): void {
		this.later(bootUs, () => {
			this.#awake = true;
			if (this.#bootNoise) this.#port?.noise();
			this.#port?.bootLine("RDY");
			this.#radio?.boot();
			this.later(300_000, () => this.#port?.bootLine("+CFUN: 1"));
			this.later(800_000, () => {
				if (this.#settings.urcPort === "usbat") this.#port?.bootLine(this.#simLine());
			});
			this.later(2_400_000, () => this.#port?.bootLine("+QIND: SMS DONE"));
			this.later(2_600_000, () => this.#port?.bootLine("+QIND: PB DONE"));
		});
	}

	protected override stop(): void {
		this.#quiet();
	}

	protected override hear(bytes: Uint8Array): void {
		if (!this.#awake || this.#silent) return;
		this.#port?.hear(bytes);
	}

	#simLine(): string {
		return this.#radio?.simState === "missing" ? "+CPIN: NOT READY" : "+CPIN: READY";
	}

	#quiet(): void {
		this.cancelAll();
		this.#awake = false;
		this.#port?.reset();
		Object.assign(this.#settings, volatileSettings());
		this.#sockets?.reset();
		this.#secure?.reset();
		this.#radio?.reset();
	}

	#destroySockets(): void {
		this.#sockets?.destroyAll();
		this.#secure?.destroyAll();
	}

	#powerDown(): void {
		this.#port?.say("POWERED DOWN");
		this.#quiet();
	}

	#put(bytes: Uint8Array): void {
		if (!this.#silent) this.transmit(bytes);
	}
}

function volatileSettings(): Omit<ModemSettings, "urcPort" | "signal"> {
	return { echo: true, verbose: true, errors: 0, echoData: true };
}
