import type { HostOutcome } from "host/link";
import { readDifferences, readField48, type Difference } from "message/settlement-fields";
import { sameTotals, type BatchTotals } from "settlement/totals";

/** What an answer (or none) to a 0500 or 0320 means. Pure; docs/settlement.md, Answers. */
export type SettlementAnswer =
	/** Unchanged, later. */
	| { readonly kind: "again" }
	/** The host has another batch open. */
	| { readonly kind: "mismatch" }
	| { readonly kind: "refused"; readonly responseCode: string }
	| { readonly kind: "balanced" | "unbalanced"; readonly host: BatchTotals | undefined }
	| { readonly kind: "taken"; readonly differences: readonly Difference[] };

/** The host is busy, not ready, or wants a new sign-on first. */
const againCodes: readonly string[] = Object.freeze([
	"09",
	"22",
	"68",
	"90",
	"91",
	"92",
	"96",
	"97",
	"98",
	"99",
	"A0",
]);

const again: SettlementAnswer = Object.freeze({ kind: "again" });
const mismatch: SettlementAnswer = Object.freeze({ kind: "mismatch" });

/**
 * The answer to totals. What the host calls balanced is believed only if it names the same totals; what cannot be read is
 * taken as not balanced, for uploading details does no harm and shows what differs.
 * @param batch of the request @param ours what was told
 */
export function decideTotals(
	outcome: HostOutcome,
	batch: number,
	ours: BatchTotals,
): SettlementAnswer {
	const early = common(outcome, batch);
	if (early !== undefined) return early;
	const { responseCode, digits48 } = replyOf(outcome);
	if (responseCode !== "00" && responseCode !== "95") return { kind: "refused", responseCode };
	const domestic = readField48(digits48)?.domestic;
	if (domestic === undefined) return { kind: "unbalanced", host: undefined };
	const { result, ...host } = domestic;
	const agrees = result === 1 && sameTotals(host, ours);
	return { kind: responseCode === "00" && agrees ? "balanced" : "unbalanced", host };
}

/** The answer to details, or to the end of an upload. 94 says that the host has it already. */
export function decideUpload(outcome: HostOutcome, batch: number): SettlementAnswer {
	const early = common(outcome, batch);
	if (early !== undefined) return early;
	const { responseCode, differences } = replyOf(outcome);
	if (responseCode !== "00" && responseCode !== "94") return { kind: "refused", responseCode };
	return { kind: "taken", differences: readDifferences(differences) ?? [] };
}

/** What does not depend on the message. */
function common(outcome: HostOutcome, batch: number): SettlementAnswer | undefined {
	if (outcome.kind !== "reply" || !outcome.authenticated) return again;
	if (outcome.responseCode === "77") return mismatch;
	if (againCodes.includes(outcome.responseCode)) return again;
	// An answer about another batch says nothing about this one.
	return outcome.settlement?.batch === batch ? undefined : again;
}

function replyOf(outcome: HostOutcome): {
	readonly responseCode: string;
	readonly digits48: string;
	readonly differences: Uint8Array;
} {
	const reply = outcome.kind === "reply" ? outcome : undefined;
	return {
		responseCode: reply?.responseCode ?? "",
		digits48: reply?.settlement?.digits48 ?? "",
		differences: reply?.settlement?.differences ?? new Uint8Array(0),
	};
}
