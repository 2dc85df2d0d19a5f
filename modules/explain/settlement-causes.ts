import type { BatchFact } from "explain/batch-fact";
import type { Cause } from "explain/texts";
import { kindTraits } from "transaction/kinds";
import { isPosted } from "transaction/states";
import type { Transaction } from "transaction/transaction";

/** Causes that say no more than that the money is there and its batch has to be settled. */
const waiting: readonly Cause[] = Object.freeze(["approved", "approved-part", "forwarded"]);

/**
 * What a settlement makes of the cause that a transaction has by itself. A difference with the host comes first; what was voided or given
 * back says so also when it is settled.
 */
export function settledCause(
	transaction: Pick<Transaction, "kind" | "state">,
	cause: Cause,
	{ standing, difference }: BatchFact,
): Cause {
	if (difference === "long") return "settled-long";
	if (difference === "short") return "settled-short";
	if (difference === "amount") return "settled-amount";
	const counts = isPosted(transaction.state) && kindTraits[transaction.kind].sign !== 0;
	if (!counts || !waiting.includes(cause)) return cause;
	if (standing === "settled") return "settled";
	if (standing === "uncompared") return "settled-uncompared";
	return standing === "left-open" ? "settled-late" : cause;
}
