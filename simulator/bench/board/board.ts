import type { BoardCounters, BoardEvent, BoardOptions } from "./board-options";
import { NorFlash } from "./flash";
import { serveHostCall, type HostAnswer, type HostCallTargets } from "./host-calls";
import { PowerCutPlan, type PowerCut } from "./power-cut";
import { Processor } from "./processor";
import { Op, portNames, type PortName } from "./protocol";
import { Random } from "./random";
import type { BenchScheduler } from "./scheduler";
import { Uart } from "./uart";

const crashReasonsMax = 20;

/** The terminal's hardware around one XS engine: flash, serial ports, time, power. */
export class Board {
	readonly scheduler: BenchScheduler;
	readonly journalFlash: NorFlash;
	readonly vaultFlash: NorFlash;
	readonly counters: BoardCounters = {
		boots: 0,
		restarts: 0,
		crashes: 0,
		powerCuts: 0,
		turns: 0,
		compute: 0,
		longestTurnUs: 0,
	};
	/** Reasons of the last crashes, newest last; at most 20. */
	readonly crashReasons: string[] = [];
	readonly #options: BoardOptions;
	readonly #uarts: readonly Uart[];
	readonly #targets: HostCallTargets;
	readonly #processor: Processor;
	readonly #cutPlan: PowerCutPlan;
	/** The flash operation that is about to start is to be torn. */
	#cutInside = false;
	#powered = false;

	constructor(options: BoardOptions) {
		this.#options = options;
		const { scheduler, seed, storage, computePerMs = 4000, writeAlignment = 16 } = options;
		this.scheduler = scheduler;
		this.journalFlash = new NorFlash(storage.journal, new Random(seed, "journal"), writeAlignment);
		this.vaultFlash = new NorFlash(storage.vault, new Random(seed, "vault"), writeAlignment);
		this.#cutPlan = new PowerCutPlan(new Random(seed, "power"));
		this.#uarts = portNames.map((port) => this.#makeUart(port));
		this.#processor = this.#makeProcessor(computePerMs);
		this.#targets = {
			config: options.config,
			flash: [this.journalFlash, this.vaultFlash],
			uarts: this.#uarts,
			keys: storage.keys,
			entropy: new Random(seed, "entropy"),
			computePerMs,
			print: (text) => this.#emit({ kind: "print", text }),
			nowUs: () => scheduler.nowUs(),
			wait: (us) => this.#waitInside(us),
		};
	}

	get powered(): boolean {
		return this.#powered;
	}

	/** Powered, and neither booting nor waiting for the watchdog. */
	get running(): boolean {
		return this.#processor.running;
	}

	/** Bytes that FIFOs have lost, by port. */
	get lostBytes(): Readonly<Record<PortName, number>> {
		const entries = portNames.map((port, index) => [port, this.#uarts[index]!.lostBytes]);
		return Object.fromEntries(entries) as Record<PortName, number>;
	}

	/** Switches on; the firmware starts `bootMs` later, when time runs. Nothing happens when it is on. */
	powerOn(): void {
		if (this.#powered) return;
		this.#powered = true;
		this.#emit({ kind: "power", on: true });
		for (const uart of this.#uarts) uart.power(true);
		this.#processor.start();
	}

	/** Cuts the power now or at the moment that `cut` describes. A new plan replaces the one before. */
	powerCut(cut: PowerCut = { when: "now" }): void {
		if (cut.when === "now") this.#powerOff();
		else this.#cutPlan.set(cut);
	}

	/** Runs the bench until virtual time is `untilUs`. */
	async advance(untilUs: number): Promise<void> {
		await this.scheduler.run(() => false, untilUs);
	}

	/**
	 * Runs the bench until `predicate` is true, asked before every event.
	 * @param limitMs virtual time after which it gives up
	 * @returns whether it became true
	 */
	runUntil(predicate: () => boolean, limitMs = Infinity): Promise<boolean> {
		return this.scheduler.run(predicate, this.scheduler.nowUs() + limitMs * 1000);
	}

	/** Switches off and gives files back. The board is not to be used any more. */
	close(): void {
		this.#powerOff();
		this.#options.storage.journal.close();
		this.#options.storage.vault.close();
	}

	#makeUart(port: PortName): Uart {
		const { scheduler, seed, devices, onCapture } = this.#options;
		return new Uart(scheduler, new Random(seed, port), devices[port], {
			interrupt: () => this.#processor.interrupt(),
			capture: (direction, bytes) =>
				onCapture?.({ port, direction, bytes, timeUs: scheduler.nowUs() }),
			overrun: (lostBytes) => this.#emit({ kind: "overrun", port, lostBytes }),
		});
	}

	#makeProcessor(computePerMs: number): Processor {
		const { firmware, scheduler, bootMs = 250, watchdogMs = 5000 } = this.#options;
		return new Processor({
			firmware,
			scheduler,
			uarts: this.#uarts,
			computePerMs,
			bootMs,
			watchdogMs,
			counters: this.counters,
			serve: (op, args) => this.#serve(op, args),
			onPrint: (text) => this.#emit({ kind: "print", text }),
			onRestart: () => this.#emit({ kind: "restart" }),
			onCrash: (reason) => this.#noteCrash(reason),
		});
	}

	#emit(event: BoardEvent): void {
		this.#options.onEvent?.(event);
	}

	#noteCrash(reason: string): void {
		this.crashReasons.push(reason);
		if (this.crashReasons.length > crashReasonsMax) this.crashReasons.shift();
		this.#emit({ kind: "crash", reason });
	}

	#powerOff(): void {
		if (!this.#powered) return;
		this.#powered = false;
		this.counters.powerCuts++;
		this.#cutPlan.clear();
		this.#processor.stop();
		for (const flash of this.#targets.flash) flash.tear(this.scheduler.nowUs());
		for (const uart of this.#uarts) uart.power(false);
		this.#emit({ kind: "power", on: false });
	}

	#serve(op: number, args: Buffer): HostAnswer {
		const verdict = this.#countForCut(op);
		this.#cutInside = verdict === "cut-inside";
		const answer = serveHostCall(op, args, this.#targets);
		// An operation that takes no time (refused, or a serial write) has no inside: the cut comes after it.
		if (verdict === "cut-after" || this.#cutInside) this.#powerOff();
		this.#cutInside = false;
		return answer;
	}

	#countForCut(op: number): "go-on" | "cut-inside" | "cut-after" {
		if (op === Op.FlashWrite || op === Op.FlashErase) return this.#cutPlan.count("flash");
		return op === Op.UartWrite ? this.#cutPlan.count("uart") : "go-on";
	}

	/** Time of a flash operation, with the power cut that is planned inside it. */
	#waitInside(us: number): void {
		if (this.#cutInside) {
			this.#cutInside = false;
			this.scheduler.after(us * this.#cutPlan.fraction(), () => this.#powerOff());
		}
		this.#processor.pass(us);
	}
}
