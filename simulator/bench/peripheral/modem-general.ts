import type { AtCommand } from "./at-command";
import { Cme, cme, error, integer, lines, ok } from "./modem-core";
import type { AtHandler, AtHandlers, AtReply } from "./modem-core";
import type { Radio, Reporting } from "./modem-radio";

/** Settings that commands change. */
export interface ModemSettings {
	echo: boolean;
	verbose: boolean;
	/** AT+CMEE. */
	errors: number;
	/** AT+QISDE: data after the prompt are echoed. */
	echoData: boolean;
	/** AT+QURCCFG="urcport": kept over resets. */
	urcPort: string;
	/** AT+CSQ's first number. */
	signal: number;
}

export interface GeneralHost {
	readonly settings: ModemSettings;
	readonly radio: Radio;
	/** Restarts once the answer is out. */
	restart(): void;
	powerDown(): void;
}

const imei = "861234050000017";
const imsi = "460010000000017";
const iccid = "89860100000000000017";
const model = "EC200U";
const revision = "EC200UCNAAR03A01M08_BENCH";

/** Identity, settings, registration and clock. */
export function generalCommands(host: GeneralHost): AtHandlers {
	const { settings, radio } = host;
	const accept: AtHandler = (_, done) => done(ok);
	const say =
		(...text: string[]): AtHandler =>
		(_, done) =>
			done(lines(...text));
	const withSim =
		(make: () => AtReply): AtHandler =>
		(_, done) =>
			done(simFault(radio) ?? make());
	return {
		E: flag((on) => (settings.echo = on)),
		V: flag((on) => (settings.verbose = on)),
		Q: accept,
		Z: accept,
		"&D": accept,
		"&F": accept,
		"&W": accept,
		"&C": accept,
		I: say("Quectel", model, `Revision: ${revision}`),
		"+CMEE": stored(
			0,
			2,
			"+CMEE",
			() => settings.errors,
			(value) => (settings.errors = value),
		),
		"+IPR": (command, done) => {
			if (command.form === "read") done(lines("+IPR: 115200"));
			else done(command.args[0] === "115200" ? ok : cme(Cme.NotSupported));
		},
		"+IFC": accept,
		"+QURCCFG": urcPort(settings),
		"+QISDE": stored(
			0,
			1,
			"+QISDE",
			() => Number(settings.echoData),
			(value) => {
				settings.echoData = value === 1;
			},
		),
		"+CPIN": withSim(() => lines("+CPIN: READY")),
		"+QCCID": withSim(() => lines(`+QCCID: ${iccid}`)),
		"+CIMI": withSim(() => lines(imsi)),
		"+QSIMSTAT": (command, done) => {
			const state = radio.simState === "missing" ? 0 : 1;
			done(command.form === "read" ? lines(`+QSIMSTAT: 0,${state}`) : ok);
		},
		"+QSIMDET": accept,
		"+CGSN": say(imei),
		"+GSN": say(imei),
		"+CGMM": say(model),
		"+GMM": say(model),
		"+CGMI": say("Quectel"),
		"+CGMR": say(revision),
		"+CSQ": (_, done) => done(lines(`+CSQ: ${signalNow(host)},99`)),
		"+CREG": registration("CREG", radio),
		"+CGREG": registration("CGREG", radio),
		"+CEREG": registration("CEREG", radio),
		"+CGATT": (command, done) =>
			done(command.form === "read" ? lines(`+CGATT: ${radio.registration === 1 ? 1 : 0}`) : ok),
		"+COPS": (command, done) =>
			done(
				command.form !== "read"
					? ok
					: lines(radio.registration === 1 ? '+COPS: 0,0,"BENCH",7' : "+COPS: 0"),
			),
		"+CTZU": accept,
		"+CTZR": accept,
		"+CCLK": (command, done) =>
			done(command.form === "read" ? lines(`+CCLK: "${radio.clockText()}"`) : ok),
		"+QLTS": (command, done) => {
			const text = radio.networkTime(command.args[0] === "2");
			done(lines(`+QLTS: "${text ?? ""}"`));
		},
		"+CFUN": functionality(host),
		"+QPOWD": (_, done) => {
			done(ok);
			host.powerDown();
		},
	};
}

/** The error that SIM commands give now, if any. */
export function simFault(radio: Radio): AtReply | undefined {
	if (radio.simState === "missing") return cme(Cme.SimMissing);
	return radio.simState === "busy" ? cme(Cme.SimBusy) : undefined;
}

function signalNow(host: GeneralHost): number {
	return host.radio.registration === 1 ? host.settings.signal : 99;
}

function flag(set: (on: boolean) => void): AtHandler {
	return (command, done) => {
		const value = integer(command.args[0], 0, 1);
		if (value === undefined) return done(error);
		set(value === 1);
		done(ok);
	};
}

function stored(
	min: number,
	max: number,
	name: string,
	get: () => number,
	set: (value: number) => void,
): AtHandler {
	return (command, done) => {
		if (command.form === "read") return done(lines(`${name}: ${get()}`));
		if (command.form === "test") return done(lines(`${name}: (${min}-${max})`));
		const value = integer(command.args[0], min, max);
		if (value === undefined) return done(cme(Cme.BadParameters));
		set(value);
		done(ok);
	};
}

function urcPort(settings: ModemSettings): AtHandler {
	return (command, done) => {
		const [what, port] = command.args;
		if (what !== "urcport") return done(cme(Cme.BadParameters));
		if (port === undefined) return done(lines(`+QURCCFG: "urcport","${settings.urcPort}"`));
		if (!["usbat", "usbmodem", "uart1", "all"].includes(port)) return done(cme(Cme.BadParameters));
		settings.urcPort = port;
		done(ok);
	};
}

function registration(name: Reporting, radio: Radio): AtHandler {
	return (command: AtCommand, done) => {
		const mode = radio.reporting[name];
		if (command.form === "read")
			return done(lines(`+${name}: ${mode},${radio.registration}${radio.cellText(mode)}`));
		if (command.form === "test") return done(lines(`+${name}: (0-2)`));
		const value = integer(command.args[0], 0, 2);
		if (value === undefined) return done(cme(Cme.BadParameters));
		radio.reporting[name] = value;
		done(ok);
	};
}

function functionality(host: GeneralHost): AtHandler {
	return (command, done) => {
		if (command.form === "read") return done(lines(`+CFUN: ${host.radio.functionality}`));
		const value = integer(command.args[0], 0, 4);
		if (value === undefined) return done(cme(Cme.BadParameters));
		done(ok);
		if (command.args[1] === "1") host.restart();
		else host.radio.setFunctionality(value);
	};
}
