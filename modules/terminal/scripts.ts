import { Fault } from "core/fault";
import { LogCode, type Log } from "core/log";
import { scriptResultData } from "queue/chip";
import { originalOf } from "terminal/rules";
import type { Book } from "transaction/book";
import { Kind } from "transaction/kinds";
import { Input } from "transaction/states";
import type { Transaction } from "transaction/transaction";

/**
 * The issuer had scripts for the chip: what became of them is an advice of its own (脚本通知), sent before the next
 * request. Flash that takes no more costs the issuer this notice and nobody any money.
 * @param results DF31: 5 bytes for each script, at most 20
 */
export function openScriptResult(
	book: Book,
	log: Log,
	transaction: Transaction,
	results: Uint8Array,
	utcOffsetMinutes: number,
): void {
	try {
		const { number } = book.begin({
			kind: Kind.ScriptResult,
			amountMinor: transaction.amountMinor,
			currency: transaction.currency,
			maskedPan: transaction.maskedPan,
			original: originalOf(transaction, book.tallyOf(transaction.number), utcOffsetMinutes),
			chipData: scriptResultData(transaction.chipData, results),
		});
		book.advance(number, Input.Advise);
	} catch (error) {
		if (!(error instanceof Fault)) throw error;
		log.event(LogCode.JournalDamage, transaction.number, 3);
	}
}
