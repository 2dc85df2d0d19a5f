/**
 * The steps of a settlement. The numbers stand on flash: append only, never renumber.
 *
 *   None ─▶ Draining ─▶ Totals ─▶ UploadEnd ─▶ Closing ─▶ None (or Draining for the next batch)
 *               ▲          │  └─▶ Uploading ─▶ UploadEnd
 *               └──────────┴──────────┘ postponed
 *
 * What may be trusted: the host does not close a batch before UploadEnd, so everything up to Uploading can be given up
 * and begun anew; from UploadEnd on the batch may be closed there and only going on is right. No card is taken from Totals on.
 */
export const Step = Object.freeze({
	None: 0,
	/** Waits until nothing is open that could change the totals; sales go on. */
	Draining: 1,
	/** 0500. */
	Totals: 2,
	/** 0320 with details, after totals that do not agree. */
	Uploading: 3,
	/** 0320 that ends the upload: the host closes the batch. */
	UploadEnd: 4,
	/** The batch is being closed here. */
	Closing: 5,
} as const);
export type Step = (typeof Step)[keyof typeof Step];

/** What happens to a settlement; journalled only through the step that it leads to. */
export const StepInput = Object.freeze({
	Start: 1,
	/** Nothing is open any more: the totals can be told. */
	Drained: 2,
	/** The host has the same totals. */
	Balanced: 3,
	Unbalanced: 4,
	/** The host took some details, more follow. */
	DetailsTaken: 5,
	/** The host has all details. */
	AllTaken: 6,
	/** The host has closed the batch. */
	Ended: 7,
	/** 77 again after a new sign-on: the host knows this batch as open no more. */
	Unknown: 8,
	/** A code that a repeat will not change. */
	Refused: 9,
	/** No answer for too long: sales go on meanwhile. */
	Postpone: 10,
	Cancel: 11,
	/** Closed here, and nothing is left to settle. */
	Closed: 12,
	/** Closed here, and another batch is not settled yet. */
	ClosedNextBatch: 13,
	/** There turned out to be nothing to settle. */
	Nothing: 14,
} as const);
export type StepInput = (typeof StepInput)[keyof typeof StepInput];

type Row = Readonly<Partial<Record<StepInput, Step>>>;

const transitions: Readonly<Record<Step, Row>> = Object.freeze({
	[Step.None]: Object.freeze({ [StepInput.Start]: Step.Draining }),
	[Step.Draining]: Object.freeze({
		[StepInput.Drained]: Step.Totals,
		[StepInput.Cancel]: Step.None,
		[StepInput.Nothing]: Step.None,
	}),
	[Step.Totals]: Object.freeze({
		[StepInput.Balanced]: Step.UploadEnd,
		[StepInput.Unbalanced]: Step.Uploading,
		[StepInput.Unknown]: Step.Closing,
		[StepInput.Refused]: Step.None,
		[StepInput.Postpone]: Step.Draining,
		[StepInput.Cancel]: Step.None,
	}),
	[Step.Uploading]: Object.freeze({
		[StepInput.DetailsTaken]: Step.Uploading,
		[StepInput.AllTaken]: Step.UploadEnd,
		[StepInput.Unknown]: Step.Closing,
		[StepInput.Refused]: Step.None,
		[StepInput.Postpone]: Step.Draining,
		[StepInput.Cancel]: Step.None,
	}),
	[Step.UploadEnd]: Object.freeze({
		[StepInput.Ended]: Step.Closing,
		[StepInput.Unknown]: Step.Closing,
		[StepInput.Refused]: Step.None,
	}),
	[Step.Closing]: Object.freeze({
		[StepInput.Closed]: Step.None,
		[StepInput.ClosedNextBatch]: Step.Draining,
	}),
});

/** The step that follows, or undefined when this input has no meaning in this step. */
export function nextStep(step: Step, input: StepInput): Step | undefined {
	return transitions[step][input];
}

/** Between the totals and the closing no card is taken: it would change what the host is told. */
export function holdsCards(step: Step): boolean {
	return step >= Step.Totals;
}

const names: Readonly<Record<Step, string>> = Object.freeze({
	[Step.None]: "none",
	[Step.Draining]: "draining",
	[Step.Totals]: "totals",
	[Step.Uploading]: "uploading",
	[Step.UploadEnd]: "upload end",
	[Step.Closing]: "closing",
});

export function stepName(step: Step): string {
	return names[step];
}

/** Narrows a number from flash; undefined for a number of a later firmware. */
export function stepFrom(value: number): Step | undefined {
	return value >= Step.None && value <= Step.Closing ? (value as Step) : undefined;
}

/** What came out of a settlement. The numbers stand on flash: append only. */
export const Verdict = Object.freeze({
	None: 0,
	/** Host and terminal have the same totals. */
	Balanced: 1,
	/** They have not; the host told the differences. */
	Unbalanced: 2,
	/** The host did not know the batch as open: nobody compared anything. */
	Unknown: 3,
} as const);
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

export function verdictFrom(value: number): Verdict | undefined {
	return value >= Verdict.None && value <= Verdict.Unknown ? (value as Verdict) : undefined;
}
