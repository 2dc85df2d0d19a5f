import type { Transaction } from "transaction/transaction";

/** One message to the host about one transaction. */
export interface HostRequest {
	/** request: the one of its kind · reversal: 0400 of it · stored-sale: 0220 of a sale that was stored */
	readonly message: "request" | "reversal" | "stored-sale";
	readonly transaction: Transaction;
	/** Field 57, for kinds that read a card, but for a reversal: 10 bytes of KSN and at most 64 bytes of ciphertext. */
	readonly card?: { readonly ksn: Uint8Array; readonly ciphertext: Uint8Array };
	/** Deadline of the reply, 1 to 2^31-1. */
	readonly timeoutMs: number;
}

/** One message of a settlement: 0500, 0320 with details, 0320 that ends the upload. May be repeated. */
export interface SettlementRequest {
	readonly message: "settlement" | "upload";
	/** Field 11; a repeat keeps it. */
	readonly stan: number;
	/** 60.2: the batch that is settled, not always the current one. */
	readonly batch: number;
	/** 60.3: 201 totals and details, 207 and 202 end of the upload after balanced and other totals. */
	readonly network: 201 | 202 | 207;
	/** ISO 4217 as a number. */
	readonly currency: number;
	/** Field 48 (message/settlement-fields). */
	readonly digits48: string;
	/** Deadline of the reply, 1 to 2^31-1. */
	readonly timeoutMs: number;
}

/** What only the reply to a SettlementRequest has. */
export interface SettlementReply {
	/** 60.2: the batch of the request, with code 77 the one that is open; -1 when it is not there. */
	readonly batch: number;
	/** Field 48: the host's totals with its verdict, "" when absent. */
	readonly digits48: string;
	/** Field 62: what the host found, empty when absent. */
	readonly differences: Uint8Array;
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
			/** Of a 0510 and 0330 alone. */
			readonly settlement?: SettlementReply;
			/** Field 4 where it is less than what was asked for: approved in part. Absent otherwise. */
			readonly approvedMinor?: number;
			/** Objects 91, 71 and 72 of field 55 for an inserted chip, absent where there are none. */
			readonly issuerData?: Uint8Array;
			/** Field 54, "" when absent. Shown once, and neither kept nor printed. */
			readonly balance?: string;
	  }
	/** The deadline passed, or the connection broke while waiting. */
	| { readonly kind: "no-reply" }
	/** A matching reply came with a wrong field 64, or said 00 without one. */
	| { readonly kind: "wrong-mac" };
