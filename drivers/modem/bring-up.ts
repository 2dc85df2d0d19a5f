import type { TimerId } from "core/clock";
import { LogCode } from "core/log";
import { Activation, closeContext } from "modem/activation";
import type { BringUpHost } from "modem/bring-up-host";
import { BringUpState, bringUpRows } from "modem/bring-up-states";
import type { Command } from "modem/command";
import type { ModemFamily } from "modem/family";
import { Monitor, isRegistered } from "modem/monitor";
import { simQuestion, timeQuestion, type SimStatus } from "modem/questions";
import { ResetBudget } from "modem/reset-budget";
import { Search } from "modem/search";
import { Settings } from "modem/settings";

const syncForMs = 20_000;
const settledUpMs = 60_000;
/** After a restart was ordered: soon enough to hear RDY, late enough not to be answered by the old life. */
const bootMs = 3_000;

/** Brings the modem from power-up to a data connection and keeps it there. States: bring-up-states. */
export class BringUp {
	readonly #host: BringUpHost;
	readonly #family: ModemFamily;
	readonly #budget = new ResetBudget();
	readonly #monitor: Monitor;
	readonly #settings: Settings;
	readonly #search: Search;
	readonly #activation: Activation;
	#state: BringUpState = BringUpState.Off;
	/** The restart has been ordered. */
	#ordered = false;
	/** Grows with each entry: replies and timers of an older stay mean nothing. */
	#stay = 0;
	#deadlineTimer: TimerId | undefined;
	#pauseTimer: TimerId | undefined;
	#signal = 99;
	#upSinceMs = 0;

	constructor(host: BringUpHost) {
		this.#host = host;
		this.#family = host.family;
		this.#monitor = new Monitor({
			family: host.family,
			clock: host.clock,
			timers: host.timers,
			wake: () => host.wake(),
			timeKnown: (wallMs) => host.timeKnown(wallMs),
			signalKnown: (signal) => this.#noteSignal(signal),
			contextMissing: () => this.deactivated(),
			unregistered: () => this.#enter(BringUpState.Registration),
		});
		this.#settings = new Settings(host.family.setup, {
			made: () => this.#enter(BringUpState.Sim),
			pause: (delayMs) => this.#pause(delayMs),
		});
		this.#search = new Search(host.family, {
			signalKnown: (signal) => this.#noteSignal(signal),
			searching: (status) => {
				this.registrationReported(status);
				return this.#state === BringUpState.Registration;
			},
			pause: (delayMs) => this.#pause(delayMs),
		});
		this.#activation = new Activation(host.family, host.apn, {
			opened: () => this.#enter(BringUpState.Up),
			failed: () => this.recover(),
			pause: (delayMs) => this.#pause(delayMs),
		});
	}

	get state(): BringUpState {
		return this.#state;
	}

	get up(): boolean {
		return this.#state === BringUpState.Up;
	}

	/** AT+CSQ: 0 to 31, 99 unknown. */
	get signal(): number {
		return this.#signal;
	}

	/** The module knows the time: by its last answer. */
	get timeKnown(): boolean {
		return this.#monitor.timeKnown;
	}

	start(): void {
		this.#enter(BringUpState.Sync);
	}

	stop(): void {
		this.#enter(BringUpState.Off);
	}

	/** The channel is in step: for the first time after Sync, or again after a command that went wrong. */
	synchronized(): void {
		if (this.#state === BringUpState.Sync) this.#enter(BringUpState.Setup);
		else this.#monitor.verifySoon();
		this.#host.wake();
	}

	/** The module does not answer. */
	silent(): void {
		if (this.#state !== BringUpState.Backoff && this.#state !== BringUpState.Reset) this.recover();
	}

	/** The module started by itself, or has forgotten its settings. */
	restarted(): void {
		if (this.#state === BringUpState.Off) return;
		if (this.#state > BringUpState.Setup && this.#state !== BringUpState.Reset) {
			this.#host.counters.unexpectedResets++;
			this.#host.log.event(LogCode.ModemReset, 0, this.#state);
		}
		this.#enter(BringUpState.Sync);
	}

	/** A line that comes with every start and now and then alone. */
	bootLine(): void {
		if (this.#inService) this.restarted();
	}

	/** An echo although it was switched off. */
	echoed(): void {
		if (this.#state > BringUpState.Setup && this.#state < BringUpState.Backoff) this.restarted();
	}

	/** The data connection is gone. */
	deactivated(): void {
		if (this.#inService) this.#enter(BringUpState.Deactivation);
	}

	/** The data connection is there but does not carry: makes it anew. */
	reconnect(): void {
		if (this.up) this.#enter(BringUpState.Deactivation);
	}

	/** Nothing helps but a restart; it comes when the budget allows it. */
	recover(): void {
		if (this.#state === BringUpState.Off) return;
		this.#enter(BringUpState.Backoff);
	}

	simReported(status: string): void {
		if (status === "READY") {
			if (this.#state === BringUpState.SimMissing) this.#enter(BringUpState.Sim);
		} else if (status === "NOT READY" || status === "NOT INSERTED") this.simRemoved();
	}

	simRemoved(): void {
		if (this.#state >= BringUpState.Registration && this.#state <= BringUpState.Deactivation)
			this.#enter(BringUpState.SimMissing);
	}

	/** @param status of +CEREG; anything else is passed over */
	registrationReported(status: number): void {
		if (status < 0 || status > 10) return;
		if (this.up) this.#monitor.registrationReported(status);
		else if (this.#state === BringUpState.Registration && isRegistered(status))
			this.#enter(BringUpState.Clock);
	}

	/** What to ask the module now, or undefined. Called only while the channel is free. */
	next(): Command | undefined {
		if (this.#pauseTimer !== undefined) return undefined;
		const command = this.#question();
		if (command === undefined) return undefined;
		const stay = this.#stay;
		return {
			...command,
			done: (reply) => {
				if (stay === this.#stay) command.done(reply);
			},
		};
	}

	#question(): Command | undefined {
		const family = this.#family;
		switch (this.#state) {
			case BringUpState.Setup:
				return this.#settings.next();
			case BringUpState.Sim:
			case BringUpState.SimMissing:
			case BringUpState.SimLocked:
				return simQuestion(family, (status) => this.#simAnswered(status));
			case BringUpState.Registration:
				return this.#search.next();
			case BringUpState.Clock:
				return timeQuestion(family, (wallMs) => {
					this.#monitor.timeAnswered(wallMs);
					this.#enter(BringUpState.Activation);
				});
			case BringUpState.Activation:
				return this.#activation.next();
			case BringUpState.Up:
				return this.#monitor.next();
			case BringUpState.Deactivation:
				return closeContext(family, () => this.#enter(BringUpState.Registration));
			case BringUpState.Reset:
				return this.#restartCommand();
			default:
				return undefined;
		}
	}

	/** From here on sockets may exist. */
	get #inService(): boolean {
		return this.#state === BringUpState.Activation || this.#state === BringUpState.Up;
	}

	#enter(state: BringUpState): void {
		const before = this.#state;
		this.#leave();
		this.#state = state;
		this.#stay++;
		this.#ordered = false;
		this.#host.log.event(LogCode.ModemState, state, before);
		if (before === BringUpState.Up && this.#host.clock.ticksMs() - this.#upSinceMs >= settledUpMs)
			this.#budget.succeeded();
		if (before !== state || state === BringUpState.Sync) this.#host.changed();
		const row = bringUpRows[state]!;
		if (row.deadlineMs > 0)
			this.#deadlineTimer = this.#host.timers.set(() => this.#late(), row.deadlineMs);
		this.#entered(state, before);
		this.#host.wake();
	}

	#entered(state: BringUpState, before: BringUpState): void {
		if (before === BringUpState.Up) this.#host.lost();
		switch (state) {
			case BringUpState.Sync:
				this.#signal = 99;
				this.#host.synchronize(syncForMs);
				break;
			case BringUpState.Setup:
				this.#settings.start();
				break;
			case BringUpState.Registration:
				this.#search.start();
				break;
			case BringUpState.Activation:
				this.#activation.start();
				break;
			case BringUpState.Up:
				this.#upSinceMs = this.#host.clock.ticksMs();
				this.#monitor.start();
				break;
			case BringUpState.Backoff:
				this.#pauseThen(this.#budget.retryDelayMs(), () => this.#backoffOver());
				break;
			case BringUpState.Reset:
				this.#host.counters.resets++;
				this.#host.log.event(LogCode.ModemReset, 1);
				if (this.#host.hardReset === undefined) break;
				this.#host.hardReset();
				this.#pauseThen(bootMs, () => this.#enter(BringUpState.Sync));
				break;
			default:
				// The others only ask, see #question.
				break;
		}
	}

	#leave(): void {
		if (this.#deadlineTimer !== undefined) this.#host.timers.clear(this.#deadlineTimer);
		if (this.#pauseTimer !== undefined) this.#host.timers.clear(this.#pauseTimer);
		this.#deadlineTimer = undefined;
		this.#pauseTimer = undefined;
		this.#monitor.stop();
	}

	#late(): void {
		this.#deadlineTimer = undefined;
		this.#host.log.event(LogCode.ModemTimeout, this.#state);
		this.#enter(bringUpRows[this.#state]!.late);
	}

	#backoffOver(): void {
		const allowed = this.#budget.take(this.#host.clock.ticksMs());
		this.#enter(allowed ? BringUpState.Reset : BringUpState.Sync);
	}

	/** No command of the bring-up for a while. */
	#pause(delayMs: number): void {
		this.#pauseThen(delayMs, () => this.#host.wake());
	}

	#pauseThen(delayMs: number, then: () => void): void {
		this.#pauseTimer = this.#host.timers.set(() => {
			this.#pauseTimer = undefined;
			then();
		}, delayMs);
	}

	#simAnswered(status: SimStatus): void {
		if (status === "ready") this.#enter(BringUpState.Registration);
		else if (status === "locked") this.#enterUnless(BringUpState.SimLocked);
		else if (status === "missing") this.#enterUnless(BringUpState.SimMissing);
		if (this.#state === BringUpState.Sim) this.#pause(1_000);
		else if (this.#state === BringUpState.SimMissing) this.#pause(10_000);
		else if (this.#state === BringUpState.SimLocked) this.#pause(30_000);
	}

	#enterUnless(state: BringUpState): void {
		if (this.#state !== state) this.#enter(state);
	}

	#restartCommand(): Command | undefined {
		if (this.#host.hardReset !== undefined || this.#ordered) return undefined;
		this.#ordered = true;
		return {
			text: this.#family.restart,
			timeoutMs: 15_000,
			done: () => this.#pauseThen(bootMs, () => this.#enter(BringUpState.Sync)),
		};
	}

	#noteSignal(signal: number): void {
		if (signal === this.#signal) return;
		this.#signal = signal;
		this.#host.changed();
	}
}
