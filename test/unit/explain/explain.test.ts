import { explain, type Circumstances } from "explain/explain";
import { causes } from "explain/texts";
import { equal, ok, test } from "test/harness";
import { sampleTransaction } from "test/unit/fakes/sample";
import { State } from "transaction/states";
import { ReceiptState, ReversalReason } from "transaction/transaction";

function circumstances(options: Partial<Circumstances> = {}): Circumstances {
	return { linkUp: true, nextStepMs: 0, paperOut: false, currencyDigits: 2, ...options };
}

test("every state has a cause, somebody who acts, a next step and an expectation, in both languages", () => {
	for (const state of Object.values(State)) {
		for (const linkUp of [true, false]) {
			const e = explain(
				sampleTransaction({ state, responseCode: "51" }),
				circumstances({ linkUp }),
			);
			for (const text of [e.what, e.whatZh, e.who, e.whoZh, e.next, e.nextZh, e.when, e.whenZh]) {
				ok(text.length > 0);
				ok(!text.includes("{"), text);
			}
		}
	}
});

test("every row of the table is the answer to something", () => {
	const used = new Set<string>();
	for (const state of Object.values(State))
		for (const linkUp of [true, false])
			for (const responseCode of ["", "51"])
				used.add(
					explain(sampleTransaction({ state, responseCode }), circumstances({ linkUp })).cause,
				);
	equal([...used].sort(), Object.keys(causes).sort());
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
