import { formatAmount } from "core/money";
import type { BatchFact } from "explain/batch-fact";
import { settledCause } from "explain/settlement-causes";
import { causes, type Cause } from "explain/texts";
import { responseOf } from "message/response-code";
import { Kind } from "transaction/kinds";
import type { Tally } from "transaction/links";
import { State } from "transaction/states";
import {
	countedMinor,
	ReceiptState,
	ReversalReason,
	type Transaction,
} from "transaction/transaction";

/** What the answer depends on besides the transaction. Pure input, so that the same question gets the same answer. */
export interface Circumstances {
	readonly linkUp: boolean;
	/** Ms until the next automatic step on this transaction, 0 when it is due now. */
	readonly nextStepMs: number;
	readonly paperOut: boolean;
	readonly currencyDigits: number;
	/** What later transactions did to this one. */
	readonly tally: Tally;
	/** What settlements say of it. */
	readonly batch: BatchFact;
}

/** The answer to "the card was swiped, where is the money?" (刷卡未到账). */
export interface Explanation {
	/** Row of the cause table, for support. */
	readonly cause: Cause;
	readonly what: string;
	readonly whatZh: string;
	readonly who: string;
	readonly whoZh: string;
	readonly next: string;
	readonly nextZh: string;
	readonly when: string;
	readonly whenZh: string;
	/** The slip, where there is something to say about it; else "". */
	readonly slip: string;
}

/** Explains one transaction. */
export function explain(transaction: Transaction, circumstances: Circumstances): Explanation {
	const cause = settledCause(transaction, causeOf(transaction, circumstances), circumstances.batch);
	const texts = causes[cause];
	const code = transaction.responseCode;
	const response = responseOf(code);
	const amount = (amountMinor: number) => formatAmount(amountMinor, circumstances.currencyDigits);
	const original = transaction.original?.number ?? 0;
	const fill = (text: string, meaning: string): string =>
		text
			.replaceAll("{code}", code)
			.replaceAll("{meaning}", meaning)
			.replaceAll("{amount}", amount(countedMinor(transaction)))
			.replaceAll("{asked}", amount(transaction.amountMinor))
			.replaceAll("{host}", amount(circumstances.batch.hostMinor))
			.replaceAll("{refunded}", amount(circumstances.tally.refundedMinor))
			.replaceAll("{original}", original === 0 ? "?" : String(original))
			.replaceAll("{reason}", reasonText(transaction.reason))
			.replaceAll("{pause}", String(Math.ceil(circumstances.nextStepMs / 1000)));
	return {
		cause,
		what: fill(texts.what, response.en),
		whatZh: fill(texts.whatZh, response.zh),
		who: texts.who,
		whoZh: texts.whoZh,
		next: fill(texts.next, response.en),
		nextZh: fill(texts.nextZh, response.zh),
		when: texts.when,
		whenZh: texts.whenZh,
		slip: slipText(transaction, circumstances.paperOut),
	};
}

function causeOf(transaction: Transaction, circumstances: Circumstances): Cause {
	switch (transaction.state) {
		case State.Opened:
			return "opened";
		case State.Sending:
			return "sending";
		case State.Approved:
			return approvedCause(transaction, circumstances.tally);
		case State.Declined:
			return declinedCause(transaction);
		case State.ReversalDue:
			return circumstances.linkUp ? "reversal-due" : "reversal-no-link";
		case State.Reversed:
			return "reversed";
		case State.ReversalParked:
			return "reversal-parked";
		case State.Abandoned:
			return transaction.kind === Kind.Balance ? "lapsed" : "abandoned";
		case State.StoredOffline:
			return circumstances.linkUp ? "stored" : "stored-no-link";
		case State.Forwarded:
			return changedCause(circumstances.tally) ?? "forwarded";
		case State.ForwardRefused:
			return transaction.responseCode === "" ? "forward-lost" : "forward-refused";
		case State.Settled:
			return "settled";
		case State.AdviceDue:
			return circumstances.linkUp ? "advice-due" : "advice-no-link";
	}
}

/** What a later transaction made of it. */
function changedCause({ voided, completed, refundedMinor }: Tally): Cause | undefined {
	if (voided) return "voided";
	if (completed) return "completed";
	return refundedMinor > 0 ? "refunded" : undefined;
}

const approvedCauses: Readonly<Record<Kind, Cause>> = Object.freeze({
	[Kind.Sale]: "approved",
	[Kind.Void]: "void",
	[Kind.Refund]: "refund",
	[Kind.PreAuth]: "reserved",
	[Kind.PreAuthVoid]: "released",
	[Kind.Completion]: "approved",
	[Kind.CompletionVoid]: "void",
	[Kind.CompletionAdvice]: "approved",
	[Kind.Tip]: "approved",
	[Kind.VoiceSale]: "approved",
	[Kind.Balance]: "asked",
	[Kind.ScriptResult]: "told",
});

function approvedCause(transaction: Transaction, tally: Tally): Cause {
	const changed = changedCause(tally);
	if (changed !== undefined) return changed;
	return transaction.approvedMinor > 0 ? "approved-part" : approvedCauses[transaction.kind];
}

function declinedCause({ kind, responseCode }: Transaction): Cause {
	switch (kind) {
		case Kind.Void:
		case Kind.PreAuthVoid:
		case Kind.CompletionVoid:
			return "void-refused";
		case Kind.Refund:
		case Kind.CompletionAdvice:
		case Kind.Tip:
		case Kind.VoiceSale:
			return responseCode === "" ? "advice-lost" : "advice-refused";
		case Kind.ScriptResult:
			return "told-refused";
		default:
			return "declined";
	}
}

function reasonText(reason: ReversalReason | 0): string {
	if (reason === ReversalReason.WrongMac) return "the host's reply was not authentic";
	if (reason === ReversalReason.CardFailed) return "the card refused after the approval";
	return "no reply came from the host";
}

function slipText(transaction: Transaction, paperOut: boolean): string {
	switch (transaction.receiptState) {
		case ReceiptState.None:
			return "";
		case ReceiptState.Due:
			return paperOut
				? "due: put in paper, it prints by itself"
				: "due: prints when the printer is ready";
		case ReceiptState.Printing:
			return "printing";
		case ReceiptState.Printed:
			return "printed";
		case ReceiptState.Uncertain:
			return "uncertain: look at the paper, reprint if it is missing";
	}
}
