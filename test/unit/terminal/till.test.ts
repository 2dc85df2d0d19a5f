import { EntryMode, type CardRead } from "core/card";
import type { CardOutcome, CardReader } from "core/devices";
import { Fault } from "core/fault";
import { limits } from "core/limits";
import { LogCode } from "core/log";
import { defaultParameters, type Parameters } from "core/parameters";
import { LinkState } from "host/link";
import type { SettlementHold } from "settlement/settlement-options";
import { refusalCode } from "terminal/texts";
import { Till, type Order, type Refusal } from "terminal/till";
import { equal, fail, ok, test } from "test/harness";
import { config } from "../receipt/sample";
import { FakeTime } from "test/unit/fakes/clock-and-timers";
import { FakeJournal } from "test/unit/fakes/fake-journal";
import { FakeLog } from "test/unit/fakes/log";
import { saleDraft, sampleCard } from "test/unit/fakes/sample";
import { Book } from "transaction/book";
import { Kind } from "transaction/kinds";
import { Input, State } from "transaction/states";
import { ReceiptState, type Transaction } from "transaction/transaction";

const nowMs = 1_795_400_000_000;

/** A till whose reader, vault, link and worker are the test's. */
class Place {
	readonly time = new FakeTime(nowMs);
	readonly journal = new FakeJournal();
	readonly log = new FakeLog();
	readonly book = new Book(this.journal, this.time, this.log);
	readonly vault = new Map<number, Uint8Array>();
	readonly told: string[] = [];
	readonly served: Transaction[] = [];
	link: LinkState = LinkState.Up;
	parameters: Parameters = defaultParameters;
	vaultRoom = true;
	hold: SettlementHold | undefined;
	readerBusy = false;
	#done: ((outcome: CardOutcome) => void) | undefined;
	/** Amount and 9C of the card that is awaited. */
	asked: readonly [number, number] | undefined;
	readonly till: Till;

	constructor() {
		this.book.counters.setBatch(3);
		const linkState = (): LinkState => this.link;
		this.till = new Till({
			book: this.book,
			worker: () => ({ serve: (transaction) => this.served.push(transaction) }),
			vault: {
				canPut: () => this.vaultRoom,
				put: (number, bytes) => {
					if (!this.vaultRoom) throw new Fault("vault.full");
					this.told.push(`vault while ${this.book.get(number)!.state}`);
					this.vault.set(number, bytes);
				},
			},
			link: {
				get state() {
					return linkState();
				},
			},
			reader: this.#reader(),
			clock: this.time,
			log: this.log,
			config,
			parameters: () => this.parameters,
			hold: () => this.hold,
			events: {
				onPresent: (offline) => this.told.push(offline ? "present offline" : "present"),
				onDuplicate: ({ number }) => this.told.push(`duplicate of ${number}`),
				onSent: () => this.told.push("sent"),
				onNoCard: ({ kind }) => this.told.push(kind),
				onCardRefused: (refusal) => this.told.push(`card refused: ${refusal}`),
				onResult: ({ state }) => this.told.push(`result ${state}`),
			},
		});
	}

	/** Starts and presents a card. */
	sell(amountMinor: number, card: CardRead = sampleCard(), kind: Kind = Kind.Sale): void {
		equal(this.till.start({ kind, amountMinor }), undefined);
		this.card(card);
	}

	card(card: CardRead): void {
		const done = this.#done ?? fail("no card is awaited");
		this.#done = undefined;
		done({ kind: "card", card });
	}

	/** A transaction that an earlier customer made. */
	earlier(kind: Kind, amountMinor: number, ...inputs: Input[]): Transaction {
		const { number } = this.book.begin({ ...saleDraft(sampleCard(), amountMinor), kind });
		for (const input of inputs) this.book.advance(number, input, { rrn: "600408000001" });
		return this.book.get(number)!;
	}

	refusal(order: Order): Refusal | undefined {
		return this.till.start(order);
	}

	#reader(): CardReader {
		const reader: Pick<CardReader, "ready" | "activate" | "cancel"> = {
			ready: true,
			activate: ({ amountMinor, emvType }, done) => {
				if (this.readerBusy) throw new Fault("io.busy");
				this.asked = [amountMinor, emvType];
				this.#done = done;
			},
			cancel: () => {
				const done = this.#done;
				this.#done = undefined;
				done?.({ kind: "cancelled" });
			},
		};
		return reader as CardReader;
	}
}

const sale = (amountMinor: number): Order => ({ kind: Kind.Sale, amountMinor });

test("a sale is recorded when its card was read, and handed to the worker", () => {
	const place = new Place();
	place.sell(500);
	equal(place.told, ["present", "sent"]);
	equal(
		place.served.map(({ kind, state, amountMinor }) => [kind, state, amountMinor]),
		[[Kind.Sale, State.Opened, 500]],
	);
	equal(place.refusal(sale(500)), "busy");
	place.till.finished(place.served[0]!);
	equal(place.till.active, false);
});

test("the reader is told amount and type of each kind that reads a card", () => {
	const place = new Place();
	const approved = place.earlier(Kind.Sale, 900, Input.Send, Input.Approve);
	const asked = (order: Order): readonly [number, number] | undefined => {
		equal(place.till.start(order), undefined);
		place.till.cancel();
		return place.asked;
	};
	equal(asked(sale(500)), [500, 0]);
	equal(asked({ kind: Kind.Refund, amountMinor: 5, original: approved }), [5, 0x20]);
	equal(asked({ kind: Kind.PreAuth, amountMinor: 6 }), [6, 0x03]);
	equal(asked({ kind: Kind.Balance, amountMinor: 0 }), [0, 0x31]);
});

test("each limit refuses before the card by its own name, and the log has its number", () => {
	const cases: readonly (readonly [Refusal, (place: Place) => void])[] = [
		["full", (place) => (place.journal.full = true)],
		["settling", (place) => (place.hold = "settling")],
		["reader", (place) => (place.readerBusy = true)],
		["batch-full", (place) => (place.hold = "settle-first")],
		["sale-high", (place) => (place.parameters = { ...place.parameters, saleAmountMinorMax: 499 })],
		[
			"off",
			(place) => {
				place.link = LinkState.Down;
				place.parameters = { ...place.parameters, offlineCountMax: 0 };
			},
		],
		[
			"vault",
			(place) => {
				place.link = LinkState.Down;
				place.vaultRoom = false;
			},
		],
		[
			"paper",
			(place) => {
				for (let i = 0; i < limits.slipsDueMax; i++)
					place.earlier(Kind.Sale, 1, Input.Send, Input.Approve);
			},
		],
		[
			"reversal",
			(place) => {
				place.parameters = { ...place.parameters, reversalBlock: 1 };
				const { number } = place.earlier(Kind.Sale, 1, Input.Send, Input.Doubt);
				place.book.unanswered(number);
			},
		],
	];
	for (const [name, prepare] of cases) {
		const place = new Place();
		prepare(place);
		const before = place.book.all().length;
		equal(place.refusal(sale(500)), name);
		equal(
			[place.book.all().length, place.asked === undefined || name === "reader"],
			[before, true],
		);
		if (name !== "reader")
			equal(place.log.of(LogCode.SaleRefused).at(-1), [refusalCode[name], 0], name);
	}
});

test("a full batch takes voids and balances but nothing that adds to it", () => {
	const place = new Place();
	const approved = place.earlier(Kind.Sale, 900, Input.Send, Input.Approve);
	place.hold = "settle-first";
	equal(place.refusal(sale(1)), "batch-full");
	equal(place.refusal({ kind: Kind.Balance, amountMinor: 0 }), undefined);
	place.till.cancel();
	equal(place.refusal({ kind: Kind.Void, amountMinor: 0, original: approved }), undefined);
});

test("a void is for the whole with its tip, names its original and reads no card", () => {
	const place = new Place();
	const approved = place.earlier(Kind.Sale, 900, Input.Send, Input.Approve);
	equal(place.refusal({ kind: Kind.Tip, amountMinor: 90, original: approved }), undefined);
	const tip = place.served[0]!;
	equal([tip.state, tip.original?.amountMinor], [State.AdviceDue, 900]);
	place.book.advance(tip.number, Input.Approve);
	place.till.finished(tip);
	equal(place.refusal({ kind: Kind.Void, amountMinor: 0, original: approved }), undefined);
	const { amountMinor, original, entryMode, maskedPan } = place.served[1]!;
	equal([amountMinor, entryMode, maskedPan], [990, EntryMode.None, approved.maskedPan]);
	equal([original?.stan, original?.rrn], [approved.stan, "600408000001"]);
	equal(place.asked, undefined);
});

test("what a refund needs of its card is in the vault before it is due", () => {
	const place = new Place();
	const approved = place.earlier(Kind.Sale, 900, Input.Send, Input.Approve);
	const refund = { kind: Kind.Refund, amountMinor: 100, original: approved } as const;
	equal(place.refusal(refund), undefined);
	place.card(sampleCard());
	equal(place.told, ["present", `vault while ${State.Opened}`, "sent"]);
	equal([place.served[0]?.state, place.vault.size], [State.AdviceDue, 1]);
	place.till.finished(place.served[0]!);
	place.vaultRoom = false;
	equal(place.refusal(refund), "pending");
	place.book.advance(place.served[0]!.number, Input.Approve);
	equal(place.refusal(refund), "vault");
});

test("a refund of a long chip answer still fits its record", () => {
	const place = new Place();
	const approved = place.earlier(Kind.Sale, 900, Input.Send, Input.Approve);
	equal(place.refusal({ kind: Kind.Refund, amountMinor: 1, original: approved }), undefined);
	place.card(sampleCard({ chipData: new Uint8Array(255) }));
	equal(place.served[0]?.state, State.AdviceDue);
});

test("a duplicate is recorded only when it is meant", () => {
	const place = new Place();
	const before = place.earlier(Kind.Sale, 500, Input.Send, Input.Approve);
	place.sell(500);
	equal([place.told, place.served.length], [["present", `duplicate of ${before.number}`], 0]);
	equal(place.book.all().length, 1);
	place.till.confirm(false);
	equal([place.told.at(-1), place.till.active], ["cancelled", false]);
	place.sell(500);
	place.till.confirm(true);
	place.till.confirm(true);
	equal([place.served.length, place.book.all().length], [1, 2]);
});

test("without a link each kind but a sale is refused, also when it goes while the card is awaited", () => {
	const place = new Place();
	const approved = place.earlier(Kind.Sale, 900, Input.Send, Input.Approve);
	equal(place.till.start({ kind: Kind.PreAuth, amountMinor: 5 }), undefined);
	place.link = LinkState.Down;
	place.card(sampleCard());
	equal(place.told.at(-1), "card refused: no-link");
	for (const kind of [Kind.PreAuth, Kind.Balance] as const)
		equal(place.refusal({ kind, amountMinor: 0 }), "no-link");
	for (const kind of [Kind.Void, Kind.Refund, Kind.Tip] as const)
		equal(place.refusal({ kind, amountMinor: 1, original: approved }), "no-link");
	equal(place.refusal(sale(5)), undefined);
	equal(place.told.at(-1), "present offline");
});

test("a rule is told before the amount is typed, and again with it", () => {
	const place = new Place();
	const approved = place.earlier(Kind.Sale, 900, Input.Send, Input.Approve);
	equal(place.till.check(Kind.Refund, approved), undefined);
	equal(place.till.check(Kind.PreAuthVoid, approved), "kind");
	equal(place.refusal({ kind: Kind.Refund, amountMinor: 901, original: approved }), "amount-high");
	equal(place.refusal({ kind: Kind.Void, amountMinor: 0 }), "unknown");
	const foreign = { rrn: "600408000001", monthDay: 101 };
	equal(place.refusal({ kind: Kind.Void, amountMinor: 0, original: foreign }), "unknown");
	equal(place.refusal({ kind: Kind.Refund, amountMinor: 1, original: foreign }), undefined);
});

test("a partial approval is asked for in sales alone, and only where the acquirer has it", () => {
	const place = new Place();
	place.sell(500);
	place.till.finished(place.served[0]!);
	place.parameters = { ...place.parameters, partialApproval: 1 };
	place.sell(501);
	place.till.finished(place.served[1]!);
	place.sell(502, sampleCard(), Kind.PreAuth);
	equal(
		place.served.map(({ partialAllowed }) => partialAllowed),
		[false, true, false],
	);
});

test("a flash that takes no intent leaves nothing behind, and the cashier is told", () => {
	const place = new Place();
	equal(place.till.start(sale(500)), undefined);
	place.journal.append = () => {
		throw new Fault("flash.write");
	};
	place.card(sampleCard());
	equal([place.told.at(-1), place.till.active, place.served.length], ["failed", false, 0]);
});

test("a balance leaves no slip and no amount", () => {
	const place = new Place();
	place.sell(0, sampleCard(), Kind.Balance);
	const { number } = place.served[0]!;
	place.book.advance(number, Input.Send);
	const after = place.book.advance(number, Input.Approve);
	equal([after.receiptState, after.amountMinor], [ReceiptState.None, 0]);
	ok(!place.journal.records.some(({ payload }) => payload.length > 200));
});
