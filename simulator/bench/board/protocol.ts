/** The numbers of protocol.md, board side. */

export const Op = Object.freeze({
	Info: 0,
	FlashRead: 1,
	FlashWrite: 2,
	FlashErase: 3,
	UartOpen: 4,
	UartRead: 5,
	UartWrite: 6,
	UartClose: 7,
	Entropy: 8,
	Cipher: 9,
	KeyRead: 10,
	KeyWrite: 11,
	Restart: 12,
	Print: 13,
} as const);

export const Status = Object.freeze({
	Done: 0,
	FlashFailed: 1,
	Range: 2,
	Busy: 3,
	Closed: 4,
	CipherKey: 5,
	Unknown: 6,
	Options: 7,
} as const);
export type Status = (typeof Status)[keyof typeof Status];

/** In the order of their numbers. */
export const portNames = Object.freeze([
	"console",
	"cardReader",
	"printer",
	"modem",
	"panel",
] as const);
export type PortName = (typeof portNames)[number];

/** What a port wants the engine to do in its next turn. */
export interface PortEvent {
	readonly port: number;
	readonly kind: "readable" | "writable";
	readonly count: number;
}

export function encodeTurn(timeUs: number, events: readonly PortEvent[]): Uint8Array {
	const bytes = Buffer.alloc(8 + 4 * events.length);
	bytes.writeDoubleLE(timeUs, 0);
	events.forEach(({ port, kind, count }, index) => {
		const at = 8 + 4 * index;
		bytes[at] = port;
		bytes[at + 1] = kind === "readable" ? 0 : 1;
		bytes.writeUInt16LE(count, at + 2);
	});
	return bytes;
}

export function encodeAnswer(timeUs: number, status: Status, result?: Uint8Array): Uint8Array {
	const bytes = Buffer.alloc(9 + (result?.length ?? 0));
	bytes.writeDoubleLE(timeUs, 0);
	bytes[8] = status;
	if (result !== undefined) bytes.set(result, 9);
	return bytes;
}
