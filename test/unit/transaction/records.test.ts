import { fromHex } from "core/bytes";
import { EntryMode } from "core/card";
import { equal, fail, test } from "test/harness";
import { noOriginal, sampleTransaction } from "test/unit/fakes/sample";
import { Kind } from "transaction/kinds";
import {
	decodeCounters,
	decodeIntent,
	decodeState,
	encodeIntent,
	encodeState,
} from "transaction/records";
import { State } from "transaction/states";

const bytes = (hex: string): Uint8Array => fromHex(hex) ?? fail("hex");

test("an intent, a state and counters of the first firmware are read as they were", () => {
	const old = bytes("0100004a00000c0000000004d2009c02ffff01a2017e6d080431323334029f36");
	const intent = decodeIntent(7, old) ?? fail("intent");
	equal([intent.kind, intent.stan, intent.batch, intent.amountMinor], [Kind.Sale, 74, 12, 1234]);
	equal([intent.partialAllowed, intent.original], [false, undefined]);
	const state = decodeState(bytes("030001a2017e6d0802303000" + "00")) ?? fail("state");
	equal([state.state, state.responseCode, state.approvedMinor], [State.Approved, "00", 0]);
	const counters = decodeCounters(bytes("000020000040000001f4000007")) ?? fail("counters");
	equal([counters.batch, counters.settling, counters.numberUsed], [7, false, 500]);
});

test("a sale without anything new is written as the first firmware wrote it", () => {
	const sale = sampleTransaction({ maskedPan: "1234", chipData: bytes("9f36") });
	equal(encodeIntent(sale).length, 1 + 3 + 3 + 6 + 2 + 1 + 2 + 6 + 5 + 3);
	const state = { ...sale, atMs: 1 };
	equal(encodeState(state).length, 11);
});

test("an original, a part that is taken and a part that was approved come back", () => {
	const original = {
		...noOriginal,
		number: 70_000,
		kind: Kind.PreAuth,
		batch: 999_999,
		stan: 5,
		monthDay: 1231,
		amountMinor: 5_000_000,
		rrn: "600408000001",
		authCode: "A1B2C3",
	};
	const intent = sampleTransaction({
		kind: Kind.Completion,
		entryMode: EntryMode.None,
		panSequence: -1,
		original,
		partialAllowed: true,
	});
	const read = decodeIntent(7, encodeIntent(intent)) ?? fail("intent");
	equal([read.original, read.partialAllowed, read.kind], [original, true, Kind.Completion]);
	const state = decodeState(encodeState({ ...intent, approvedMinor: 1000, atMs: 1 }));
	equal(state?.approvedMinor, 1000);
});

test("the longest intent fits a record of the journal", () => {
	const intent = sampleTransaction({
		maskedPan: "6214830000******001",
		chipData: new Uint8Array(220),
		original: { ...noOriginal, rrn: "600408000001", authCode: "A1B2C3" },
	});
	equal(encodeIntent(intent).length <= 320, true);
});
