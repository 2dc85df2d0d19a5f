import { Fault } from "core/fault";
import { Mark, type JournalRecord } from "journal/journal";
import type { JournalPort } from "transaction/counters";

/** A journal in memory: keeps what was appended, and can be told to be full. */
export class FakeJournal implements JournalPort {
	readonly records: (JournalRecord & { readonly mark: Mark })[] = [];
	full = false;

	canOpen(): boolean {
		return !this.full;
	}

	visitSubject(subject: number, visit: (record: JournalRecord) => void): void {
		for (const record of this.records) if (record.subject === subject) visit(record);
	}

	visitAll(visit: (record: JournalRecord) => void): void {
		for (const record of this.records) visit(record);
	}

	append(subject: number, kind: number, payload: Uint8Array, mark: Mark): void {
		if (this.full && mark === Mark.Open) throw new Fault("journal.full");
		this.records.push({ subject, kind, payload: payload.slice(), mark });
	}
}
