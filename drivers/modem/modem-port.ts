import type { TimerId, Timers } from "core/clock";
import type { Serial, SerialPort } from "core/io";
import { SerialWriter } from "core/serial-writer";

export interface ModemPortEvents {
	/** The port is open; called again after a loss. */
	opened(serial: Serial, writer: SerialWriter): void;
	received(bytes: Uint8Array): void;
	/** The port is gone; it is opened again by itself. */
	lost(): void;
}

const reopenAfterMs = 5_000;

/** The serial port of a modem: opened in a turn of its own, and again for as long as it takes. */
export class ModemPort {
	readonly #port: SerialPort;
	readonly #timers: Timers;
	readonly #writerByteLimit: number;
	readonly #events: ModemPortEvents;
	#serial: Serial | undefined;
	#timer: TimerId | undefined;
	#closed = false;

	/** @param writerByteLimit most bytes that may wait for the port */
	constructor(port: SerialPort, timers: Timers, writerByteLimit: number, events: ModemPortEvents) {
		this.#port = port;
		this.#timers = timers;
		this.#writerByteLimit = writerByteLimit;
		this.#events = events;
		this.#openAfter(0);
	}

	/** Nothing is called any more. Twice is fine. */
	close(): void {
		this.#closed = true;
		if (this.#timer !== undefined) this.#timers.clear(this.#timer);
		this.#serial?.close();
	}

	#openAfter(delayMs: number): void {
		this.#timer = this.#timers.set(() => this.#open(), delayMs);
	}

	#open(): void {
		this.#timer = undefined;
		const writer = new SerialWriter(this.#writerByteLimit);
		let serial: Serial;
		try {
			serial = new this.#port.io({
				...this.#port,
				onReadable: () => this.#receive(serial),
				onWritable: (count) => this.#writable(serial, writer, count),
				onError: () => this.#failed(serial),
			});
		} catch {
			this.#openAfter(reopenAfterMs);
			return;
		}
		this.#serial = serial;
		this.#events.opened(serial, writer);
	}

	#receive(serial: Serial): void {
		if (this.#closed || serial !== this.#serial) return;
		const bytes = serial.read();
		if (bytes !== undefined) this.#events.received(bytes);
	}

	#writable(serial: Serial, writer: SerialWriter, count: number): void {
		if (this.#closed) return;
		try {
			writer.writable(serial, count);
		} catch {
			// The port had less room than it said; it will say so again, and every command has a deadline.
		}
	}

	#failed(serial: Serial): void {
		if (this.#closed || serial !== this.#serial) return;
		this.#serial = undefined;
		serial.close();
		this.#events.lost();
		if (!this.#closed) this.#openAfter(reopenAfterMs);
	}
}
