import { equal, ok, test } from "test/harness";
import { limits } from "core/limits";
import { defaultParameters } from "core/parameters";
import { Kind, kindTraits } from "transaction/kinds";
import {
	Input,
	isOpen,
	mayTake,
	next,
	State,
	stateFrom,
	stateName,
	waitOf,
} from "transaction/states";

// The whole table, written a second time by hand: a change of the first must be meant.
const legal: readonly (readonly [State, Input, State])[] = [
	[State.Opened, Input.Send, State.Sending],
	[State.Opened, Input.Abandon, State.Abandoned],
	[State.Opened, Input.Store, State.StoredOffline],
	[State.Opened, Input.Advise, State.AdviceDue],
	[State.Sending, Input.Approve, State.Approved],
	[State.Sending, Input.Decline, State.Declined],
	[State.Sending, Input.Doubt, State.ReversalDue],
	[State.Sending, Input.Lapse, State.Abandoned],
	[State.Approved, Input.Settle, State.Settled],
	[State.Approved, Input.CardFailed, State.ReversalDue],
	[State.ReversalDue, Input.ReversalAccepted, State.Reversed],
	[State.ReversalDue, Input.ReversalRefused, State.ReversalParked],
	[State.ReversalParked, Input.ReversalAccepted, State.Reversed],
	[State.StoredOffline, Input.ForwardAccepted, State.Forwarded],
	[State.StoredOffline, Input.ForwardRefused, State.ForwardRefused],
	[State.ForwardRefused, Input.ForwardAccepted, State.Forwarded],
	[State.Forwarded, Input.Settle, State.Settled],
	[State.AdviceDue, Input.Approve, State.Approved],
	[State.AdviceDue, Input.Decline, State.Declined],
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
	equal(pairs, 182);
});

test("every state can be reached from Opened", () => {
	const reached = new Set<State>([State.Opened]);
	for (let round = 0; round < 13; round++)
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
		"advice due",
	]);
});

test("a state number of a later firmware is not taken for one of ours", () => {
	equal(stateFrom(0), undefined);
	equal(stateFrom(14), undefined);
	ok(stateFrom(State.AdviceDue) === State.AdviceDue);
});

test("only a sale is stored, only what goes once is reversed, only an advice is repeated, only an inquiry lapses", () => {
	for (const kind of Object.values(Kind)) {
		const { delivery } = kindTraits[kind];
		equal(mayTake(kind, Input.Store), kind === Kind.Sale);
		equal(mayTake(kind, Input.Doubt), delivery === "once");
		equal(mayTake(kind, Input.Advise), delivery === "advice");
		equal(mayTake(kind, Input.Send), delivery !== "advice");
		equal(mayTake(kind, Input.Lapse), delivery === "inquiry");
	}
});

test("every state in which something is awaited has a deadline or a person", () => {
	// A reply and a repeat have their limits in ms; a boot abandons what is opened.
	ok(defaultParameters.replyTimeoutMs > 0 && limits.repeatTimeoutMs > 0 && limits.backoffCapMs > 0);
	const waiting = Object.values(State).filter((state) => waitOf(state) !== "nothing");
	equal(waiting, Object.values(State).filter(isOpen));
	equal(waitOf(State.Sending), "reply");
	for (const state of [State.ReversalDue, State.StoredOffline, State.AdviceDue])
		equal(waitOf(state), "repeat");
	for (const state of [State.ReversalParked, State.ForwardRefused]) equal(waitOf(state), "person");
});
