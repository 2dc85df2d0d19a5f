import { Journal } from "journal/journal";
import { equal, ok, test } from "test/harness";
import { FakeFlash } from "test/simulation/fakes/flash";
import { Random } from "test/simulation/fakes/random";
import { FakeTime } from "test/unit/fakes/clock-and-timers";
import { FakeLog } from "test/unit/fakes/log";
import { saleDraft, sampleCard } from "test/unit/fakes/sample";
import { Book } from "transaction/book";
import { Input, isOpen, State } from "transaction/states";
import { ReceiptState, type Transaction } from "transaction/transaction";

const retainCount = 30;

/** A till on a small ring that turns soon, and beside it what became of each of its transactions. */
class SmallTill {
	readonly flash: FakeFlash;
	readonly truth = new Map<number, string>();
	readonly #random: Random;
	readonly #journal: Journal;
	readonly #book: Book;

	constructor(seed: number, blocks: number) {
		this.#random = new Random(seed);
		this.flash = new FakeFlash({ byteLength: blocks * 4096, writeAlignment: 16, seed });
		this.#journal = new Journal(this.flash, { retainCount });
		this.#book = new Book(this.#journal, new FakeTime(), new FakeLog());
		this.#journal.mount((record) => this.#book.restore(record));
	}

	/** A sale that is approved and printed; one in twenty waits for the host for a long time. */
	sell(): void {
		const chipData = new Uint8Array(this.#random.below(180));
		const { number } = this.#book.begin(
			saleDraft(sampleCard({ chipData }), 1 + this.#random.below(100)),
		);
		this.#note(this.#book.advance(number, Input.Store));
		if (!this.#random.oneIn(20)) this.#finish(number);
		const waiting = this.#book.open();
		if (waiting.length > 3 || (waiting.length > 0 && this.#random.oneIn(25)))
			this.#finish(waiting[this.#random.below(waiting.length)]!.number);
		this.#journal.idle();
	}

	#finish(number: number): void {
		this.#note(this.#book.advance(number, Input.ForwardAccepted));
		this.#note(this.#book.receipt(number, ReceiptState.Printing));
		this.#note(this.#book.receipt(number, ReceiptState.Printed));
	}

	#note(transaction: Transaction): void {
		this.truth.set(transaction.number, textOf(transaction));
	}
}

function textOf({ state, receiptState }: Transaction): string {
	return `state ${state}, slip ${receiptState}`;
}

/** What a boot that reads everything makes of the image. */
function booted(till: SmallTill): Book {
	const journal = new Journal(till.flash.clone(1), { retainCount });
	const book = new Book(journal, new FakeTime(), new FakeLog());
	journal.mount((record) => book.restore(record));
	return book;
}

for (const blocks of [12, 16])
	test(`a boot never takes an older state of a transaction for the newest, ${blocks} blocks`, () => {
		let openSeen = 0;
		for (let seed = 1; seed <= 3; seed++) {
			const till = new SmallTill(seed, blocks);
			for (let sale = 1; sale <= 400; sale++) {
				till.sell();
				if (sale % 20 !== 0) continue;
				const book = booted(till);
				for (const one of book.all())
					equal(
						textOf(one),
						till.truth.get(one.number),
						`seed ${seed}, sale ${sale}, #${one.number}`,
					);
				openSeen += book.open().length;
				const open = [...till.truth.values()].filter((text) => text.startsWith(openText)).length;
				equal(book.open().length, open, `open, seed ${seed}, sale ${sale}`);
			}
		}
		ok(isOpen(State.StoredOffline) && openSeen > 0);
	});

const openText = `state ${State.StoredOffline},`;
