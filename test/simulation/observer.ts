import type { Clock } from "core/clock";
import { LogCode } from "core/log";
import { EventLog } from "diagnostics/event-log";
import type { AttemptWatch } from "test/simulation/attempt-watch";
import type { CashierScript } from "test/simulation/cashier-script";
import { stateNames, type Fate } from "test/simulation/fates";
import { K } from "test/simulation/orders";
import type { Power } from "test/simulation/power";
import type { Trail } from "test/simulation/trail";

/** States in which the terminal itself has to act. */
const acting: readonly string[] = [
	"opened",
	"sending",
	"reversal due",
	"stored offline",
	"advice due",
];

/** What the firmware said of its transactions in all boots, as an event log hears it. */
export class Observer {
	/** Transaction number → last state heard of, by name. */
	readonly states = new Map<number, string>();
	/** Transaction number → amount of the sale. */
	readonly sales = new Map<number, number>();
	readonly #trail: Trail;
	readonly #cashier: CashierScript;
	readonly #watch: AttemptWatch;
	/** The terminal recovers: what it speaks of is not the sale at the till. */
	booting = false;
	/** By its last word a batch is being settled. */
	settling = false;
	lateReplies = 0;
	badMacs = 0;

	constructor(trail: Trail, watch: AttemptWatch, cashier: CashierScript) {
		this.#watch = watch;
		this.#trail = trail;
		this.#cashier = cashier;
	}

	/** Transactions on which the terminal still has to act. */
	get waiting(): number {
		let count = 0;
		for (const state of this.states.values()) if (acting.includes(state)) count++;
		return count;
	}

	/** What the journal holds before a boot: the power may have gone before it was said. */
	read(fates: ReadonlyMap<number, Fate>): void {
		for (const { number, kind, amountMinor, state } of fates.values()) {
			if (!this.sales.has(number)) this.#cashier.heardOf(number, { kind, amountMinor });
			this.sales.set(number, amountMinor);
			if (state !== "opened") this.states.set(number, state);
		}
	}

	hear(code: LogCode, a: number, b: number): void {
		if (code === LogCode.LateReply) this.lateReplies++;
		if (code === LogCode.SettlementStep) this.settling = a !== 0;
		if (code === LogCode.BadMac) this.badMacs++;
		if (code === LogCode.SignedOn) this.#trail.note("terminal: signed on");
		if (code === LogCode.LinkState && b === 0) this.#trail.note(`terminal: link state ${a}`);
		if (code === LogCode.IllegalTransition)
			this.#trail.note(`terminal: input ${b} makes no sense in state "${stateNames[a] ?? a}"`);
		if (code !== LogCode.StateChanged) return;
		const name = stateNames[b] ?? String(b);
		this.states.set(a, name);
		if (!this.sales.has(a)) {
			this.sales.set(a, this.booting ? 0 : this.#cashier.current);
			if (!this.booting) this.#cashier.heardOf(a);
		}
		const sale = this.sales.get(a)!;
		// A void is sent with the tip of its original on top: the watch knows messages by their amount.
		if (this.#cashier.kindOf(a) !== K.Void) this.#watch.decided(sale, name);
		this.#trail.note(() => `journal: transaction ${a} is ${name}`, sale);
	}
}

/** The firmware's event log, overheard while the terminal has power. */
export class OverheardLog extends EventLog {
	readonly #observer: Observer;
	readonly #power: Power;

	constructor(clock: Clock, observer: Observer, power: Power) {
		super(clock);
		this.#observer = observer;
		this.#power = power;
	}

	override event(code: LogCode, a = 0, b = 0): void {
		super.event(code, a, b);
		if (this.#power.on) this.#observer.hear(code, a, b);
	}
}
