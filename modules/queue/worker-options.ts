import type { CardRead } from "core/card";
import type { Clock, Timers } from "core/clock";
import type { Entropy } from "core/entropy";
import type { Log } from "core/log";
import type { Parameters } from "core/parameters";
import type { HostLink } from "host/link";
import type { Vault } from "journal/vault";
import type { ChipPort } from "queue/chip";
import type { Book } from "transaction/book";
import type { Transaction } from "transaction/transaction";

export interface WorkerOptions {
	readonly book: Book;
	readonly vault: Pick<Vault, "get" | "release">;
	readonly link: Pick<HostLink, "state" | "exchange" | "room">;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly entropy: Entropy;
	readonly log: Log;
	readonly parameters: () => Parameters;
	/** The reader, for chips that wait for the host's answer. */
	readonly chip: ChipPort;
	/** The issuer's scripts ran on the chip of this transaction; 5 bytes each. */
	readonly onScripts: (transaction: Transaction, results: Uint8Array) => void;
	/** Stored sales and advices that may be in flight; by default what the link takes less one, which is kept for the customer. */
	readonly window?: number;
	/** The customer's link did not come up in time: store the sale (true) or abandon it. */
	readonly store: (transaction: Transaction, card: CardRead) => boolean;
	/**
	 * The waiting customer's transaction has reached a state that can be shown.
	 * @param balance field 54 of the reply, "" when there is none: shown, never kept
	 */
	readonly onCustomer: (transaction: Transaction, balance: string) => void;
	/** Something was decided: a slip may be due. */
	readonly onChanged: () => void;
}
