/** A driver of the firmware and a device of the bench at the two ends of a UART, on the bench's virtual time. */
import { Fault } from "core/fault";
import type { Clock, Timers } from "core/clock";
import type { Serial, SerialOptions, SerialPort } from "core/io";
import type { Log } from "core/log";
import type { SerialDevice } from "../../simulator/bench/board/device";
import { BenchScheduler } from "../../simulator/bench/board/scheduler";

const fifoBytes = 128;
const byteUs = 87;

export class DriverBench {
	readonly scheduler = new BenchScheduler({ pace: "fast" });
	readonly clock: Clock;
	readonly timers: Timers;
	readonly log: Log;
	readonly port: SerialPort;
	/** Code and numbers of every event. */
	readonly events: [number, number, number][] = [];
	#options: SerialOptions | undefined;
	#sending: number[] = [];
	#draining = false;
	#received: number[] = [];
	#wireFreeUs = 0;

	constructor(device: SerialDevice) {
		const { scheduler } = this;
		this.clock = {
			ticksMs: () => Math.floor(scheduler.nowUs() / 1000),
			wallMs: () => scheduler.wallMs(),
			setWallMs: () => {},
		};
		const cancels = new Map<number, () => void>();
		let nextId = 1;
		this.timers = {
			set: (callback, delayMs) => {
				cancels.set(nextId, scheduler.after(delayMs * 1000, callback));
				return nextId++;
			},
			clear: (id) => cancels.get(id)?.(),
		};
		this.log = { event: (code, a = 0, b = 0) => void this.events.push([code, a, b]) };
		device.plug({ send: (bytes) => this.#arrive(bytes) }, scheduler);
		device.power(true);
		this.port = { baud: 115_200, io: this.#serialClass(device) };
	}

	/** Lets virtual time pass. */
	async run(milliseconds: number): Promise<void> {
		await this.scheduler.run(() => false, this.scheduler.nowUs() + milliseconds * 1000);
	}

	#serialClass(device: SerialDevice): SerialPort["io"] {
		const open = (options: SerialOptions) => {
			this.#options = options;
			this.scheduler.after(0, () => this.#options?.onWritable?.(fifoBytes));
		};
		const take = () =>
			this.#received.length === 0 ? undefined : Uint8Array.from(this.#received.splice(0));
		const put = (bytes: Uint8Array) => {
			if (this.#sending.length + bytes.length > fifoBytes) throw new Fault("io.busy");
			this.#sending.push(...bytes);
			this.#drain(device);
		};
		const end = () => (this.#options = undefined);
		return class implements Serial {
			constructor(options: SerialOptions) {
				open(options);
			}
			read(): Uint8Array | undefined {
				return take();
			}
			write(bytes: Uint8Array): void {
				put(bytes);
			}
			close(): void {
				end();
			}
		};
	}

	#drain(device: SerialDevice): void {
		if (this.#draining || this.#sending.length === 0) return;
		this.#draining = true;
		const count = Math.min(this.#sending.length, 16);
		this.scheduler.after(count * byteUs, () => {
			this.#draining = false;
			device.receive(Uint8Array.from(this.#sending.splice(0, count)));
			this.#drain(device);
			this.#options?.onWritable?.(fifoBytes - this.#sending.length);
		});
	}

	#arrive(bytes: Uint8Array): void {
		const nowUs = this.scheduler.nowUs();
		for (let start = 0; start < bytes.length; start += 16) {
			const part = bytes.slice(start, start + 16);
			this.#wireFreeUs = Math.max(this.#wireFreeUs, nowUs) + part.length * byteUs;
			this.scheduler.after(this.#wireFreeUs - nowUs, () => {
				this.#received.push(...part);
				this.#options?.onReadable?.(this.#received.length);
			});
		}
	}
}
