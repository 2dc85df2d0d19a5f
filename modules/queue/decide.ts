import type { HostOutcome } from "host/link";
import { ResponseClass, responseOf } from "message/response-code";
import { Input } from "transaction/states";
import { ReversalReason } from "transaction/transaction";

/** What an answer (or none) to a sale means. Pure; payments practice: docs/queue.md. */
export interface SaleDecision {
	readonly input: Input;
	readonly reason?: ReversalReason;
	readonly responseCode?: string;
	readonly rrn?: string;
	readonly authCode?: string;
}

/**
 * Codes with which a host does not say what became of the debit: the issuer may have posted (68, 96, 98), or it answers a
 * copy of the request while the other one is under way or posted (09, 22, 94).
 */
const doubtful: readonly string[] = Object.freeze(["09", "22", "68", "94", "96", "98"]);

/** An authenticated reply decides; anything else leaves the debit in doubt, and doubt is reversed. */
export function decideSale(outcome: HostOutcome): SaleDecision {
	if (outcome.kind === "wrong-mac") return { input: Input.Doubt, reason: ReversalReason.WrongMac };
	if (outcome.kind === "no-reply" || !outcome.authenticated)
		return { input: Input.Doubt, reason: ReversalReason.NoReply };
	const { responseCode, rrn, authCode } = outcome;
	if (responseOf(responseCode).class === ResponseClass.Approved)
		return { input: Input.Approve, responseCode, rrn, authCode };
	if (doubtful.includes(responseCode))
		return { input: Input.Doubt, reason: ReversalReason.NoReply, responseCode };
	return { input: Input.Decline, responseCode, rrn };
}

/** close: the case is over · again: later, unchanged · park: a person has to look */
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

/** What an answer to a stored sale means: 94 says that the host has it already. */
export function decideForward(outcome: HostOutcome): RepeatDecision {
	if (outcome.kind !== "reply" || !outcome.authenticated) return "again";
	const { responseCode } = outcome;
	if (responseCode === "94") return "close";
	if (responseOf(responseCode).class === ResponseClass.Approved) return "close";
	return again.includes(responseCode) ? "again" : "park";
}
