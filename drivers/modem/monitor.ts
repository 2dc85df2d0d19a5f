import type { Clock, TimerId, Timers } from "core/clock";
import type { Command } from "modem/command";
import type { ModemFamily } from "modem/family";
import {
	contextQuestion,
	registrationQuestion,
	signalQuestion,
	timeQuestion,
} from "modem/questions";

type Question = "context" | "registration" | "signal" | "time";

export interface MonitorHost {
	readonly family: ModemFamily;
	readonly clock: Clock;
	readonly timers: Timers;
	/** A question is due. */
	wake(): void;
	timeKnown(wallMs: number): void;
	signalKnown(signal: number): void;
	/** The module says that there is no data connection. */
	contextMissing(): void;
	/** Not registered for too long. */
	unregistered(): void;
}

/** +CEREG status: home or roaming. */
export function isRegistered(status: number): boolean {
	return status === 1 || status === 5;
}

const signalEveryMs = 30_000;
const registrationEveryMs = 60_000;
const timeEveryMs = 6 * 3_600_000;
/** Network time comes some seconds after registration; some modules never get it. */
const unknownTimeEveryMs = 60_000;
const unregisteredForMs = 60_000;

/** Asks what has to be asked while the modem is up. */
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
		this.#dueMs.signal = now;
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

	/** The module's last answer held a time. */
	get timeKnown(): boolean {
		return this.#timeKnown;
	}

	/** The most urgent question, or undefined. */
	next(): Command | undefined {
		const { family } = this.#host;
		const now = this.#host.clock.ticksMs();
		const since = this.#unregisteredSinceMs;
		if (since !== undefined && now - since >= unregisteredForMs) {
			this.#host.unregistered();
			return undefined;
		}
		if (this.#dueMs.context <= now)
			return contextQuestion(family, (active) => {
				this.#asked("context");
				if (active === false) this.#host.contextMissing();
			});
		if (this.#dueMs.registration <= now)
			return registrationQuestion(family, (status) => {
				this.#asked("registration");
				this.registrationReported(status);
			});
		if (this.#dueMs.signal <= now)
			return signalQuestion(family, (signal) => {
				this.#asked("signal");
				this.#host.signalKnown(signal);
			});
		if (this.#dueMs.time > now) return undefined;
		return timeQuestion(family, (wallMs) => {
			this.timeAnswered(wallMs);
			this.#asked("time");
		});
	}

	/** @param status of +CEREG; anything else is passed over */
	registrationReported(status: number): void {
		if (status < 0 || status > 10) return;
		if (isRegistered(status)) this.#unregisteredSinceMs = undefined;
		else this.#unregisteredSinceMs ??= this.#host.clock.ticksMs();
		this.#arm();
	}

	/** Hands a known time on. */
	timeAnswered(wallMs: number | undefined): void {
		this.#timeKnown = wallMs !== undefined;
		if (wallMs !== undefined) this.#host.timeKnown(wallMs);
	}

	/** Answered, well or badly: when is it due again? */
	#asked(question: Question): void {
		const now = this.#host.clock.ticksMs();
		if (question === "context") this.#dueMs.context = Infinity;
		else if (question === "registration") {
			const unsure = this.#unregisteredSinceMs !== undefined;
			this.#dueMs.registration = now + (unsure ? unregisteredForMs / 4 : registrationEveryMs);
		} else if (question === "signal") this.#dueMs.signal = now + signalEveryMs;
		else this.#dueMs.time = this.#nextTimeMs(now);
		this.#arm();
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
