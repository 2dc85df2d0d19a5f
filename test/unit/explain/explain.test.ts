import { openBatch, type BatchFact } from "explain/batch-fact";
import { explain, type Circumstances, type Explanation } from "explain/explain";
import { causes } from "explain/texts";
import { equal, ok, test } from "test/harness";
import { noOriginal, sampleTransaction } from "test/unit/fakes/sample";
import { Kind } from "transaction/kinds";
import { Links, type Tally } from "transaction/links";
import { State } from "transaction/states";
import { ReceiptState, ReversalReason, type Transaction } from "transaction/transaction";

/** Nothing belongs to it. */
const noTally = new Links().tallyOf(1);

function circumstances(options: Partial<Circumstances> = {}): Circumstances {
	return {
		linkUp: true,
		nextStepMs: 0,
		paperOut: false,
		currencyDigits: 2,
		tally: noTally,
		batch: openBatch,
		...options,
	};
}

const tallies: readonly Tally[] = [
	noTally,
	{ ...noTally, voided: true },
	{ ...noTally, completed: true },
	{ ...noTally, refundedMinor: 500 },
];

const batchFacts: readonly BatchFact[] = [
	...(["settled", "uncompared", "left-open"] as const).map((standing) => ({
		...openBatch,
		standing,
	})),
	...(["long", "short", "amount"] as const).map((difference) => ({
		standing: "settled" as const,
		difference,
		hostMinor: 900,
	})),
];

/** An explanation of every kind and state under every circumstance. */
function everything(visit: (explanation: Explanation) => void): void {
	for (const kind of Object.values(Kind))
		for (const state of Object.values(State))
			for (const responseCode of ["", "51"])
				everywhere(sampleTransaction({ kind, state, responseCode }), visit);
}

function everywhere(t: Transaction, visit: (explanation: Explanation) => void): void {
	for (const linkUp of [true, false])
		for (const tally of tallies)
			for (const approvedMinor of [0, 100])
				visit(explain({ ...t, approvedMinor }, circumstances({ linkUp, tally })));
	for (const batch of batchFacts) visit(explain(t, circumstances({ batch })));
}

test("every kind and state has a cause, somebody who acts, a next step and an expectation, in both languages", () => {
	everything((e) => {
		for (const text of [e.what, e.whatZh, e.who, e.whoZh, e.next, e.nextZh, e.when, e.whenZh]) {
			ok(text.length > 0);
			ok(!text.includes("{"), text);
		}
	});
});

test("every row of the table is the answer to something", () => {
	const used = new Set<string>();
	everything(({ cause }) => used.add(cause));
	equal([...used].sort(), Object.keys(causes).sort());
});

test("a sale that was voided or refunded says so, and a void names its original", () => {
	const sale = sampleTransaction();
	equal(explain(sale, circumstances({ tally: tallies[1]! })).cause, "voided");
	equal(
		explain(sale, circumstances({ tally: tallies[3]! })).what,
		"Approved; 5.00 of it was refunded.",
	);
	const original = { ...noOriginal, number: 12 };
	const refused = { kind: Kind.Void, state: State.Declined, responseCode: "25", original } as const;
	equal(
		explain(sampleTransaction(refused), circumstances()).what,
		"The host refused to cancel: 25, Original transaction not found. Transaction 12 stands.",
	);
});

test("a reversal says why, when the next attempt is, and not to swipe again", () => {
	const e = explain(
		sampleTransaction({ state: State.ReversalDue, reason: ReversalReason.WrongMac }),
		circumstances({ nextStepMs: 4200 }),
	);
	equal(e.what, "In doubt: the host's reply was not authentic. It is being reversed.");
	equal(e.next, "Next reversal in 5 s. Do not swipe again before the answer.");
});

test("a decline names the host's code and its meaning", () => {
	const e = explain(
		sampleTransaction({ state: State.Declined, responseCode: "51" }),
		circumstances(),
	);
	ok(e.what.startsWith("Declined by the host: 51, "), e.what);
});

test("a slip that waits for paper says so", () => {
	const sale = sampleTransaction({ receiptState: ReceiptState.Due });
	equal(
		explain(sale, circumstances({ paperOut: true })).slip,
		"due: put in paper, it prints by itself",
	);
});

test("the same question gets the same answer", () => {
	const sale = sampleTransaction({ state: State.StoredOffline });
	equal(explain(sale, circumstances()), explain(sale, circumstances()));
});

test("what is approved is settled once its batch is closed; what was voided says that first", () => {
	const settled: BatchFact = { ...openBatch, standing: "settled" };
	const cause = (of: Partial<Transaction>, options: Partial<Circumstances>) =>
		explain(sampleTransaction(of), circumstances(options)).cause;
	const sale = { state: State.Approved };
	equal(cause(sale, { batch: openBatch }), "approved");
	equal(cause(sale, { batch: settled }), "settled");
	equal(cause({ state: State.Forwarded }, { batch: settled }), "settled");
	equal(cause(sale, { batch: settled, tally: { ...noTally, voided: true } }), "voided");
	equal(cause({ state: State.Declined, responseCode: "51" }, { batch: settled }), "declined");
	equal(cause({ ...sale, kind: Kind.PreAuth }, { batch: settled }), "reserved");
	equal(cause(sale, { batch: { ...settled, standing: "uncompared" } }), "settled-uncompared");
	equal(cause(sale, { batch: { ...settled, standing: "left-open" } }), "settled-late");
});

test("a difference with the host comes before everything, with the host's amount", () => {
	const batch: BatchFact = { standing: "settled", difference: "long", hostMinor: 4200 };
	const parked = sampleTransaction({ state: State.ReversalParked });
	const long = explain(parked, circumstances({ batch }));
	equal([long.cause, long.what.includes("42.00")], ["settled-long", true]);
	const amount = explain(
		sampleTransaction(),
		circumstances({ batch: { ...batch, difference: "amount" } }),
	);
	ok(amount.what.includes("42.00") && amount.what.includes("12.34"));
});
