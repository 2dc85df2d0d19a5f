import { equal, test } from "test/harness";
import { noOriginal, sampleTransaction } from "test/unit/fakes/sample";
import { Kind } from "transaction/kinds";
import { Links } from "transaction/links";
import { State } from "transaction/states";
import type { Transaction } from "transaction/transaction";

/** A transaction about number 5. */
function about(number: number, options: Partial<Transaction>): Transaction {
	return sampleTransaction({ number, original: { ...noOriginal, number: 5 }, ...options });
}

test("refunds and tips add up by what stands of them, a partial approval with its part", () => {
	const links = new Links();
	links.note(about(6, { kind: Kind.Refund, amountMinor: 300 }));
	links.note(about(7, { kind: Kind.Refund, amountMinor: 400, state: State.Declined }));
	links.note(about(8, { kind: Kind.Tip, amountMinor: 50, approvedMinor: 20 }));
	const { refundedMinor, tipMinor, pending, voided } = links.tallyOf(5);
	equal([refundedMinor, tipMinor, pending, voided], [300, 20, 0, false]);
	equal(links.tallyOf(6).refundedMinor, 0);
});

test("what is under way is pending, and what became of it counts afterwards", () => {
	const links = new Links();
	for (const state of [State.Opened, State.Sending, State.ReversalDue, State.ReversalParked]) {
		links.note(about(6, { kind: Kind.Void, state }));
		equal([links.tallyOf(5).pending, links.tallyOf(5).voided], [6, false]);
	}
	links.note(about(6, { kind: Kind.Void, state: State.Reversed }));
	equal([links.tallyOf(5).pending, links.tallyOf(5).voided], [0, false]);
	links.note(about(7, { kind: Kind.Void }));
	equal(links.tallyOf(5).voided, true);
});

test("a completion that was voided leaves its pre-authorisation as it was", () => {
	const links = new Links();
	links.note(about(6, { kind: Kind.Completion }));
	equal(links.tallyOf(5).completed, true);
	links.note(
		sampleTransaction({
			number: 7,
			kind: Kind.CompletionVoid,
			original: { ...noOriginal, number: 6 },
		}),
	);
	equal(links.tallyOf(5).completed, false);
	equal(links.tallyOf(6).voided, true);
});

test("a full table forgets the oldest that is closed, never one that is under way", () => {
	const links = new Links(3);
	links.note(about(6, { kind: Kind.Refund, amountMinor: 1, state: State.AdviceDue }));
	for (let number = 7; number < 12; number++)
		links.note(about(number, { kind: Kind.Refund, amountMinor: 10 }));
	equal([links.tallyOf(5).pending, links.tallyOf(5).refundedMinor], [6, 20]);
	equal([links.has(6), links.has(7), links.has(11)], [true, false, true]);
});

test("a script result changes nothing about its original", () => {
	const links = new Links();
	links.note(about(6, { kind: Kind.ScriptResult, state: State.AdviceDue }));
	equal(links.tallyOf(5).pending, 0);
});
