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
	/** As Opened, of a TLS socket. */
	SecureOpened: 11,
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

/** The commands of one kind of socket. Numbers are given once over all kinds. */
export interface SocketCommands {
	/** @param context of the TLS settings; of no meaning to a plain socket */
	readonly open: (id: number, host: string, port: number, context: number) => string;
	/** From the OK to the outcome. */
	readonly openTimeoutMs: number;
	readonly send: (id: number, byteLength: number) => string;
	readonly read: (id: number, byteLength: number) => string;
	readonly readAnswer: string;
	/** Asks how much waits; `readAnswer` leads the answer, the amount is field `pollField`. Absent: a read tells. */
	readonly poll?: (id: number) => string;
	readonly pollField: number;
	readonly close: (id: number) => string;
	readonly closeTimeoutMs: number;
}

/** TLS in the module: certificates in its file system, settings by context, sockets. */
export interface TlsCommands {
	readonly socket: SocketCommands;
	/** Contexts that we use, one for each certificate. */
	readonly contexts: number;
	/** Opens that end so failed before TLS began; others may be the handshake. */
	readonly networkErrors: readonly number[];
	/** Name and size of a file; an error when there is none. */
	readonly fileQuery: (name: string) => string;
	/** Field 0: name, field 1: bytes. */
	readonly fileAnswer: string;
	readonly fileDelete: (name: string) => string;
	/** `filePrompt`, the bytes, `uploadAnswer` (field 0: bytes, field 1: `checksum` in hex), OK. */
	readonly fileUpload: (name: string, byteLength: number) => string;
	readonly filePrompt: string;
	readonly uploadAnswer: string;
	/** Sum of a file as the module forms it. */
	readonly checksum: (bytes: Uint8Array) => number;
	/** TLS 1.2, the server verified by this file alone. A module forgets them with a restart. */
	readonly settings: (context: number, file: string) => readonly SetupCommand[];
	/** Whether the dates of certificates count: only while the module knows the time. */
	readonly dates: (context: number, count: boolean) => string;
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

	/** The whole data part of the module hangs when an open ends with this error. */
	readonly openFatalError: number;
	readonly sendByteLimit: number;
	/** Final lines of a send: taken by the module, nothing taken. */
	readonly sendOk: string;
	readonly sendRefused: string;
	/** How long the module waits for payload; it must have given up before anything else is said to it. */
	readonly promptInputTimeoutMs: number;
	/** Bytes between the last raw byte and the line "OK". */
	readonly rawTail: readonly number[];

	readonly tcp: SocketCommands;
	/** Absent: the module has no TLS of its own, and sockets that want it are refused. */
	readonly tls?: TlsCommands;
}
