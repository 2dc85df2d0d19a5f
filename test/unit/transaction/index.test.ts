import { equal, ok, test } from "test/harness";
import { Random } from "test/simulation/fakes/random";
import { TransactionIndex } from "transaction/index";
import { isOpen, State } from "transaction/states";

test("a transaction is found by number, STAN and state", () => {
	const index = new TransactionIndex(100);
	index.noteIntent(1, 999_999);
	index.noteState(1, State.Approved);
	index.noteIntent(2, 1);
	index.noteState(2, State.Sending);
	index.noteIntent(3, 2);
	equal([index.stateOf(1), index.stateOf(2), index.stateOf(3)], [State.Approved, State.Sending, 1]);
	equal(index.stateOf(4), undefined);
	equal([index.withStan(999_999), index.withStan(2), index.withStan(7)], [[1], [3], []]);
	equal([index.inState(State.Sending), index.inState(State.Settled)], [[2], []]);
});

test("of two with the same STAN the newest comes first", () => {
	const index = new TransactionIndex(100);
	for (const number of [5, 9, 7]) index.noteIntent(number, 33);
	equal(index.withStan(33), [9, 7, 5]);
});

test("what is read newest first says the same as what is read in order", () => {
	const index = new TransactionIndex(100);
	const back = new TransactionIndex(100);
	const random = new Random(4);
	const records: (readonly [number, State])[] = [];
	for (let number = 1; number <= 60; number++)
		for (let i = 0; i < random.below(4); i++)
			records.push([number, (2 + random.below(10)) as State]);
	for (const [number, state] of records) {
		index.noteIntent(number, 1000 + number);
		index.noteState(number, state);
	}
	for (const [number, state] of records.reverse()) {
		back.noteOlderState(number, state);
		back.noteIntent(number, 1000 + number);
	}
	for (let number = 1; number <= 60; number++) {
		equal(back.stateOf(number), index.stateOf(number), `#${number}`);
		equal(back.withStan(1000 + number), index.withStan(1000 + number), `#${number}`);
	}
	equal(back.count, index.count);
});

test("a full index keeps what is open, and of the closed ones the newest", () => {
	const index = new TransactionIndex(20);
	const random = new Random(8);
	const truth = new Map<number, State>();
	for (let number = 1; number <= 500; number++) {
		const open = [...truth].filter(([, state]) => isOpen(state)).length;
		const state = random.oneIn(9) && open < 10 ? State.ReversalDue : State.Approved;
		index.noteIntent(number, number);
		index.noteState(number, state);
		truth.set(number, state);
		const waiting = index.inState(State.ReversalDue);
		if (waiting.length > 8) {
			index.noteState(waiting[3]!, State.Reversed);
			truth.set(waiting[3]!, State.Reversed);
		}
		for (const [each, is] of truth) if (isOpen(is)) equal(index.stateOf(each), is, `#${each}`);
		const closed = [...truth.keys()].filter((each) => !isOpen(truth.get(each)!));
		for (const each of closed.slice(-9))
			equal(index.stateOf(each), truth.get(each), `#${each} after ${number}`);
		ok(number < 20 || index.count === 20, `${index.count}`);
	}
	index.noteOlderState(3, State.Approved);
	equal(index.stateOf(3), truth.get(3) === State.ReversalDue ? State.ReversalDue : undefined);
});

test("a thousand are found without a second look at flash", () => {
	const index = new TransactionIndex(1064);
	for (let number = 1; number <= 3000; number++) {
		index.noteIntent(number, number % 999_999);
		index.noteState(number, number === 77 ? State.ReversalParked : State.Approved);
	}
	equal([index.count, index.stateOf(77)], [1064, State.ReversalParked]);
	for (let number = 1938; number <= 3000; number++) equal(index.withStan(number), [number]);
});
