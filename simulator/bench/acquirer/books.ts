/** The host's ledger in memory and in its store, and the turns in which everything that touches it is done. */
import { Ledger } from "./ledger";
import { folderStore, memoryStore, type LedgerStore, type StoredNotice } from "./ledger-store";
import { reasonOf } from "./mqtt-client";
import type { AcquirerOptions } from "./options";
import type { LedgerRecord } from "./records";

/** Makes notices durable; for jobs that are in their turn. */
export type KeepNotices = (notices: readonly StoredNotice[]) => Promise<void>;

export interface BooksParts extends Pick<AcquirerOptions, "ledgerFolder" | "hold"> {
	readonly log: (line: string) => void;
	/** The ledger is open: what its store has besides records. */
	readonly onOpen: (notices: readonly StoredNotice[]) => void;
}

export class Books {
	readonly #parts: BooksParts;
	readonly #store: LedgerStore;
	#ledger = new Ledger();
	#work: Promise<void> = Promise.resolve();
	#waiting = 0;
	#open = false;

	constructor(parts: BooksParts) {
		this.#parts = parts;
		const { ledgerFolder } = parts;
		this.#store = ledgerFolder === undefined ? memoryStore() : folderStore(ledgerFolder);
	}

	/** Readable also while the store is closed. */
	get ledger(): Ledger {
		return this.#ledger;
	}

	/** Jobs that wait for their turn. */
	get waiting(): number {
		return this.#waiting;
	}

	/** Opens the store and reads it. @throws LedgerError with one clear line */
	async open(): Promise<void> {
		if (this.#open) return;
		await this.#work;
		const { records, notices } = await this.#store.load();
		const ledger = new Ledger();
		for (const record of records) ledger.take(record);
		this.#ledger = ledger;
		this.#parts.onOpen(notices);
		this.#open = true;
	}

	/** What is being written is finished; what waits finds the books closed. */
	close(): Promise<void> {
		if (this.#open) {
			this.#open = false;
			this.#work = this.#work.then(() => this.#store.close()).catch(() => undefined);
		}
		return this.#work;
	}

	/** Enters records once they are durable; for jobs that are in their turn. @throws Error of the store: nothing is entered */
	async append(records: readonly LedgerRecord[]): Promise<void> {
		if (records.length === 0) return;
		await this.#store.append(records);
		for (const record of records) this.#ledger.take(record);
	}

	/** See KeepNotices. */
	readonly keep: KeepNotices = (notices) => this.#store.append([], notices);

	/** Runs a job when those before it are done. What it throws is logged. */
	enqueue(job: () => Promise<void>): Promise<void> {
		this.#waiting++;
		const work = this.#work.then(job).catch((error: unknown) => {
			// The books could not be written: nothing was posted, so nothing may be answered.
			this.#parts.log(`not answered: ${reasonOf(error)}`);
		});
		this.#work = work.finally(() => void this.#waiting--);
		this.#parts.hold?.(this.#work);
		return this.#work;
	}

	/** Runs a job when those before it are done. @throws what it throws, and Error when the books are closed */
	async inTurn(job: (keep: KeepNotices) => Promise<void>): Promise<void> {
		let failure: unknown = new Error("the host is stopped: its ledger is closed");
		await this.enqueue(async () => {
			if (!this.#open) return;
			try {
				await job(this.keep);
				failure = undefined;
			} catch (error) {
				failure = error;
			}
		});
		if (failure !== undefined) throw failure as Error;
	}
}
