import { Fault } from "core/fault";
import { limits } from "core/limits";
import { LinkState, type HostOutcome } from "host/link";
import { resumeAll } from "queue/resume";
import { equal, ok, test } from "test/harness";
import { FakeLog } from "test/unit/fakes/log";
import { Book } from "transaction/book";
import { RecordKind, decodeState } from "transaction/records";
import { Input, State } from "transaction/states";
import { ReceiptState, ReversalReason } from "transaction/transaction";

import { Till } from "./fake-till";

test("a sale is durably Sending before its request is handed over", () => {
	const till = new Till();
	till.sell();
	equal(till.durableWhenSent, [State.Sending]);
	till.answer("00");
	equal(
		till.results.map((t) => t.state),
		[State.Approved],
	);
});

test("a sale without reply is reversed until the host says 00", () => {
	const till = new Till();
	const number = till.sell();
	till.answer({ kind: "no-reply" });
	equal(till.results[0]?.state, State.ReversalDue);
	for (let i = 0; i < 20; i++) {
		till.time.advance(limits.backoffCapMs);
		till.answer({ kind: "no-reply" });
	}
	till.time.advance(limits.backoffCapMs);
	till.answer("00");
	equal(till.state_of(number), State.Reversed);
	equal(till.sent.length, 22);
	const stans = new Set(till.sent.map(({ request }) => request.transaction.stan));
	equal(stans.size, 1, "a reversal keeps the STAN of its original");
});

test("no original before the life of the request is over does not close the case", () => {
	const till = new Till();
	const number = till.sell();
	till.answer({ kind: "no-reply" });
	till.time.advance(limits.backoffCapMs / 60);
	till.answer("25");
	equal(till.state_of(number), State.ReversalDue);
	const early = till.sent.length;
	till.time.advance(limits.requestLifeMs - 20_000);
	equal(till.sent.length, early, "asked again before the life was over");
	till.time.advance(limits.requestLifeMs);
	till.answer("25");
	equal(till.state_of(number), State.Reversed);
});

test("a refused reversal is parked and stays listed", () => {
	const till = new Till();
	const number = till.leave(Input.Send, Input.Doubt);
	till.link(LinkState.Up);
	till.answer("30");
	equal(till.state_of(number), State.ReversalParked);
	ok(till.book.open().some((t) => t.number === number));
});

test("after a boot a request that may have left is reversed and one that did not is abandoned", () => {
	const till = new Till();
	const sending = till.leave(Input.Send);
	const opened = till.leave();
	till.worker.resume();
	equal(till.state_of(sending), State.ReversalDue);
	equal(till.state_of(opened), State.Abandoned);
});

test("reversals go before the waiting customer, the customer before stored sales", () => {
	const till = new Till();
	till.state = LinkState.Connecting;
	const stored = till.leave(Input.Store);
	const doubt = till.leave(Input.Send, Input.Doubt);
	const sale = till.sell();
	till.link(LinkState.Up);
	till.answer("00");
	till.answer("00");
	till.answer("00");
	equal(till.messages, [`reversal ${doubt}`, `request ${sale}`, `stored-sale ${stored}`]);
});

test("a host that is deaf to reversals does not keep the customer waiting twice", () => {
	const till = new Till();
	till.leave(Input.Send, Input.Doubt);
	till.leave(Input.Send, Input.Doubt);
	const sale = till.sell();
	till.answer({ kind: "no-reply" });
	equal(till.messages[1], `request ${sale}`);
});

test("without a link the sale is stored, and forwarded with the same STAN when the link is back", () => {
	const till = new Till();
	till.state = LinkState.Down;
	const number = till.sell();
	equal(till.results[0]?.state, State.StoredOffline);
	const stan = till.book.get(number)?.stan;
	till.link(LinkState.Up);
	equal(till.sent[0]?.request.transaction.stan, stan);
	till.answer("94");
	equal(till.state_of(number), State.Forwarded);
	equal(till.vault.size, 0);
});

test("a sale that may not be stored is abandoned: nothing left, nothing is owed", () => {
	const till = new Till();
	till.state = LinkState.Down;
	till.mayStore = false;
	const number = till.sell();
	equal(till.state_of(number), State.Abandoned);
	equal(till.sent.length, 0);
});

test("a link that is coming up is waited for, and no longer than the limit", () => {
	const till = new Till();
	till.state = LinkState.Connecting;
	const number = till.sell();
	till.time.advance(limits.linkWaitMs - 1);
	equal(till.state_of(number), State.Opened);
	till.time.advance(1);
	equal(till.state_of(number), State.StoredOffline);
});

test("a refused stored sale is parked, its card data wiped, and the next one goes on", () => {
	const till = new Till();
	const first = till.leave(Input.Store);
	const second = till.leave(Input.Store);
	till.link(LinkState.Up);
	till.answer("51");
	till.answer("00");
	equal(till.state_of(first), State.ForwardRefused);
	equal(till.state_of(second), State.Forwarded);
	equal(till.vault.size, 0);
});

test("the card data of a stored sale stays in the vault until the host has answered", () => {
	const till = new Till();
	till.leave(Input.Store);
	till.link(LinkState.Up);
	till.answer({ kind: "no-reply" });
	equal(till.vault.size, 1);
});

test("a request that could not be handed over after all is reversed, never stored", () => {
	const till = new Till();
	till.handOver = false;
	const number = till.sell();
	equal(till.state_of(number), State.ReversalDue);
});

test("a stored sale whose card data is damaged is parked and does not stop the others", () => {
	const till = new Till();
	const lost = till.leave(Input.Store);
	till.vault.delete(lost);
	const good = till.leave(Input.Store);
	till.link(LinkState.Up);
	till.answer("00");
	equal(till.state_of(lost), State.ForwardRefused);
	equal(till.state_of(good), State.Forwarded);
});

test("an outcome that flash did not take at once is decided a moment later, not lost in the carrier", () => {
	const till = new Till();
	const number = till.sell();
	const append = till.journal.append.bind(till.journal);
	till.journal.append = () => {
		throw new Fault("flash.write", 64);
	};
	// Nothing may fly out of the carrier's callback.
	till.answer("00");
	equal(till.book.get(number)?.state, State.Sending, "nothing is claimed that is not on flash");
	till.journal.append = append;
	till.time.advance(limits.idleMs);
	equal(till.book.get(number)?.state, State.Approved);
	equal(till.results.length, 1, "the customer hears of it");
	ok(!till.worker.active, "the worker goes on");
});

test("flash that gives no number for an attempt parks nothing: the same again a moment later", () => {
	const till = new Till();
	const reversal = till.leave(Input.Send, Input.Doubt);
	till.failure = new Fault("flash.write", 64);
	till.link(LinkState.Up);
	equal(till.book.get(reversal)?.state, State.ReversalDue);
	till.failure = undefined;
	till.time.advance(limits.idleMs);
	till.answer("00");
	equal(till.book.get(reversal)?.state, State.Reversed);
});

/** A sale with a chip that waits in the reader for what the host says. */
function chipSale(): { readonly till: Till; readonly number: number } {
	const till = new Till();
	till.chip.awaitsHost = true;
	return { till, number: till.sell() };
}

const withIssuer: HostOutcome = {
	kind: "reply",
	responseCode: "00",
	rrn: "1",
	authCode: "A1B2C3",
	authenticated: true,
	issuerData: Uint8Array.of(0x91, 1, 7),
};

test("an approval waits for the chip, which is told what the issuer said", () => {
	const { till, number } = chipSale();
	till.answer(withIssuer);
	equal(till.state_of(number), State.Sending);
	equal(till.results, []);
	equal(till.chip.told, { responseCode: "00", issuerData: Uint8Array.of(0x91, 1, 7) });
	till.chip.say("approved");
	equal(till.state_of(number), State.Approved);
	equal(till.results[0]?.authCode, "A1B2C3");
});

test("a chip that refuses, or is gone, turns an approval into a reversal with reason 06", () => {
	for (const kind of ["declined", "failed"] as const) {
		const { till, number } = chipSale();
		till.answer(withIssuer);
		till.chip.say(kind);
		equal(till.state_of(number), State.ReversalDue);
		equal(till.book.get(number)?.reason, ReversalReason.CardFailed);
		equal(till.book.get(number)?.receiptState, ReceiptState.Due);
		till.time.advance(limits.backoffCapMs);
		equal(till.messages, [`request ${number}`, `reversal ${number}`]);
	}
});

test("a power cut while the chip is asked leaves a sale that is reversed", () => {
	const { till, number } = chipSale();
	till.answer(withIssuer);
	const states = till.journal.records.filter((r) => r.kind === RecordKind.State);
	equal(decodeState(states[states.length - 1]!.payload)?.state, State.Sending);
	const after = new Book(till.journal, till.time, new FakeLog());
	for (const record of till.journal.records.slice()) after.restore(record);
	resumeAll(after, new FakeLog());
	equal(after.get(number)?.state, State.ReversalDue);
});

test("a refusal stands whatever the chip says, and the chip is told", () => {
	const { till, number } = chipSale();
	till.answer("51");
	equal(till.chip.told?.responseCode, "51");
	till.chip.say("failed");
	equal(till.state_of(number), State.Declined);
});

test("a chip hears nothing of a reply that proves nothing", () => {
	const { till, number } = chipSale();
	till.answer({ ...withIssuer, authenticated: false });
	equal(till.chip.told, undefined);
	equal(till.state_of(number), State.ReversalDue);
});

test("nobody else is served while the chip thinks", () => {
	const { till, number } = chipSale();
	till.leave(Input.Send, Input.Doubt);
	till.answer(withIssuer);
	till.time.advance(5000);
	equal(till.messages, [`request ${number}`]);
	till.chip.say("approved");
	till.time.advance(0);
	equal(till.messages.length, 2);
});

test("what became of the issuer's scripts is handed on after the approval", () => {
	const { till, number } = chipSale();
	till.answer(withIssuer);
	till.chip.say("approved", Uint8Array.of(0x21, 0, 0, 0, 0));
	equal(till.scripts, [[number, Uint8Array.of(0x21, 0, 0, 0, 0)]]);
	equal(till.state_of(number), State.Approved);
});

test("a sale waits for room on the link instead of coming into doubt", () => {
	const till = new Till();
	till.roomMax = 0;
	const number = till.sell();
	till.time.advance(5000);
	equal(till.messages, []);
	equal(till.state_of(number), State.Opened);
	till.roomMax = 1;
	till.time.advance(limits.idleMs);
	equal(till.messages, [`request ${number}`]);
});

test("draining leaves one place on the link, and a customer gets it at once", () => {
	const till = new Till();
	till.roomMax = 3;
	const stored = [1, 2, 3, 4, 5].map(() => till.leave(Input.Store));
	till.link(LinkState.Up);
	till.answerTo(stored[0]!, "00");
	till.answerTo(stored[1]!, "00");
	equal(till.pending, 2);
	const customer = till.sell();
	equal(till.pending, 3);
	equal(till.messages[till.messages.length - 1], `request ${customer}`);
});
