/** What can go wrong outside our own logic. Closed list; the text carries no data, least of all card data. */
export type FaultCode =
	| "io.busy"
	| "io.closed"
	| "io.options"
	/** TLS was asked for where there is none. */
	| "io.tls"
	| "flash.read"
	| "flash.write"
	| "flash.erase"
	| "flash.range"
	| "journal.full"
	| "journal.size"
	| "journal.record"
	| "stan.none"
	| "vault.full"
	| "vault.size"
	| "message.field"
	| "message.length"
	| "message.bitmap"
	| "message.value"
	| "message.tlv"
	| "mqtt.packet"
	| "mqtt.size"
	| "mqtt.state"
	| "cipher.key"
	| "amount.syntax"
	| "amount.range"
	| "config"
	| "bug";

/** The one error class of the firmware: a closed code and up to two numbers (field, offset, limit …). */
export class Fault extends Error {
	readonly code: FaultCode;
	readonly a: number;
	readonly b: number;
	constructor(code: FaultCode, a = 0, b = 0) {
		super(`${code} ${a} ${b}`);
		this.code = code;
		this.a = a;
		this.b = b;
	}
	// A getter, because an assignment throws where Error.prototype is frozen by preload.
	override get name(): string {
		return "Fault";
	}
}

/** Stops on a broken invariant of our own: a bug, not a fault of the world. `id` finds the place. */
export function assert(condition: boolean, id: number): asserts condition {
	if (!condition) throw new Fault("bug", id);
}
