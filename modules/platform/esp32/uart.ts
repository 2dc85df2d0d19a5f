import type { Timers } from "core/clock";
import { Fault } from "core/fault";
import type { Serial, SerialConstructor, SerialOptions } from "core/io";
import NativeSerial from "embedded:io/serial";

/** A UART of the chip and its pins, from the manifest's `config`. */
export interface UartPins {
	/** Number of the UART: 0 to 2, the SDK knows no more. */
	readonly port: number;
	readonly transmit: number;
	readonly receive: number;
}

/** The UART as it stays open: its owner changes when a driver closes and opens it. */
interface Line {
	readonly native: NativeSerial;
	readonly baud: number;
	/** Free bytes in the transmit FIFO when it was last said, less what was written since: never more than there is. */
	room: number;
	owner: LineOwner | undefined;
}

interface LineOwner {
	readable(count: number): void;
	writable(count: number): void;
}

/**
 * The class for one UART. The SDK's Serial works on the 128-byte FIFOs alone and is freed under its own feet
 * when it is closed in its own callback; it is therefore opened once and stays open. Both callbacks are always
 * given to it, for without them it reads memory that it has not set. An exception in a callback stops the engine.
 */
export function uartClass(pins: UartPins, timers: Timers): SerialConstructor {
	const shared: { line: Line | undefined } = { line: undefined };
	return class implements Serial, LineOwner {
		readonly #line: Line;
		readonly #onReadable: (count: number) => void;
		readonly #onWritable: (count: number) => void;

		/** @throws Fault "io.busy" when the port is open already, "io.options" for another baud rate than before */
		constructor({ baud, onReadable, onWritable }: SerialOptions) {
			this.#onReadable = (count) => onReadable?.call(this, count);
			this.#onWritable = (count) => onWritable?.call(this, count);
			const before = shared.line;
			if (before?.owner !== undefined) throw new Fault("io.busy", pins.port);
			if (before !== undefined && before.baud !== baud) throw new Fault("io.options", baud);
			this.#line = shared.line = before ?? openLine(pins, baud);
			this.#line.owner = this;
			if (before !== undefined) timers.set(() => this.#announce(), 0);
		}

		read(): Uint8Array | undefined {
			this.#check();
			const bytes = this.#line.native.read();
			return bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : undefined;
		}

		write(bytes: Uint8Array): void {
			this.#check();
			if (bytes.length > this.#line.room) throw new Fault("io.busy", bytes.length, this.#line.room);
			if (bytes.length === 0) return;
			this.#line.room -= bytes.length;
			this.#line.native.write(bytes);
		}

		close(): void {
			if (this.#line.owner === this) this.#line.owner = undefined;
		}

		readable(count: number): void {
			this.#onReadable(count);
		}

		writable(count: number): void {
			this.#onWritable(count);
		}

		/** A line that was open already says nothing of its room by itself. */
		#announce(): void {
			if (this.#line.owner === this && this.#line.room > 0) this.#onWritable(this.#line.room);
		}

		#check(): void {
			if (this.#line.owner !== this) throw new Fault("io.closed", pins.port);
		}
	};
}

function openLine(pins: UartPins, baud: number): Line {
	const native = new NativeSerial({
		...pins,
		baud,
		format: "buffer",
		onReadable: (count) => {
			// Unread bytes would call again and again.
			if (line.owner === undefined) native.read();
			else line.owner.readable(count);
		},
		onWritable: (count) => {
			line.room = count;
			line.owner?.writable(count);
		},
	});
	const line: Line = { native, baud, room: 0, owner: undefined };
	return line;
}

/** The class for a port that the board does not have: silent, and takes nothing. */
export class AbsentPort implements Serial {
	read(): undefined {
		return undefined;
	}

	write(bytes: Uint8Array): void {
		if (bytes.length > 0) throw new Fault("io.busy", bytes.length);
	}

	close(): void {}
}
