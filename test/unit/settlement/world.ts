import { Fault } from "core/fault";
import { defaultParameters } from "core/parameters";
import { LinkState, type HostOutcome, type SettlementRequest } from "host/link";
import { Mark } from "journal/journal";
import { BatchTable } from "settlement/batch-view";
import { JournalTap } from "settlement/journal-tap";
import { Settlement } from "settlement/settlement";
import { Step } from "settlement/steps";
import { SettlementStore } from "settlement/store";
import { fail } from "test/harness";
import { FakeTime } from "test/unit/fakes/clock-and-timers";
import { FakeJournal } from "test/unit/fakes/fake-journal";
import { FakeLog } from "test/unit/fakes/log";
import { constantEntropy, sampleTransaction } from "test/unit/fakes/sample";
import { Book } from "transaction/book";
import { kindTraits } from "transaction/kinds";
import { encodeIntent, encodeState, RecordKind } from "transaction/records";
import { isOpen, State } from "transaction/states";
import type { Transaction } from "transaction/transaction";
import { ModelHost } from "./model-host";

/** 2026-11-22 10:30 local time. */
export const startMs = 1_795_314_600_000;
export const firstBatch = 12;

/** The power goes. */
export class PowerCut extends Error {}

/** Flash that outlives the power, and can lose it around an append. */
class CuttingJournal extends FakeJournal {
	appends = 0;
	/** The power goes at this append: before it is on flash, or right behind it. 0: never. */
	cutAt = 0;
	cutBefore = false;
	/** Nothing can be written. */
	refuses = false;

	override append(subject: number, kind: number, payload: Uint8Array, mark: Mark): void {
		const cut = ++this.appends === this.cutAt;
		if (cut && this.cutBefore) throw new PowerCut();
		if (this.refuses) throw new Fault("flash.write");
		super.append(subject, kind, payload, mark);
		if (cut) throw new PowerCut();
	}
}

/** What is made anew at each boot. */
interface Run {
	readonly time: FakeTime;
	readonly book: Book;
	readonly view: BatchTable;
	readonly store: SettlementStore;
	readonly settlement: Settlement;
	link: LinkState;
}

/** A terminal as far as settlements go, a host, and power that may fail. */
export class World {
	readonly journal = new CuttingJournal();
	readonly host = new ModelHost(firstBatch);
	readonly log = new FakeLog();
	readonly requests: SettlementRequest[] = [];
	parameters = { ...defaultParameters };
	busy = false;
	endangered = 0;
	signOns = 0;
	/** Carrier and broker are there. */
	network = true;
	wallMs: number | undefined = startMs;
	run: Run;
	#number = 0;
	#stan = 100;

	constructor() {
		this.run = this.boot();
		this.time.advance(1000);
	}

	get time(): FakeTime {
		return this.run.time;
	}

	get settlement(): Settlement {
		return this.run.settlement;
	}

	get store(): SettlementStore {
		return this.run.store;
	}

	get book(): Book {
		return this.run.book;
	}

	/** The power comes (back). */
	boot(): Run {
		const time = new FakeTime(this.wallMs);
		const view = new BatchTable();
		const port = new JournalTap(this.journal, (record) => view.restore(record));
		const book = new Book(port, time, this.log);
		const store = new SettlementStore(port);
		const run = {} as { -readonly [K in keyof Run]: Run[K] };
		const settlement = new Settlement({
			store,
			view,
			book,
			link: {
				get state() {
					return run.link;
				},
				settle: (request, done) => this.#exchange(request, done),
				signOn: () => this.#signOn(),
			},
			clock: time,
			timers: time,
			entropy: constantEntropy(0),
			log: this.log,
			currency: 156,
			utcOffsetMinutes: 480,
			parameters: () => this.parameters,
			busy: () => this.busy,
			endangers: (number) => this.endangered >= number,
			onChanged: () => undefined,
		});
		Object.assign(run, { time, book, view, store, settlement, link: LinkState.Down });
		this.run = run;
		for (const record of this.journal.records) {
			if (!store.restore(record)) book.restore(record);
			view.restore(record);
		}
		view.complete = true;
		settlement.resume();
		this.connect();
		return run;
	}

	/** The carrier comes; the terminal signs on. */
	connect(): void {
		this.network = true;
		this.run.link = LinkState.Up;
		this.#signOn();
	}

	disconnect(): void {
		this.network = false;
		this.run.link = LinkState.Down;
		this.settlement.linkChanged();
	}

	/** A transaction that is on flash; the host has posted it when it stands here, unless told otherwise. */
	add(of: Partial<Transaction> = {}, posted = true): Transaction {
		const t = sampleTransaction({
			number: ++this.#number,
			stan: ++this.#stan,
			batch: this.book.counters.batch,
			amountMinor: 100 * this.#number,
			...of,
		});
		const { book, view } = this.run;
		const mark = isOpen(t.state) ? Mark.More : Mark.Close;
		this.journal.append(t.number, RecordKind.Intent, encodeIntent(t), Mark.Open);
		this.journal.append(t.number, RecordKind.State, encodeState({ ...t, atMs: 0 }), mark);
		for (const record of this.journal.records.slice(-2)) {
			book.restore(record);
			view.restore(record);
		}
		const stands = t.state === State.Approved || t.state === State.Forwarded;
		const sign = kindTraits[t.kind].sign;
		if (stands && posted && sign !== 0) this.host.post(t.batch, t.stan, t.amountMinor, sign < 0);
		return t;
	}

	/** Moves a transaction on, as the worker does. */
	become(number: number, state: State): void {
		const t = this.book.get(number) ?? fail(`no transaction ${number}`);
		const payload = encodeState({ ...t, state, atMs: 0 });
		this.journal.append(number, RecordKind.State, payload, Mark.Close);
		const record = this.journal.records.at(-1)!;
		this.book.restore(record);
		this.run.view.restore(record);
		this.settlement.kick();
	}

	/** Settles as a cashier would, and lets it come to an end. */
	settle(): void {
		const refusal = this.settlement.start();
		if (refusal !== undefined) fail(`refused: ${refusal}`);
		this.finish();
	}

	/** Lets time pass until the settlement is over and the terminal has signed on again. */
	finish(withinMs = 3_600_000): void {
		for (let passedMs = 0; passedMs < withinMs; passedMs += 500) {
			if (this.settlement.state === Step.None && passedMs > 0) return;
			this.time.advance(500);
			this.settlement.kick();
		}
		fail(`still at step ${this.settlement.state}`);
	}

	/** Closed batches as "batch verdict count net". */
	closed(): string[] {
		return this.store.closed.batches.map(
			({ batch, verdict, count, netMinor }) => `${batch} ${verdict} ${count} ${netMinor}`,
		);
	}

	#signOn(): void {
		if (!this.network || this.run.link === LinkState.SigningOn) return;
		const { run } = this;
		run.link = LinkState.SigningOn;
		run.time.set(() => {
			if (run.link !== LinkState.SigningOn) return;
			this.signOns++;
			run.link = LinkState.Up;
			run.book.counters.setBatch(this.host.openBatch);
			run.settlement.linkChanged();
		}, 100);
	}

	#exchange(request: SettlementRequest, done: (outcome: HostOutcome) => void): number {
		const { run } = this;
		this.requests.push(request);
		const outcome = this.host.answer(request);
		const answered = (): void => {
			if (outcome?.kind === "reply" && outcome.responseCode === "77") this.#signOn();
			done(outcome ?? { kind: "no-reply" });
		};
		run.time.set(answered, outcome === undefined ? request.timeoutMs : 50);
		return this.requests.length;
	}
}
