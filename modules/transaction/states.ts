import { Kind, kindTraits, type Delivery } from "transaction/kinds";

/**
 * Life of a transaction. The numbers stand on flash: append only, never renumber.
 *
 *   Opened ─▶ Sending ─▶ Approved ─▶ Settled
 *      │         ├────▶ Declined
 *      │         ├────▶ ReversalDue ─▶ Reversed | ReversalParked
 *      │         └────▶ Abandoned     (an inquiry without answer: it moves nothing)
 *      ├──▶ Abandoned        (nothing ever left: no reversal is needed)
 *      ├──▶ StoredOffline ─▶ Forwarded | ForwardRefused ─▶ Settled
 *      └──▶ AdviceDue ─▶ Approved | Declined
 *
 * What may be trusted: in Opened no byte has been handed to a carrier. From Sending on a byte may have
 * left. Only Approved, Forwarded and Settled count as money; Declined, Reversed and Abandoned do not; the others
 * are open and somebody has to act. Which ways a kind may go follows from its delivery (`mayTake`).
 */
export const State = Object.freeze({
	Opened: 1,
	Sending: 2,
	Approved: 3,
	Declined: 4,
	ReversalDue: 5,
	Reversed: 6,
	ReversalParked: 7,
	Abandoned: 8,
	StoredOffline: 9,
	Forwarded: 10,
	ForwardRefused: 11,
	Settled: 12,
	AdviceDue: 13,
} as const);
export type State = (typeof State)[keyof typeof State];

/** What happens to a transaction; journalled only through the state that it leads to. */
export const Input = Object.freeze({
	Send: 1,
	Approve: 2,
	Decline: 3,
	Doubt: 4,
	ReversalAccepted: 5,
	ReversalRefused: 6,
	Abandon: 7,
	Store: 8,
	ForwardAccepted: 9,
	ForwardRefused: 10,
	Settle: 11,
	CardFailed: 12,
	/** What an advice needs is durable: from now on it is repeated until it is answered. */
	Advise: 13,
	/** An inquiry got no answer: nothing is to be done. */
	Lapse: 14,
} as const);
export type Input = (typeof Input)[keyof typeof Input];

type Row = Readonly<Partial<Record<Input, State>>>;

const none: Row = Object.freeze({});

const transitions: Readonly<Record<State, Row>> = Object.freeze({
	[State.Opened]: Object.freeze({
		[Input.Send]: State.Sending,
		[Input.Abandon]: State.Abandoned,
		[Input.Store]: State.StoredOffline,
		[Input.Advise]: State.AdviceDue,
	}),
	[State.Sending]: Object.freeze({
		[Input.Approve]: State.Approved,
		[Input.Decline]: State.Declined,
		[Input.Doubt]: State.ReversalDue,
		[Input.Lapse]: State.Abandoned,
	}),
	[State.Approved]: Object.freeze({
		[Input.Settle]: State.Settled,
		[Input.CardFailed]: State.ReversalDue,
	}),
	[State.Declined]: none,
	[State.ReversalDue]: Object.freeze({
		[Input.ReversalAccepted]: State.Reversed,
		[Input.ReversalRefused]: State.ReversalParked,
	}),
	[State.Reversed]: none,
	[State.ReversalParked]: Object.freeze({ [Input.ReversalAccepted]: State.Reversed }),
	[State.Abandoned]: none,
	[State.StoredOffline]: Object.freeze({
		[Input.ForwardAccepted]: State.Forwarded,
		[Input.ForwardRefused]: State.ForwardRefused,
	}),
	[State.Forwarded]: Object.freeze({ [Input.Settle]: State.Settled }),
	[State.ForwardRefused]: Object.freeze({ [Input.ForwardAccepted]: State.Forwarded }),
	[State.Settled]: none,
	[State.AdviceDue]: Object.freeze({
		[Input.Decline]: State.Declined,
		[Input.Approve]: State.Approved,
	}),
});

/** The state that follows, or undefined when this input has no meaning in this state (the caller logs it). */
export function next(state: State, input: Input): State | undefined {
	return transitions[state][input];
}

/** Ways that are open to each delivery. What may have left is reversed, repeated or forgotten, each by its own kind alone. */
const ways: Readonly<Record<Delivery, readonly Input[]>> = Object.freeze({
	once: Object.freeze([
		Input.Send,
		Input.Approve,
		Input.Decline,
		Input.Doubt,
		Input.ReversalAccepted,
		Input.ReversalRefused,
		Input.Abandon,
		Input.Settle,
		Input.CardFailed,
	]),
	advice: Object.freeze([Input.Advise, Input.Approve, Input.Decline, Input.Abandon, Input.Settle]),
	inquiry: Object.freeze([Input.Send, Input.Approve, Input.Decline, Input.Abandon, Input.Lapse]),
});
const storedWays: readonly Input[] = Object.freeze([
	Input.Store,
	Input.ForwardAccepted,
	Input.ForwardRefused,
]);

/** Whether an input can have a meaning for this kind at all: a sale alone is stored, an advice is never reversed. */
export function mayTake(kind: Kind, input: Input): boolean {
	if (storedWays.includes(input)) return kind === Kind.Sale;
	return ways[kindTraits[kind].delivery].includes(input);
}

/**
 * What ends the wait in a state. boot: it lasts no longer than a turn of the program, and a boot ends it · reply: the deadline
 * of the reply · repeat: the same message again after a pause, for ever · person: listed until somebody acts · nothing: closed
 */
export type Wait = "boot" | "reply" | "repeat" | "person" | "nothing";

const waits: Readonly<Record<State, Wait>> = Object.freeze({
	[State.Opened]: "boot",
	[State.Sending]: "reply",
	[State.Approved]: "nothing",
	[State.Declined]: "nothing",
	[State.ReversalDue]: "repeat",
	[State.Reversed]: "nothing",
	[State.ReversalParked]: "person",
	[State.Abandoned]: "nothing",
	[State.StoredOffline]: "repeat",
	[State.Forwarded]: "nothing",
	[State.ForwardRefused]: "person",
	[State.Settled]: "nothing",
	[State.AdviceDue]: "repeat",
});

/** What ends the wait in this state. */
export function waitOf(state: State): Wait {
	return waits[state];
}

/** Somebody still has to act: listed by `queue`, carried forward by the journal. */
export function isOpen(state: State): boolean {
	return waits[state] !== "nothing";
}

/** The host has it: it counts as money, of whatever sign. */
export function isPosted(state: State): boolean {
	return state === State.Approved || state === State.Forwarded || state === State.Settled;
}

/** On its way, and nobody knows yet whether the host will have it: sending, in doubt, or repeated until answered. */
export function isUnderWay(state: State): boolean {
	return isOpen(state) && state !== State.ForwardRefused;
}

const names: Readonly<Record<State, string>> = Object.freeze({
	[State.Opened]: "opened",
	[State.Sending]: "sending",
	[State.Approved]: "approved",
	[State.Declined]: "declined",
	[State.ReversalDue]: "reversal due",
	[State.Reversed]: "reversed",
	[State.ReversalParked]: "reversal parked",
	[State.Abandoned]: "abandoned",
	[State.StoredOffline]: "stored offline",
	[State.Forwarded]: "forwarded",
	[State.ForwardRefused]: "forward refused",
	[State.Settled]: "settled",
	[State.AdviceDue]: "advice due",
});

export function stateName(state: State): string {
	return names[state];
}

/** Narrows a number from flash; undefined for a number of a later firmware. */
export function stateFrom(value: number): State | undefined {
	return value >= State.Opened && value <= State.AdviceDue ? (value as State) : undefined;
}
