import type { BoardCounters, BoardEvent, BoardOptions } from "./board-options";
import { Engine, EngineError, type TurnResult } from "./engine";
import { NorFlash } from "./flash";
import { serveHostCall, type HostCallTargets } from "./host-calls";
import { encodeAnswer, encodeTurn, Op, portNames, type PortEvent, type PortName } from "./protocol";
import { PowerCutPlan, type PowerCut } from "./power-cut";
import { Random } from "./random";
import type { BenchScheduler } from "./scheduler";
import { Uart } from "./uart";

/** One life of the firmware, from boot to the next reset or power cut. */
interface Session {
	readonly engine: Engine;
	readonly bootUs: number;
	inTurn: boolean;
	turnPlanned: boolean;
	/** The firmware's next timer, in bench time. */
	deadlineUs: number;
	cancelWake: () => void;
}

const watchdogRestartMs = 1000;
/** Moments that differ by the last bits of a double are the same. */
const roundingUs = 0.01;
/** Wall time after which a turn that does not even count steps is given up. */
const hangLimitMs = 60_000;

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
	readonly #computePerMs: number;
	readonly #uarts: readonly Uart[];
	readonly #targets: HostCallTargets;
	readonly #cutPlan: PowerCutPlan;
	/** The flash operation that is about to start is to be torn. */
	#cutInside = false;
	#powered = false;
	#session: Session | undefined;
	#cancelBoot: () => void = () => {};

	constructor(options: BoardOptions) {
		this.#options = options;
		this.#computePerMs = options.computePerMs ?? 4000;
		const { scheduler, seed, storage } = options;
		this.scheduler = scheduler;
		const alignment = options.writeAlignment ?? 16;
		this.journalFlash = new NorFlash(storage.journal, new Random(seed, "journal"), alignment);
		this.vaultFlash = new NorFlash(storage.vault, new Random(seed, "vault"), alignment);
		this.#cutPlan = new PowerCutPlan(new Random(seed, "power"));
		this.#uarts = portNames.map((port) => this.#makeUart(port));
		this.#targets = {
			config: options.config,
			flash: [this.journalFlash, this.vaultFlash],
			uarts: this.#uarts,
			keys: storage.keys,
			entropy: new Random(seed, "entropy"),
			computePerMs: this.#computePerMs,
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
		return this.#session !== undefined;
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
		this.#planBoot(0);
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
			interrupt: () => this.#planTurn(),
			capture: (direction, bytes) =>
				onCapture?.({ port, direction, bytes, timeUs: scheduler.nowUs() }),
			overrun: (lostBytes) => this.#emit({ kind: "overrun", port, lostBytes }),
		});
	}

	#emit(event: BoardEvent): void {
		this.#options.onEvent?.(event);
	}

	#powerOff(): void {
		if (!this.#powered) return;
		this.#powered = false;
		this.counters.powerCuts++;
		this.#cutPlan.clear();
		this.#endSession();
		for (const flash of this.#targets.flash) flash.tear(this.scheduler.nowUs());
		for (const uart of this.#uarts) uart.power(false);
		this.#emit({ kind: "power", on: false });
	}

	#endSession(): void {
		this.#cancelBoot();
		this.#session?.cancelWake();
		this.#session?.engine.kill();
		this.#session = undefined;
	}

	/** The processor starts again; what hangs on the ports keeps its power. */
	#reset(delayMs: number): void {
		this.#endSession();
		for (const uart of this.#uarts) uart.close();
		this.#planBoot(delayMs);
	}

	#planBoot(delayMs: number): void {
		const bootMs = delayMs + (this.#options.bootMs ?? 250);
		this.#cancelBoot = this.scheduler.after(bootMs * 1000, () => this.#boot());
	}

	#boot(): void {
		this.counters.boots++;
		const session: Session = {
			engine: new Engine({
				onCommand: (request) => this.#serve(session, request),
				onPrint: (text) => this.#emit({ kind: "print", text }),
				computeLimit: Math.round((this.#options.watchdogMs ?? 5000) * this.#computePerMs),
			}),
			bootUs: this.scheduler.nowUs(),
			inTurn: false,
			turnPlanned: false,
			deadlineUs: -Infinity,
			cancelWake: () => {},
		};
		this.#session = session;
		this.scheduler.hold(
			this.#turn(session, async () => {
				const result = await session.engine.evaluate(this.#options.firmware);
				// Its deadline is asked for in a turn of its own, right after.
				return { ...result, bytes: new Uint8Array(0) };
			}),
		);
	}

	/** A port or a timer may want a turn: looks into it as soon as the engine is idle. */
	#planTurn(): void {
		const session = this.#session;
		if (session === undefined || session.inTurn || session.turnPlanned) return;
		session.turnPlanned = true;
		this.scheduler.after(0, () => {
			session.turnPlanned = false;
			if (session === this.#session && !session.inTurn) this.#startTurn(session);
		});
	}

	#startTurn(session: Session): void {
		const nowUs = this.scheduler.nowUs();
		const events: PortEvent[] = [];
		this.#uarts.forEach((uart, port) => {
			const readable = uart.readableBytes();
			if (readable > 0) events.push({ port, kind: "readable", count: readable });
			const writable = uart.takeWritableBytes();
			if (writable > 0) events.push({ port, kind: "writable", count: writable });
		});
		if (events.length === 0 && nowUs + roundingUs < session.deadlineUs) return;
		const turn = encodeTurn(nowUs - session.bootUs, events);
		this.scheduler.hold(this.#turn(session, () => session.engine.call(turn)));
	}

	/** What goes wrong in the engine is the firmware's crash; it rejects for bugs of the bench alone. */
	async #turn(session: Session, start: () => Promise<TurnResult>): Promise<void> {
		session.inTurn = true;
		const startUs = this.scheduler.nowUs();
		const hang = setTimeout(() => session.engine.kill(), hangLimitMs);
		try {
			const result = await start();
			if (session !== this.#session) return;
			this.#spend(result.compute);
			if (session !== this.#session) return;
			this.#planWake(session, result.bytes);
			this.counters.turns++;
			const turnUs = this.scheduler.nowUs() - startUs;
			this.counters.longestTurnUs = Math.max(this.counters.longestTurnUs, turnUs);
			session.inTurn = false;
			this.#planTurn();
		} catch (error) {
			// Not the engine's: a bug of the bench, which is not to pass for one of the firmware.
			if (!(error instanceof EngineError)) throw error;
			// A session that was ended meanwhile was killed on purpose.
			if (session === this.#session) this.#crash(error);
		} finally {
			clearTimeout(hang);
		}
	}

	#planWake(session: Session, result: Uint8Array): void {
		if (result.length !== 8 && session.deadlineUs !== -Infinity)
			throw new EngineError("script", "handleCommand returned no deadline");
		const deadlineUs = result.length === 8 ? Buffer.from(result).readDoubleLE(0) : 0;
		session.deadlineUs = session.bootUs + deadlineUs;
		session.cancelWake();
		if (session.deadlineUs === Infinity) return;
		const delayUs = session.deadlineUs - this.scheduler.nowUs();
		session.cancelWake = this.scheduler.after(delayUs, () => this.#planTurn());
	}

	#crash(error: EngineError): void {
		const hung = `no end of a turn within ${hangLimitMs / 1000} s`;
		const reason = error.kind === "killed" ? hung : error.message;
		this.counters.crashes++;
		this.crashReasons.push(reason);
		if (this.crashReasons.length > 20) this.crashReasons.shift();
		this.#reset(watchdogRestartMs);
		this.#emit({ kind: "crash", reason });
	}

	/** Virtual time passes for what the engine has computed; the world goes on meanwhile. */
	#spend(compute: number): void {
		this.counters.compute += compute;
		this.#pass((compute / this.#computePerMs) * 1000);
	}

	/** Time passes inside a turn; not beyond its end, should the power go or the bench reset it meanwhile. */
	#pass(us: number): void {
		const session = this.#session;
		this.scheduler.runTo(this.scheduler.nowUs() + us, () => session === this.#session);
	}

	/** Time of a flash operation, with the power cut that is planned inside it. */
	#waitInside(us: number): void {
		if (this.#cutInside) {
			this.#cutInside = false;
			this.scheduler.after(us * this.#cutPlan.fraction(), () => this.#powerOff());
		}
		this.#pass(us);
	}

	/** One host call. @returns undefined when the engine is not to live on */
	#serve(session: Session, request: Buffer): Uint8Array | undefined {
		if (session !== this.#session) return undefined;
		const op = request[0]!;
		this.#spend(request.readUInt32LE(1));
		if (session !== this.#session) return undefined;
		if (op === Op.Restart) {
			this.counters.restarts++;
			this.#reset(0);
			this.#emit({ kind: "restart" });
			return undefined;
		}
		const verdict = this.#countForCut(op);
		this.#cutInside = verdict === "cut-inside";
		const answer = serveHostCall(op, request.subarray(5), this.#targets);
		// An operation that takes no time (refused, or a serial write) has no inside: the cut comes after it.
		if (verdict === "cut-after" || this.#cutInside) this.#powerOff();
		this.#cutInside = false;
		if (answer === "power-cut" || session !== this.#session) return undefined;
		return encodeAnswer(this.scheduler.nowUs() - session.bootUs, answer.status, answer.result);
	}

	#countForCut(op: number): "go-on" | "cut-inside" | "cut-after" {
		if (op === Op.FlashWrite || op === Op.FlashErase) return this.#cutPlan.count("flash");
		return op === Op.UartWrite ? this.#cutPlan.count("uart") : "go-on";
	}
}
