/** From a closed batch to the notice that says what became of its money. */
import { localDay } from "./host-time";
import type { Ledger } from "./ledger";
import { reasonOf } from "./mqtt-client";
import type { SettlementNotice } from "./notice-content";
import type { NoticeDesk } from "./notice-desk";
import type { Funding } from "./options";
import type { LedgerRecord } from "./records";
import { totalsOf } from "./totals";

/** Fees of a batch, rounded down. @param feeRate 1/10000 */
function feesOf(debitMinor: number, feeRate: number): number {
	return Math.floor((debitMinor * feeRate) / 10_000);
}

/**
 * The notice about a whole batch. A batch that adds less than it takes has no net amount to tell.
 * @param payMs when the money is paid, held or returned, Unix ms
 */
function fundingNotice(
	ledger: Ledger,
	terminal: string,
	batch: string,
	funding: Omit<Funding, "delayMs">,
	payMs: number,
): SettlementNotice {
	const { debitMinor, creditMinor } = totalsOf(ledger, terminal, batch);
	const feesMinor = feesOf(debitMinor, funding.feeRate ?? 0);
	const netMinor = debitMinor - creditMinor - feesMinor;
	const { outcome, reason } = funding;
	return {
		kind: "settlement",
		batch,
		outcome,
		date: localDay(payMs),
		...(reason === undefined ? {} : { reason }),
		...(netMinor < 0 ? {} : { netMinor, feesMinor }),
		reference: `S${localDay(payMs)}${batch}`,
	};
}

/** What the funder needs of the host. */
export interface FunderParts {
	/** Undefined: nothing is told by itself. */
	readonly funding: Funding | undefined;
	readonly ledger: () => Ledger;
	readonly notices: NoticeDesk;
	readonly log: (line: string) => void;
}

/** Tells terminals what became of their closed batches. */
export class Funder {
	readonly #parts: FunderParts;

	constructor(parts: FunderParts) {
		this.#parts = parts;
	}

	/** @throws RangeError for a batch that is not closed, and as NoticeDesk.add */
	async settle(
		terminal: string,
		batch: string,
		funding: Omit<Funding, "delayMs">,
		dueMs: number,
	): Promise<void> {
		const ledger = this.#parts.ledger();
		if (ledger.batchState(terminal, batch)?.close === undefined)
			throw new RangeError(`batch ${batch} of ${terminal} is not closed`);
		const content = fundingNotice(ledger, terminal, batch, funding, dueMs);
		await this.#parts.notices.add(terminal, content, { dueMs, batch });
	}

	/** A batch was closed. @param record of kind close */
	onClose({ terminal, batch, ms }: LedgerRecord): void {
		const { funding, log } = this.#parts;
		if (funding === undefined) return;
		this.settle(terminal, batch, funding, ms + funding.delayMs).catch((error: unknown) =>
			log(`no notice about batch ${batch}: ${reasonOf(error)}`),
		);
	}

	/** What was closed while nobody was there to tell it: the host died in between. */
	catchUp(): void {
		const { ledger, notices } = this.#parts;
		const closed = ledger()
			.records()
			.filter(({ kind }) => kind === "close");
		for (const record of closed) {
			const list = notices.book.list(record.terminal);
			if (list.every(({ batch }) => batch !== record.batch)) this.onClose(record);
		}
	}
}
