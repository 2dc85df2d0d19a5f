import type { Clock, TimerId, Timers } from "core/clock";
import type { StatusKind } from "printer/escpos";
import type { RawStatus } from "printer/status";

export interface PollOptions {
	readonly clock: Clock;
	readonly timers: Timers;
	/** Sends DLE EOT. */
	readonly ask: (kind: StatusKind) => void;
	/** All three were answered. Called from `answer`. */
	readonly onRound: (raw: RawStatus) => void;
	/** One was not answered in time, and is asked again after this. Called from a timer. */
	readonly onMissed: () => void;
}

const answerMs = 500;
const idleMs = 2_000;
const activeMs = 500;
const kinds: readonly StatusKind[] = Object.freeze([1, 2, 4] as const);

/**
 * Asks for the status in rounds of DLE EOT 1, 2, 4, with one request outstanding at a time, for the answers
 * do not say what they answer.
 */
export class StatusPoll {
	readonly #o: PollOptions;
	#answers: number[] = [];
	#waiting = false;
	/** The answer that is on its way belongs to a round that does not count any more. */
	#restart = false;
	#active = false;
	#timer: TimerId | undefined;
	#heardMs: number;

	constructor(options: PollOptions) {
		this.#o = options;
		this.#heardMs = options.clock.ticksMs();
		this.#startTimer(0, () => this.#ask());
	}

	/** How long the printer has said nothing that makes sense. */
	get silentMs(): number {
		return this.#o.clock.ticksMs() - this.#heardMs;
	}

	/** Rounds come every 500 ms (active) or 2 s. A new round, all of it asked from now on, begins at once. */
	begin(active: boolean): void {
		this.#active = active;
		this.#restart = this.#waiting;
		this.#answers = [];
		if (!this.#waiting) this.#startTimer(0, () => this.#ask());
	}

	/** Back to a round every 2 s. */
	relax(): void {
		this.#active = false;
	}

	/** The printer said something else that makes sense. */
	heard(): void {
		this.#heardMs = this.#o.clock.ticksMs();
	}

	/** A DLE EOT answer. @returns false when none was awaited */
	answer(byte: number): boolean {
		if (!this.#waiting) return false;
		this.heard();
		this.#waiting = false;
		if (this.#restart) this.#restart = false;
		else this.#answers.push(byte);
		const [printer, offline, paper] = this.#answers;
		if (printer === undefined || offline === undefined || paper === undefined) {
			this.#ask();
			return true;
		}
		this.#answers = [];
		this.#startTimer(this.#active ? activeMs : idleMs, () => this.#ask());
		this.#o.onRound({ printer, offline, paper });
		return true;
	}

	close(): void {
		if (this.#timer !== undefined) this.#o.timers.clear(this.#timer);
		this.#timer = undefined;
	}

	#ask(): void {
		this.#waiting = true;
		this.#startTimer(answerMs, () => this.#missed());
		this.#o.ask(kinds[this.#answers.length]!);
	}

	#missed(): void {
		this.#waiting = false;
		this.#restart = false;
		this.#ask();
		this.#o.onMissed();
	}

	#startTimer(delayMs: number, action: () => void): void {
		this.close();
		this.#timer = this.#o.timers.set(() => {
			this.#timer = undefined;
			action();
		}, delayMs);
	}
}
