import { Fault, type FaultCode } from "core/fault";

// What xsnap-worker gives its scripts.
declare function issueCommand(request: ArrayBuffer): ArrayBuffer;
declare function resetMeter(limit: number, index: number): number;
declare function currentMeterLimit(): number;

/** Operations of the board; simulator/bench/board/protocol.md says what they take and give. */
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
export type Op = (typeof Op)[keyof typeof Op];

const headLength = 5;
const statusDone = 0;
const statusUnknown = 6;

/** Fault codes by status, where they do not depend on the operation. */
const faultCodes: readonly (FaultCode | undefined)[] = Object.freeze([
	undefined,
	undefined,
	"flash.range",
	"io.busy",
	"io.closed",
	"cipher.key",
	undefined,
	"io.options",
]);

/** The synchronous calls to the board, and the time that comes back with each. */
export class HostCalls {
	/** Microseconds since boot at the last word from the board. */
	#timeUs = 0;
	readonly #computePerUs: number;
	readonly #meterLimit = currentMeterLimit();

	/** @param computePerUs steps of the engine in a microsecond, to tell time between two calls */
	constructor(computePerUs: number) {
		this.#computePerUs = computePerUs;
	}

	/** The board starts a turn: microseconds since boot. */
	turnStarts(timeUs: number): void {
		this.#timeUs = timeUs;
	}

	/** Microseconds since boot; goes on while the engine computes. */
	nowUs(): number {
		// The meter can only be read by setting it: it is put back, for the board counts the steps as well.
		const compute = resetMeter(this.#meterLimit, 0);
		resetMeter(this.#meterLimit, compute);
		return this.#timeUs + compute / this.#computePerUs;
	}

	/**
	 * One call. @param argumentBytes room for the arguments, which `fill` writes
	 * @returns the result, or undefined when the board does not know the name
	 * @throws Fault as the board's status says
	 */
	call(
		op: Op,
		argumentBytes: number,
		fill: (view: DataView, bytes: Uint8Array) => void,
	): Uint8Array | undefined {
		const request = new Uint8Array(headLength + argumentBytes);
		fill(new DataView(request.buffer, headLength), request.subarray(headLength));
		const head = new DataView(request.buffer);
		head.setUint8(0, op);
		head.setUint32(1, resetMeter(this.#meterLimit, 0), true);
		const answer = issueCommand(request.buffer);
		const view = new DataView(answer);
		this.#timeUs = view.getFloat64(0, true);
		const status = view.getUint8(8);
		if (status === statusDone) return new Uint8Array(answer, 9);
		if (status === statusUnknown) return undefined;
		throw new Fault(faultCodes[status] ?? flashFault(op), op, status);
	}
}

function flashFault(op: Op): FaultCode {
	if (op === Op.FlashWrite) return "flash.write";
	if (op === Op.FlashErase) return "flash.erase";
	return op === Op.FlashRead ? "flash.read" : "bug";
}
