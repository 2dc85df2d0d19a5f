import type { HostOutcome } from "host/link";
import { ResponseClass, responseOf } from "message/response-code";
import type { Delivery } from "transaction/kinds";
import { Input } from "transaction/states";
import { ReversalReason } from "transaction/transaction";

/** What an answer (or none) to a request means. Pure; payments practice: docs/queue.md. */
export interface RequestDecision {
	readonly input: Input;
	readonly reason?: ReversalReason;
	readonly responseCode?: string;
	readonly rrn?: string;
	readonly authCode?: string;
	readonly approvedMinor?: number;
}

/** Nothing was moved, so nothing is to be reversed. */
const lapsed: RequestDecision = Object.freeze({ input: Input.Lapse });

/**
 * A request that goes once, or an inquiry. An authenticated reply decides; anything else leaves the debit in doubt, and
 * doubt is reversed. An inquiry moves nothing: without an answer it lapses.
 */
export function decideRequest(
	outcome: HostOutcome,
	delivery: Exclude<Delivery, "advice">,
): RequestDecision {
	const once = delivery === "once";
	if (outcome.kind === "wrong-mac" && once)
		return { input: Input.Doubt, reason: ReversalReason.WrongMac };
	if (outcome.kind !== "reply" || !outcome.authenticated)
		return once ? { input: Input.Doubt, reason: ReversalReason.NoReply } : lapsed;
	const { responseCode, rrn, authCode, approvedMinor } = outcome;
	if (responseOf(responseCode).class === ResponseClass.Approved)
		return {
			input: Input.Approve,
			responseCode,
			rrn,
			authCode,
			...(approvedMinor === undefined ? {} : { approvedMinor }),
		};
	// The host does not say what became of the debit.
	if (once && responseOf(responseCode).class === ResponseClass.InDoubt)
		return { input: Input.Doubt, reason: ReversalReason.NoReply, responseCode };
	return { input: Input.Decline, responseCode, rrn };
}

/** close: the case is over · again: later, unchanged · park: the host refuses */
export type RepeatDecision = "close" | "again" | "park";

/** Host is busy, not ready, or wants a new sign-on first: the same message again, later. */
const again: readonly string[] = Object.freeze([
	"09",
	"22",
	"68",
	"77",
	"90",
	"91",
	"92",
	"96",
	"97",
	"98",
	"99",
	"A0",
]);
const noOriginal: readonly string[] = Object.freeze(["12", "25", "94"]);

/** The host says that there is nothing to reverse. */
export function isNoOriginal(outcome: HostOutcome): boolean {
	return outcome.kind === "reply" && noOriginal.includes(outcome.responseCode);
}

/**
 * What an answer to a reversal means. "No original" closes the case only when the request could not arrive
 * any more at the time when this reversal was sent: else the original might be posted after it.
 * @param lifeWasOver the reversal was sent after the life of the original request
 */
export function decideReversal(outcome: HostOutcome, lifeWasOver: boolean): RepeatDecision {
	if (outcome.kind !== "reply" || !outcome.authenticated) return "again";
	const { responseCode } = outcome;
	if (responseCode === "00") return "close";
	if (noOriginal.includes(responseCode)) return lifeWasOver ? "close" : "again";
	return again.includes(responseCode) ? "again" : "park";
}

/** What an answer to a stored sale or an advice means: 94 says that the host has it already. */
export function decideForward(outcome: HostOutcome): RepeatDecision {
	if (outcome.kind !== "reply" || !outcome.authenticated) return "again";
	const { responseCode } = outcome;
	if (responseCode === "94") return "close";
	if (responseOf(responseCode).class === ResponseClass.Approved) return "close";
	return again.includes(responseCode) ? "again" : "park";
}
