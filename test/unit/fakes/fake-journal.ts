import { Fault } from "core/fault";
import { Mark, type Journal, type JournalRecord } from "journal/journal";
import type { JournalPort } from "transaction/counters";

/** A journal in memory: keeps what was appended, and can be told to be full. */
export class FakeJournal
	implements JournalPort, Pick<Journal, "isPartlyVisited" | "visitSettings">
{
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

	readRest(): void {
		this.isPartlyVisited = false;
	}

	/** Records that a boot has not read yet. */
	isPartlyVisited = false;

	visitSettings(visit: (record: JournalRecord) => void): void {
		const newest = new Map<number, JournalRecord>();
		for (const record of this.records) if (record.subject === 0) newest.set(record.kind, record);
		for (const record of newest.values()) visit(record);
	}

	append(subject: number, kind: number, payload: Uint8Array, mark: Mark): void {
		if (this.full && mark === Mark.Open) throw new Fault("journal.full");
		this.records.push({ subject, kind, payload: payload.slice(), mark });
	}
}
