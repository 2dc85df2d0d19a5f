import type { CardRead } from "core/card";
import type { ChipOutcome, HostAnswer } from "core/devices";
import { Fault } from "core/fault";
import { defaultParameters, type Parameters } from "core/parameters";
import { LinkState, type HostOutcome, type HostRequest } from "host/link";
import { encodeSealedCard } from "queue/sealed-card";
import { Worker } from "queue/worker";
import { fail } from "test/harness";
import { FakeJournal } from "test/unit/fakes/fake-journal";
import { FakeTime } from "test/unit/fakes/clock-and-timers";
import { constantEntropy, noOriginal, saleDraft, sampleCard } from "test/unit/fakes/sample";
import { FakeLog } from "test/unit/fakes/log";
import { Book } from "transaction/book";
import type { Kind } from "transaction/kinds";
import { RecordKind, decodeState } from "transaction/records";
import type { State } from "transaction/states";
import { Input } from "transaction/states";
import { type Transaction } from "transaction/transaction";

/** A reader with a chip in it that speaks when the test says so. */
export class FakeChip {
	awaitsHost = false;
	told: HostAnswer | undefined;
	#done: ((outcome: ChipOutcome) => void) | undefined;

	complete(answer: HostAnswer, done: (outcome: ChipOutcome) => void): void {
		if (!this.awaitsHost) throw new Fault("io.busy");
		this.awaitsHost = false;
		this.told = answer;
		this.#done = done;
	}

	say(kind: ChipOutcome["kind"], scriptResults = new Uint8Array(0)): void {
		this.#done?.({ kind, cryptogram: new Uint8Array(0), scriptResults });
	}
}

/** A worker on a book, with a link that records what is handed to it and answers when the test says so. */
export class Till {
	readonly time = new FakeTime();
	readonly journal = new FakeJournal();
	readonly book = new Book(this.journal, this.time, new FakeLog());
	readonly vault = new Map<number, Uint8Array>();
	readonly sent: { request: HostRequest; done: (outcome: HostOutcome) => void }[] = [];
	readonly results: Transaction[] = [];
	readonly chip = new FakeChip();
	readonly scripts: [number: number, results: Uint8Array][] = [];
	state: LinkState = LinkState.Up;
	/** Journalled state of the transaction at the moment when its request was handed over. */
	readonly durableWhenSent: (number | undefined)[] = [];
	mayStore = true;
	parameters: Parameters = defaultParameters;
	handOver = true;
	/** Requests that the link takes at a time, and those that it has. */
	roomMax = 8;
	pending = 0;
	/** What `exchange` throws. */
	failure: Fault | undefined;
	readonly worker: Worker;

	constructor() {
		const linkState = (): LinkState => this.state;
		const linkRoom = (): number => this.roomMax - this.pending;
		this.worker = new Worker({
			book: this.book,
			vault: {
				get: (number) => this.vault.get(number),
				release: (number) => void this.vault.delete(number),
			},
			link: {
				get state() {
					return linkState();
				},
				get room() {
					return linkRoom();
				},
				exchange: (request, done) => this.#exchange(request, done),
			},
			clock: this.time,
			timers: this.time,
			entropy: constantEntropy(0),
			log: new FakeLog(),
			chip: this.chip,
			onScripts: (transaction, results) => void this.scripts.push([transaction.number, results]),
			parameters: () => this.parameters,
			store: (transaction, card) => this.#store(transaction, card),
			onCustomer: (transaction) => this.results.push(transaction),
			onChanged: () => undefined,
		});
	}

	sell(): number {
		const transaction = this.book.begin(saleDraft(sampleCard(), 1234));
		this.worker.serve(transaction, sampleCard());
		this.time.advance(0);
		return transaction.number;
	}

	/** Puts a transaction into a state as an earlier day left it. */
	leave(...inputs: Input[]): number {
		const { number } = this.book.begin(saleDraft(sampleCard(), 500));
		for (const input of inputs) this.book.advance(number, input);
		if (inputs.includes(Input.Store)) this.vault.set(number, encodeSealedCard(sampleCard()));
		return number;
	}

	/** A transaction about another one, as the till records it. */
	about(kind: Kind, card?: CardRead): Transaction {
		return this.book.begin({
			kind,
			amountMinor: 500,
			currency: 156,
			original: { ...noOriginal, number: 1, rrn: "600408000001" },
			...(card === undefined ? {} : { card }),
		});
	}

	/** An advice that waits for the host. */
	advise(kind: Kind): Transaction {
		const { number } = this.about(kind);
		return this.book.advance(number, Input.Advise);
	}

	/** Answers one of those that are under way. */
	answerTo(number: number, responseCode: string): void {
		const pending = this.sent.find(({ request }) => request.transaction.number === number);
		(pending ?? fail("it was not sent")).done(code(responseCode));
		this.time.advance(0);
	}

	link(state: LinkState): void {
		this.state = state;
		this.worker.linkChanged();
		this.time.advance(0);
	}

	answer(outcome: HostOutcome | string): void {
		const pending = this.sent[this.sent.length - 1] ?? fail("nothing was sent");
		pending.done(typeof outcome === "string" ? code(outcome) : outcome);
		this.time.advance(0);
	}

	get messages(): string[] {
		return this.sent.map(({ request }) => `${request.message} ${request.transaction.number}`);
	}

	state_of(number: number): State | undefined {
		return this.book.get(number)?.state;
	}

	#exchange(request: HostRequest, done: (outcome: HostOutcome) => void): number {
		if (this.failure !== undefined) throw this.failure;
		if (!this.handOver) return 0;
		const states = this.journal.records.filter(
			(r) => r.kind === RecordKind.State && r.subject === request.transaction.number,
		);
		const last = states[states.length - 1];
		this.durableWhenSent.push(last && decodeState(last.payload)?.state);
		this.pending++;
		let open = true;
		const answered = (outcome: HostOutcome): void => {
			if (open) this.pending--;
			open = false;
			done(outcome);
		};
		this.sent.push({ request, done: answered });
		return this.sent.length;
	}

	#store(transaction: Transaction, card: CardRead): boolean {
		if (this.mayStore) this.vault.set(transaction.number, encodeSealedCard(card));
		return this.mayStore;
	}
}

/** An authentic answer. */
export function code(responseCode: string): HostOutcome {
	return { kind: "reply", responseCode, rrn: "1", authCode: "", authenticated: true };
}
