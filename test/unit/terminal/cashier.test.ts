import type { PanelKey } from "core/devices";
import { limits } from "core/limits";
import { Cashier } from "terminal/cashier";
import type { SaleRefusal } from "terminal/sale";
import { refusalText, text } from "terminal/texts";
import { equal, ok, test } from "test/harness";
import { FakeTime } from "test/unit/fakes/clock-and-timers";
import { sampleTransaction } from "test/unit/fakes/sample";
import { State } from "transaction/states";

/** A cashier's place whose sales are noted and answered as the test says. */
class Place {
	readonly time = new FakeTime();
	readonly started: number[] = [];
	cancelled = 0;
	refusal: SaleRefusal | undefined;
	lines: readonly string[] = [];
	readonly cashier = new Cashier({
		panel: { show: (lines) => (this.lines = lines) },
		timers: this.time,
		sales: () => ({
			start: (amountMinor) => {
				this.started.push(amountMinor);
				return this.refusal;
			},
			cancel: () => this.cancelled++,
		}),
		currencyDigits: 2,
		status: () => ({ online: true, openCount: 0, paperOut: false }),
		query: () => ["why"],
		reprint: () => false,
	});

	type(keys: string, last?: PanelKey): void {
		for (const key of keys) this.cashier.key(key as PanelKey);
		if (last !== undefined) this.cashier.key(last);
	}
}

test("digits, dot and enter start a sale of that amount", () => {
	const place = new Place();
	place.type("12.30", "enter");
	equal(place.started, [1230]);
});

test("zero, nothing, too much and nonsense start nothing and say why", () => {
	for (const typed of ["", "0", "0.00", "1.234", "..", "1.2.3"]) {
		const place = new Place();
		place.type(typed, "enter");
		equal(place.started, [], typed);
		equal(place.lines[0], text.amountBad, typed);
	}
	const place = new Place();
	place.type(String(limits.saleAmountMinorMax / 100), "enter");
	equal(place.started, [limits.saleAmountMinorMax]);
	place.cashier.onNoCard({ kind: "cancelled" });
	place.type(`${limits.saleAmountMinorMax / 100}.01`, "enter");
	equal(place.lines[0], text.amountHigh);
	equal(place.started.length, 1);
});

test("clear takes one key back, cancel all", () => {
	const place = new Place();
	place.type("123", "clear");
	equal(place.lines[1], "12");
	place.type("", "cancel");
	equal(place.lines[1], "");
});

test("a refusal before the card names its limit", () => {
	const place = new Place();
	place.refusal = "total";
	place.type("5", "enter");
	equal(place.lines[0], refusalText.total);
	place.refusal = "paper";
	place.type("5", "enter");
	equal(place.lines[0], text.paper);
});

test("while a card is awaited only cancel does something", () => {
	const place = new Place();
	place.type("5", "enter");
	place.cashier.onPresent(false);
	place.type("99", "enter");
	equal(place.started, [500]);
	place.type("", "cancel");
	equal(place.cancelled, 1);
});

test("a result stays until a key is pressed or its time is over", () => {
	const place = new Place();
	place.cashier.onResult(sampleTransaction({ state: State.Declined, responseCode: "51" }));
	equal(place.lines[0], `${text.declined} 51`);
	place.time.advance(limits.resultShownMs);
	equal(place.lines[0], text.ready);
	place.cashier.onResult(sampleTransaction({ state: State.ReversalDue }));
	ok(place.lines.includes(text.doubtHint));
	place.type("7");
	equal(place.lines[1], "7");
});

test("every state that a customer can leave with has a result of its own", () => {
	const place = new Place();
	const shown = [
		State.Approved,
		State.Declined,
		State.ReversalDue,
		State.StoredOffline,
		State.Abandoned,
	].map((state) => {
		place.cashier.onResult(sampleTransaction({ state }));
		return place.lines[0];
	});
	equal(new Set(shown).size, 5);
});
