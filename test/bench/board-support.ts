/** A board with a few lines of firmware and simple devices, for the tests of the board itself. */
import type { TestContext } from "node:test";
import { Board } from "../../simulator/bench/board/board";
import type { BoardEvent, BoardOptions, Capture } from "../../simulator/bench/board/board-options";
import type { Scheduler, SerialDevice, Wire } from "../../simulator/bench/board/device";
import { BenchScheduler } from "../../simulator/bench/board/scheduler";
import { memoryStorage } from "../../simulator/bench/board/storage";
import { bundleForXs } from "../../simulator/bench/build/firmware";

/** A device that notes what it gets; the test sends for it. */
export class NotingDevice implements SerialDevice {
	wire!: Wire;
	scheduler!: Scheduler;
	powered = false;
	readonly received: { readonly timeUs: number; readonly bytes: Uint8Array }[] = [];

	plug(wire: Wire, scheduler: Scheduler): void {
		this.wire = wire;
		this.scheduler = scheduler;
	}

	receive(bytes: Uint8Array): void {
		this.received.push({ timeUs: this.scheduler.nowUs(), bytes });
	}

	power(on: boolean): void {
		this.powered = on;
	}

	get bytes(): Uint8Array {
		return Buffer.concat(this.received.map(({ bytes }) => bytes));
	}
}

export interface Bench {
	readonly board: Board;
	readonly scheduler: BenchScheduler;
	readonly device: NotingDevice;
	readonly prints: string[];
	readonly events: BoardEvent[];
	readonly captures: Capture[];
	/** Powers on and runs until `ms` after the firmware's first line. */
	boot(ms: number): Promise<void>;
	/** Runs for so long. */
	run(ms: number): Promise<void>;
}

export const bootMs = 250;

/** Bundles a few lines of firmware that see the platform's parts as variables. */
export async function firmware(lines: string): Promise<string> {
	const source = `import { asciiBytes } from "core/bytes";
		import { HostCalls, Op } from "platform/host-calls";
		import { createPlatform } from "platform/platform";
		const platform = createPlatform();
		const { clock, timers, journalFlash, vaultFlash, ciphers, keys, entropy, modemPort } = platform;
		const printer = new HostCalls(4);
		const print = (...words) => {
			const text = asciiBytes(words.join(" "));
			printer.call(Op.Print, text.length, (_view, bytes) => bytes.set(text));
		};
		const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
		const attempt = (body) => { try { body(); print("ok"); } catch (error) { print(error.code); } };
		${lines}`;
	return (await bundleForXs({ source, name: "snippet.ts" })).code;
}

/** A bench that is closed with the test. */
export async function makeBench(
	context: TestContext,
	lines: string,
	options: Partial<BoardOptions> = {},
): Promise<Bench> {
	const scheduler = options.scheduler ?? new BenchScheduler({ pace: "fast" });
	const device = new NotingDevice();
	const prints: string[] = [];
	const events: BoardEvent[] = [];
	const captures: Capture[] = [];
	const board = new Board({
		firmware: await firmware(lines),
		storage: memoryStorage(),
		config: { terminalId: "T0000001", merchantName: "测试商户" },
		seed: 1,
		devices: { modem: device },
		bootMs,
		onEvent(event) {
			events.push(event);
			if (event.kind === "print") prints.push(event.text);
		},
		onCapture: (capture) => captures.push(capture),
		...options,
		scheduler,
	});
	context.after(() => board.close());
	const run = (ms: number) => board.advance(scheduler.nowUs() + ms * 1000);
	return {
		board,
		scheduler,
		device,
		prints,
		events,
		captures,
		run,
		async boot(ms) {
			board.powerOn();
			await run(bootMs + ms);
		},
	};
}
