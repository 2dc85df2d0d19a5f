import type { JournalRecord } from "journal/journal";
import { BatchTable } from "settlement/batch-view";
import { SettlementStore } from "settlement/store";
import { encodeStep, idleStep } from "settlement/records";
import { Step } from "settlement/steps";
import { equal, test } from "test/harness";
import { FakeJournal } from "test/unit/fakes/fake-journal";
import { sampleTransaction } from "test/unit/fakes/sample";
import { encodeIntent, encodeState, RecordKind } from "transaction/records";
import { State } from "transaction/states";
import type { Transaction } from "transaction/transaction";

function intent(of: Partial<Transaction>): JournalRecord {
	const t = sampleTransaction(of);
	return { subject: t.number, kind: RecordKind.Intent, payload: encodeIntent(t) };
}

function state(number: number, to: State, of: Partial<Transaction> = {}): JournalRecord {
	const payload = encodeState({ ...sampleTransaction(of), state: to, atMs: 0 });
	return { subject: number, kind: RecordKind.State, payload };
}

/** Rows as "number state amount". */
function rows(view: BatchTable, from = 1): string[] {
	const found: string[] = [];
	view.visit(from, ({ number, state: now, amountMinor }) => {
		found.push(`${number} ${now} ${amountMinor}`);
		return true;
	});
	return found;
}

test("rows come by rising number, with the newest state and the amount that counts", () => {
	const view = new BatchTable();
	for (const number of [5, 2, 9]) view.restore(intent({ number, amountMinor: number }));
	view.restore(state(5, State.Sending));
	view.restore(state(5, State.Approved, { approvedMinor: 3 }));
	equal(rows(view), [`2 ${State.Opened} 2`, `5 ${State.Approved} 3`, `9 ${State.Opened} 9`]);
	equal(rows(view, 6), [`9 ${State.Opened} 9`]);
	equal(view.last, 9);
});

test("the same records again change nothing", () => {
	const view = new BatchTable();
	const records = [
		intent({ number: 1, amountMinor: 10 }),
		state(1, State.Sending),
		state(1, State.Approved, { approvedMinor: 4 }),
	];
	for (const record of [...records, ...records]) view.restore(record);
	equal(rows(view), [`1 ${State.Approved} 4`]);
});

test("what idle time reads back comes newest first, and is never believed against what is known", () => {
	const view = new BatchTable();
	view.restore(intent({ number: 40, amountMinor: 1 }));
	view.restore(state(40, State.Approved));
	view.learn(state(40, State.Sending));
	view.learn(state(7, State.Forwarded, { approvedMinor: 30 }));
	view.learn(state(7, State.StoredOffline));
	equal(rows(view), [`40 ${State.Approved} 1`], "a row without its intent is not shown");
	view.learn(intent({ number: 7, amountMinor: 70 }));
	view.learn(intent({ number: 7, amountMinor: 70 }));
	equal(rows(view), [`7 ${State.Forwarded} 30`, `40 ${State.Approved} 1`]);
});

test("the newest 1,024 are kept", () => {
	const view = new BatchTable();
	for (let number = 1; number <= 1500; number++) view.restore(intent({ number, amountMinor: 1 }));
	view.learn(intent({ number: 300, amountMinor: 1 }));
	view.learn(state(300, State.Approved));
	equal([rows(view).length, rows(view)[0]], [1024, `477 ${State.Opened} 1`]);
});

test("of the terminal's own records the newest that was read back counts", () => {
	const store = new SettlementStore(new FakeJournal());
	const step = (of: Step): JournalRecord => ({
		subject: 0,
		kind: 17,
		payload: encodeStep({ ...idleStep, step: of }),
	});
	store.learn(step(Step.Totals));
	store.learn(step(Step.Draining));
	equal(store.step.step, Step.Totals);
	store.putStep({ ...idleStep, step: Step.Closing });
	store.learn(step(Step.None));
	equal(store.step.step, Step.Closing);
	equal(store.restore({ subject: 0, kind: 16, payload: new Uint8Array(0) }), false);
	equal(
		[store.restore({ subject: 0, kind: 18, payload: new Uint8Array(1) }), store.unreadable],
		[true, 1],
	);
});
