import type { JournalRecord } from "journal/journal";
import { BatchTable } from "settlement/batch-view";
import { JournalTap } from "settlement/journal-tap";
import { SettlementStore } from "settlement/store";
import type { JournalPort } from "transaction/counters";

/** What settlements need of the journal, fed from flash at boot and with every record that is appended. */
export class SettlementMemory {
	readonly view = new BatchTable();
	readonly store: SettlementStore;
	/** What writes here is seen by the view; the book is to write here. */
	readonly journal: JournalPort;

	constructor(journal: JournalPort) {
		this.journal = new JournalTap(journal, (record) => this.view.restore(record));
		this.store = new SettlementStore(this.journal);
	}

	/** Takes over a record at boot. @returns false when the book has to see it */
	restore(record: JournalRecord): boolean {
		this.view.restore(record);
		return this.store.restore(record);
	}

	/** Takes over what idle time has read back, newest first. */
	learn(record: JournalRecord): void {
		this.view.learn(record);
		if (record.subject === 0) this.store.learn(record);
	}
}
