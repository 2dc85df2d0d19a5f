import type { Transaction } from "transaction/transaction";

/** One message to the host about one transaction. */
export interface HostRequest {
	readonly message: "sale" | "reversal" | "stored-sale";
	readonly transaction: Transaction;
	/** Field 57, for "sale" and "stored-sale": 10 bytes of KSN and at most 64 bytes of ciphertext. */
	readonly card?: { readonly ksn: Uint8Array; readonly ciphertext: Uint8Array };
	/** Deadline of the reply, 1 to 2^31-1. */
	readonly timeoutMs: number;
}

/** What became of a request that may have left. */
export type HostOutcome =
	| {
			readonly kind: "reply";
			/** Field 39, two characters. */
			readonly responseCode: string;
			/** Field 37, "" when absent. */
			readonly rrn: string;
			/** Field 38, "" when absent. */
			readonly authCode: string;
			/** Field 64 is there and right. A reply with code 00 always is; others may be A0, 97 or 99. */
			readonly authenticated: boolean;
	  }
	/** The deadline passed, or the connection broke while waiting. */
	| { readonly kind: "no-reply" }
	/** A matching reply came with a wrong field 64, or said 00 without one. */
	| { readonly kind: "wrong-mac" };
