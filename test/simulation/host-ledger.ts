/** What the host's books say of one STAN in one batch. */
export interface HostEntry {
	readonly stan: number;
	readonly amountMinor: number;
	/** Debits, online or stored, that were posted. More than one is a double charge. */
	posted: number;
	reversed: number;
	tombstone: boolean;
	/** Declined or refused when it came. */
	declined: boolean;
	/** Codes answered to reversals and stored sales. */
	readonly repeatCodes: string[];
	/** One of the debits was a stored sale. */
	stored: boolean;
	/** Hex of field 57 of the last 0200 or 0220. */
	card: string;
}

/** The acquirer's books. They survive a crash of the host. */
export class HostLedger {
	readonly entries = new Map<string, HostEntry>();

	find(batch: string, stan: number): HostEntry | undefined {
		return this.entries.get(`${batch}/${stan}`);
	}

	/** The entry for a request; made when it is new. */
	entry(batch: string, stan: number, amountMinor: number): HostEntry {
		const key = `${batch}/${stan}`;
		let entry = this.entries.get(key);
		if (entry === undefined) {
			entry = {
				stan,
				amountMinor,
				posted: 0,
				reversed: 0,
				tombstone: false,
				declined: false,
				stored: false,
				repeatCodes: [],
				card: "",
			};
			this.entries.set(key, entry);
		}
		return entry;
	}
}
