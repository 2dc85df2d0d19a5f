import { DifferenceKind } from "message/settlement-fields";
import { ClosedBatches } from "settlement/closed-batches";
import * as records from "settlement/records";
import { Step, Verdict } from "settlement/steps";
import { equal, ok, test } from "test/harness";
import { Kind, kindTraits } from "transaction/kinds";

const most = {
	debitMinor: 999_999_999_999,
	debitCount: 999,
	creditMinor: 999_999_999_999,
	creditCount: 999,
};

const step: records.StepRecord = {
	step: Step.Uploading,
	batch: 999_999,
	lastNumber: 4_000_000_000,
	position: 3_999_999_999,
	stan: 999_999,
	verdict: Verdict.Unbalanced,
	ours: most,
	host: { debitMinor: 1, debitCount: 2, creditMinor: 3, creditCount: 4 },
	startedMs: 1_795_314_600_123,
	automatic: true,
	automaticDay: 20_779,
	refusal: "A0",
};

/** One byte less or more than was written, and each byte missing from the end. */
function cuts(payload: Uint8Array): Uint8Array[] {
	return Array.from({ length: payload.length }, (_, length) => payload.subarray(0, length));
}

test("the records of a settlement are what was written, and fit at their largest", () => {
	equal(records.decodeStep(records.encodeStep(step)), step);
	const batches = Array.from({ length: records.closedMax }, (_, i) => ({
		batch: 999_999 - i,
		lastNumber: 4_000_000_000,
		closedMs: 1_795_314_600_000,
		verdict: Verdict.Unknown,
		count: 999,
		netMinor: i % 2 === 0 ? -999_999_999_999 : 999_999_999_999,
	}));
	const unsettled = Array.from({ length: records.unsettledMax }, (_, i) => 999_000 + i);
	const closed = { floor: 4_000_000_000, unsettled, batches };
	equal(records.decodeClosed(records.encodeClosed(closed)), closed);
	const kinds = Object.values(Kind).map((kind) => ({
		kind,
		count: 999,
		amountMinor: 999_999_999_999,
	}));
	const result = {
		batch: 999_999,
		verdict: Verdict.Balanced,
		closedMs: 1,
		ours: most,
		host: most,
		kinds,
	};
	equal(records.decodeResult(records.encodeResult(result)), result);
	const differences = Array.from({ length: records.differencesKept }, (_, i) => ({
		batch: 999_999,
		kind: [DifferenceKind.Long, DifferenceKind.Short, DifferenceKind.Amount][i % 3]!,
		stan: 999_999,
		amountMinor: 999_999_999_999,
		credit: i % 2 === 0,
	}));
	equal(records.decodeDifferences(records.encodeDifferences(differences)), differences);
	const numbers = Array.from({ length: records.leftOpenMax }, (_, i) => 4_000_000_000 + i);
	equal(records.decodeLeftOpen(records.encodeLeftOpen(numbers)), numbers);
	const report = { batch: 999_999, state: 4, reprintCount: 255 } as const;
	equal(records.decodeReport(records.encodeReport(report)), report);
	ok(Object.keys(kindTraits).length === kinds.length);
});

test("a record that is cut short is not taken", () => {
	for (const cut of cuts(records.encodeStep(step))) equal(records.decodeStep(cut), undefined);
	const closed = {
		floor: 1,
		unsettled: [2],
		batches: [
			{ batch: 1, lastNumber: 1, closedMs: 0, verdict: Verdict.Balanced, count: 1, netMinor: 1 },
		],
	};
	for (const cut of cuts(records.encodeClosed(closed))) equal(records.decodeClosed(cut), undefined);
	for (const cut of cuts(records.encodeLeftOpen([1, 2])))
		equal(records.decodeLeftOpen(cut), undefined);
	const difference = {
		batch: 1,
		kind: DifferenceKind.Long,
		stan: 1,
		amountMinor: 1,
		credit: false,
	};
	for (const cut of cuts(records.encodeDifferences([difference])))
		equal(records.decodeDifferences(cut), undefined);
	for (const cut of cuts(records.encodeReport({ batch: 1, state: 1, reprintCount: 0 })))
		equal(records.decodeReport(cut), undefined);
});

test("codes of a later firmware are not taken", () => {
	const later = records.encodeStep(step);
	later[0] = 6;
	equal(records.decodeStep(later), undefined);
	equal(records.decodeReport(Uint8Array.of(0, 0, 1, 9, 0)), undefined);
});

function closed(batch: number, lastNumber: number): records.ClosedBatch {
	return { batch, lastNumber, closedMs: 0, verdict: Verdict.Balanced, count: 1, netMinor: 1 };
}

test("what is settled is known also when its batch is not listed any more", () => {
	const batches = new ClosedBatches();
	for (let day = 1; day <= 40; day++) batches.restore(batches.with(closed(day, 10 * day), []));
	equal(batches.batches.length, records.closedMax);
	for (let day = 1; day <= 40; day++) ok(batches.isClosed(day, 10 * day), `day ${day}`);
	equal([batches.isClosed(41, 401), batches.isClosed(40, 401)], [false, false]);
});

test("a batch that cannot be settled stays unsettled, however many come after it", () => {
	const batches = new ClosedBatches();
	for (let day = 1; day <= 40; day++)
		if (day !== 5)
			batches.restore(batches.with(closed(day, 10 * day), [{ batch: 5, firstNumber: 41 }]));
	equal(
		[batches.isClosed(5, 45), batches.isClosed(4, 40), batches.isClosed(6, 60)],
		[false, true, true],
	);
	batches.restore(batches.with(closed(5, 50), []));
	ok(batches.isClosed(5, 45));
});

test("more batches without a settlement than can be named are kept by the floor", () => {
	const batches = new ClosedBatches();
	const stuck = Array.from({ length: 20 }, (_, i) => ({ batch: 100 + i, firstNumber: 1 + i }));
	for (let day = 1; day <= 40; day++)
		batches.restore(batches.with(closed(day, 50 + 10 * day), stuck));
	for (const { batch, firstNumber } of stuck)
		ok(!batches.isClosed(batch, firstNumber), `batch ${batch}`);
});

test("a batch number that the host gives out again is another batch", () => {
	const batches = new ClosedBatches();
	batches.restore(batches.with(closed(7, 100), []));
	equal([batches.isClosed(7, 100), batches.isClosed(7, 101)], [true, false]);
});
