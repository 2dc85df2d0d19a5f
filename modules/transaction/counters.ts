import { Mark, type Journal } from "journal/journal";
import { Fault } from "core/fault";
import { limits } from "core/limits";
import { encodeCounters, RecordKind, type CountersRecord } from "transaction/records";

/** What the book needs of the journal. */
export type JournalPort = Pick<
	Journal,
	"append" | "canOpen" | "visitSubject" | "visitAll" | "readRest"
>;

/** Largest DE11. */
export const stanMax = 999_999;
/** Four hexadecimal digits in the topic, so that a sale costs few bytes; far more than are ever under way. */
const attemptMax = 0xffff;
/** Many more than may be open at a time. */
const stanTries = 2048;

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
	#settling = false;

	constructor(journal: JournalPort) {
		this.#journal = journal;
	}

	/** The batch that the host gave, 0 while none is known. */
	get batch(): number {
		return this.#batch;
	}

	/** A batch is with the host. */
	get settling(): boolean {
		return this.#settling;
	}

	/** Takes over what the journal holds, at boot, before or after the transactions. */
	restore(record: CountersRecord): void {
		this.#stanUsed(record.stanReserved);
		if (isAhead(record.attemptReserved, this.#attempt, attemptMax))
			this.#attempt = this.#attemptReserved = record.attemptReserved;
		this.#number = Math.max(this.#number, record.numberUsed);
		this.#batch = record.batch;
		this.#settling = record.settling;
	}

	/**
	 * A transaction was found on the journal: its numbers are used, whatever the counters say. They say less when
	 * their newest record is damaged, and a STAN that is used again would make the host reverse the sale that had it.
	 */
	seen(number: number, stan: number): void {
		this.#number = Math.max(this.#number, number);
		this.#stanUsed(stan);
	}

	#stanUsed(stan: number): void {
		if (this.#stanReserved === 0 || isAhead(stan, this.#stan, stanMax))
			this.#stan = this.#stanReserved = stan;
	}

	/**
	 * Nothing is known of earlier numbers: a new terminal, or its flash is lost. STANs then go on behind `stan`, which is
	 * to be chosen at random, far from those that the host may still know. @param stan 0 to 999998
	 */
	startAnew(stan: number): void {
		if (this.#stanReserved === 0) this.#stan = stan;
	}

	/**
	 * The next DE11, 1 to 999999.
	 * @param inUse open transactions keep theirs
	 * @throws Fault "stan.none" when none of a run that is longer than open transactions can be is free
	 */
	nextStan(inUse: (stan: number) => boolean): number {
		let tries = 0;
		do {
			if (++tries > stanTries) throw new Fault("stan.none", this.#stan);
			if (this.#stan >= this.#stanReserved || this.#stan >= stanMax) this.#reserveStans();
			this.#stan++;
		} while (inUse(this.#stan));
		return this.#stan;
	}

	/** The next attempt number, 1 to 0xffff. */
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
		this.#save({ batch });
		this.#batch = batch;
	}

	/** Journals whether a batch is with the host. */
	setSettling(settling: boolean): void {
		if (settling === this.#settling) return;
		this.#save({ settling });
		this.#settling = settling;
	}

	#reserveStans(): void {
		const used = this.#stan >= stanMax ? 0 : this.#stan;
		const stanReserved = Math.min(used + limits.reserveAhead, stanMax);
		this.#save({ stanReserved });
		this.#stan = used;
		this.#stanReserved = stanReserved;
	}

	#reserveAttempts(): void {
		const used = this.#attempt >= attemptMax ? 0 : this.#attempt;
		const attemptReserved = Math.min(used + limits.reserveAhead, attemptMax);
		this.#save({ attemptReserved });
		this.#attempt = used;
		this.#attemptReserved = attemptReserved;
	}

	/** Durable on return; memory follows, so that what could not be written is not used either. */
	#save(change: Partial<CountersRecord>): void {
		const payload = encodeCounters({
			stanReserved: this.#stanReserved,
			attemptReserved: this.#attemptReserved,
			numberUsed: this.#number,
			batch: this.#batch,
			settling: this.#settling,
			...change,
		});
		this.#journal.append(0, RecordKind.Counters, payload, Mark.More);
	}
}

/** Whether `value` comes after `than`, counting in a circle of `size`. */
function isAhead(value: number, than: number, size: number): boolean {
	const ahead = (value - than + size) % size;
	return ahead > 0 && ahead < size / 2;
}
