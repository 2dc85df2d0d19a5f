/** A peripheral on a wire of its own, for tests that feed it bytes. */
import type { SerialDevice } from "../../simulator/bench/board/device";
import { BenchScheduler } from "../../simulator/bench/board/scheduler";
import type { TranscriptEntry } from "../../simulator/bench/peripheral/peripheral";

export class Bench<Device extends SerialDevice> {
	readonly device: Device;
	readonly scheduler: BenchScheduler;
	/** Everything that the device sent and that `take` has not taken. */
	heard: Buffer = Buffer.alloc(0);

	constructor(device: Device) {
		this.device = device;
		this.scheduler = new BenchScheduler({ pace: "fast" });
		device.plug(
			{ send: (bytes) => (this.heard = Buffer.concat([this.heard, bytes])) },
			this.scheduler,
		);
	}

	/** Powers the device and waits until it hears. */
	async boot(milliseconds = 2000): Promise<void> {
		this.device.power(true);
		await this.run(milliseconds);
	}

	/** Lets virtual time pass. */
	async run(milliseconds: number): Promise<void> {
		await this.scheduler.run(() => false, this.scheduler.nowUs() + milliseconds * 1000);
	}

	/** Lets virtual time pass until the device has sent `text`. @returns whether it did in time */
	async until(text: string, milliseconds = 5000): Promise<boolean> {
		const limitUs = this.scheduler.nowUs() + milliseconds * 1000;
		return this.scheduler.run(() => this.heard.includes(text, 0, "latin1"), limitUs);
	}

	give(bytes: Uint8Array | string): void {
		this.device.receive(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
	}

	/** What the device has sent since the last call. */
	take(): Buffer {
		const bytes = this.heard;
		this.heard = Buffer.alloc(0);
		return bytes;
	}

	/** Gives bytes, waits a little and takes what came back. */
	async ask(bytes: Uint8Array | string, milliseconds = 50): Promise<Buffer> {
		this.take();
		this.give(bytes);
		await this.run(milliseconds);
		return this.take();
	}
}

/** Collects a transcript. */
export function makeTranscript(): {
	entries: TranscriptEntry[];
	hook: (entry: TranscriptEntry) => void;
} {
	const entries: TranscriptEntry[] = [];
	return { entries, hook: (entry) => entries.push(entry) };
}
