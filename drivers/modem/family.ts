/** What unsolicited lines mean, whatever their text. */
export const Urc = Object.freeze({
	/** The module has started or is going down: nothing that we knew of it holds any longer. */
	Restarted: 1,
	/** Boot line that is a restart only when it comes out of the blue. */
	BootLine: 2,
	/** Data waits in the module. Field 0: socket. */
	Received: 3,
	/** The peer closed. Field 0: socket. */
	Closed: 4,
	/** Outcome of an open. Field 0: socket, field 1: error, 0 for open. */
	Opened: 5,
	/** The data connection is gone and with it all sockets. */
	Deactivated: 6,
	/** Registration changed. Field 0: status as in +CEREG. */
	Registration: 7,
	/** SIM state. Field 0: READY, NOT READY, SIM PIN … */
	Sim: 8,
	/** SIM holder. Field 1: 1 card in, 0 card out. */
	SimHolder: 9,
	/** Known and of no use to us. */
	Ignored: 10,
} as const);
export type Urc = (typeof Urc)[keyof typeof Urc];

export interface UrcPattern {
	/** The line starts so; the fields follow. The first match of the table counts. */
	readonly start: string;
	readonly kind: Urc;
}

/** A command of the setup. */
export interface SetupCommand {
	readonly text: string;
	/** A module that refuses it is not usable; otherwise an error is passed over. */
	readonly required: boolean;
}

/** Everything that differs between module families: texts and numbers, no behaviour. */
export interface ModemFamily {
	readonly name: string;
	readonly setup: readonly SetupCommand[];
	readonly urcs: readonly UrcPattern[];

	/** A harmless query with a line of its own, and the start of that line. */
	readonly probe: string;
	readonly probeAnswer: string;

	readonly simQuery: string;
	readonly simAnswer: string;
	readonly registrationQuery: string;
	readonly registrationAnswer: string;
	readonly timeQuery: string;
	readonly timeAnswer: string;
	readonly signalQuery: string;
	readonly signalAnswer: string;

	/** Data connection: is it active, set the access point, activate, deactivate. */
	readonly contextQuery: string;
	readonly contextAnswer: string;
	readonly contextSetup: (apn: string) => string;
	readonly contextOpen: string;
	readonly contextOpenTimeoutMs: number;
	readonly contextClose: string;
	readonly contextCloseTimeoutMs: number;

	/** Restart by command; a pin does it better. */
	readonly restart: string;

	readonly socketOpen: (id: number, host: string, port: number) => string;
	/** From the OK to the outcome. */
	readonly socketOpenTimeoutMs: number;
	/** The whole data part of the module hangs when an open ends with this error. */
	readonly socketOpenFatalError: number;
	readonly socketSend: (id: number, byteLength: number) => string;
	readonly sendByteLimit: number;
	/** Final lines of a send: taken by the module, nothing taken. */
	readonly sendOk: string;
	readonly sendRefused: string;
	/** How long the module waits for payload; it must have given up before anything else is said to it. */
	readonly promptInputTimeoutMs: number;
	readonly socketRead: (id: number, byteLength: number) => string;
	readonly socketReadAnswer: string;
	/** Bytes between the last raw byte and the line "OK". */
	readonly rawTail: readonly number[];
	/** Asks how much waits; `socketReadAnswer` leads the answer, the amount is field `socketPollField`. */
	readonly socketPoll: (id: number) => string;
	readonly socketPollField: number;
	readonly socketClose: (id: number) => string;
	readonly socketCloseTimeoutMs: number;
}
