import type { Clock, TimerId, Timers } from "core/clock";
import type { CounterBoard } from "modem/counters";
import type { ModemFamily } from "modem/family";

export interface LineSyncOptions {
	readonly family: ModemFamily;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly counters: CounterBoard;
	/** Sends a command line. */
	readonly say: (text: string) => void;
	/** The line is quiet: forget what was begun, the calls start. */
	readonly settled: () => void;
	/** The next command can be sent. */
	readonly inStep: () => void;
	/** The module does not answer. */
	readonly silent: () => void;
}

const Phase = Object.freeze({
	Idle: 0,
	/** Waiting until the line is quiet. */
	Settling: 1,
	/** AT until OK. */
	Calling: 2,
	/** The probe until its own answer and OK. */
	Proving: 3,
	/** A last quiet time, in which no further final may come. */
	Checking: 4,
} as const);
type Phase = (typeof Phase)[keyof typeof Phase];

export const quietMs = 300;
const callEveryMs = 400;
const proveForMs = 800;
const checkForMs = 60;
/** How long a module may be deaf after a command went wrong. */
const patienceMs = 15_000;

/**
 * Brings the line into step, at the start and after a command that went wrong.
 *
 *   settle ─▶ Settling ─(quiet)─▶ Calling ─OK─▶ Proving ─own answer, OK─▶ Checking ─(quiet)─▶ inStep
 *   call ──────────────────────────▲   └─(patience is over)─▶ silent
 *
 * A reply that is still owed must not be taken for that of the next command. So "AT" is called until any OK
 * comes, and then something is asked whose answer can be recognised: a module answers in order, so the OK behind
 * that answer ends all that was owed.
 */
export class LineSync {
	readonly #options: LineSyncOptions;
	#phase: Phase = Phase.Idle;
	#timer: TimerId | undefined;
	#deadlineMs = 0;
	#heardMs = 0;
	#answered = false;
	#said = "";

	constructor(options: LineSyncOptions) {
		this.#options = options;
	}

	/** What was sent last, for the comparison with an echo; "" when nothing. */
	get said(): string {
		return this.#said;
	}

	/** Calls at once. @param forMs how long */
	call(forMs: number): void {
		this.#deadlineMs = this.#now + forMs;
		this.#phase = Phase.Calling;
		this.#after(0, () => this.#call());
	}

	/** Says nothing for `waitMs` and until the line is quiet, then calls. */
	settle(waitMs: number): void {
		this.#phase = Phase.Settling;
		this.#deadlineMs = this.#now + waitMs + patienceMs;
		this.#after(waitMs, () => this.#settle());
	}

	stop(): void {
		this.#phase = Phase.Idle;
		this.#said = "";
		this.#clear();
	}

	/** Bytes have come. */
	heard(): void {
		this.#heardMs = this.#now;
	}

	/** @returns true when the line answers the probe */
	line(text: string): boolean {
		if (this.#phase !== Phase.Proving) return false;
		if (!text.startsWith(this.#options.family.probeAnswer)) return false;
		this.#answered = true;
		return true;
	}

	/** A final result that belongs to no command. @param ok it was OK */
	final(ok: boolean): void {
		if (this.#phase === Phase.Calling && ok) this.#prove();
		else if (this.#phase === Phase.Proving && ok && this.#answered) {
			this.#phase = Phase.Checking;
			this.#after(checkForMs, () => this.#finish());
		} else {
			this.#options.counters.strayFinals++;
			if (this.#phase === Phase.Checking) this.#call();
		}
	}

	get #now(): number {
		return this.#options.clock.ticksMs();
	}

	/** A stream that never pauses is cut off by the deadline, and then by the calls that find no answer. */
	#settle(): void {
		if (this.#now - this.#heardMs < quietMs && this.#now < this.#deadlineMs) {
			this.#after(quietMs, () => this.#settle());
			return;
		}
		this.#deadlineMs = Math.max(this.#deadlineMs, this.#now + patienceMs / 2);
		this.#options.settled();
		this.#call();
	}

	#call(): void {
		if (this.#now >= this.#deadlineMs) {
			this.stop();
			this.#options.silent();
			return;
		}
		this.#phase = Phase.Calling;
		this.#after(callEveryMs, () => this.#call());
		this.#say("AT");
	}

	#prove(): void {
		this.#phase = Phase.Proving;
		this.#answered = false;
		this.#after(proveForMs, () => this.#call());
		this.#say(this.#options.family.probe);
	}

	#finish(): void {
		this.stop();
		this.#options.inStep();
	}

	#say(text: string): void {
		this.#said = text;
		this.#options.say(text);
	}

	#after(delayMs: number, callback: () => void): void {
		this.#clear();
		this.#timer = this.#options.timers.set(() => {
			this.#timer = undefined;
			callback();
		}, delayMs);
	}

	#clear(): void {
		if (this.#timer !== undefined) this.#options.timers.clear(this.#timer);
		this.#timer = undefined;
	}
}
