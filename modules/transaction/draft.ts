import { EntryMode, type CardRead } from "core/card";
import { Kind } from "transaction/kinds";
import { State } from "transaction/states";
import {
	ReceiptState,
	type Intent,
	type Original,
	type ReversalReason,
	type Transaction,
} from "transaction/transaction";

/** What is learnt together with a change of state. */
export interface Details {
	readonly reason?: ReversalReason;
	readonly responseCode?: string;
	readonly rrn?: string;
	readonly authCode?: string;
	/** Approved where that is less than the amount. */
	readonly approvedMinor?: number;
}

/** What a new transaction is to be. */
export interface Draft {
	readonly kind: Kind;
	/** Minor units, 1 up; 0 for a kind that has no amount. */
	readonly amountMinor: number;
	readonly currency: number;
	/** For kinds that read one. */
	readonly card?: CardRead;
	/** For kinds that have one. */
	readonly original?: Original;
	/** Card of the original as the slip shows it, for kinds that read none. */
	readonly maskedPan?: string;
	/** Objects of field 55 for kinds that read no card: a script result. */
	readonly chipData?: Uint8Array;
	/** The request is to say that a part of the amount is taken. */
	readonly partialAllowed?: boolean;
}

/** A transaction of which the intent alone is known. */
export function fresh(intent: Intent): Transaction {
	return {
		...intent,
		state: State.Opened,
		reason: 0,
		responseCode: "",
		rrn: "",
		authCode: "",
		approvedMinor: 0,
		attemptCount: 0,
		receiptState: ReceiptState.None,
		reprintCount: 0,
	};
}

/** What the intent keeps of a card. */
export function ofCard(
	card: CardRead,
): Pick<Intent, "entryMode" | "maskedPan" | "panSequence" | "chipData"> {
	return {
		entryMode: card.entryMode,
		maskedPan: card.maskedPan,
		panSequence: card.panSequence,
		chipData: card.chipData,
	};
}

/** The same for kinds that read none. */
export function withoutCard(draft: Draft): ReturnType<typeof ofCard> {
	return {
		entryMode: EntryMode.None,
		maskedPan: draft.maskedPan ?? "",
		panSequence: -1,
		chipData: draft.chipData ?? new Uint8Array(0),
	};
}

/** A balance is shown and never printed (G4: it is the customer's own); a script result concerns nobody at the till. */
function hasSlip(kind: Kind): boolean {
	return kind !== Kind.Balance && kind !== Kind.ScriptResult;
}

/** A slip is due as soon as the customer may need one; in the same record, so that it cannot get lost. */
export function receiptAfter(kind: Kind, state: State, before: ReceiptState): ReceiptState {
	if (before !== ReceiptState.None || !hasSlip(kind)) return before;
	const due =
		state === State.Approved || state === State.StoredOffline || state === State.ReversalDue;
	return due ? ReceiptState.Due : before;
}
