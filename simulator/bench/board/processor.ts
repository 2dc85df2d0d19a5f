import type { BoardCounters } from "./board-options";
import { Engine, EngineError, type TurnResult } from "./engine";
import type { HostAnswer } from "./host-calls";
import { encodeAnswer, encodeTurn, Op, type PortEvent } from "./protocol";
import type { BenchScheduler } from "./scheduler";
import type { Uart } from "./uart";

export interface ProcessorOptions {
	readonly firmware: string;
	readonly scheduler: BenchScheduler;
	readonly uarts: readonly Uart[];
	readonly computePerMs: number;
	readonly bootMs: number;
	readonly watchdogMs: number;
	/** Written by the processor, but for `powerCuts`. */
	readonly counters: BoardCounters;
	/** Serves a host call other than restart; time may pass in it (`pass`). */
	readonly serve: (op: number, args: Buffer) => HostAnswer;
	readonly onPrint: (text: string) => void;
	readonly onRestart: () => void;
	readonly onCrash: (reason: string) => void;
}

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

/** The processor of the board: boots engines, gives them turns, and lets time pass for what they compute. */
export class Processor {
	readonly #options: ProcessorOptions;
	readonly #scheduler: BenchScheduler;
	#session: Session | undefined;
	#cancelBoot: () => void = () => {};

	constructor(options: ProcessorOptions) {
		this.#options = options;
		this.#scheduler = options.scheduler;
	}

	/** Neither off nor booting nor waiting for the watchdog. */
	get running(): boolean {
		return this.#session !== undefined;
	}

	/** Starts the firmware after `delayMs` and the time of a boot. */
	start(delayMs = 0): void {
		const bootUs = (delayMs + this.#options.bootMs) * 1000;
		this.#cancelBoot = this.#scheduler.after(bootUs, () => this.#boot());
	}

	/** Ends the engine at once, wherever it is. */
	stop(): void {
		this.#cancelBoot();
		this.#session?.cancelWake();
		this.#session?.engine.kill();
		this.#session = undefined;
	}

	/** A port or a timer may want a turn: looks into it as soon as the engine is idle. */
	interrupt(): void {
		const session = this.#session;
		if (session === undefined || session.inTurn || session.turnPlanned) return;
		session.turnPlanned = true;
		this.#scheduler.after(0, () => {
			session.turnPlanned = false;
			if (session === this.#session && !session.inTurn) this.#startTurn(session);
		});
	}

	/** Time passes inside a turn; not beyond the moment when the engine is stopped. */
	pass(us: number): void {
		const session = this.#session;
		this.#scheduler.runTo(this.#scheduler.nowUs() + us, () => session === this.#session);
	}

	/** The engine starts again; what hangs on the ports keeps its power. */
	#reset(delayMs: number): void {
		this.stop();
		for (const uart of this.#options.uarts) uart.close();
		this.start(delayMs);
	}

	#boot(): void {
		const { counters, firmware, onPrint, watchdogMs, computePerMs } = this.#options;
		counters.boots++;
		const session: Session = {
			engine: new Engine({
				onCommand: (request) => this.#serve(session, request),
				onPrint,
				computeLimit: Math.round(watchdogMs * computePerMs),
			}),
			bootUs: this.#scheduler.nowUs(),
			inTurn: false,
			turnPlanned: false,
			deadlineUs: -Infinity,
			cancelWake: () => {},
		};
		this.#session = session;
		this.#scheduler.hold(this.#turn(session, () => session.engine.evaluate(firmware)));
	}

	#startTurn(session: Session): void {
		const nowUs = this.#scheduler.nowUs();
		const events: PortEvent[] = [];
		this.#options.uarts.forEach((uart, port) => {
			const readable = uart.readableBytes();
			if (readable > 0) events.push({ port, kind: "readable", count: readable });
			const writable = uart.takeWritableBytes();
			if (writable > 0) events.push({ port, kind: "writable", count: writable });
		});
		if (events.length === 0 && nowUs + roundingUs < session.deadlineUs) return;
		const turn = encodeTurn(nowUs - session.bootUs, events);
		this.#scheduler.hold(this.#turn(session, () => session.engine.call(turn)));
	}

	/** What goes wrong in the engine is the firmware's crash; it rejects for bugs of the bench alone. */
	async #turn(session: Session, start: () => Promise<TurnResult>): Promise<void> {
		const { counters } = this.#options;
		session.inTurn = true;
		const startUs = this.#scheduler.nowUs();
		const hang = setTimeout(() => session.engine.kill(), hangLimitMs);
		try {
			const result = await start();
			if (session !== this.#session) return;
			this.#spend(result.compute);
			if (session !== this.#session) return;
			this.#planWake(session, result.bytes);
			counters.turns++;
			const turnUs = this.#scheduler.nowUs() - startUs;
			counters.longestTurnUs = Math.max(counters.longestTurnUs, turnUs);
			session.inTurn = false;
			this.interrupt();
		} catch (error) {
			// Not the engine's: a bug of the bench, which is not to pass for one of the firmware.
			if (!(error instanceof EngineError)) throw error;
			// A session that was ended meanwhile was killed on purpose.
			if (session === this.#session) this.#crash(error);
		} finally {
			clearTimeout(hang);
		}
	}

	/** @param result of a turn; nothing after a boot, whose deadline is asked for in a turn right after */
	#planWake(session: Session, result: Uint8Array): void {
		const booted = session.deadlineUs === -Infinity;
		if (result.length !== 8 && !booted)
			throw new EngineError("script", "handleCommand returned no deadline");
		const deadlineUs = booted ? 0 : Buffer.from(result).readDoubleLE(0);
		session.deadlineUs = session.bootUs + deadlineUs;
		session.cancelWake();
		if (session.deadlineUs === Infinity) return;
		const delayUs = session.deadlineUs - this.#scheduler.nowUs();
		session.cancelWake = this.#scheduler.after(delayUs, () => this.interrupt());
	}

	#crash(error: EngineError): void {
		const hung = `no end of a turn within ${hangLimitMs / 1000} s`;
		this.#options.counters.crashes++;
		this.#reset(watchdogRestartMs);
		this.#options.onCrash(error.kind === "killed" ? hung : error.message);
	}

	/** Virtual time passes for what the engine has computed; the world goes on meanwhile. */
	#spend(compute: number): void {
		this.#options.counters.compute += compute;
		this.pass((compute / this.#options.computePerMs) * 1000);
	}

	/** One host call. @returns undefined when the engine is not to live on */
	#serve(session: Session, request: Buffer): Uint8Array | undefined {
		if (session !== this.#session) return undefined;
		const op = request[0]!;
		this.#spend(request.readUInt32LE(1));
		if (session !== this.#session) return undefined;
		if (op === Op.Restart) {
			this.#options.counters.restarts++;
			this.#reset(0);
			this.#options.onRestart();
			return undefined;
		}
		const answer = this.#options.serve(op, request.subarray(5));
		if (answer === "power-cut" || session !== this.#session) return undefined;
		return encodeAnswer(this.#scheduler.nowUs() - session.bootUs, answer.status, answer.result);
	}
}
