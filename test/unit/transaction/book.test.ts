import { limits } from "core/limits";
import { LogCode } from "core/log";
import { Journal, Mark } from "journal/journal";
import { equal, ok, test, throwsFault } from "test/harness";
import { FakeJournal } from "test/unit/fakes/fake-journal";
import { FakeFlash } from "test/simulation/fakes/flash";
import { FakeTime } from "test/unit/fakes/clock-and-timers";
import { saleDraft, sampleCard } from "test/unit/fakes/sample";
import { FakeLog } from "test/unit/fakes/log";
import { Book } from "transaction/book";
import { RecordKind, type CountersRecord } from "transaction/records";
import { Input, State } from "transaction/states";
import { ReceiptState, ReversalReason } from "transaction/transaction";

function made(): { journal: FakeJournal; book: Book; log: FakeLog } {
	const journal = new FakeJournal();
	const log = new FakeLog();
	return { journal, log, book: new Book(journal, new FakeTime(), log) };
}

/** The book of the next boot: everything from the journal, nothing from memory. */
function rebooted(journal: FakeJournal): Book {
	const book = new Book(journal, new FakeTime(), new FakeLog());
	for (const record of journal.records) book.restore(record);
	return book;
}

test("an intent is on the journal, marked open, before the book knows it", () => {
	const { journal, book } = made();
	const sale = book.begin(saleDraft(sampleCard(), 1234));
	const intent = journal.records.find((r) => r.kind === RecordKind.Intent);
	equal(intent?.subject, sale.number);
	equal(intent?.mark, Mark.Open);
	equal(sale.state, State.Opened);
});

test("a full journal refuses the intent and the book stays as it was", () => {
	const { journal, book } = made();
	journal.full = true;
	ok(!book.canOpen());
	throwsFault("journal.full", () => book.begin(saleDraft(sampleCard(), 1234)));
	equal(book.all().length, 0);
});

test("after a boot every transaction is as it was", () => {
	const { journal, book } = made();
	const first = book.begin(saleDraft(sampleCard(), 1234)).number;
	book.advance(first, Input.Send);
	book.advance(first, Input.Approve, {
		responseCode: "00",
		rrn: "123456789012",
		authCode: "A1B2C3",
	});
	book.receipt(first, ReceiptState.Printing);
	const second = book.begin(saleDraft(sampleCard({ panSequence: -1 }), 99)).number;
	book.advance(second, Input.Send);
	book.advance(second, Input.Doubt, { reason: ReversalReason.WrongMac });
	equal(rebooted(journal).all(), book.all());
});

test("an input without meaning changes nothing, on flash or in memory, and leaves an event", () => {
	const { journal, book, log } = made();
	const { number } = book.begin(saleDraft(sampleCard(), 1234));
	const before = journal.records.length;
	equal(book.advance(number, Input.Approve).state, State.Opened);
	equal(journal.records.length, before);
	equal(log.of(LogCode.IllegalTransition).length, 1);
});

test("STANs, attempts and numbers are never used again after a boot", () => {
	const { journal, book } = made();
	const used = new Set<number>();
	for (let i = 0; i < 100; i++) used.add(book.begin(saleDraft(sampleCard(), 1)).stan);
	const attempt = book.counters.nextAttempt();
	const after = rebooted(journal);
	const sale = after.begin(saleDraft(sampleCard(), 1));
	ok(!used.has(sale.stan), "STAN used twice");
	equal(sale.number, 101);
	ok(after.counters.nextAttempt() > attempt, "attempt used twice");
});

test("a STAN on the journal is never used again, also when the newest counters are damaged", () => {
	const { journal, book } = made();
	const used = new Set<number>();
	for (let i = 0; i < 100; i++) used.add(book.begin(saleDraft(sampleCard(), 1)).stan);
	const counters = journal.records.filter(({ kind }) => kind === RecordKind.Counters);
	for (const lost of [counters.slice(-1), counters]) {
		const again = new Book(new FakeJournal(), new FakeTime(), new FakeLog());
		// The journal hands settings over behind the transactions, a test hands them over as they were written.
		const kept = journal.records.filter((record) => !lost.includes(record));
		for (const record of kept) again.restore(record);
		ok(!used.has(again.nextStan()), "STAN used twice");
		const behind = new Book(new FakeJournal(), new FakeTime(), new FakeLog());
		for (const record of kept) if (record.subject !== 0) behind.restore(record);
		for (const record of kept) if (record.subject === 0) behind.restore(record);
		ok(!used.has(behind.nextStan()), "STAN used twice");
	}
});

test("a terminal that remembers nothing goes on where it is told", () => {
	const { book } = made();
	book.counters.startAnew(583_020);
	equal(book.nextStan(), 583_021);
	book.counters.startAnew(7);
	equal(book.nextStan(), 583_022);
});

function countersAt(stanReserved: number): CountersRecord {
	return {
		stanReserved,
		attemptReserved: 0,
		numberUsed: 1,
		batch: 5,
		settling: false,
	};
}

test("STANs wrap from 999999 to 1", () => {
	const { book } = made();
	book.counters.restore(countersAt(999_998));
	equal([book.nextStan(), book.nextStan(), book.nextStan()], [999_999, 1, 2]);
});

test("a STAN that an open transaction carries since the round before is passed over", () => {
	const { journal, book } = made();
	book.counters.restore(countersAt(500_009));
	const { number, stan } = book.begin(saleDraft(sampleCard(), 1));
	equal(stan, 500_010);
	const later = rebooted(journal);
	for (const reserved of [900_000, 300_000, 500_008]) later.counters.restore(countersAt(reserved));
	equal([later.nextStan(), later.nextStan()], [500_009, 500_011]);
	equal(later.get(number)?.stan, 500_010);
});

test("a slip is due in the same record that approves, stores or doubts", () => {
	for (const path of [[Input.Send, Input.Approve], [Input.Store], [Input.Send, Input.Doubt]]) {
		const { journal, book } = made();
		const { number } = book.begin(saleDraft(sampleCard(), 1));
		for (const input of path) book.advance(number, input);
		equal(rebooted(journal).get(number)?.receiptState, ReceiptState.Due);
	}
});

test("records that cannot be read are counted and the others are kept", () => {
	const { journal, book } = made();
	const { number } = book.begin(saleDraft(sampleCard(), 1));
	const damaged = new Book(journal, new FakeTime(), new FakeLog());
	damaged.restore({ subject: 3, kind: RecordKind.Intent, payload: new Uint8Array(4) });
	damaged.restore({ subject: 4, kind: RecordKind.State, payload: new Uint8Array(40) });
	damaged.restore({ subject: 0, kind: 99, payload: new Uint8Array(0) });
	for (const record of journal.records) damaged.restore(record);
	equal(damaged.unreadable, 3);
	equal(damaged.get(number)?.state, State.Opened);
});

test("memory holds every open transaction but only the newest closed ones", () => {
	const { book } = made();
	const open = book.begin(saleDraft(sampleCard(), 1)).number;
	for (let i = 0; i < 300; i++) {
		const { number } = book.begin(saleDraft(sampleCard(), 1));
		book.advance(number, Input.Abandon);
	}
	const closed = book.all().length - 1;
	ok(closed >= limits.closedInMemory && closed <= limits.closedInMemory + 16);
	equal(book.newest()?.number, 301);
	equal(book.get(open)?.state, State.Opened);
});

test("an approval that is taken back is open for the journal again", () => {
	const { journal, book } = made();
	const { number } = book.begin(saleDraft(sampleCard(), 1));
	for (const input of [Input.Send, Input.Approve, Input.CardFailed]) book.advance(number, input);
	const marks = journal.records.filter((r) => r.kind === RecordKind.State).map((r) => r.mark);
	equal(marks, [Mark.More, Mark.Close, Mark.Open]);
});

test("a transaction that memory has forgotten is looked up on flash", () => {
	const { book } = made();
	for (let i = 0; i < 300; i++) {
		const { number } = book.begin(saleDraft(sampleCard(), i + 1));
		book.advance(number, Input.Abandon);
	}
	equal(book.get(3), undefined);
	equal([book.lookUp(3)?.amountMinor, book.lookUp(3)?.state], [3, State.Abandoned]);
	equal([book.lookUp(0), book.lookUp(301)], [undefined, undefined]);
});

test("a transaction is found by its STAN, also one that memory has forgotten, and by its state", () => {
	const { book } = made();
	for (let i = 0; i < 300; i++) {
		const { number } = book.begin(saleDraft(sampleCard(), i + 1));
		if (i === 7) book.advance(number, Input.Send);
		book.advance(number, i === 7 ? Input.Approve : Input.Abandon);
		if (i === 7) book.receipt(number, ReceiptState.Printed);
	}
	const { stan, batch } = book.lookUp(8)!;
	equal([book.get(8), book.findByStan(stan)?.number], [undefined, 8]);
	equal([book.findByStan(stan, batch)?.number, book.findByStan(stan, batch + 1)], [8, undefined]);
	equal([book.findByStan(999_999), book.inState(State.Approved)], [undefined, [8]]);
	equal(book.inState(State.Abandoned).length, 299);
});

for (const byQuestion of [false, true])
	test(`after a boot of the newest, the others are found by STAN, ${byQuestion ? "at a question" : "as idle time reads them"}`, () => {
		const flash = new FakeFlash({ byteLength: 64 * 4096 });
		const journal = new Journal(flash);
		journal.mount();
		const book = new Book(journal, new FakeTime(), new FakeLog());
		for (let i = 0; i < 300; i++) {
			const { number } = book.begin(saleDraft(sampleCard(), i + 1));
			book.advance(number, Input.Send);
			book.advance(number, i % 50 === 5 ? Input.Decline : Input.Approve);
		}
		const later = new Journal(flash);
		const after = new Book(later, new FakeTime(), new FakeLog());
		later.mount((record) => after.restore(record), {
			newest: 40,
			settings: [],
			older: (record) => after.learn(record),
		});
		const stanOf = (number: number): number => book.lookUp(number)!.stan;
		equal(after.findByStan(stanOf(300))?.number, 300);
		ok(later.isPartlyVisited);
		if (byQuestion) equal(after.findByStan(stanOf(6))?.number, 6);
		else while (later.idle());
		ok(!later.isPartlyVisited);
		equal(after.inState(State.Declined), [6, 56, 106, 156, 206, 256]);
		flash.resetCounters();
		for (const number of [1, 6, 100, 300]) {
			equal(after.findByStan(stanOf(number)), book.lookUp(number), `#${number}`);
			equal(after.lookUp(number)?.state, book.lookUp(number)?.state);
		}
	});

test("older slips may be missed unless one before the oldest due one is out", () => {
	const { book } = made();
	const sell = (): number => {
		const { number } = book.begin(saleDraft(sampleCard(), 1));
		book.advance(number, Input.Send);
		return book.advance(number, Input.Approve).number;
	};
	ok(book.mayMissSlips(), "nothing is known");
	const first = sell();
	ok(book.mayMissSlips(), "the oldest known is due");
	book.receipt(first, ReceiptState.Printed);
	ok(!book.mayMissSlips(), "the newest is out");
	sell();
	ok(!book.mayMissSlips(), "one before the due one is out");
});

test("a sale whose slip waits for paper in the middle is not forgotten behind a hundred due ones", () => {
	const { book } = made();
	const sell = (): number => {
		const { number } = book.begin(saleDraft(sampleCard(), 1));
		book.advance(number, Input.Send);
		return book.advance(number, Input.Approve).number;
	};
	const waiting = sell();
	book.receipt(waiting, ReceiptState.Printing);
	for (let i = 0; i < 200; i++) sell();
	equal(book.receipt(waiting, ReceiptState.Printed).receiptState, ReceiptState.Printed);
	equal([book.slipDue()?.number, book.slipsDue()], [waiting + 1, 200]);
});

test("changes that come before their intent count as soon as it comes", () => {
	const { journal, book } = made();
	const { number } = book.begin(saleDraft(sampleCard(), 1));
	book.advance(number, Input.Send);
	book.advance(number, Input.Doubt, { reason: ReversalReason.NoReply });
	const later = new Book(journal, new FakeTime(), new FakeLog());
	const isIntent = ({ kind }: { kind: number }): boolean => kind === RecordKind.Intent;
	for (const record of journal.records) if (!isIntent(record)) later.restore(record);
	equal([later.get(number), later.unreadable], [undefined, 2]);
	for (const record of journal.records) if (isIntent(record)) later.restore(record);
	equal([later.get(number), later.unreadable], [book.get(number), 0]);
});
