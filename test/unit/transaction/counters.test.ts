import { Fault } from "core/fault";
import { equal, ok, test, throwsFault } from "test/harness";
import { FakeJournal } from "test/unit/fakes/fake-journal";
import { Counters } from "transaction/counters";
import { decodeCounters } from "transaction/records";

const free = (): boolean => false;

test("a number whose reservation did not get to flash is not used", () => {
	const journal = new FakeJournal();
	const counters = new Counters(journal);
	const append = journal.append.bind(journal);
	journal.append = () => {
		throw new Fault("flash.write");
	};
	throwsFault("flash.write", () => counters.nextStan(free));
	throwsFault("flash.write", () => counters.nextAttempt());
	throwsFault("flash.write", () => counters.setBatch(7));
	equal(counters.batch, 0);
	journal.append = append;
	const stan = counters.nextStan(free);
	const attempt = counters.nextAttempt();
	const kept = decodeCounters(journal.records[journal.records.length - 1]!.payload)!;
	equal(stan <= kept.stanReserved, true, "behind the reservation on flash");
	equal(attempt <= kept.attemptReserved, true);
});

test("an attempt has four hexadecimal digits at most: after ffff comes 1", () => {
	const counters = new Counters(new FakeJournal());
	const kept = { stanReserved: 1, numberUsed: 1, batch: 1, settling: false, batchAfter: 0 };
	counters.restore({ ...kept, attemptReserved: 0x7ffe });
	counters.restore({ ...kept, attemptReserved: 0xfffd });
	equal(
		[counters.nextAttempt(), counters.nextAttempt(), counters.nextAttempt()],
		[0xfffe, 0xffff, 1],
	);
	// An older firmware counted further.
	const other = new Counters(new FakeJournal());
	other.restore({ ...kept, attemptReserved: 0x12345 });
	ok(other.nextAttempt() <= 0xffff);
});
