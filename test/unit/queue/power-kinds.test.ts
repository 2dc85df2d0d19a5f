/** Every flash operation of a void and of a refund, cut before, after and inside: one fate, and the host agrees. */
import { defaultParameters } from "core/parameters";
import { LinkState, type HostOutcome, type HostRequest } from "host/link";
import { Journal } from "journal/journal";
import { Vault } from "journal/vault";
import { encodeSealedCard } from "queue/sealed-card";
import { Worker } from "queue/worker";
import { equal, ok, test } from "test/harness";
import { FakeFlash, PowerCut, tears } from "test/simulation/fakes/flash";
import { FakeTime } from "test/unit/fakes/clock-and-timers";
import { FakeLog } from "test/unit/fakes/log";
import { constantEntropy, noOriginal, saleDraft, sampleCard } from "test/unit/fakes/sample";
import { Book } from "transaction/book";
import { Kind, kindTraits } from "transaction/kinds";
import { Input, isOpen, isPosted, State } from "transaction/states";

/** What a host has posted, by STAN: once each, and what was reversed is gone for good. */
class Host {
	readonly posted = new Map<number, Kind>();
	readonly #tombstones = new Set<number>();
	/** The next answer gets lost. */
	deaf = false;

	answer({ message, transaction: { stan, kind } }: HostRequest): HostOutcome {
		const known = this.posted.has(stan);
		if (message === "reversal") {
			this.posted.delete(stan);
			this.#tombstones.add(stan);
		} else if (!this.#tombstones.has(stan)) this.posted.set(stan, kind);
		if (this.deaf) {
			this.deaf = false;
			return { kind: "no-reply" };
		}
		const responseCode = known && message !== "reversal" ? "94" : "00";
		return { kind: "reply", responseCode, rrn: "600408000001", authCode: "", authenticated: true };
	}
}

/** The terminal from one boot to the next; flash and host outlive it. */
class Boot {
	readonly time = new FakeTime(1_795_400_000_000);
	readonly book: Book;
	readonly vault: Vault;
	readonly worker: Worker;

	constructor(journalFlash: FakeFlash, vaultFlash: FakeFlash, host: Host) {
		const { time } = this;
		const journal = new Journal(journalFlash);
		this.book = new Book(journal, time, new FakeLog());
		journal.mount((record) => this.book.restore(record));
		this.vault = new Vault(vaultFlash);
		this.vault.mount((number) => this.book.get(number)?.state === State.AdviceDue);
		this.worker = new Worker({
			book: this.book,
			vault: this.vault,
			link: {
				state: LinkState.Up,
				room: 8,
				exchange: (request, done) => {
					const attempt = this.book.counters.nextAttempt();
					const outcome = host.answer(request);
					time.set(() => done(outcome), 100);
					return attempt;
				},
			},
			chip: { awaitsHost: false, complete: () => undefined },
			clock: time,
			timers: time,
			entropy: constantEntropy(0),
			log: new FakeLog(),
			parameters: () => defaultParameters,
			store: () => false,
			onCustomer: () => undefined,
			onChanged: () => undefined,
			onScripts: () => undefined,
		});
		this.worker.resume();
	}

	/** Makes the transaction as the till does, and waits until nothing is under way. */
	make(kind: Kind): void {
		const { book } = this;
		const original = { ...noOriginal, number: 1, kind: Kind.Sale, rrn: "600408000001" };
		const refund = kind === Kind.Refund;
		const draft = { kind, amountMinor: 500, currency: 156, original };
		let transaction = book.begin(refund ? { ...draft, card: sampleCard() } : draft);
		if (refund) this.vault.put(transaction.number, encodeSealedCard(sampleCard()));
		if (kindTraits[kind].delivery === "advice")
			transaction = book.advance(transaction.number, Input.Advise);
		this.worker.serve(transaction, refund ? sampleCard() : undefined);
		this.settle();
	}

	settle(): void {
		this.time.advance(300_000);
	}
}

/** @returns whether the power went */
function round(kind: Kind, operation: number, tear: number, isDeaf: boolean): boolean {
	const journalFlash = new FakeFlash({ byteLength: 16 * 4096, writeAlignment: 16 });
	const vaultFlash = new FakeFlash({ byteLength: 8 * 4096, writeAlignment: 16 });
	const host = new Host();
	const before = new Boot(journalFlash, vaultFlash, host);
	before.book.counters.setBatch(7);
	before.worker.serve(before.book.begin(saleDraft(sampleCard(), 500)), sampleCard());
	before.settle();
	host.deaf = isDeaf;
	for (const flash of [journalFlash, vaultFlash]) flash.cutTear = tear;
	// Operations of both partitions, one after the other.
	const cut = operation > 0 ? journalFlash : vaultFlash;
	cut.cutAt = cut.operations + Math.abs(operation);
	let went = false;
	try {
		before.make(kind);
	} catch (error) {
		if (!(error instanceof PowerCut)) throw error;
		went = true;
	}
	for (const flash of [journalFlash, vaultFlash]) flash.powerUp();
	const after = new Boot(journalFlash, vaultFlash, host);
	after.settle();
	const where = `${kind}, operation ${operation}, tear ${tear}`;
	for (const { number, stan, state, kind: its } of after.book.all()) {
		ok(!isOpen(state), `${where}: ${number} stays in state ${state}`);
		equal(host.posted.get(stan), isPosted(state) ? its : undefined, `${where}: ${number}`);
	}
	equal(after.vault.count, 0, `${where}: card data stays`);
	return went;
}

for (const [name, kind] of [
	["void", Kind.Void],
	["refund", Kind.Refund],
	["completion advice", Kind.CompletionAdvice],
] as const)
	test(`a ${name} has one fate wherever its power goes, answered or not`, () => {
		let cuts = 0;
		for (const isDeaf of [false, true])
			for (let tear = 0; tear < tears("program", 1); tear++)
				for (const direction of [1, -1])
					for (let n = 1; round(kind, direction * n, tear, isDeaf); n++) cuts++;
		ok(cuts >= 8, `${cuts} cuts`);
	});
