import { EntryMode } from "core/card";
import { limits } from "core/limits";
import { defaultParameters } from "core/parameters";
import { cardRefusal, offlineRefusal, type OfflineConditions } from "terminal/offline-policy";
import { equal, test } from "test/harness";
import { sampleCard, sampleTransaction } from "test/unit/fakes/sample";
import { State } from "transaction/states";

const nowMs = 1_795_400_000_000;

function conditions(options: Partial<OfflineConditions> = {}): OfflineConditions {
	return {
		amountMinor: 1000,
		batch: 1,
		wallMs: nowMs,
		journalRoom: true,
		vaultRoom: true,
		open: [],
		parameters: defaultParameters,
		...options,
	};
}

function stored(count: number, amountMinor: number, openedMs = nowMs): OfflineConditions["open"] {
	const one = sampleTransaction({ state: State.StoredOffline, amountMinor, openedMs });
	return new Array<typeof one>(count).fill(one);
}

test("an offline sale is armed when keys, clock, room and limits allow it", () => {
	equal(offlineRefusal(conditions()), undefined);
});

test("each missing condition refuses by its own name", () => {
	equal(offlineRefusal(conditions({ batch: 0 })), "keys");
	equal(offlineRefusal(conditions({ wallMs: undefined })), "clock");
	equal(offlineRefusal(conditions({ journalRoom: false })), "journal");
	equal(offlineRefusal(conditions({ vaultRoom: false })), "vault");
});

test("the limits hold on each side of their edge", () => {
	const sale = limits.offlineSaleMinorMax;
	equal(offlineRefusal(conditions({ amountMinor: sale })), undefined);
	equal(offlineRefusal(conditions({ amountMinor: sale + 1 })), "amount");
	const count = limits.offlineCountMax;
	equal(offlineRefusal(conditions({ open: stored(count - 1, 1) })), undefined);
	equal(offlineRefusal(conditions({ open: stored(count, 1) })), "count");
	const rest = limits.offlineTotalMinorMax - 1000;
	equal(offlineRefusal(conditions({ open: stored(1, rest) })), undefined);
	equal(offlineRefusal(conditions({ open: stored(1, rest + 1) })), "total");
	const oldest = nowMs - limits.offlineAgeMaxMs;
	equal(offlineRefusal(conditions({ open: stored(1, 1, oldest) })), undefined);
	equal(offlineRefusal(conditions({ open: stored(1, 1, oldest - 1) })), "age");
});

test("a card that needs an online PIN and a magnetic stripe are never stored", () => {
	equal(cardRefusal(sampleCard()), undefined);
	equal(cardRefusal(sampleCard({ entryMode: EntryMode.Tap })), undefined);
	equal(cardRefusal(sampleCard({ onlinePin: true })), "pin");
	equal(cardRefusal(sampleCard({ entryMode: EntryMode.Swipe })), "swipe");
});
