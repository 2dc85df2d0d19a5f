/**
 * The event log takes a code and numbers, never text or buffers: nothing secret can get in (G4).
 * Codes are append-only; texts for people stand in diagnostics/event-texts.
 */
export const LogCode = Object.freeze({
	Boot: 1,
	JournalMounted: 2,
	JournalDamage: 3,
	StateChanged: 4,
	LinkState: 5,
	SignedOn: 6,
	SignOnRefused: 7,
	LateReply: 8,
	ForeignReply: 9,
	BadMac: 10,
	BadMessage: 11,
	ModemState: 12,
	ModemTimeout: 13,
	ModemReset: 14,
	ModemNoise: 15,
	ReaderFault: 16,
	ReaderClearData: 17,
	PrinterFault: 18,
	PrinterStatus: 19,
	MqttError: 20,
	ClockSet: 21,
	SaleRefused: 22,
	IllegalTransition: 23,
	VaultWiped: 24,
	ConsoleOverrun: 25,
	Restart: 26,
	PanelNoise: 27,
	BatchMismatch: 28,
	/** No TLS connection. a: 1 the far end did not prove itself, 2 settings refused, 3 certificate not stored; b: error. */
	TlsFailed: 29,
	/** The far end proved itself by another pin than before. a: number of the pin, from 1. */
	TlsPin: 30,
	/** The host has approved and the chip has not. a: 1 it refused, 2 it gave no last word. */
	ChipRefused: 31,
	/** a: the channel from now on, 0 MQTT, 1 backup. b: 0 failures, 1 too slow, 2 host silent, 3 MQTT works again. */
	ChannelChanged: 40,
	/** Echoes went unanswered while the connection stood. a: channel. */
	HostDeaf: 41,
	/** The connection of one attempt over the backup channel. a: reason (host/tcp-channel), b: attempt. */
	BackupError: 42,
	/** a: number, b: kind. */
	NoticeTaken: 43,
	/** a: number, b: the code that was answered, or -1 wrong MAC, -2 unreadable, -3 somebody else's. */
	NoticeRefused: 44,
	/** New keys are due. a: 0 age, 1 the acquirer asks. */
	KeysDue: 45,
	/** a: settlement step from now on, b: batch. */
	SettlementStep: 50,
} as const);
export type LogCode = (typeof LogCode)[keyof typeof LogCode];

export interface Log {
	/** Notes an event; never throws, never blocks. Meaning of `a` and `b`: by code. */
	event(code: LogCode, a?: number, b?: number): void;
}
