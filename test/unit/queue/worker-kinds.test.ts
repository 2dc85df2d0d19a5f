import { limits } from "core/limits";
import { defaultParameters } from "core/parameters";
import { LinkState, type HostOutcome } from "host/link";
import { encodeSealedCard } from "queue/sealed-card";
import { equal, ok, test } from "test/harness";
import { saleDraft, sampleCard } from "test/unit/fakes/sample";
import { FakeLog } from "test/unit/fakes/log";
import { Book } from "transaction/book";
import { Kind } from "transaction/kinds";
import { Input, State } from "transaction/states";
import { ReceiptState } from "transaction/transaction";

import { code, Till } from "./fake-till";

test("stored sales go several at a time, in their order, one more with each answer", () => {
	const till = new Till();
	till.state = LinkState.Down;
	const stored = Array.from({ length: 12 }, () => till.leave(Input.Store));
	till.link(LinkState.Up);
	equal(till.sent.length, 1);
	till.answerTo(stored[0]!, "00");
	equal(till.sent.length, 3);
	till.answerTo(stored[2]!, "00");
	till.answerTo(stored[1]!, "00");
	// Answers may overtake each other; the order of sending is that of the numbers.
	equal(
		till.messages,
		stored.slice(0, till.sent.length).map((n) => `stored-sale ${n}`),
	);
	for (const number of stored.slice(3)) till.answerTo(number, "00");
	equal(till.book.open().length, 0);
	equal(till.vault.size, 0);
});

test("no more than the window is in flight, and one after an answer that did not come", () => {
	const till = new Till();
	till.state = LinkState.Down;
	for (let i = 0; i < 30; i++) till.leave(Input.Store);
	till.link(LinkState.Up);
	let answered = 0;
	while (till.sent.length - answered < 7)
		till.answerTo(till.sent[answered++]!.request.transaction.number, "00");
	till.answerTo(till.sent[answered++]!.request.transaction.number, "00");
	equal(till.sent.length - answered, 7);
	till.sent[answered++]!.done({ kind: "no-reply" });
	till.time.advance(0);
	equal(till.sent.length - answered, 6, "nothing is begun");
});

test("a customer does not wait behind the backlog, and nothing is begun beside his request", () => {
	const till = new Till();
	till.state = LinkState.Down;
	const stored = Array.from({ length: 9 }, () => till.leave(Input.Store));
	till.link(LinkState.Up);
	till.answerTo(stored[0]!, "00");
	const before = till.sent.length;
	const sale = till.sell();
	equal(till.messages.slice(before), [`request ${sale}`]);
	till.answerTo(stored[1]!, "00");
	equal(till.sent.length, before + 1, "the backlog waits for the customer");
	till.answerTo(sale, "00");
	ok(till.sent.length > before + 1);
});

test("a reversal goes before the backlog, and nothing beside it", () => {
	const till = new Till();
	till.state = LinkState.Down;
	till.leave(Input.Store);
	till.leave(Input.Store);
	const doubt = till.leave(Input.Send, Input.Doubt);
	till.link(LinkState.Up);
	equal(till.messages, [`reversal ${doubt}`]);
	till.answer("00");
	equal(till.sent.length, 2);
});

test("an advice is repeated unchanged until it is answered, and never reversed", () => {
	const till = new Till();
	const { number, stan } = till.advise(Kind.Tip);
	till.link(LinkState.Up);
	for (let i = 0; i < 5; i++) {
		till.answer({ kind: "no-reply" });
		till.time.advance(limits.backoffCapMs);
	}
	till.answer("94");
	equal(till.state_of(number), State.Approved);
	ok(till.sent.every(({ request }) => request.message === "request"));
	equal(new Set(till.sent.map(({ request }) => request.transaction.stan)), new Set([stan]));
});

test("a refused advice is declined with its code, one that is put off is not counted as unanswered", () => {
	const till = new Till();
	const { number } = till.advise(Kind.CompletionAdvice);
	till.link(LinkState.Up);
	till.answer("91");
	equal([till.state_of(number), till.book.get(number)?.attemptCount], [State.AdviceDue, 0]);
	till.time.advance(limits.backoffCapMs);
	till.answer({ kind: "no-reply" });
	equal(till.book.get(number)?.attemptCount, 1);
	till.time.advance(limits.backoffCapMs);
	till.answer("12");
	equal([till.state_of(number), till.book.get(number)?.responseCode], [State.Declined, "12"]);
});

test("the customer of an advice hears the answer, or that it goes on by itself, with a slip", () => {
	const till = new Till();
	const first = till.advise(Kind.Tip);
	till.worker.serve(first);
	till.time.advance(0);
	till.answer("00");
	const second = till.advise(Kind.Tip);
	till.worker.serve(second);
	till.time.advance(0);
	till.answer({ kind: "no-reply" });
	equal(
		till.results.map((t) => [t.state, t.receiptState]),
		[
			[State.Approved, ReceiptState.Due],
			[State.AdviceDue, ReceiptState.Due],
		],
	);
	till.time.advance(limits.backoffCapMs);
	till.answer("00");
	equal(till.state_of(second.number), State.Approved);
});

test("a refund takes its card from the vault, and the vault is wiped when the host has answered", () => {
	const till = new Till();
	const { number } = till.about(Kind.Refund, sampleCard());
	till.vault.set(number, encodeSealedCard(sampleCard()));
	till.book.advance(number, Input.Advise);
	till.link(LinkState.Up);
	equal(till.sent[0]?.request.card?.ciphertext, sampleCard().ciphertext);
	till.answer("00");
	equal([till.state_of(number), till.vault.size], [State.Approved, 0]);
	const lost = till.about(Kind.Refund, sampleCard()).number;
	till.book.advance(lost, Input.Advise);
	till.worker.wake();
	till.time.advance(0);
	equal([till.state_of(lost), till.sent.length], [State.Declined, 1]);
});

test("a balance without an answer lapses: nothing is reversed, now or after a boot", () => {
	const till = new Till();
	const ask = (): number => {
		const draft = { ...saleDraft(sampleCard(), 0), kind: Kind.Balance };
		const transaction = till.book.begin(draft);
		till.worker.serve(transaction, sampleCard());
		till.time.advance(0);
		return transaction.number;
	};
	const first = ask();
	till.answer({ kind: "no-reply" });
	equal(till.state_of(first), State.Abandoned);
	const second = ask();
	till.worker.resume();
	equal(till.state_of(second), State.Abandoned);
	equal(till.sent.length, 2);
});

test("script results go before the waiting customer, once, and before the backlog", () => {
	const till = new Till();
	till.state = LinkState.Connecting;
	const stored = till.leave(Input.Store);
	const script = till.advise(Kind.ScriptResult).number;
	const sale = till.sell();
	till.link(LinkState.Up);
	till.answer({ kind: "no-reply" });
	till.answer("00");
	till.time.advance(limits.backoffCapMs);
	till.answer("00");
	equal(till.messages, [
		`request ${script}`,
		`request ${sale}`,
		`request ${script}`,
		`stored-sale ${stored}`,
	]);
});

test("with reversalBlock no request goes while a reversal is unanswered; the customer is told that nothing left", () => {
	const till = new Till();
	till.parameters = { ...defaultParameters, reversalBlock: 1 };
	till.leave(Input.Send, Input.Doubt);
	const sale = till.sell();
	till.answer({ kind: "no-reply" });
	equal(till.state_of(sale), State.Abandoned);
	till.time.advance(limits.backoffCapMs);
	till.answer("00");
	const next = till.sell();
	equal(till.messages.at(-1), `request ${next}`);
});

test("an approval of a part is recorded with its part", () => {
	const till = new Till();
	const number = till.sell();
	till.answer({ ...(code("10") as HostOutcome & { kind: "reply" }), approvedMinor: 1000 });
	const after = new Book(till.journal, till.time, new FakeLog());
	for (const record of till.journal.records) after.restore(record);
	equal([after.get(number)?.approvedMinor, after.get(number)?.amountMinor], [1000, 1234]);
});

test("a job goes when nothing else can, alone, and a customer waits for its one answer", () => {
	const till = new Till();
	const done: (() => void)[] = [];
	let wants = true;
	till.worker.addJob({ ready: () => wants, step: (end) => void done.push(end) });
	till.leave(Input.Store);
	till.link(LinkState.Up);
	equal([till.sent.length, done.length], [1, 0]);
	till.answer("00");
	equal(done.length, 1);
	const sale = till.sell();
	equal(till.sent.length, 1);
	wants = false;
	done[0]!();
	till.time.advance(0);
	equal(till.messages.at(-1), `request ${sale}`);
});
