import type { PanelKey } from "core/devices";
import { limits } from "core/limits";
import { Cashier } from "terminal/cashier";
import { refusalText, text } from "terminal/texts";
import type { Order, Refusal } from "terminal/till";
import { equal, ok, test } from "test/harness";
import { FakeTime } from "test/unit/fakes/clock-and-timers";
import { sampleTransaction } from "test/unit/fakes/sample";
import { Kind } from "transaction/kinds";
import { State } from "transaction/states";
import type { Transaction } from "transaction/transaction";

/** A cashier's place whose sales are noted and answered as the test says. */
class Place {
	readonly time = new FakeTime();
	readonly orders: Order[] = [];
	readonly confirmed: boolean[] = [];
	cancelled = 0;
	refusal: Refusal | undefined;
	checked: Refusal | undefined;
	original: Transaction | undefined;
	lines: readonly string[] = [];
	readonly cashier = new Cashier({
		panel: { show: (lines) => (this.lines = lines) },
		timers: this.time,
		till: () => ({
			start: (order) => {
				this.orders.push(order);
				return this.refusal;
			},
			cancel: () => this.cancelled++,
			check: () => this.checked,
			confirm: (meant) => this.confirmed.push(meant),
		}),
		find: (typed) => (typed === this.original?.stan ? this.original : undefined),
		settle: () => ["settled"],
		reprintReport: () => ["report"],
		currencyDigits: 2,
		status: () => ({ online: true, openCount: 0, paperOut: false }),
		query: () => ["why"],
		reprint: () => false,
	});

	get started(): number[] {
		return this.orders.map(({ amountMinor }) => amountMinor);
	}

	/** Keys one by one: "menu 2 7 4 enter". */
	press(keys: string): void {
		for (const key of keys.split(" ")) this.cashier.key(key as PanelKey);
	}

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
	place.cashier.onResult(sampleTransaction({ state: State.Declined, responseCode: "51" }), "");
	equal(place.lines[0], `${text.declined} 51`);
	place.time.advance(limits.resultShownMs);
	equal(place.lines[0], text.ready);
	place.cashier.onResult(sampleTransaction({ state: State.ReversalDue }), "");
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
		place.cashier.onResult(sampleTransaction({ state }), "");
		return place.lines[0];
	});
	equal(new Set(shown).size, 5);
});

test("every kind that a cashier makes is reached by the menu, with what it needs", () => {
	const original = sampleTransaction({ stan: 74 });
	const sent = (keys: string): Order | undefined => {
		const place = new Place();
		place.original = original;
		place.press(keys);
		return place.orders[0];
	};
	const trace = "7 4 enter";
	equal(sent(`menu 2 ${trace} enter`), { kind: Kind.Void, amountMinor: 0, original });
	equal(sent(`menu 3 ${trace} 5 . 5 enter`), { kind: Kind.Refund, amountMinor: 550, original });
	equal(sent("menu 4 9 enter"), { kind: Kind.PreAuth, amountMinor: 900 });
	equal(sent(`menu 5 ${trace} enter`)?.kind, Kind.PreAuthVoid);
	equal(sent(`menu 6 ${trace} 3 enter`)?.kind, Kind.Completion);
	equal(sent(`menu 7 ${trace} enter`)?.kind, Kind.CompletionVoid);
	equal(sent(`menu 8 ${trace} 2 enter`)?.kind, Kind.Tip);
	equal(sent(`menu 9 1 ${trace} 2 enter`)?.kind, Kind.CompletionAdvice);
	const voice = sent(`menu 9 2 ${trace} enter 1 2 . 3 enter`);
	equal([voice?.kind, voice?.authCode], [Kind.VoiceSale, "0001A3"]);
	equal(sent("menu 9 3"), { kind: Kind.Balance, amountMinor: 0 });
});

test("a refund of what this terminal does not know asks for what stands on the slip", () => {
	const place = new Place();
	place.press("menu 3 enter");
	for (const key of "600408000001") place.cashier.key(key as PanelKey);
	place.press("enter 1 3 3 1 enter");
	equal(place.lines[0], text.badInput);
	place.press("cancel menu 3 enter");
	for (const key of "600408000001") place.cashier.key(key as PanelKey);
	place.press("enter 0 1 3 1 enter 5 enter");
	equal(place.orders, [
		{
			kind: Kind.Refund,
			amountMinor: 500,
			original: { rrn: "600408000001", monthDay: 131 },
		},
	]);
});

test("an original that is not known or breaks a rule is refused by name, before anything else is typed", () => {
	const place = new Place();
	place.press("menu 2 7 4 enter");
	equal(place.lines[0], text.notFound);
	place.original = sampleTransaction({ stan: 74 });
	place.checked = "voided";
	place.press("menu 2 7 4 enter");
	equal(place.lines[0], refusalText.voided);
	equal(place.orders, []);
});

test("the menu and its functions give up after a while and on cancel", () => {
	const place = new Place();
	for (const keys of ["menu", "menu 9", "menu 2 7", "menu 4 1 2"]) {
		place.press(keys);
		ok(place.lines[0] !== text.ready);
		place.time.advance(limits.formMs);
		equal(place.lines[0], text.ready, keys);
		place.press(keys);
		place.press("cancel");
		equal(place.lines[0], text.ready, keys);
	}
	equal(place.orders, []);
});

test("a duplicate is asked about; enter means it, cancel and silence do not", () => {
	const place = new Place();
	const ask = (): void => place.cashier.onDuplicate(sampleTransaction());
	ask();
	equal(place.lines.slice(0, 2), [text.duplicate, "12.34"]);
	place.press("7 enter");
	equal(place.confirmed, [true]);
	ask();
	place.press("cancel");
	ask();
	place.time.advance(limits.questionMs);
	equal(place.confirmed, [true, false, false]);
	place.time.advance(limits.questionMs);
	equal(place.confirmed.length, 3);
});

test("a part shows what is missing, a referral whom to call, an advice that it goes by itself", () => {
	const place = new Place();
	const shown = (options: Partial<Transaction>): readonly string[] => {
		place.cashier.onResult(sampleTransaction(options), "");
		return place.lines;
	};
	equal(shown({ approvedMinor: 1000, authCode: "A1" }), [
		text.approved,
		"10.00",
		"A1",
		`${text.rest} 2.34`,
	]);
	ok(shown({ state: State.Declined, responseCode: "01" }).includes(text.callBank));
	equal(shown({ kind: Kind.Refund, state: State.AdviceDue }), [
		text.stored,
		"12.34",
		text.adviceHint,
	]);
});

test("a balance is shown from the reply, with its sign, and nothing is guessed", () => {
	const place = new Place();
	const shown = (balance: string): string | undefined => {
		place.cashier.onResult(sampleTransaction({ kind: Kind.Balance, amountMinor: 0 }), balance);
		return place.lines[2];
	};
	equal(shown("0002156C000000123456"), "1234.56");
	equal(shown("0002156D000000000005"), "-0.05");
	equal([shown(""), shown("0002")], ["-", "-"]);
});

test("the second page of the menu settles and prints the last report again", () => {
	const place = new Place();
	place.press("menu 9 0");
	equal(place.lines, ["settled"]);
	place.press("cancel menu 9 4");
	equal(place.lines, ["report"]);
});
