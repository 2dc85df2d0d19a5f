/**
 * The model's own terminal: states, inputs, transitions and what an answer means. Written from the design and
 * docs/host-protocol.md, not from the firmware; test/bench/model.test.ts compares the two, pair by pair.
 */
export const stateNames = Object.freeze([
	/** Only without "reversal-kept-until-answered": the record was deleted. */
	"deleted",
	"opened",
	"sending",
	"approved",
	"declined",
	"reversal due",
	"reversed",
	"reversal parked",
	"abandoned",
	"stored offline",
	"forwarded",
	"forward refused",
	"settled",
	"advice due",
] as const);
export type StateName = (typeof stateNames)[number];

export const St = Object.freeze({
	Deleted: 0,
	Opened: 1,
	Sending: 2,
	Approved: 3,
	Declined: 4,
	ReversalDue: 5,
	Reversed: 6,
	ReversalParked: 7,
	Abandoned: 8,
	Stored: 9,
	Forwarded: 10,
	ForwardRefused: 11,
	Settled: 12,
	AdviceDue: 13,
} as const);

export const inputNames = Object.freeze([
	"Send",
	"Approve",
	"Decline",
	"Doubt",
	"ReversalAccepted",
	"ReversalRefused",
	"Abandon",
	"Store",
	"ForwardAccepted",
	"ForwardRefused",
	"Settle",
	"CardFailed",
	"Advise",
	"Lapse",
] as const);
export type InputName = (typeof inputNames)[number];

/** Every transition there is: from, input, to. */
export const transitions: readonly (readonly [StateName, InputName, StateName])[] = Object.freeze([
	["opened", "Send", "sending"],
	["opened", "Abandon", "abandoned"],
	["opened", "Store", "stored offline"],
	["opened", "Advise", "advice due"],
	["sending", "Approve", "approved"],
	["sending", "Decline", "declined"],
	["sending", "Doubt", "reversal due"],
	["sending", "Lapse", "abandoned"],
	["approved", "CardFailed", "reversal due"],
	["approved", "Settle", "settled"],
	["reversal due", "ReversalAccepted", "reversed"],
	["reversal due", "ReversalRefused", "reversal parked"],
	["reversal parked", "ReversalAccepted", "reversed"],
	["stored offline", "ForwardAccepted", "forwarded"],
	["stored offline", "ForwardRefused", "forward refused"],
	["forward refused", "ForwardAccepted", "forwarded"],
	["forwarded", "Settle", "settled"],
	["advice due", "Approve", "approved"],
	["advice due", "Decline", "declined"],
]);

const table: Readonly<Record<InputName, Int8Array>> = makeTable();

function makeTable(): Record<InputName, Int8Array> {
	const rows = {} as Record<InputName, Int8Array>;
	for (const name of inputNames) rows[name] = new Int8Array(stateNames.length).fill(-1);
	for (const [from, input, to] of transitions)
		rows[input][stateNames.indexOf(from)] = stateNames.indexOf(to);
	return rows;
}

/** The state that follows, or -1 where the input has no meaning. */
export function after(state: number, input: InputName): number {
	return table[input][state]!;
}

/** Somebody still has to act: it is listed. */
export const openStates: readonly StateName[] = Object.freeze([
	"opened",
	"sending",
	"reversal due",
	"reversal parked",
	"stored offline",
	"forward refused",
	"advice due",
]);

/** What came of an attempt. `MAC wrong` also stands for 00 without field 64. */
export type Outcome =
	"no reply" | "MAC wrong" | { readonly code: string; readonly proved: boolean };

const approvals = "00 10 11 A2 A4 A5 A6".split(" ");
const doubts = "09 22 68 94 96 98".split(" ");
const laters = "09 22 68 90 91 92 96 98".split(" ");
const signOns = "77 97 99 A0".split(" ");
const noOriginals = "12 25 94".split(" ");

/** A reply to a sale. Without proof nothing is decided, and what is not decided is reversed. */
export function saleInput(outcome: Outcome): InputName {
	if (typeof outcome === "string" || !outcome.proved) return "Doubt";
	if (approvals.includes(outcome.code)) return "Approve";
	return doubts.includes(outcome.code) ? "Doubt" : "Decline";
}

/** A reply to a reversal; undefined: the same again later. @param lifeOver it was sent after the life of the sale */
export function reversalInput(outcome: Outcome, lifeOver: boolean): InputName | undefined {
	if (typeof outcome === "string" || !outcome.proved) return undefined;
	const { code } = outcome;
	if (code === "00") return "ReversalAccepted";
	if (noOriginals.includes(code)) return lifeOver ? "ReversalAccepted" : undefined;
	return laters.includes(code) || signOns.includes(code) ? undefined : "ReversalRefused";
}

/** A reply to a stored sale; undefined: the same again later. */
export function forwardInput(outcome: Outcome): InputName | undefined {
	if (typeof outcome === "string" || !outcome.proved) return undefined;
	const { code } = outcome;
	if (code === "94" || approvals.includes(code)) return "ForwardAccepted";
	return laters.includes(code) || signOns.includes(code) ? undefined : "ForwardRefused";
}
