import type { EntryMode } from "core/card";
import type { Kind } from "transaction/kinds";
import type { State } from "transaction/states";

/** Why a reversal is due; DE39 of the 0400. The numbers stand on flash, append only. */
export const ReversalReason = Object.freeze({ NoReply: 1, WrongMac: 2, CardFailed: 3 } as const);
export type ReversalReason = (typeof ReversalReason)[keyof typeof ReversalReason];

/** State of the slip of a transaction; the numbers stand on flash, append only. */
export const ReceiptState = Object.freeze({
	None: 0,
	Due: 1,
	Printing: 2,
	Printed: 3,
	Uncertain: 4,
} as const);
export type ReceiptState = (typeof ReceiptState)[keyof typeof ReceiptState];

/** What a transaction without a card of its own says about the one that it belongs to. */
export interface Original {
	/** Its number on this terminal, 0 when it is not known here. */
	readonly number: number;
	/** 0 when it is not known here. */
	readonly kind: Kind | 0;
	/** 0 when unknown. */
	readonly batch: number;
	/** 0 when unknown. */
	readonly stan: number;
	/** Local date, month * 100 + day; 0 when unknown. */
	readonly monthDay: number;
	/** What stood posted of it, tip and all; 0 when it is not known here. */
	readonly amountMinor: number;
	/** DE37, "" when unknown. */
	readonly rrn: string;
	/** DE38, "" when unknown. For a voice sale: as it was told by telephone. */
	readonly authCode: string;
}

/** What the intent record holds: written once, when the card has been read, and never changed. */
export interface Intent {
	/** Number of the transaction on this terminal, 1 up, never reused: the N of `show N`. */
	readonly number: number;
	readonly kind: Kind;
	/** DE11, 1 to 999999. */
	readonly stan: number;
	/** Batch, 1 to 999999, as the host gave it at sign-on. */
	readonly batch: number;
	readonly amountMinor: number;
	readonly currency: number;
	readonly entryMode: EntryMode;
	/** First six and last four digits at most. */
	readonly maskedPan: string;
	/** DE23 or -1. */
	readonly panSequence: number;
	/** DE55 objects, empty for a swipe. */
	readonly chipData: Uint8Array;
	/** Unix ms when the card was read, 0 while the clock was unknown. */
	readonly openedMs: number;
	/** The request said that an approval of a part of the amount is taken. */
	readonly partialAllowed: boolean;
	/** Undefined for kinds that have none. */
	readonly original: Original | undefined;
}

/** What is known of one transaction: the intent and what the later records add. */
export interface Transaction extends Intent {
	readonly state: State;
	/** 0 while no reversal was ever due. */
	readonly reason: ReversalReason | 0;
	/** DE39 of the last host answer that decided, "" when there is none. */
	readonly responseCode: string;
	/** DE37, "" when unknown. */
	readonly rrn: string;
	/** DE38, "" when unknown. */
	readonly authCode: string;
	/** What the host approved where that is less than the amount, else 0. */
	readonly approvedMinor: number;
	/** Unanswered sends of the message that is due now (reversal or stored sale). */
	readonly attemptCount: number;
	readonly receiptState: ReceiptState;
	/** Marked reprints so far. */
	readonly reprintCount: number;
}

/** The amount that counts: what was approved, which may be less than what was asked for. Minor units, without a sign. */
export function countedMinor(
	transaction: Pick<Transaction, "amountMinor" | "approvedMinor">,
): number {
	return transaction.approvedMinor > 0 ? transaction.approvedMinor : transaction.amountMinor;
}
