import type { Scheduler, SerialDevice, Wire } from "../board/device";
import { redactText } from "./redact";

/** One line of what a peripheral saw and did; never with a clear card number. */
export interface TranscriptEntry {
	readonly atUs: number;
	readonly device: string;
	readonly text: string;
}

export type TranscriptHook = (entry: TranscriptEntry) => void;

export interface PeripheralOptions {
	/** Told about everything the device sees and does. */
	readonly transcript?: TranscriptHook;
}

/** What all devices at the end of a UART have in common: supply, cable, timers that die with the supply. */
export abstract class Peripheral implements SerialDevice {
	readonly #name: string;
	readonly #transcript: TranscriptHook | undefined;
	#wire: Wire | undefined;
	#scheduler: Scheduler | undefined;
	#powered = false;
	#connected = true;
	#cancels = new Set<() => void>();

	constructor(name: string, options: PeripheralOptions) {
		this.#name = name;
		this.#transcript = options.transcript;
	}

	plug(wire: Wire, scheduler: Scheduler): void {
		this.#wire = wire;
		this.#scheduler = scheduler;
	}

	receive(bytes: Uint8Array): void {
		if (this.#powered && this.#connected && bytes.length > 0) this.hear(bytes);
	}

	power(on: boolean): void {
		if (on === this.#powered) return;
		this.#powered = on;
		this.note(on ? "power on" : "power off");
		if (on) this.start();
		else {
			this.cancelAll();
			this.stop();
		}
	}

	/** Pulls the data cable; the supply stays. */
	unplug(): void {
		this.#connected = false;
		this.note("cable pulled");
	}

	/** Puts the data cable back. */
	replug(): void {
		this.#connected = true;
		this.note("cable back");
	}

	get powered(): boolean {
		return this.#powered;
	}

	/** Virtual microseconds now. */
	protected get nowUs(): number {
		return this.scheduler.nowUs();
	}

	protected get scheduler(): Scheduler {
		if (this.#scheduler === undefined) throw new Error(`${this.#name} is not plugged in`);
		return this.#scheduler;
	}

	/** Queues bytes towards the terminal, unless the cable or the supply is gone. */
	protected transmit(bytes: Uint8Array): void {
		if (this.#powered && this.#connected) this.#wire?.send(bytes);
	}

	/** As `Scheduler.after`, but forgotten when the supply goes. */
	protected later(delayUs: number, action: () => void): () => void {
		const cancel = this.scheduler.after(delayUs, () => {
			this.#cancels.delete(forget);
			action();
		});
		const forget = () => {
			this.#cancels.delete(forget);
			cancel();
		};
		this.#cancels.add(forget);
		return forget;
	}

	/** Forgets all that `later` has pending, as a reset of the device does. */
	protected cancelAll(): void {
		for (const cancel of [...this.#cancels]) cancel();
	}

	/** Reports to the transcript; card numbers are masked. */
	protected note(text: string): void {
		this.#transcript?.({
			atUs: this.#scheduler?.nowUs() ?? 0,
			device: this.#name,
			text: redactText(text),
		});
	}

	/** Bytes from the terminal while there is supply and cable. */
	protected abstract hear(bytes: Uint8Array): void;
	/** The supply came. */
	protected abstract start(): void;
	/** The supply went: volatile state is lost. */
	protected abstract stop(): void;
}
