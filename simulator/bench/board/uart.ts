import type { Scheduler, SerialDevice, Wire } from "./device";
import type { Random } from "./random";

export const fifoBytes = 128;
/** The engine is told of received bytes when this many wait … */
const rxThresholdBytes = 64;
/** … or when the line has been quiet for this many byte times. */
const rxQuietBytes = 10;
/** The engine is told of room when no more than this many bytes wait to be sent, as on the ESP32. */
const txThresholdBytes = 10;
/** The device gets what it receives in pieces of 1 to this many bytes. */
const pieceBytesMax = 16;
const defaultBaud = 115_200;

export interface UartHooks {
	/** `readableBytes` or `writableBytes` may have become more than zero. */
	readonly interrupt: () => void;
	readonly capture: (direction: "to-terminal" | "from-terminal", bytes: Uint8Array) => void;
	/** Bytes came while the FIFO was full, and are lost. */
	readonly overrun: (lostBytes: number) => void;
}

/** Bytes on their way to the terminal, back to back. */
interface Burst {
	readonly bytes: Uint8Array;
	/** When the first of those that are left has arrived. */
	firstAtUs: number;
	/** Bytes that have arrived. */
	taken: number;
}

/** One serial port: two FIFOs, a wire with a speed in between, a device at the far end. */
export class Uart {
	readonly #scheduler: Scheduler;
	readonly #random: Random;
	readonly #device: SerialDevice | undefined;
	readonly #hooks: UartHooks;
	#open = false;
	#powered = false;
	#byteUs = 10e6 / defaultBaud;

	#fifo: number[] = [];
	#bursts: Burst[] = [];
	#lineFreeAtUs = 0;
	#lastArrivalUs = -Infinity;
	#cancelReceive: () => void = () => {};
	/** Bytes lost because the FIFO was full, since the bench was made. */
	lostBytes = 0;

	/** Bytes in the transmit FIFO or shifted out but not yet handed to the device. */
	#outgoing: number[] = [];
	/** When the first of `#outgoing` has left. */
	#outgoingFirstUs = 0;
	#delivering = false;
	#cancelDelivery: () => void = () => {};
	#roomWanted = false;
	#cancelRoom: () => void = () => {};

	/** @param device undefined: nothing is plugged in */
	constructor(
		scheduler: Scheduler,
		random: Random,
		device: SerialDevice | undefined,
		hooks: UartHooks,
	) {
		this.#scheduler = scheduler;
		this.#random = random;
		this.#device = device;
		this.#hooks = hooks;
		const wire: Wire = { send: (bytes) => this.#send(bytes) };
		device?.plug(wire, scheduler);
	}

	// The terminal's side.

	get isOpen(): boolean {
		return this.#open;
	}

	/** @returns false when the port is open already */
	open(baud: number): boolean {
		if (this.#open) return false;
		this.#settle();
		this.#open = true;
		this.#byteUs = 10e6 / baud;
		this.#wantRoom();
		this.#armReceive();
		return true;
	}

	/** Forgets what is in both FIFOs. */
	close(): void {
		this.#settle();
		this.#flushShifted();
		this.#open = false;
		this.#fifo = [];
		this.#outgoing = [];
		this.#delivering = false;
		this.#roomWanted = false;
		this.#cancelDelivery();
		this.#cancelRoom();
		this.#cancelReceive();
	}

	/** Takes all that is in the receive FIFO. */
	read(): Uint8Array {
		this.#settle();
		const bytes = Uint8Array.from(this.#fifo);
		this.#fifo = [];
		this.#armReceive();
		return bytes;
	}

	/** @returns false, and takes nothing, when there is not enough room */
	write(bytes: Uint8Array): boolean {
		const nowUs = this.#scheduler.nowUs();
		const fits = this.#usedBytes(nowUs) + bytes.length <= fifoBytes;
		if (fits && bytes.length > 0) {
			if (this.#outgoing.length === 0) this.#outgoingFirstUs = nowUs + this.#byteUs;
			for (const byte of bytes) this.#outgoing.push(byte);
			this.#deliver();
		}
		this.#wantRoom();
		return fits;
	}

	/** Bytes that the engine is to be told of now. Level-triggered: stays until they are read. */
	readableBytes(): number {
		if (!this.#open) return 0;
		this.#settle();
		const count = this.#fifo.length;
		if (count >= rxThresholdBytes) return count;
		const quietUs = this.#scheduler.nowUs() - this.#lastArrivalUs;
		return count > 0 && quietUs >= rxQuietBytes * this.#byteUs - 0.001 ? count : 0;
	}

	/** Room that the engine is to be told of now, once; 0 when nobody waits for it or there is too little. */
	takeWritableBytes(): number {
		const usedBytes = this.#usedBytes(this.#scheduler.nowUs());
		if (!this.#open || !this.#roomWanted || usedBytes > txThresholdBytes) return 0;
		this.#roomWanted = false;
		return fifoBytes - usedBytes;
	}

	// The device's side.

	/** The supply goes with the terminal's. Bytes on the wire are gone with it. */
	power(on: boolean): void {
		if (!on) this.close();
		this.#powered = on;
		this.#bursts = [];
		this.#lineFreeAtUs = 0;
		this.#device?.power(on);
	}

	#send(bytes: Uint8Array): void {
		if (!this.#powered || bytes.length === 0) return;
		this.#hooks.capture("to-terminal", bytes);
		const firstAtUs = Math.max(this.#scheduler.nowUs(), this.#lineFreeAtUs) + this.#byteUs;
		this.#lineFreeAtUs = firstAtUs + (bytes.length - 1) * this.#byteUs;
		this.#bursts.push({ bytes: bytes.slice(), firstAtUs, taken: 0 });
		this.#armReceive();
	}

	/** Moves what has arrived by now into the FIFO, as far as there is room. */
	#settle(): void {
		const nowUs = this.#scheduler.nowUs();
		let lost = 0;
		for (let burst = this.#bursts[0]; burst !== undefined; burst = this.#bursts[0]) {
			const left = burst.bytes.length - burst.taken;
			const arrived = Math.min(left, arrivals(nowUs, burst.firstAtUs, this.#byteUs));
			for (let i = 0; i < arrived; i++) {
				const byte = burst.bytes[burst.taken++]!;
				if (!this.#open) continue;
				if (this.#fifo.length < fifoBytes) this.#fifo.push(byte);
				else lost++;
			}
			if (arrived > 0) {
				this.#lastArrivalUs = burst.firstAtUs + (arrived - 1) * this.#byteUs;
				burst.firstAtUs += arrived * this.#byteUs;
			}
			if (burst.taken < burst.bytes.length) break;
			this.#bursts.shift();
		}
		if (lost === 0) return;
		this.lostBytes += lost;
		this.#hooks.overrun(lost);
	}

	/** Plans the interrupt for the FIFO's threshold or the pause after the last byte, whichever is first. */
	#armReceive(): void {
		this.#cancelReceive();
		if (!this.#open) return;
		const nowUs = this.#scheduler.nowUs();
		const pauseUs = rxQuietBytes * this.#byteUs;
		let missing = rxThresholdBytes - this.#fifo.length;
		let quietAtUs = this.#fifo.length > 0 ? this.#lastArrivalUs + pauseUs : Infinity;
		let atUs = missing <= 0 ? nowUs : Infinity;
		for (const { bytes, taken, firstAtUs } of this.#bursts) {
			if (atUs !== Infinity || firstAtUs > quietAtUs) break;
			const left = bytes.length - taken;
			if (left >= missing) atUs = firstAtUs + (missing - 1) * this.#byteUs;
			missing -= left;
			quietAtUs = firstAtUs + (left - 1) * this.#byteUs + pauseUs;
		}
		atUs = Math.min(atUs, quietAtUs);
		if (atUs === Infinity) return;
		this.#cancelReceive = this.#scheduler.after(atUs - nowUs, this.#hooks.interrupt);
	}

	/** Bytes that take room in the transmit FIFO. */
	#usedBytes(nowUs: number): number {
		const left = arrivals(nowUs, this.#outgoingFirstUs, this.#byteUs);
		return Math.max(0, this.#outgoing.length - left);
	}

	#wantRoom(): void {
		this.#roomWanted = true;
		this.#cancelRoom();
		const nowUs = this.#scheduler.nowUs();
		const above = this.#outgoing.length - txThresholdBytes;
		const atUs = above > 0 ? this.#outgoingFirstUs + (above - 1) * this.#byteUs : nowUs;
		this.#cancelRoom = this.#scheduler.after(atUs - nowUs, this.#hooks.interrupt);
	}

	/** Plans the next piece for the device: it comes when the piece's last byte has left. */
	#deliver(): void {
		if (this.#delivering || this.#outgoing.length === 0) return;
		this.#delivering = true;
		const count = Math.min(this.#outgoing.length, 1 + this.#random.below(pieceBytesMax));
		const atUs = this.#outgoingFirstUs + (count - 1) * this.#byteUs;
		this.#cancelDelivery = this.#scheduler.after(atUs - this.#scheduler.nowUs(), () => {
			this.#delivering = false;
			this.#handOver(count);
			this.#deliver();
		});
	}

	#handOver(count: number): void {
		const piece = Uint8Array.from(this.#outgoing.splice(0, count));
		this.#outgoingFirstUs += count * this.#byteUs;
		this.#hooks.capture("from-terminal", piece);
		if (this.#powered) this.#device?.receive(piece);
	}

	/** What had left the port before it was closed still reaches the device. */
	#flushShifted(): void {
		const left = arrivals(this.#scheduler.nowUs(), this.#outgoingFirstUs, this.#byteUs);
		const count = Math.min(this.#outgoing.length, left);
		if (count > 0) this.#handOver(count);
	}
}

/** Bytes that have passed by `nowUs` when the first passes at `firstUs`; a nanosecond covers rounding. */
function arrivals(nowUs: number, firstUs: number, byteUs: number): number {
	return nowUs + 0.001 < firstUs ? 0 : Math.floor((nowUs + 0.001 - firstUs) / byteUs) + 1;
}
