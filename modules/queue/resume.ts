import { Fault } from "core/fault";
import { LogCode, type Log } from "core/log";
import type { Book } from "transaction/book";
import { kindTraits } from "transaction/kinds";
import { Input, State } from "transaction/states";
import { ReceiptState, ReversalReason, type Transaction } from "transaction/transaction";

/**
 * Closes rightly what a power cut left open. A request that may have left is in doubt, and doubt is reversed, but for an
 * inquiry, which moved nothing; what never left is abandoned; a slip that was being printed is uncertain.
 */
export function resumeAll(book: Book, log: Log): void {
	for (const transaction of book.all()) {
		try {
			resumeOne(book, transaction);
		} catch (error) {
			// Flash that cannot be written: it stays as it is and listed; a restart loop would help nobody.
			if (!(error instanceof Fault)) throw error;
			log.event(LogCode.JournalDamage, transaction.number, 2);
		}
	}
}

function resumeOne(book: Book, { number, kind, state, receiptState }: Transaction): void {
	const inquiry = kindTraits[kind].delivery === "inquiry";
	if (state === State.Opened) book.advance(number, Input.Abandon);
	if (state === State.Sending && inquiry) book.advance(number, Input.Lapse);
	else if (state === State.Sending)
		book.advance(number, Input.Doubt, { reason: ReversalReason.NoReply });
	if (receiptState === ReceiptState.Printing) book.receipt(number, ReceiptState.Uncertain);
}
