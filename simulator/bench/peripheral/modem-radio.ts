/** SIM, registration, packet context and network time of the modem. */

export interface RadioHost {
	/** One-shot timer that dies with the modem's supply. */
	later(delayUs: number, action: () => void): () => void;
	nowUs(): number;
	wallMs(): number;
	urc(text: string): void;
	/** The packet context is gone: all its sockets are dead. */
	contextLost(): void;
}

export type Reporting = "CREG" | "CGREG" | "CEREG";

const simReadyUs = 800_000;
const searchUs = 1_500_000;
const reRegisterUs = 1_500_000;
const coldClockMs = Date.UTC(1980, 0, 6);
const quarterMs = 15 * 60_000;

export class Radio {
	readonly #host: RadioHost;
	readonly #zoneQuarters: number;
	readonly reporting: Record<Reporting, number> = { CREG: 0, CGREG: 0, CEREG: 0 };
	/** AT+CFUN: 1 full, 0 and 4 no radio. */
	#functionality = 1;
	#simIn = true;
	#simReady = false;
	#covered = true;
	#registration = 0;
	#contextActive = false;
	#clockKnown = false;
	#startUs = 0;
	#endSearch: (() => void) | undefined;

	/** @param zoneQuarters local time east of UTC in quarter hours */
	constructor(host: RadioHost, zoneQuarters: number) {
		this.#host = host;
		this.#zoneQuarters = zoneQuarters;
	}

	/** 0 not searching, 1 home, 2 searching. */
	get registration(): number {
		return this.#registration;
	}

	get contextActive(): boolean {
		return this.#contextActive;
	}

	get functionality(): number {
		return this.#functionality;
	}

	get simState(): "ready" | "busy" | "missing" {
		return !this.#simIn ? "missing" : this.#simReady ? "ready" : "busy";
	}

	/** From RDY on. */
	boot(): void {
		this.reset();
		this.#startUs = this.#host.nowUs();
		this.#host.later(simReadyUs, () => this.#readSim());
	}

	/** Volatile state goes; SIM and coverage are of the world and stay. */
	reset(): void {
		this.#simReady = false;
		this.#registration = 0;
		this.#contextActive = false;
		this.#clockKnown = false;
		this.#functionality = 1;
		this.#endSearch = undefined;
		for (const name of ["CREG", "CGREG", "CEREG"] as const) this.reporting[name] = 0;
	}

	setFunctionality(value: number): void {
		this.#functionality = value;
		if (value === 1) this.#search(searchUs);
		else this.#deregister(0);
	}

	/** @returns false when the network does not let it */
	activate(): boolean {
		if (this.#registration !== 1) return false;
		this.#contextActive = true;
		return true;
	}

	deactivate(): void {
		this.#contextActive = false;
	}

	loseCoverage(): void {
		this.#covered = false;
		this.#deregister(2);
	}

	findCoverage(): void {
		if (this.#covered) return;
		this.#covered = true;
		this.#search(reRegisterUs);
	}

	/** The network ends the packet context by itself. */
	dropContext(): void {
		if (!this.#contextActive) return;
		this.#contextActive = false;
		this.#host.contextLost();
		this.#host.urc('+QIURC: "pdpdeact",1');
	}

	removeSim(): void {
		if (!this.#simIn) return;
		this.#simIn = false;
		this.#simReady = false;
		this.#host.urc("+CPIN: NOT READY");
		this.#deregister(0);
	}

	/** @param poweredOn the modem runs and notices it */
	insertSim(poweredOn: boolean): void {
		if (this.#simIn) return;
		this.#simIn = true;
		if (poweredOn) this.#host.later(simReadyUs, () => this.#readSim());
	}

	/** The modem's own clock, UTC: 1980 until the network has told the time. */
	clockMs(): number {
		if (this.#clockKnown) return this.#host.wallMs();
		return coldClockMs + (this.#host.nowUs() - this.#startUs) / 1000;
	}

	/** As AT+CCLK? gives it: local time with zone in quarter hours. */
	clockText(): string {
		if (!this.#clockKnown) return `${timeText(this.clockMs())}+00`;
		return `${timeText(this.#host.wallMs() + this.#zoneQuarters * quarterMs)}${this.zoneText()}`;
	}

	/** Network time for AT+QLTS, or undefined. @param local with the zone's offset added */
	networkTime(local: boolean): string | undefined {
		if (!this.#clockKnown) return undefined;
		const offsetMs = local ? this.#zoneQuarters * quarterMs : 0;
		return `20${timeText(this.#host.wallMs() + offsetMs)}${this.zoneText()},0`;
	}

	zoneText(): string {
		const sign = this.#zoneQuarters < 0 ? "-" : "+";
		return sign + String(Math.abs(this.#zoneQuarters)).padStart(2, "0");
	}

	#readSim(): void {
		if (!this.#simIn) {
			this.#host.urc("+CPIN: NOT READY");
			return;
		}
		this.#simReady = true;
		this.#host.urc("+CPIN: READY");
		this.#search(searchUs);
	}

	#search(delayUs: number): void {
		if (!this.#simReady || this.#functionality !== 1 || this.#registration === 1) return;
		this.#setRegistration(2);
		this.#endSearch?.();
		if (!this.#covered) return;
		this.#endSearch = this.#host.later(delayUs, () => {
			this.#endSearch = undefined;
			this.#clockKnown = true;
			this.#setRegistration(1);
		});
	}

	#deregister(stat: number): void {
		this.#endSearch?.();
		this.#endSearch = undefined;
		this.#setRegistration(this.#simReady && this.#functionality === 1 ? stat : 0);
		this.dropContext();
	}

	#setRegistration(stat: number): void {
		if (stat === this.#registration) return;
		this.#registration = stat;
		for (const name of ["CREG", "CGREG", "CEREG"] as const) {
			const mode = this.reporting[name];
			if (mode > 0) this.#host.urc(`+${name}: ${stat}${this.cellText(mode)}`);
		}
	}

	/** What follows the state when cell information (mode 2) was asked for. */
	cellText(mode: number): string {
		return mode === 2 && this.#registration === 1 ? ',"10E3","0A7F3C01",7' : "";
	}
}

function timeText(unixMs: number): string {
	const text = new Date(unixMs).toISOString();
	return `${text.slice(2, 10).replaceAll("-", "/")},${text.slice(11, 19)}`;
}
