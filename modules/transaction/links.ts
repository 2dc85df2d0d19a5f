import { limits } from "core/limits";
import { Kind, kindFrom } from "transaction/kinds";
import { isPosted, isUnderWay, State, stateFrom } from "transaction/states";
import { countedMinor, type Transaction } from "transaction/transaction";

/** What the later transactions of an original add up to. */
export interface Tally {
	/** A void of it stands. */
	readonly voided: boolean;
	/** A completion of it stands (pre-authorisations). */
	readonly completed: boolean;
	/** A sale was authorised by telephone in its place. */
	readonly voiced: boolean;
	/** Tip that stands, minor units. */
	readonly tipMinor: number;
	/** Refunds that stand, minor units. */
	readonly refundedMinor: number;
	/** Number of one that is under way, 0 when there is none: what it will have done is not known yet. */
	readonly pending: number;
}

type Linked = Pick<
	Transaction,
	"number" | "kind" | "state" | "original" | "amountMinor" | "approvedMinor"
>;

/**
 * Which transactions belong to which original: derived from their records, in memory alone. Holds the newest
 * `capacity`; beyond that the oldest that is closed is forgotten.
 */
export class Links {
	readonly #number: Uint32Array;
	readonly #original: Uint32Array;
	readonly #amountMinor: Uint32Array;
	readonly #kind: Uint8Array;
	readonly #state: Uint8Array;
	#size = 0;

	/** @param capacity transactions, 1 up */
	constructor(capacity: number = limits.linksInMemory) {
		this.#number = new Uint32Array(capacity);
		this.#original = new Uint32Array(capacity);
		this.#amountMinor = new Uint32Array(capacity);
		this.#kind = new Uint8Array(capacity);
		this.#state = new Uint8Array(capacity);
	}

	/** Takes over a transaction as it is now; those without an original here are passed over. */
	note(transaction: Linked): void {
		const original = transaction.original?.number ?? 0;
		// A script result changes nothing about its original.
		if (original === 0 || transaction.kind === Kind.ScriptResult) return;
		const at = this.#place(transaction.number);
		this.#number[at] = transaction.number;
		this.#original[at] = original;
		this.#kind[at] = transaction.kind;
		this.#state[at] = transaction.state;
		this.#amountMinor[at] = countedMinor(transaction);
	}

	/** Whether a transaction is known here. */
	has(number: number): boolean {
		return this.#find(number) >= 0;
	}

	/** What stands about an original. */
	tallyOf(original: number): Tally {
		let voided = false;
		let completed = false;
		let voiced = false;
		let tipMinor = 0;
		let refundedMinor = 0;
		let pending = 0;
		for (let at = 0; at < this.#size; at++) {
			const state = stateFrom(this.#state[at]!);
			if (this.#original[at] !== original || state === undefined) continue;
			if (isUnderWay(state)) pending = this.#number[at]!;
			if (!isPosted(state)) continue;
			const amountMinor = this.#amountMinor[at]!;
			switch (kindFrom(this.#kind[at]!)) {
				case Kind.Void:
				case Kind.PreAuthVoid:
				case Kind.CompletionVoid:
					voided = true;
					break;
				case Kind.Completion:
				case Kind.CompletionAdvice:
					completed = completed || !this.#isVoided(this.#number[at]!);
					break;
				case Kind.Refund:
					refundedMinor += amountMinor;
					break;
				case Kind.Tip:
					tipMinor += amountMinor;
					break;
				case Kind.VoiceSale:
					voiced = true;
					break;
				default:
			}
		}
		return { voided, completed, voiced, tipMinor, refundedMinor, pending };
	}

	/** A completion that was voided leaves its pre-authorisation as it was. */
	#isVoided(number: number): boolean {
		for (let at = 0; at < this.#size; at++) {
			const state = stateFrom(this.#state[at]!);
			const isVoid = this.#kind[at] === Kind.CompletionVoid && this.#original[at] === number;
			if (isVoid && state !== undefined && isPosted(state)) return true;
		}
		return false;
	}

	/** Newest first: it is asked for what has just changed. */
	#find(number: number): number {
		for (let at = this.#size - 1; at >= 0; at--) if (this.#number[at] === number) return at;
		return -1;
	}

	#place(number: number): number {
		const known = this.#find(number);
		if (known >= 0) return known;
		if (this.#size < this.#number.length) return this.#size++;
		return this.#forgettable();
	}

	#forgettable(): number {
		let oldest = 0;
		let lowest = Number.POSITIVE_INFINITY;
		for (let at = 0; at < this.#size; at++) {
			const state = stateFrom(this.#state[at]!) ?? State.Settled;
			if (isUnderWay(state) || this.#number[at]! >= lowest) continue;
			lowest = this.#number[at]!;
			oldest = at;
		}
		return oldest;
	}
}
