/**
 * Life of a transaction. The numbers stand on flash: append only, never renumber.
 *
 *   Opened ─▶ Sending ─▶ Approved ─▶ Settled
 *      │         ├────▶ Declined
 *      │         └────▶ ReversalDue ─▶ Reversed | ReversalParked
 *      ├──▶ Abandoned        (nothing ever left: no reversal is needed)
 *      └──▶ StoredOffline ─▶ Forwarded | ForwardRefused ─▶ Settled
 *
 * What may be trusted: in Opened no byte has been handed to a carrier. From Sending on a byte may have
 * left. Only Approved, Forwarded and Settled are income; Declined, Reversed and Abandoned are none; the others
 * are open and somebody has to act.
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
} as const);
export type Input = (typeof Input)[keyof typeof Input];

type Row = Readonly<Partial<Record<Input, State>>>;

const none: Row = Object.freeze({});

const transitions: Readonly<Record<State, Row>> = Object.freeze({
	[State.Opened]: Object.freeze({
		[Input.Send]: State.Sending,
		[Input.Abandon]: State.Abandoned,
		[Input.Store]: State.StoredOffline,
	}),
	[State.Sending]: Object.freeze({
		[Input.Approve]: State.Approved,
		[Input.Decline]: State.Declined,
		[Input.Doubt]: State.ReversalDue,
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
});

/** The state that follows, or undefined when this input has no meaning in this state (the caller logs it). */
export function next(state: State, input: Input): State | undefined {
	return transitions[state][input];
}

const open: readonly State[] = Object.freeze([
	State.Opened,
	State.Sending,
	State.ReversalDue,
	State.ReversalParked,
	State.StoredOffline,
	State.ForwardRefused,
]);

/** Somebody still has to act: listed by `queue`, carried forward by the journal. */
export function isOpen(state: State): boolean {
	return open.includes(state);
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
});

export function stateName(state: State): string {
	return names[state];
}

/** Narrows a number from flash; undefined for a number of a later firmware. */
export function stateFrom(value: number): State | undefined {
	return value >= State.Opened && value <= State.Settled ? (value as State) : undefined;
}
