import { defaultParameters } from "core/parameters";
import { duplicateOf, originalOf, ruleRefusal, type RuleConditions } from "terminal/rules";
import { equal, test } from "test/harness";
import { sampleTransaction } from "test/unit/fakes/sample";
import { Kind } from "transaction/kinds";
import { Links } from "transaction/links";
import { State } from "transaction/states";
import type { Transaction } from "transaction/transaction";

const sale = sampleTransaction();
const noTally = new Links(1).tallyOf(1);
const dayMs = 86_400_000;

function conditions(options: Partial<RuleConditions> = {}): RuleConditions {
	return {
		tally: noTally,
		batch: sale.batch,
		wallMs: sale.openedMs + 60_000,
		utcOffsetMinutes: 480,
		parameters: { ...defaultParameters, voiceSale: 1 },
		...options,
	};
}

/** The refusal of a kind about an original of which some is changed. */
function refusal(
	kind: Kind,
	options: Partial<Transaction> = {},
	more: Partial<RuleConditions> = {},
	amountMinor?: number,
): string | undefined {
	return ruleRefusal(kind, { ...sale, ...options }, amountMinor, conditions(more));
}

test("a void wants an approved or forwarded sale of this batch and day that nothing was done to", () => {
	equal(refusal(Kind.Void), undefined);
	equal(refusal(Kind.Void, { state: State.Forwarded }), undefined);
	equal(refusal(Kind.Void, { kind: Kind.VoiceSale }), undefined);
	equal(refusal(Kind.Void, { kind: Kind.PreAuth }), "kind");
	for (const state of [State.Declined, State.Reversed, State.ReversalDue, State.StoredOffline])
		equal(refusal(Kind.Void, { state }), "state");
	equal(refusal(Kind.Void, { batch: 11 }), "other-batch");
	equal(refusal(Kind.Void, { openedMs: sale.openedMs - dayMs }), "other-day");
	const tally = (options: Partial<typeof noTally>) => ({ tally: { ...noTally, ...options } });
	equal(refusal(Kind.Void, {}, tally({ voided: true })), "voided");
	equal(refusal(Kind.Void, {}, tally({ refundedMinor: 1 })), "refunded");
	equal(refusal(Kind.Void, {}, tally({ pending: 9 })), "pending");
	equal(refusal(Kind.Void, {}, tally({ tipMinor: 5 })), undefined);
});

test("the day is the local one, and without a clock nobody knows it", () => {
	// 2026-11-22 23:59:59 in UTC+8, and a second later.
	const lastSecond = Date.UTC(2026, 10, 22, 15, 59, 59);
	equal(refusal(Kind.Void, { openedMs: lastSecond }, { wallMs: lastSecond + 999 }), undefined);
	equal(refusal(Kind.Void, { openedMs: lastSecond }, { wallMs: lastSecond + 1000 }), "other-day");
	equal(refusal(Kind.Void, {}, { wallMs: undefined }), "clock");
	equal(refusal(Kind.Void, { openedMs: 0 }), "clock");
	equal(refusal(Kind.Void, {}, { wallMs: sale.openedMs - 3 * dayMs }), "other-day");
});

test("a refund goes up to what is left, on any day and in any batch", () => {
	const later = { wallMs: sale.openedMs + 40 * dayMs, batch: 99 };
	equal(refusal(Kind.Refund, {}, later, 1234), undefined);
	equal(refusal(Kind.Refund, {}, later, 1235), "amount-high");
	const tally = { ...noTally, refundedMinor: 1000, tipMinor: 100 };
	equal(refusal(Kind.Refund, {}, { ...later, tally }, 334), undefined);
	equal(refusal(Kind.Refund, {}, { ...later, tally }, 335), "amount-high");
	equal(refusal(Kind.Refund, { approvedMinor: 500 }, later, 501), "amount-high");
	equal(refusal(Kind.Refund, { kind: Kind.PreAuth }, later, 1), "kind");
});

test("a pre-authorisation is completed up to its percentage, once, or voided, on any day", () => {
	const held = { kind: Kind.PreAuth, amountMinor: 10_000 } as const;
	const later = { wallMs: sale.openedMs + 20 * dayMs, batch: 99 };
	for (const kind of [Kind.Completion, Kind.CompletionAdvice]) {
		equal(refusal(kind, held, later, 11_500), undefined);
		equal(refusal(kind, held, later, 11_501), "completion-high");
		equal(refusal(kind, held, { tally: { ...noTally, completed: true } }, 1), "completed");
	}
	equal(refusal(Kind.PreAuthVoid, held, later), undefined);
	equal(refusal(Kind.PreAuthVoid, held, { tally: { ...noTally, completed: true } }), "completed");
	equal(refusal(Kind.CompletionVoid, { kind: Kind.Completion }, later), "other-batch");
	equal(refusal(Kind.CompletionVoid, { kind: Kind.CompletionAdvice }), "kind");
});

test("a tip is one, and within its percentage", () => {
	equal(refusal(Kind.Tip, { amountMinor: 10_000 }, {}, 3000), undefined);
	equal(refusal(Kind.Tip, { amountMinor: 10_000 }, {}, 3001), "tip-high");
	equal(refusal(Kind.Tip, {}, { tally: { ...noTally, tipMinor: 1 } }), "tipped");
});

test("a voice sale wants a referral, once, and the acquirer's leave", () => {
	const referred = { state: State.Declined, responseCode: "01" } as const;
	equal(refusal(Kind.VoiceSale, referred), undefined);
	equal(refusal(Kind.VoiceSale, { ...referred, responseCode: "02" }), undefined);
	equal(refusal(Kind.VoiceSale, { ...referred, responseCode: "51" }), "not-referred");
	equal(refusal(Kind.VoiceSale), "not-referred");
	equal(refusal(Kind.VoiceSale, referred, { tally: { ...noTally, voiced: true } }), "voiced");
	equal(refusal(Kind.VoiceSale, referred, { parameters: defaultParameters }), "voice-off");
});

test("an original is told with its local date and all that stands of it", () => {
	const tally = { ...noTally, tipMinor: 66 };
	const original = originalOf({ ...sale, openedMs: Date.UTC(2026, 10, 22, 16) }, tally, 480);
	equal([original.monthDay, original.amountMinor, original.stan], [1123, 1300, 74]);
	equal(originalOf({ ...sale, openedMs: 0 }, noTally, 480).monthDay, 0);
});

test("the same card and amount within the window is a duplicate, whatever may have been charged", () => {
	const at = (wallMs: number | undefined, options: Partial<Transaction> = {}): boolean =>
		duplicateOf(Kind.Sale, sale.maskedPan, 1234, [{ ...sale, ...options }], wallMs, 120_000) !==
		undefined;
	const nowMs = sale.openedMs + 119_999;
	equal([at(nowMs), at(nowMs + 1), at(undefined)], [true, false, false]);
	equal(at(sale.openedMs - dayMs), true, "a clock that was set back asks once more");
	equal(at(nowMs, { maskedPan: "621483******0026" }), false);
	equal(at(nowMs, { amountMinor: 1235 }), false);
	for (const state of [State.Forwarded, State.StoredOffline, State.ReversalDue])
		equal(at(nowMs, { state }), true);
	for (const state of [State.Declined, State.Reversed, State.Abandoned])
		equal(at(nowMs, { state }), false);
	equal(at(nowMs, { kind: Kind.Refund }), false);
	equal(duplicateOf(Kind.Sale, sale.maskedPan, 1234, [sale], nowMs, 0), undefined);
	equal(duplicateOf(Kind.Refund, sale.maskedPan, 1234, [sale], nowMs, 120_000), undefined);
});
