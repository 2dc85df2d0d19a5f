import type { Clock, TimerId, Timers } from "core/clock";
import { parseNetworkTime } from "modem/network-time";
import { Outcome, type Reply } from "modem/command";

/** What may have to be asked while the modem is up. "lost": not registered for too long. */
export type Question = "context" | "registration" | "signal" | "time";

export interface MonitorHost {
	readonly clock: Clock;
	readonly timers: Timers;
	wake(): void;
	timeKnown(wallMs: number): void;
}

const signalEveryMs = 30_000;
const registrationEveryMs = 60_000;
const timeEveryMs = 6 * 3_600_000;
/** Network time comes some seconds after registration; some modules never get it. */
const unknownTimeEveryMs = 60_000;
const unregisteredForMs = 60_000;

/** Knows which question is due while the modem is up. */
export class Monitor {
	readonly #host: MonitorHost;
	readonly #dueMs = { context: Infinity, registration: 0, signal: 0, time: 0 };
	#timer: TimerId | undefined;
	#unregisteredSinceMs: number | undefined;
	#timeKnown = false;

	constructor(host: MonitorHost) {
		this.#host = host;
	}

	start(): void {
		const now = this.#host.clock.ticksMs();
		this.#unregisteredSinceMs = undefined;
		this.#dueMs.context = Infinity;
		this.#dueMs.registration = now + registrationEveryMs;
		this.#dueMs.signal = now + signalEveryMs;
		this.#dueMs.time = this.#nextTimeMs(now);
		this.#arm();
	}

	stop(): void {
		if (this.#timer !== undefined) this.#host.timers.clear(this.#timer);
		this.#timer = undefined;
	}

	/** Something went wrong on the line: is the data connection still there? */
	verifySoon(): void {
		this.#dueMs.context = this.#host.clock.ticksMs();
	}

	/** The most urgent question, or undefined. */
	due(): Question | "lost" | undefined {
		const now = this.#host.clock.ticksMs();
		const since = this.#unregisteredSinceMs;
		if (since !== undefined && now - since >= unregisteredForMs) return "lost";
		if (this.#dueMs.context <= now) return "context";
		if (this.#dueMs.registration <= now) return "registration";
		if (this.#dueMs.signal <= now) return "signal";
		return this.#dueMs.time <= now ? "time" : undefined;
	}

	/** The question was answered, well or badly: when is it due again? */
	asked(question: Question): void {
		const now = this.#host.clock.ticksMs();
		if (question === "context") this.#dueMs.context = Infinity;
		else if (question === "registration") {
			const unsure = this.#unregisteredSinceMs !== undefined;
			this.#dueMs.registration = now + (unsure ? unregisteredForMs / 4 : registrationEveryMs);
		} else if (question === "signal") this.#dueMs.signal = now + signalEveryMs;
		else this.#dueMs.time = this.#nextTimeMs(now);
		this.#arm();
	}

	registrationReported(registered: boolean): void {
		if (registered) this.#unregisteredSinceMs = undefined;
		else this.#unregisteredSinceMs ??= this.#host.clock.ticksMs();
		this.#arm();
	}

	/** Hands a sane time on. */
	timeAnswered(reply: Reply): void {
		const text = reply.outcome === Outcome.Ok ? reply.fields[0] : undefined;
		const wallMs = text === undefined ? undefined : parseNetworkTime(text);
		this.#timeKnown = wallMs !== undefined;
		if (wallMs !== undefined) this.#host.timeKnown(wallMs);
	}

	#nextTimeMs(now: number): number {
		return now + (this.#timeKnown ? timeEveryMs : unknownTimeEveryMs);
	}

	/** Wakes the modem when the next question falls due. */
	#arm(): void {
		this.stop();
		const due = this.#dueMs;
		let at = Math.min(due.context, due.registration, due.signal, due.time);
		if (this.#unregisteredSinceMs !== undefined)
			at = Math.min(at, this.#unregisteredSinceMs + unregisteredForMs);
		const delayMs = Math.max(0, at - this.#host.clock.ticksMs());
		this.#timer = this.#host.timers.set(() => this.#host.wake(), delayMs);
	}
}
