import { civilDate } from "core/local-time";
import type { Parameters } from "core/parameters";
import { Kind, kindTraits } from "transaction/kinds";
import type { Tally } from "transaction/links";
import { isPosted, State } from "transaction/states";
import { countedMinor, type Original, type Transaction } from "transaction/transaction";

/** Which rule refuses a transaction that belongs to another one; shown to the cashier. */
export type RuleRefusal =
	/** Not known here. */
	| "unknown"
	/** That kind cannot be the original of this one. */
	| "kind"
	/** It was not approved. */
	| "state"
	| "other-batch"
	| "other-day"
	/** The time is not known, so neither is whether it is the same day. */
	| "clock"
	| "voided"
	| "refunded"
	| "completed"
	| "tipped"
	| "voiced"
	/** Something about it is under way. */
	| "pending"
	/** More than is left of it. */
	| "amount-high"
	| "tip-high"
	| "completion-high"
	/** It was not declined with 01 or 02. */
	| "not-referred"
	| "voice-off";

/** What the rules look at besides the two transactions. */
export interface RuleConditions {
	readonly tally: Tally;
	/** The batch that is open. */
	readonly batch: number;
	/** Unix ms, undefined while the clock is unknown. */
	readonly wallMs: number | undefined;
	readonly utcOffsetMinutes: number;
	readonly parameters: Parameters;
}

const sameBatchKinds: readonly Kind[] = Object.freeze([Kind.Void, Kind.CompletionVoid, Kind.Tip]);

/**
 * May a transaction of this kind be made about this original? docs/transactions.md, Rules. Pure.
 * @param amountMinor undefined while it is not typed yet: rules about the amount are then left out
 */
export function ruleRefusal(
	kind: Kind,
	original: Transaction,
	amountMinor: number | undefined,
	conditions: RuleConditions,
): RuleRefusal | undefined {
	if (!kindTraits[kind].originals.includes(original.kind)) return "kind";
	if (kind === Kind.VoiceSale) return voiceRefusal(original, conditions);
	if (!isPosted(original.state)) return "state";
	const { tally } = conditions;
	if (tally.pending !== 0) return "pending";
	if (tally.voided) return "voided";
	if (tally.completed) return "completed";
	if (sameBatchKinds.includes(kind)) {
		const refusal = sameDayRefusal(original, conditions);
		if (refusal !== undefined) return refusal;
		if (tally.refundedMinor > 0) return "refunded";
	}
	if (kind === Kind.Tip && tally.tipMinor > 0) return "tipped";
	return amountMinor === undefined
		? undefined
		: amountRefusal(kind, original, amountMinor, conditions);
}

function voiceRefusal(
	{ state, responseCode }: Transaction,
	{ tally, parameters }: RuleConditions,
): RuleRefusal | undefined {
	if (parameters.voiceSale !== 1) return "voice-off";
	if (state !== State.Declined || !isReferral(responseCode)) return "not-referred";
	if (tally.pending !== 0) return "pending";
	return tally.voiced ? "voiced" : undefined;
}

/** The bank wants to be called: the sale may be authorised by telephone. */
export function isReferral(responseCode: string): boolean {
	return responseCode === "01" || responseCode === "02";
}

function sameDayRefusal(
	{ batch, openedMs }: Transaction,
	conditions: RuleConditions,
): RuleRefusal | undefined {
	const { wallMs, utcOffsetMinutes } = conditions;
	if (batch !== conditions.batch) return "other-batch";
	if (wallMs === undefined || openedMs === 0) return "clock";
	const same = civilDate(openedMs, utcOffsetMinutes) === civilDate(wallMs, utcOffsetMinutes);
	return same ? undefined : "other-day";
}

function amountRefusal(
	kind: Kind,
	original: Transaction,
	amountMinor: number,
	{ tally, parameters }: RuleConditions,
): RuleRefusal | undefined {
	const whole = countedMinor(original);
	switch (kind) {
		case Kind.Refund:
			return amountMinor > whole + tally.tipMinor - tally.refundedMinor ? "amount-high" : undefined;
		case Kind.Tip:
			return amountMinor * 100 > whole * parameters.tipPercentMax ? "tip-high" : undefined;
		case Kind.Completion:
		case Kind.CompletionAdvice:
			return amountMinor * 100 > whole * parameters.completionPercentMax
				? "completion-high"
				: undefined;
		default:
			return undefined;
	}
}

/** What a transaction that reads no card says about its original, and what stands of it. */
export function originalOf(
	original: Transaction,
	tally: Tally,
	utcOffsetMinutes: number,
): Original {
	const { number, kind, batch, stan, openedMs, rrn, authCode } = original;
	return {
		number,
		kind,
		batch,
		stan,
		monthDay: openedMs === 0 ? 0 : civilDate(openedMs, utcOffsetMinutes) % 10_000,
		amountMinor: countedMinor(original) + tally.tipMinor,
		rrn,
		authCode,
	};
}

const guardedKinds: readonly Kind[] = Object.freeze([Kind.Sale, Kind.PreAuth]);

/**
 * The transaction that this one may repeat by mistake: the same card and amount, approved, stored or in doubt, within the
 * window. A clock that was set back makes more of them, never fewer: a question costs a key.
 * @param known what is in memory
 */
export function duplicateOf(
	kind: Kind,
	maskedPan: string,
	amountMinor: number,
	known: readonly Transaction[],
	wallMs: number | undefined,
	windowMs: number,
): Transaction | undefined {
	if (wallMs === undefined || windowMs === 0 || !guardedKinds.includes(kind)) return undefined;
	return known.find(
		(t) =>
			guardedKinds.includes(t.kind) &&
			t.maskedPan === maskedPan &&
			t.amountMinor === amountMinor &&
			wallMs - t.openedMs < windowMs &&
			mayHaveCharged(t.state),
	);
}

function mayHaveCharged(state: State): boolean {
	return isPosted(state) || state === State.StoredOffline || state === State.ReversalDue;
}
