/** Runs on XS: a terminal's books and worker over flash in memory, as many transactions as one likes. */
import { defaultParameters } from "core/parameters";
import { Journal } from "journal/journal";
import { Vault } from "journal/vault";
import { LinkState, type HostOutcome } from "host/link";
import { encodeSealedCard } from "queue/sealed-card";
import { Worker } from "queue/worker";
import { FakeFlash } from "test/simulation/fakes/flash";
import { FakeTime } from "test/unit/fakes/clock-and-timers";
import { constantEntropy, sampleCard } from "test/unit/fakes/sample";
import { Book } from "transaction/book";
import { Kind } from "transaction/kinds";
import { ReceiptState, type Transaction } from "transaction/transaction";
import { Input } from "transaction/states";

const time = new FakeTime(1_795_400_000_000);
const log = { event: () => undefined };
const journal = new Journal(new FakeFlash({ byteLength: 128 * 4096, writeAlignment: 16 }));
const book = new Book(journal, time, log);
journal.mount((record) => book.restore(record));
const vault = new Vault(new FakeFlash({ byteLength: 16 * 4096, writeAlignment: 16 }));
vault.mount(() => false);
book.counters.setBatch(1);
let link: LinkState = LinkState.Up;
let code = "00";
let made = 0;
let last: Transaction | undefined;

const worker = new Worker({
	book,
	vault,
	link: {
		get state() {
			return link;
		},
		room: 8,
		exchange: (_request, done) => {
			time.set(() => done(answer()), 1);
			return book.counters.nextAttempt();
		},
	},
	chip: { awaitsHost: false, complete: () => undefined },
	clock: time,
	timers: time,
	entropy: constantEntropy(0),
	log,
	parameters: () => defaultParameters,
	store: (transaction, card) => {
		vault.put(transaction.number, encodeSealedCard(card));
		return true;
	},
	onCustomer: (transaction) => (last = transaction),
	onChanged: () => undefined,
	onScripts: () => undefined,
});

function answer(): HostOutcome {
	if (code === "") {
		code = "00";
		return { kind: "no-reply" };
	}
	return {
		kind: "reply",
		responseCode: code,
		rrn: "600408000001",
		authCode: "A1B2C3",
		authenticated: true,
	};
}

/** A sale; of twenty one is declined, one in doubt and reversed, one stored and forwarded, one voided. */
function one(): void {
	const which = made++ % 20;
	code = which === 3 ? "51" : which === 7 ? "" : "00";
	link = which === 11 ? LinkState.Down : LinkState.Up;
	const card = sampleCard({ chipData: new Uint8Array(140).fill(0x9f) });
	worker.serve(book.begin({ kind: Kind.Sale, amountMinor: 1 + made, currency: 156, card }), card);
	time.advance(5);
	code = "00";
	link = LinkState.Up;
	worker.linkChanged();
	time.advance(5);
	if (which === 15) voidLast(last!);
	for (let due = book.slipDue(); due !== undefined; due = book.slipDue()) {
		book.receipt(due.number, ReceiptState.Printing);
		book.receipt(due.number, ReceiptState.Printed);
	}
	while (vault.idle());
	while (journal.idle());
}

function voidLast({ number, kind, stan, batch, amountMinor, rrn, authCode }: Transaction): void {
	const original = { number, kind, batch, stan, monthDay: 0, amountMinor, rrn, authCode };
	worker.serve(book.begin({ kind: Kind.Void, amountMinor, currency: 156, original }));
	time.advance(5);
}

/** Makes so many transactions more. @returns open ones, for a terminal that loses none has none */
export function make(count: number): {
	readonly made: number;
	readonly open: number;
	readonly newest: number;
} {
	for (let i = 0; i < count; i++) one();
	for (const { number, state } of book.open())
		throw new Error(`${number} is open: ${state} ${Input.Send}`);
	(globalThis as { gc?: () => void }).gc?.();
	return { made, open: book.open().length, newest: journal.newestSubject };
}
