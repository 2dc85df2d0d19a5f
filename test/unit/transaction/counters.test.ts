import { Fault } from "core/fault";
import { equal, test, throwsFault } from "test/harness";
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
