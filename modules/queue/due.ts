import { Kind } from "transaction/kinds";
import { State } from "transaction/states";
import type { Transaction } from "transaction/transaction";

/** Repeated unchanged until the host answers. */
export function isRepeated({ state }: Transaction): boolean {
	return state === State.StoredOffline || state === State.AdviceDue;
}

/** Something goes to the host about it until the host has answered. */
export function isDue(transaction: Transaction): boolean {
	return isRepeated(transaction) || transaction.state === State.ReversalDue;
}

/** A script result that the host does not know yet. */
export function isScriptDue({ kind, state }: Transaction): boolean {
	return kind === Kind.ScriptResult && state === State.AdviceDue;
}

/** Script results first, then the oldest first. */
export function byUrgency(a: Transaction, b: Transaction): number {
	return Number(isScriptDue(b)) - Number(isScriptDue(a)) || a.number - b.number;
}
