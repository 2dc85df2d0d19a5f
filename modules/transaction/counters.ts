import { Mark, type Journal } from "journal/journal";
import { limits } from "core/limits";
import { encodeCounters, RecordKind, type CountersRecord } from "transaction/records";

/** What the book needs of the journal. */
export type JournalPort = Pick<Journal, "append" | "canOpen">;

/** Largest DE11. */
export const stanMax = 999_999;
const attemptMax = 0xffffff;

/**
 * STANs, attempt numbers, transaction numbers and the batch: durable before use. A journal record reserves
 * a run of numbers ahead; after a boot counting goes on behind the run, so that none is ever used twice.
 */
export class Counters {
	readonly #journal: JournalPort;
	#stan = 0;
	#stanReserved = 0;
	#attempt = 0;
	#attemptReserved = 0;
	#number = 0;
	#batch = 0;

	constructor(journal: JournalPort) {
		this.#journal = journal;
	}

	/** The batch that the host gave, 0 while none is known. */
	get batch(): number {
		return this.#batch;
	}

	/** Takes over what the journal holds, at boot. */
	restore(record: CountersRecord): void {
		this.#stan = this.#stanReserved = record.stanReserved;
		this.#attempt = this.#attemptReserved = record.attemptReserved;
		this.#number = Math.max(this.#number, record.numberUsed);
		this.#batch = record.batch;
	}

	/** A transaction was found on the journal: its numbers are used, whatever the counters say. */
	seen(number: number, stan: number): void {
		this.#number = Math.max(this.#number, number);
		if (this.#stanReserved === 0) this.#stan = Math.max(this.#stan, stan);
	}

	/** The next DE11, 1 to 999999. @param inUse open transactions keep theirs */
	nextStan(inUse: (stan: number) => boolean): number {
		do {
			if (this.#stan >= this.#stanReserved || this.#stan >= stanMax) this.#reserveStans();
			this.#stan++;
		} while (inUse(this.#stan));
		return this.#stan;
	}

	/** The next attempt number, 1 to 0xffffff. */
	nextAttempt(): number {
		if (this.#attempt >= this.#attemptReserved || this.#attempt >= attemptMax)
			this.#reserveAttempts();
		return ++this.#attempt;
	}

	/** The next transaction number; durable with the intent record that carries it. */
	nextNumber(): number {
		return ++this.#number;
	}

	/** Journals a new batch number. */
	setBatch(batch: number): void {
		if (batch === this.#batch) return;
		this.#batch = batch;
		this.#save();
	}

	#reserveStans(): void {
		if (this.#stan >= stanMax) this.#stan = 0;
		this.#stanReserved = Math.min(this.#stan + limits.reserveAhead, stanMax);
		this.#save();
	}

	#reserveAttempts(): void {
		if (this.#attempt >= attemptMax) this.#attempt = 0;
		this.#attemptReserved = Math.min(this.#attempt + limits.reserveAhead, attemptMax);
		this.#save();
	}

	#save(): void {
		const payload = encodeCounters({
			stanReserved: this.#stanReserved,
			attemptReserved: this.#attemptReserved,
			numberUsed: this.#number,
			batch: this.#batch,
		});
		this.#journal.append(0, RecordKind.Counters, payload, Mark.More);
	}
}
