import type { JournalRecord, Mark } from "journal/journal";
import type { JournalPort } from "transaction/counters";

/** A journal that tells somebody what was appended, once it is on flash. */
export class JournalTap implements JournalPort {
	readonly #journal: JournalPort;
	readonly #tell: (record: JournalRecord) => void;

	/** @param tell never throws; the payload is the caller's, good during the call */
	constructor(journal: JournalPort, tell: (record: JournalRecord) => void) {
		this.#journal = journal;
		this.#tell = tell;
	}

	canOpen(): boolean {
		return this.#journal.canOpen();
	}

	visitSubject(subject: number, visit: (record: JournalRecord) => void): void {
		this.#journal.visitSubject(subject, visit);
	}

	visitAll(visit: (record: JournalRecord) => void): void {
		this.#journal.visitAll(visit);
	}

	readRest(): void {
		this.#journal.readRest();
	}

	append(subject: number, kind: number, payload: Uint8Array, mark: Mark): void {
		this.#journal.append(subject, kind, payload, mark);
		this.#tell({ subject, kind, payload });
	}
}
