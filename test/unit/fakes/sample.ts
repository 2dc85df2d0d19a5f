import { EntryMode, type CardRead } from "core/card";
import type { Entropy } from "core/entropy";
import { State } from "transaction/states";
import type { Draft } from "transaction/book";
import { Kind } from "transaction/kinds";
import { ReceiptState, type Original, type Transaction } from "transaction/transaction";

/** A card that may be stored offline; every option that a test sets means something. */
export function sampleCard(options: Partial<CardRead> = {}): CardRead {
	return {
		entryMode: EntryMode.Chip,
		maskedPan: "621483******0018",
		ksn: Uint8Array.of(0xff, 0xff, 0x98, 0x76, 0x54, 0x32, 0x10, 0xe0, 0, 1),
		ciphertext: new Uint8Array(40).fill(0x5a),
		chipData: Uint8Array.of(0x95, 5, 0, 0, 0, 0, 0),
		panSequence: 1,
		onlinePin: false,
		...options,
	};
}

export function sampleTransaction(options: Partial<Transaction> = {}): Transaction {
	return {
		number: 7,
		kind: Kind.Sale,
		stan: 74,
		batch: 12,
		amountMinor: 1234,
		currency: 156,
		entryMode: EntryMode.Chip,
		maskedPan: "621483******0018",
		panSequence: 1,
		chipData: new Uint8Array(0),
		openedMs: 1_795_312_805_000,
		partialAllowed: false,
		original: undefined,
		state: State.Approved,
		reason: 0,
		responseCode: "",
		rrn: "",
		authCode: "",
		approvedMinor: 0,
		attemptCount: 0,
		receiptState: ReceiptState.None,
		reprintCount: 0,
		...options,
	};
}

/** An original of which nothing is known. */
export const noOriginal: Original = Object.freeze({
	number: 0,
	kind: 0,
	batch: 0,
	stan: 0,
	monthDay: 0,
	amountMinor: 0,
	rrn: "",
	authCode: "",
});

/** A sale as the till begins it. */
export function saleDraft(card: CardRead, amountMinor: number): Draft {
	return { kind: Kind.Sale, amountMinor, currency: 156, card };
}

/** Entropy whose every byte is `value`. */
export function constantEntropy(value: number): Entropy {
	return { fill: (target) => target.fill(value) };
}
