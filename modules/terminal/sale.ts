import type { CardRead } from "core/card";
import type { Clock, Timers } from "core/clock";
import type { CardOutcome, CardReader } from "core/devices";
import { Fault } from "core/fault";
import { limits } from "core/limits";
import { LogCode, type Log } from "core/log";
import type { TerminalConfig } from "core/platform";
import { LinkState, type HostLink } from "host/link";
import type { Vault } from "journal/vault";
import { encodeSealedCard } from "queue/sealed-card";
import type { Worker } from "queue/worker";
import { localStamp } from "core/local-time";
import {
	cardRefusal,
	offlineRefusal,
	type OfflineConditions,
	type OfflineRefusal,
} from "terminal/offline-policy";
import { refusalCode } from "terminal/texts";
import type { Book } from "transaction/book";
import type { Transaction } from "transaction/transaction";

/** Why a sale does not even get as far as the card. */
export type SaleRefusal = OfflineRefusal | "busy" | "full" | "reader" | "paper";

/** What the cashier's screen is told. */
export interface SaleEvents {
	/** The reader takes a card now. */
	readonly onPresent: (offline: boolean) => void;
	/** The card was read and the sale is on its way. */
	readonly onSent: () => void;
	/** No transaction came of it. */
	readonly onNoCard: (outcome: Exclude<CardOutcome, { kind: "card" }>) => void;
	/** The card cannot be used for a stored sale; nothing was recorded, nothing was charged. */
	readonly onCardRefused: (refusal: OfflineRefusal) => void;
	/** The fate, as far as it is known: approved, declined, reversal due, stored, abandoned. */
	readonly onResult: (transaction: Transaction) => void;
}

export interface SaleOptions {
	readonly book: Book;
	readonly worker: () => Worker;
	readonly vault: Vault;
	readonly link: HostLink;
	readonly reader: CardReader;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly log: Log;
	readonly config: TerminalConfig;
	readonly events: SaleEvents;
}

/** One sale at a time: amount, checks, card, durable intent, worker. */
export class Sales {
	readonly #o: SaleOptions;
	#active = false;

	constructor(options: SaleOptions) {
		this.#o = options;
	}

	/** A sale is between its amount and its result. */
	get active(): boolean {
		return this.#active;
	}

	/**
	 * Starts a sale: every limit is checked before the card is read (G5).
	 * @param amountMinor 1 to limits.saleAmountMinorMax, checked by the caller's parseAmount
	 * @returns why not, or undefined when the reader now waits for a card
	 */
	start(amountMinor: number): SaleRefusal | undefined {
		const refusal = this.#refusal(amountMinor);
		if (refusal !== undefined) return refusal;
		const { reader, clock, config, events, link } = this.#o;
		const request = {
			amountMinor,
			currency: config.currency,
			emvType: 0,
			localTime: localStamp(clock.wallMs(), config.utcOffsetMinutes),
			timeoutMs: limits.cardTimeoutMs,
		};
		try {
			reader.activate(request, (outcome) => this.#card(amountMinor, outcome));
		} catch (error) {
			if (error instanceof Fault) return "reader";
			throw error;
		}
		this.#active = true;
		events.onPresent(link.state !== LinkState.Up);
		return undefined;
	}

	/** The cashier gives up while a card is awaited. */
	cancel(): void {
		this.#o.reader.cancel();
	}

	/** The worker has a result for the waiting customer. */
	finished(transaction: Transaction): void {
		this.#active = false;
		this.#o.events.onResult(transaction);
	}

	/**
	 * Vault first, the state second: the other way round a power cut would leave a stored sale that can never
	 * be forwarded. @returns false: it cannot be stored, the sale is abandoned
	 */
	store(transaction: Transaction, card: CardRead): boolean {
		const refusal =
			cardRefusal(card) ?? offlineRefusal(this.#conditions(transaction.amountMinor, true));
		if (refusal !== undefined) {
			this.#o.log.event(LogCode.SaleRefused, refusalCode[refusal], transaction.number);
			return false;
		}
		try {
			this.#o.vault.put(transaction.number, encodeSealedCard(card));
		} catch (error) {
			if (error instanceof Fault) return false;
			throw error;
		}
		return true;
	}

	#refusal(amountMinor: number): SaleRefusal | undefined {
		if (this.#active) return "busy";
		if (!this.#o.book.canOpen()) return "full";
		if (this.#o.book.slipsDue() >= limits.slipsDueMax) return "paper";
		if (this.#o.link.state === LinkState.Up) return undefined;
		const refusal = offlineRefusal(this.#conditions(amountMinor, false));
		if (refusal !== undefined) this.#o.log.event(LogCode.SaleRefused, refusalCode[refusal]);
		return refusal;
	}

	#conditions(amountMinor: number, opened: boolean): OfflineConditions {
		const { book, vault, clock } = this.#o;
		return {
			amountMinor,
			batch: book.counters.batch,
			wallMs: clock.wallMs(),
			// An intent that is open already has its room reserved.
			journalRoom: opened || book.canOpen(),
			vaultRoom: vault.canPut(),
			open: book.open(),
		};
	}

	#card(amountMinor: number, outcome: CardOutcome): void {
		const { book, config, events, link } = this.#o;
		if (outcome.kind !== "card") {
			this.#active = false;
			events.onNoCard(outcome);
			return;
		}
		const { card } = outcome;
		const refusal = link.state === LinkState.Down ? cardRefusal(card) : undefined;
		if (refusal !== undefined) {
			this.#active = false;
			events.onCardRefused(refusal);
			return;
		}
		let transaction: Transaction;
		try {
			transaction = book.openSale(card, amountMinor, config.currency);
		} catch (error) {
			if (!(error instanceof Fault)) throw error;
			// Nothing is durable, so nothing may leave: the swipe is refused.
			this.#active = false;
			events.onNoCard({ kind: "failed", reason: "refused" });
			return;
		}
		events.onSent();
		this.#o.worker().serve(transaction, card);
	}
}
