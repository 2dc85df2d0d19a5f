import type { Clock, TimerId, Timers } from "core/clock";
import { LogCode, type Log } from "core/log";
import { EquipmentError, wholeNumber } from "modem/at-fields";
import { BringUpState, bringUpRows } from "modem/bring-up-states";
import { Outcome, type Command, type Reply } from "modem/command";
import type { CounterBoard } from "modem/counters";
import type { ModemFamily } from "modem/family";
import { Monitor } from "modem/monitor";
import { ResetBudget } from "modem/reset-budget";

/** What the bring-up needs of the modem around it. */
export interface BringUpHost {
	readonly family: ModemFamily;
	readonly apn: string;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly log: Log;
	readonly counters: CounterBoard;
	/** The hardware way to restart; without it a command does it. */
	readonly hardReset: (() => void) | undefined;
	/** Starts to call the module, see AtChannel.synchronize. */
	synchronize(forMs: number): void;
	/** Asks for `next` soon. */
	wake(): void;
	/** Something that people or the owner look at has changed. */
	changed(): void;
	/** All sockets are dead. */
	lost(): void;
	/** @param wallMs unix milliseconds */
	timeKnown(wallMs: number): void;
}

const syncForMs = 20_000;
const settledUpMs = 60_000;
const activationTries = 3;

/** Brings the modem from power-up to a data connection and keeps it there. States: bring-up-states. */
export class BringUp {
	readonly #host: BringUpHost;
	readonly #family: ModemFamily;
	readonly #budget = new ResetBudget();
	readonly #monitor: Monitor;
	#state: BringUpState = BringUpState.Off;
	/** Grows with each entry: replies and timers of an older stay mean nothing. */
	#stay = 0;
	#deadlineTimer: TimerId | undefined;
	#pauseTimer: TimerId | undefined;
	#step = 0;
	#tries = 0;
	#signal = 99;
	#upSinceMs = 0;

	constructor(host: BringUpHost) {
		this.#host = host;
		this.#family = host.family;
		this.#monitor = new Monitor(host);
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
		const registered = status === 1 || status === 5;
		if (this.#state === BringUpState.Registration && registered) this.#enter(BringUpState.Clock);
		else if (this.up) this.#monitor.registrationReported(registered);
	}

	/** What to ask the module now, or undefined. Called only while the channel is free. */
	next(): Command | undefined {
		if (this.#pauseTimer !== undefined) return undefined;
		switch (this.#state) {
			case BringUpState.Setup:
				return this.#setupCommand();
			case BringUpState.Sim:
			case BringUpState.SimMissing:
			case BringUpState.SimLocked:
				return this.#simQuery();
			case BringUpState.Registration:
				return this.#searchCommand();
			case BringUpState.Clock:
				return this.#timeQuery(() => this.#enter(BringUpState.Activation));
			case BringUpState.Activation:
				return this.#activationCommand();
			case BringUpState.Up:
				return this.#monitorCommand();
			case BringUpState.Deactivation:
				return this.#command(this.#family.contextClose, this.#family.contextCloseTimeoutMs, () =>
					this.#enter(BringUpState.Activation),
				);
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
		this.#step = 0;
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
			case BringUpState.Registration:
				this.#tries = 0;
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
				this.#pauseThen(3_000, () => this.#enter(BringUpState.Sync));
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

	/** A command whose reply counts only in this stay of the state; dropped and late ones are asked again. */
	#command(
		text: string,
		timeoutMs: number,
		handle: (reply: Reply) => void,
		more: Partial<Command> = {},
	): Command {
		const stay = this.#stay;
		const done = (reply: Reply): void => {
			if (stay === this.#stay) handle(reply);
		};
		return { ...more, text, timeoutMs, done };
	}

	#setupCommand(): Command | undefined {
		const item = this.#family.setup[this.#step];
		if (item === undefined) {
			this.#enter(BringUpState.Sim);
			return undefined;
		}
		return this.#command(item.text, 5_000, (reply) => {
			if (reply.outcome === Outcome.Ok || (reply.outcome === Outcome.Failed && !item.required))
				this.#step++;
			else this.#pause(500);
		});
	}

	#simQuery(): Command {
		const more = { answer: this.#family.simAnswer };
		return this.#command(this.#family.simQuery, 5_000, (reply) => this.#simAnswered(reply), more);
	}

	#simAnswered(reply: Reply): void {
		const status = reply.fields[0] ?? "";
		const code = reply.errorCode;
		let state: BringUpState = this.#state;
		if (reply.outcome === Outcome.Ok && status === "READY") state = BringUpState.Registration;
		else if (status.endsWith("PIN") || status.endsWith("PUK")) state = BringUpState.SimLocked;
		else if (code === EquipmentError.SimPinRequired || code === EquipmentError.SimPukRequired)
			state = BringUpState.SimLocked;
		else if (code === EquipmentError.SimNotInserted) state = BringUpState.SimMissing;
		if (state !== this.#state) this.#enter(state);
		if (state === BringUpState.Sim) this.#pause(1_000);
		else if (state === BringUpState.SimMissing) this.#pause(10_000);
		else if (state === BringUpState.SimLocked) this.#pause(30_000);
	}

	/** Signal and registration in turn, for the technician who looks for a better place. */
	#searchCommand(): Command {
		if (this.#step === 0) return this.#signalQuery(() => (this.#step = 1));
		return this.#registrationQuery((status) => {
			this.registrationReported(status);
			if (this.#state !== BringUpState.Registration) return;
			this.#step = 0;
			this.#pause(2_000);
		});
	}

	#signalQuery(then: () => void): Command {
		return this.#command(
			this.#family.signalQuery,
			5_000,
			(reply) => {
				this.#signalAnswered(reply);
				then();
			},
			{ answer: this.#family.signalAnswer },
		);
	}

	#contextQuery(handle: (reply: Reply) => void): Command {
		return this.#command(this.#family.contextQuery, 10_000, handle, {
			answer: this.#family.contextAnswer,
			answerOptional: true,
			fits: (fields) => fields[0] === "1",
		});
	}

	#registrationQuery(handle: (status: number) => void): Command {
		return this.#command(
			this.#family.registrationQuery,
			5_000,
			(reply) => handle(reply.outcome === Outcome.Ok ? wholeNumber(reply.fields[1]) : -1),
			{ answer: this.#family.registrationAnswer, fits: isRegistrationAnswer },
		);
	}

	#timeQuery(then: () => void): Command {
		const more = { answer: this.#family.timeAnswer };
		return this.#command(
			this.#family.timeQuery,
			5_000,
			(reply) => {
				this.#monitor.timeAnswered(reply);
				then();
			},
			more,
		);
	}

	/** Asks, closes what an earlier life left open (its sockets hold their numbers), sets up, opens. */
	#activationCommand(): Command {
		const family = this.#family;
		switch (this.#step) {
			case 0:
				return this.#contextQuery((reply) => (this.#step = isActive(reply) ? 1 : 2));
			case 1:
				return this.#command(family.contextClose, family.contextCloseTimeoutMs, () => {
					this.#step = 2;
				});
			case 2:
				return this.#command(family.contextSetup(this.#host.apn), 5_000, () => (this.#step = 3));
			default:
				return this.#command(family.contextOpen, family.contextOpenTimeoutMs, (reply) =>
					this.#activationAnswered(reply),
				);
		}
	}

	#activationAnswered(reply: Reply): void {
		if (reply.outcome === Outcome.Ok) {
			this.#tries = 0;
			this.#enter(BringUpState.Up);
			return;
		}
		this.#tries++;
		if (this.#tries >= activationTries) {
			this.#tries = 0;
			this.recover();
			return;
		}
		this.#step = 1;
		this.#pause(5_000);
	}

	#restartCommand(): Command | undefined {
		if (this.#host.hardReset !== undefined || this.#step > 0) return undefined;
		this.#step = 1;
		return this.#command(this.#family.restart, 15_000, () =>
			this.#pauseThen(3_000, () => this.#enter(BringUpState.Sync)),
		);
	}

	/** One question at a time, in the order of need. */
	#monitorCommand(): Command | undefined {
		switch (this.#monitor.due()) {
			case "context":
				return this.#contextQuery((reply) => {
					this.#monitor.asked("context");
					if (reply.outcome === Outcome.Ok && !isActive(reply)) this.deactivated();
				});
			case "registration":
				return this.#registrationQuery((status) => {
					this.#monitor.asked("registration");
					this.registrationReported(status);
				});
			case "signal":
				return this.#signalQuery(() => this.#monitor.asked("signal"));
			case "time":
				return this.#timeQuery(() => this.#monitor.asked("time"));
			case "lost":
				this.#enter(BringUpState.Registration);
				return undefined;
			default:
				return undefined;
		}
	}

	#signalAnswered(reply: Reply): void {
		const value = reply.outcome === Outcome.Ok ? wholeNumber(reply.fields[0]) : -1;
		const signal = value >= 0 && value <= 31 ? value : 99;
		if (signal === this.#signal) return;
		this.#signal = signal;
		this.#host.changed();
	}
}

/** Reply `+CEREG: <n>,<stat>[,"tac",…]`; the unsolicited form has no <n>: `+CEREG: <stat>[,"tac",…]`. */
function isRegistrationAnswer(fields: readonly string[]): boolean {
	return fields.length >= 2 && fields[1]!.length === 1 && wholeNumber(fields[1]) >= 0;
}

/** `+QIACT: 1,1,1,"10.0.0.1"`: context 1 is active. */
function isActive(reply: Reply): boolean {
	return reply.fields[0] === "1" && reply.fields[1] === "1";
}
