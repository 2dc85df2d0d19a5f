import { equal, ok, test } from "test/harness";
import { Input, isOpen, next, State, stateFrom, stateName } from "transaction/states";

// The whole table, written a second time by hand: a change of the first must be meant.
const legal: readonly (readonly [State, Input, State])[] = [
	[State.Opened, Input.Send, State.Sending],
	[State.Opened, Input.Abandon, State.Abandoned],
	[State.Opened, Input.Store, State.StoredOffline],
	[State.Sending, Input.Approve, State.Approved],
	[State.Sending, Input.Decline, State.Declined],
	[State.Sending, Input.Doubt, State.ReversalDue],
	[State.Approved, Input.Settle, State.Settled],
	[State.Approved, Input.CardFailed, State.ReversalDue],
	[State.ReversalDue, Input.ReversalAccepted, State.Reversed],
	[State.ReversalDue, Input.ReversalRefused, State.ReversalParked],
	[State.ReversalParked, Input.ReversalAccepted, State.Reversed],
	[State.StoredOffline, Input.ForwardAccepted, State.Forwarded],
	[State.StoredOffline, Input.ForwardRefused, State.ForwardRefused],
	[State.ForwardRefused, Input.ForwardAccepted, State.Forwarded],
	[State.Forwarded, Input.Settle, State.Settled],
];

test("every pair of state and input leads where the design says, or nowhere", () => {
	let pairs = 0;
	for (const state of Object.values(State)) {
		for (const input of Object.values(Input)) {
			const row = legal.find(([from, by]) => from === state && by === input);
			equal(next(state, input), row?.[2], `${stateName(state)} by ${input}`);
			pairs++;
		}
	}
	equal(pairs, 144);
});

test("every state can be reached from Opened", () => {
	const reached = new Set<State>([State.Opened]);
	for (let round = 0; round < 12; round++)
		for (const [from, , to] of legal) if (reached.has(from)) reached.add(to);
	equal(reached.size, Object.values(State).length);
});

test("what may have left can never be stored or abandoned", () => {
	for (const input of [Input.Store, Input.Abandon]) equal(next(State.Sending, input), undefined);
});

test("only states in which somebody has to act are open", () => {
	const open = Object.values(State).filter(isOpen).map(stateName);
	equal(open, [
		"opened",
		"sending",
		"reversal due",
		"reversal parked",
		"stored offline",
		"forward refused",
	]);
});

test("a state number of a later firmware is not taken for one of ours", () => {
	equal(stateFrom(0), undefined);
	equal(stateFrom(13), undefined);
	ok(stateFrom(State.Settled) === State.Settled);
});
