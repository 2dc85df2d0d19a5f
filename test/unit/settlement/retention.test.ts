import { limits } from "core/limits";
import { Journal, Mark } from "journal/journal";
import { BatchTable } from "settlement/batch-view";
import { ClosedBatches } from "settlement/closed-batches";
import { totalsOf } from "settlement/totals";
import { OldestUnsettled } from "settlement/unsettled";
import { equal, ok, test } from "test/harness";
import { FakeFlash } from "test/simulation/fakes/flash";
import { sampleTransaction } from "test/unit/fakes/sample";
import { encodeIntent, encodeState, RecordKind } from "transaction/records";
import { State } from "transaction/states";

/** A shop that sells until it is told to settle first, on a ring of so many blocks. @returns sales, and the journal */
function sellUntilHeld(blocks: number, chipBytes: number, batchCountMax: number) {
	const flash = new FakeFlash({ byteLength: blocks * 4096 });
	const journal = new Journal(flash);
	journal.mount(() => {});
	const view = new BatchTable();
	view.complete = true;
	const oldest = new OldestUnsettled(view, new ClosedBatches());
	let number = 0;
	let debitMinor = 0;
	for (; number < 2000; number++) {
		const first = oldest.find();
		const span = first === 0 ? 0 : number - first + 1;
		const held =
			span >= batchCountMax || (first > 0 && journal.isEndangered(first, limits.settlementBlocks));
		if (held || !journal.canOpen()) break;
		const t = sampleTransaction({
			number: number + 1,
			chipData: new Uint8Array(chipBytes),
			state: State.Approved,
		});
		debitMinor += t.amountMinor;
		const append = (kind: number, payload: Uint8Array, mark: Mark): void => {
			journal.append(t.number, kind, payload, mark);
			view.restore({ subject: t.number, kind, payload });
		};
		append(RecordKind.Intent, encodeIntent(t), Mark.Open);
		append(RecordKind.State, encodeState({ ...t, state: State.Sending, atMs: 0 }), Mark.More);
		append(RecordKind.State, encodeState({ ...t, atMs: 0 }), Mark.Close);
		for (const printed of [1, 2, 3])
			append(RecordKind.Receipt, Uint8Array.of(printed, 0), Mark.More);
		while (journal.idle());
	}
	return { flash, journal, number, totals: totalsOf(view, () => true), debitMinor };
}

/** What a boot adds up. */
function totalsAfterBoot(flash: FakeFlash) {
	const view = new BatchTable();
	const journal = new Journal(flash.clone(1));
	journal.mount((record) => view.restore(record));
	return totalsOf(view, () => true);
}

test("nothing that is not settled is dropped by a ring that is too small for the batch: the sale is refused before", () => {
	for (const [blocks, chipBytes] of [
		[16, 250],
		[16, 0],
		[24, 120],
		[32, 250],
	] as const) {
		const { flash, journal, number, totals, debitMinor } = sellUntilHeld(blocks, chipBytes, 900);
		ok(number > 10 && number < 900, `${blocks} blocks: ${number} sales`);
		equal([totals.debitCount, totals.debitMinor], [number, debitMinor]);
		equal(totalsAfterBoot(flash), totals, `${blocks} blocks after a boot`);
		// What a settlement writes finds room as well: its steps, as many as the batch needs, and some of everything else.
		for (let i = 0; i < number / 8 + 20; i++) {
			journal.append(0, 17, new Uint8Array(64), Mark.More);
			journal.append(0, 18, new Uint8Array(i < 2 ? 320 : 20), Mark.More);
			while (journal.idle());
		}
		equal(totalsAfterBoot(flash), totals, `${blocks} blocks after a settlement`);
	}
});

test("the product's ring holds the largest batch, and it is the count that ends it", () => {
	const { flash, number, totals } = sellUntilHeld(128, 120, 900);
	equal([number, totals.debitCount], [900, 900]);
	equal(totalsAfterBoot(flash), totals);
});
