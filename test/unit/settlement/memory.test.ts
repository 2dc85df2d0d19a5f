import { Journal, Mark, type JournalRecord } from "journal/journal";
import { SettlementMemory } from "settlement/memory";
import { encodeLeftOpen, encodeStep, idleStep } from "settlement/records";
import { Step } from "settlement/steps";
import { totalsOf } from "settlement/totals";
import { equal, ok, test } from "test/harness";
import { FakeFlash } from "test/simulation/fakes/flash";
import { sampleTransaction } from "test/unit/fakes/sample";
import { encodeIntent, encodeState, RecordKind } from "transaction/records";
import { State } from "transaction/states";

/** Sales with the terminal's own records between them, some of which are overtaken by newer ones. */
function fill(flash: FakeFlash, sales: number): void {
	const journal = new Journal(flash, { retainCount: 100 });
	journal.mount(() => {});
	for (let number = 1; number <= sales; number++) {
		const t = sampleTransaction({ number, stan: number, chipData: new Uint8Array(100) });
		const put = (kind: number, payload: Uint8Array, mark: Mark): void =>
			journal.append(number, kind, payload, mark);
		put(RecordKind.Intent, encodeIntent(t), Mark.Open);
		put(RecordKind.State, encodeState({ ...t, state: State.Sending, atMs: 0 }), Mark.More);
		const state = number % 7 === 0 ? State.Declined : State.Approved;
		put(RecordKind.State, encodeState({ ...t, state, atMs: 0 }), Mark.Close);
		if (number % 20 === 10) {
			const step = encodeStep({ ...idleStep, step: Step.Draining, batch: number, automatic: true });
			journal.append(0, 17, step, Mark.More);
		}
		if (number === 15) journal.append(0, 21, encodeLeftOpen([3, 4, 5]), Mark.More);
		while (journal.idle());
	}
}

/** What a boot knows, with a mount that leaves most to idle time or one that reads everything. */
function known(flash: FakeFlash, partly: boolean) {
	const journal = new Journal(flash.clone(1), { retainCount: 100 });
	const memory = new SettlementMemory(journal);
	const restore = (record: JournalRecord): void => void memory.restore(record);
	const older = (record: JournalRecord): void => memory.learn(record);
	if (partly) journal.mount(restore, { newest: 5, settings: [], older });
	else journal.mount(restore);
	const before = journal.isPartlyVisited;
	while (journal.idle());
	return {
		partly: before,
		step: memory.store.step,
		leftOpen: memory.store.closed.leftOpen,
		totals: totalsOf(memory.view, ({ number }) => number > 0),
		unreadable: memory.store.unreadable,
	};
}

test("what idle time reads back makes the same of it as a boot that reads everything", () => {
	for (const [blocks, sales] of [
		[64, 200],
		[16, 60],
		[16, 400],
	] as const) {
		const flash = new FakeFlash({ byteLength: blocks * 4096 });
		fill(flash, sales);
		const partly = known(flash, true);
		const whole = known(flash, false);
		ok(partly.partly && !whole.partly, "one of them left something unread");
		equal({ ...partly, partly: false }, whole, `${blocks} blocks, ${sales} sales`);
		equal([whole.step.batch % 20, whole.leftOpen], [10, [3, 4, 5]]);
	}
});
