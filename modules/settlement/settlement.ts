import type { TimerId } from "core/clock";
import { Fault } from "core/fault";
import { limits } from "core/limits";
import { LogCode } from "core/log";
import { LinkState, type HostOutcome } from "host/link";
import type { Difference } from "message/settlement-fields";
import { Agenda } from "settlement/agenda";
import { closeBatch } from "settlement/close";
import { decideTotals, decideUpload } from "settlement/decide";
import { HostTalk } from "settlement/host-talk";
import { requestOf } from "settlement/messages";
import { idleStep, type StepRecord } from "settlement/records";
import type {
	SettlementHold,
	SettlementOptions,
	SettlementProgress,
	SettlementRefusal,
	SettlementWait,
} from "settlement/settlement-options";
import { holdsCards, nextStep, Step, StepInput, Verdict } from "settlement/steps";
import { noTotals, totalsOf, type BatchTotals, type Member } from "settlement/totals";
import { countUpTo, uploadPart } from "settlement/upload";
import { State } from "transaction/states";
import type { Transaction } from "transaction/transaction";

/** Pause between looks whether the automatic settlement is due, ms. */
const lookMs = 60_000;

/**
 * Settles batches with the host, oldest first, step by step (docs/settlement.md). Each step is on flash before it takes effect,
 * so that a power cut at any place leads to the same end.
 */
export class Settlement {
	readonly #o: SettlementOptions;
	readonly #agenda: Agenda;
	readonly #talk: HostTalk;
	#timer: TimerId | undefined;
	#resumed = false;
	/** Ticks of the next look at the clock. */
	#nextLookMs = 0;

	constructor(options: SettlementOptions) {
		this.#o = options;
		this.#agenda = new Agenda(options.store, options.view);
		this.#talk = new HostTalk(options);
	}

	get state(): Step {
		return this.#o.store.step.step;
	}

	get progress(): SettlementProgress {
		const { view, store } = this.#o;
		const { step, batch, position, refusal, lastNumber } = store.step;
		const uploads = step === Step.Uploading || step === Step.UploadEnd;
		return {
			step,
			batch,
			wait: this.#wait(),
			openCount: this.#draining().length,
			uploaded: uploads ? countUpTo(view, position, this.#member) : 0,
			total: uploads ? countUpTo(view, lastNumber, this.#member) : 0,
			refusal,
			resumed: this.#resumed,
		};
	}

	/**
	 * Begins a settlement of all that is not settled. It waits by itself for reversals, stored sales and the network; one that
	 * was put off goes on at once.
	 */
	start(): SettlementRefusal | undefined {
		const { book, store, view } = this.#o;
		if (book.counters.batch === 0) return "keys";
		if (!view.complete) return "reading";
		if (this.state === Step.None)
			return this.#begin(false, store.step.automaticDay) ? undefined : "flash";
		if (this.#wait() !== "pause") return "running";
		this.#talk.refresh();
		this.kick();
		return undefined;
	}

	/** Gives it up, as long as the host has not been told to close the batch. @returns false when it is too late, or none runs */
	cancel(): boolean {
		if (nextStep(this.state, StepInput.Cancel) === undefined) return false;
		return this.#try(() => this.#give(StepInput.Cancel));
	}

	/** Why no card may be taken now; asked before a card is read. */
	hold(): SettlementHold | undefined {
		const { view, parameters, endangers } = this.#o;
		if (holdsCards(this.state)) return "settling";
		const oldest = this.#agenda.oldest();
		if (oldest === 0) return undefined;
		const span = view.last - oldest + 1;
		return span >= parameters().batchCountMax || endangers(oldest) ? "settle-first" : undefined;
	}

	/** After the store has been restored: goes on where a power cut interrupted. */
	resume(): void {
		this.#resumed = this.state !== Step.None;
		this.#try(() => this.#o.book.counters.setSettling(holdsCards(this.state)));
		this.kick();
	}

	linkChanged(): void {
		if (this.#o.link.state === LinkState.Up) this.#talk.refresh();
		this.kick();
	}

	/** Something changed on which it may wait: queue, cashier, flash. */
	kick(): void {
		if (this.state !== Step.None) this.#schedule(0);
	}

	/** Idle work: begins the automatic settlement when it is due. */
	idle(): void {
		const { clock, view, book, link, busy } = this.#o;
		this.kick();
		if (this.state !== Step.None || clock.ticksMs() < this.#nextLookMs) return;
		this.#nextLookMs = clock.ticksMs() + lookMs;
		const nowMs = clock.wallMs();
		// With the link up the host's time is known, and without it nothing could be settled anyway.
		if (nowMs === undefined || link.state !== LinkState.Up || !view.complete) return;
		if (book.counters.batch === 0 || busy()) return;
		const { utcOffsetMinutes, parameters } = this.#o;
		const day = this.#agenda.dueDay(nowMs, utcOffsetMinutes, parameters().settlementMinute);
		if (day !== undefined) this.#begin(true, day);
	}

	#begin(automatic: boolean, automaticDay: number): boolean {
		this.#agenda.begin();
		this.#talk.refresh();
		this.#resumed = false;
		const startedMs = this.#o.clock.wallMs() ?? 0;
		const record = { ...idleStep, startedMs, automatic, automaticDay };
		return this.#try(() => this.#give(StepInput.Start, record));
	}

	/** What could still change the totals. What is parked does not: it waits for a person, and is listed. */
	#draining(): Transaction[] {
		const open = this.#o.book.open();
		return open.filter(
			({ state }) => state !== State.ReversalParked && state !== State.ForwardRefused,
		);
	}

	#wait(): SettlementWait | undefined {
		const { view, link, busy } = this.#o;
		if (this.state === Step.None || this.state === Step.Closing) return undefined;
		if (!view.complete) return "reading";
		if (this.state === Step.Draining) {
			if (this.#talk.pauseMs > 0) return "pause";
			if (this.#draining().length > 0) return "open";
			if (busy()) return "sale";
		}
		return link.state === LinkState.Up ? "host" : "network";
	}

	/** What belongs to the batch of the step. */
	get #member(): Member {
		const { batch, lastNumber } = this.#o.store.step;
		return this.#agenda.member(batch, lastNumber);
	}

	#schedule(delayMs: number): void {
		if (this.#timer !== undefined) this.#o.timers.clear(this.#timer);
		this.#timer = this.#o.timers.set(() => {
			this.#timer = undefined;
			this.#try(() => this.#pump());
		}, delayMs);
	}

	/** Flash that cannot be written stops the settlement where it is, never the terminal. */
	#try(body: () => void): boolean {
		try {
			body();
			return true;
		} catch (error) {
			if (!(error instanceof Fault)) throw error;
			this.#o.log.event(LogCode.JournalDamage, 0, 3);
			this.#talk.pause(limits.backoffCapMs);
			return false;
		}
	}

	#pump(): void {
		const { view } = this.#o;
		// Whoever changes what it waits for kicks.
		if (this.state === Step.None || !view.complete || this.#talk.busy) return;
		if (this.#talk.pauseMs > 0) this.#schedule(this.#talk.pauseMs);
		else if (this.state === Step.Draining) this.#drain();
		else if (this.state === Step.Closing) this.#close();
		else this.#sendOrWait();
	}

	#drain(): void {
		const { view, book, store } = this.#o;
		if (this.#wait() !== "host") return;
		const batch = this.#agenda.nextOrEmpty(book.counters.batch);
		if (batch === undefined) {
			this.#give(StepInput.Nothing);
			return;
		}
		const lastNumber = view.last;
		const ours = totalsOf(view, this.#agenda.member(batch, lastNumber));
		// First, so that a boot knows that it has to look before it takes a card.
		book.counters.setSettling(true);
		const stan = book.nextStan();
		const { startedMs, automatic, automaticDay } = store.step;
		const kept = { startedMs, automatic, automaticDay };
		this.#give(StepInput.Drained, { ...idleStep, ...kept, batch, lastNumber, stan, ours });
	}

	#sendOrWait(): void {
		const patienceMs = this.#talk.patienceMs();
		if (patienceMs === Number.POSITIVE_INFINITY) this.#send();
		// A batch that the host may have closed already cannot be put off.
		else if (!this.#mayPostpone) return;
		else if (patienceMs > 0) this.#schedule(patienceMs);
		else this.#postpone();
	}

	get #mayPostpone(): boolean {
		return nextStep(this.state, StepInput.Postpone) !== undefined;
	}

	#postpone(): void {
		this.#talk.refresh();
		this.#talk.pause(limits.settlementPauseMs);
		this.#give(StepInput.Postpone);
	}

	#send(): void {
		const { store, view, currency } = this.#o;
		const { step, position } = store.step;
		// A batch without anything that counts: there is only an end to be told.
		if (step === Step.Uploading && uploadPart(view, position, this.#member).details.length === 0) {
			this.#taken();
			return;
		}
		const handed = this.#talk.send(
			() => requestOf(store.step, view, this.#member, currency),
			(outcome) => this.#try(() => this.#answered(outcome)),
		);
		if (handed === "none") this.#schedule(limits.idleMs);
		// Totals that no message can carry: a person has to look.
		else if (handed === "bad") this.#refused("--");
	}

	#answered(outcome: HostOutcome): void {
		const { step, batch, ours } = this.#o.store.step;
		const answer =
			step === Step.Totals ? decideTotals(outcome, batch, ours) : decideUpload(outcome, batch);
		switch (answer.kind) {
			case "again":
				this.#again();
				return;
			case "mismatch":
				this.#mismatch();
				return;
			case "refused":
				this.#refused(answer.responseCode);
				return;
			case "balanced":
			case "unbalanced":
				this.#compared(answer.kind === "balanced", answer.host);
				return;
			case "taken":
				if (step === Step.UploadEnd) this.#ended(batch, answer.differences);
				else this.#taken();
		}
	}

	#again(): void {
		if (!this.#mayPostpone) this.#talk.againForEver();
		else if (!this.#talk.again()) {
			this.#postpone();
			return;
		}
		this.#schedule(0);
		this.#o.onChanged();
	}

	/** The link signs on again by itself, and the host says which batch is open. Then the same once more. */
	#mismatch(): void {
		if (this.#talk.mismatch()) {
			this.#schedule(limits.idleMs);
			return;
		}
		const { verdict } = this.#o.store.step;
		this.#give(StepInput.Unknown, {
			verdict: verdict === Verdict.None ? Verdict.Unknown : verdict,
		});
	}

	#refused(refusal: string): void {
		const { store, link } = this.#o;
		this.#agenda.refused(store.step.batch);
		this.#give(StepInput.Refused, { refusal });
		// It may have closed the batch all the same: ask which one is open.
		link.signOn();
		// One batch that the host refuses does not keep the others.
		if (this.#agenda.next() !== undefined) this.#give(StepInput.Start);
	}

	#compared(balanced: boolean, answered: BatchTotals | undefined): void {
		const { book } = this.#o;
		const host = answered ?? noTotals;
		if (balanced) {
			this.#give(StepInput.Balanced, { verdict: Verdict.Balanced, host, stan: book.nextStan() });
			return;
		}
		this.#give(StepInput.Unbalanced, { verdict: Verdict.Unbalanced, host, stan: book.nextStan() });
	}

	#taken(): void {
		const { view, store, book } = this.#o;
		const position = uploadPart(view, store.step.position, this.#member).lastNumber;
		const more = uploadPart(view, position, this.#member).details.length > 0;
		const input = more ? StepInput.DetailsTaken : StepInput.AllTaken;
		this.#give(input, { position, stan: book.nextStan() });
	}

	#ended(batch: number, found: readonly Difference[]): void {
		const differences = found.map((difference) => ({ batch, ...difference }));
		if (found.length > 0) this.#o.store.putDifferences(batch, differences);
		this.#give(StepInput.Ended);
	}

	#close(): void {
		const { store, book, view, clock, link } = this.#o;
		const { batch } = store.step;
		const closedMs = clock.wallMs() ?? 0;
		closeBatch({ store, view, member: this.#member, open: book.open(), closedMs });
		this.#agenda.settled();
		if (book.counters.batch === batch) book.counters.setBatch(batchAfter(batch));
		const more = this.#agenda.next() !== undefined;
		this.#give(more ? StepInput.ClosedNextBatch : StepInput.Closed);
		link.signOn();
	}

	/** The next step: on flash first, then it takes effect. */
	#give(input: StepInput, change: Partial<StepRecord> = {}): void {
		const { store, book, log, onChanged } = this.#o;
		const step = nextStep(this.state, input);
		if (step === undefined) {
			log.event(LogCode.IllegalTransition, this.state, input);
			return;
		}
		store.putStep({ ...store.step, ...change, step });
		this.#talk.stepped();
		log.event(LogCode.SettlementStep, step, store.step.batch);
		if (!holdsCards(step)) book.counters.setSettling(false);
		onChanged();
		this.kick();
	}
}

/** Until the host says otherwise the next batch has the next number. */
function batchAfter(batch: number): number {
	return batch >= 999_999 ? 1 : batch + 1;
}
