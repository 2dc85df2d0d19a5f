/** The steps of the model, numbered so that a trail of millions of them fits in memory. */
export const Step = Object.freeze({
	Start: 0,
	RecordSending: 1,
	HandOver: 2,
	HandOverRefused: 3,
	SendUnrecorded: 4,
	Abandon: 5,
	VaultPut: 6,
	RecordStored: 7,
	RecordStoredFirst: 8,
	VaultPutLast: 9,
	Deadline: 10,
	ConnectionBreaks: 11,
	StoreAfterAll: 12,
	ResendOther: 13,
	TakeReply: 14,
	DropReply: 15,
	ShowApproved: 16,
	CardFailed: 17,
	SendReversal: 18,
	RepeatUnanswered: 19,
	DeleteReversal: 20,
	SendForward: 21,
	ParkWithoutCard: 22,
	Wipe: 23,
	RecordOutcome: 24,
	Settle: 25,
	PowerCut: 26,
	Boot: 27,
	Tick: 28,
	Lose: 29,
	LoseReply: 30,
	Spoil: 31,
	Host: 32,
	HostForgets: 33,
	Resolve: 34,
} as const);
export type Step = (typeof Step)[keyof typeof Step];

/** How the host decides; the argument of Step.Host. */
export const Verdict = Object.freeze({
	Approve: 0,
	Refuse: 1,
	Stale: 2,
	Tombstoned: 3,
	Known: 4,
	UnsurePosted: 5,
	Unsure: 6,
	Reversed: 7,
	ReversedBefore: 8,
	Tombstone: 9,
	NoOriginal: 10,
	NothingLeft: 11,
	Later: 12,
	Odd: 13,
	KnownReversed: 14,
	InProgress: 15,
} as const);
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** Flags beside the verdict. */
export const verdictBits = 4;
export const crashFlag = 1 << 7;
export const keepFlag = 1 << 8;

/** A step with its argument (9 bits), and whether something failed in it. */
export function stepCode(step: Step, argument: number, fault: boolean): number {
	return step | (argument << 6) | (fault ? 0x8000 : 0);
}

export function stepOf(code: number): Step {
	return (code & 63) as Step;
}

export function argumentOf(code: number): number {
	return (code >> 6) & 0x1ff;
}

export function isFault(code: number): boolean {
	return code >= 0x8000;
}

/** Takes the state that a step leads to. It is copied before `emit` returns. */
export type Emit = (code: number) => void;
