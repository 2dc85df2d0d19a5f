import { fromHex, toHex } from "core/bytes";
import { openScriptResult } from "terminal/scripts";
import { equal, test } from "test/harness";
import { FakeTime } from "test/unit/fakes/clock-and-timers";
import { FakeJournal } from "test/unit/fakes/fake-journal";
import { FakeLog } from "test/unit/fakes/log";
import { saleDraft, sampleCard } from "test/unit/fakes/sample";
import { Book } from "transaction/book";
import { Kind } from "transaction/kinds";
import { Input, State } from "transaction/states";

const results = fromHex("2100000000")!;

function approvedSale(journal: FakeJournal): Book {
	const time = new FakeTime();
	const book = new Book(journal, time, new FakeLog());
	const chipData = fromHex("9f260811111111111111119f3602000195050000008000")!;
	const { number } = book.begin(saleDraft(sampleCard({ chipData }), 1234));
	book.advance(number, Input.Send);
	book.advance(number, Input.Approve, { rrn: "123456789012", authCode: "A1B2C3" });
	return book;
}

test("a script result is an advice of its own that names the sale", () => {
	const book = approvedSale(new FakeJournal());
	openScriptResult(book, new FakeLog(), book.newest()!, results, 480);
	const advice = book.newest()!;
	equal(advice.kind, Kind.ScriptResult);
	equal(advice.state, State.AdviceDue);
	equal(advice.original?.number, 1);
	equal(advice.original?.rrn, "123456789012");
	equal(advice.amountMinor, 1234);
});

test("it carries the result and, of the sale's objects, only what the host is to have", () => {
	const book = approvedSale(new FakeJournal());
	openScriptResult(book, new FakeLog(), book.newest()!, results, 480);
	equal(toHex(book.newest()!.chipData), "df310521000000009f3602000195050000008000");
});

test("flash that takes no more loses the notice and leaves the sale as it is", () => {
	const journal = new FakeJournal();
	const book = approvedSale(journal);
	journal.full = true;
	openScriptResult(book, new FakeLog(), book.newest()!, results, 480);
	equal(book.newest()?.state, State.Approved);
	equal(book.all().length, 1);
});
