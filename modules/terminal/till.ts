import type { CardRead } from "core/card";
import type { Clock } from "core/clock";
import type { CardOutcome, CardReader } from "core/devices";
import { Fault } from "core/fault";
import { limits } from "core/limits";
import { localStamp } from "core/local-time";
import { LogCode, type Log } from "core/log";
import type { Parameters } from "core/parameters";
import type { TerminalConfig } from "core/platform";
import { LinkState, type HostLink } from "host/link";
import type { Vault } from "journal/vault";
import { encodeSealedCard } from "queue/sealed-card";
import type { Worker } from "queue/worker";
import type { SettlementHold } from "settlement/settlement-options";
import {
	cardRefusal,
	offlineRefusal,
	type OfflineConditions,
	type OfflineRefusal,
} from "terminal/offline-policy";
import { duplicateOf, originalOf, ruleRefusal, type RuleRefusal } from "terminal/rules";
import { refusalCode } from "terminal/texts";
import type { Book, Draft } from "transaction/book";
import { Kind, kindTraits } from "transaction/kinds";
import { Input, State } from "transaction/states";
import type { Original, Transaction } from "transaction/transaction";

/** Why a transaction does not even get as far as the card. */
export type Refusal =
	| OfflineRefusal
	| RuleRefusal
	| "busy"
	| "full"
	| "reader"
	| "paper"
	/** More than the acquirer allows for one sale or pre-authorisation. */
	| "sale-high"
	/** A kind that needs the host at once, and there is no link. */
	| "no-link"
	/** A reversal was tried and not answered, and the acquirer wants it answered first. */
	| "reversal"
	/** The batch has its last number. */
	| "batch-full"
	/** The batch is being settled. */
	| "settling";

/** A refund of something that this terminal does not know: what stands on the customer's slip. */
export interface ForeignOriginal {
	/** DE37, 12 characters. */
	readonly rrn: string;
	/** Local date, month * 100 + day. */
	readonly monthDay: number;
}

/** What the cashier asks for. */
export interface Order {
	readonly kind: Kind;
	/** Minor units, 1 to limits.saleAmountMinorMax. 0 for a balance, and for voids and voice sales, which are for the whole. */
	readonly amountMinor: number;
	/** For kinds that have one. */
	readonly original?: Transaction | ForeignOriginal;
	/** For a voice sale: as it was told by telephone, 1 to 6 characters. */
	readonly authCode?: string;
}

/** What the cashier's screen is told. */
export interface TillEvents {
	/** The reader takes a card now. */
	readonly onPresent: (offline: boolean) => void;
	/** Same card and amount as a moment ago: `confirm` is awaited, nothing is recorded yet. */
	readonly onDuplicate: (before: Transaction) => void;
	/** The transaction is recorded and on its way. */
	readonly onSent: () => void;
	/** No transaction came of it. */
	readonly onNoCard: (outcome: Exclude<CardOutcome, { kind: "card" }>) => void;
	/** The card cannot be used now; nothing was recorded, nothing was charged. */
	readonly onCardRefused: (refusal: Refusal) => void;
	/**
	 * The fate, as far as it is known: approved, declined, reversal due, stored, advice due, abandoned.
	 * @param balance field 54 of the reply to a balance, "" when there is none
	 */
	readonly onResult: (transaction: Transaction, balance: string) => void;
}

export interface TillOptions {
	readonly book: Book;
	readonly worker: () => Pick<Worker, "serve">;
	readonly vault: Pick<Vault, "canPut" | "put">;
	readonly link: Pick<HostLink, "state">;
	readonly reader: CardReader;
	readonly clock: Clock;
	readonly log: Log;
	readonly config: TerminalConfig;
	readonly parameters: () => Parameters;
	/** Why nothing may be added to a batch or taken from it: one is being settled, or must be first. */
	readonly hold: () => SettlementHold | undefined;
	readonly events: TillEvents;
}

/** For the whole of their original: no amount is typed. */
const wholeKinds: readonly Kind[] = Object.freeze([
	Kind.Void,
	Kind.PreAuthVoid,
	Kind.CompletionVoid,
	Kind.VoiceSale,
]);
const voidKinds: readonly Kind[] = Object.freeze([
	Kind.Void,
	Kind.PreAuthVoid,
	Kind.CompletionVoid,
]);

/** One transaction at a time, of every kind: order, checks, card, durable intent, worker. */
export class Till {
	readonly #o: TillOptions;
	#active = false;
	/** Waits for the cashier's answer about a duplicate. */
	#asked: { readonly order: Order; readonly card: CardRead } | undefined;

	constructor(options: TillOptions) {
		this.#o = options;
	}

	/** A transaction is between its order and its result. */
	get active(): boolean {
		return this.#active;
	}

	/**
	 * Starts a transaction: every limit and rule is checked before the card is read (G5).
	 * @returns why not, or undefined when it is under way: the reader waits for a card, or it is recorded already
	 */
	start(order: Order): Refusal | undefined {
		const refusal = this.#refusal(order);
		if (refusal !== undefined) {
			this.#o.log.event(LogCode.SaleRefused, refusalCode[refusal]);
			return refusal;
		}
		if (kindTraits[order.kind].card) return this.#awaitCard(order);
		this.#active = true;
		this.#record(order, undefined);
		return undefined;
	}

	/** Whether a transaction of this kind may be made about this original, before its amount is known. */
	check(kind: Kind, original: Transaction): Refusal | undefined {
		return this.#ruleRefusal({ kind, amountMinor: 0, original }, undefined);
	}

	/** The cashier gives up while a card is awaited. */
	cancel(): void {
		this.#o.reader.cancel();
	}

	/** The answer to `onDuplicate`. @param meant it is a second purchase of the same amount */
	confirm(meant: boolean): void {
		const asked = this.#asked;
		this.#asked = undefined;
		if (asked === undefined) return;
		if (meant) this.#record(asked.order, asked.card);
		else {
			this.#active = false;
			this.#o.events.onNoCard({ kind: "cancelled" });
		}
	}

	/** The worker has a result for the waiting customer. */
	finished(transaction: Transaction, balance = ""): void {
		this.#active = false;
		this.#o.events.onResult(transaction, balance);
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
		return this.#seal(transaction, card);
	}

	#seal(transaction: Transaction, card: CardRead): boolean {
		try {
			this.#o.vault.put(transaction.number, encodeSealedCard(card));
		} catch (error) {
			if (error instanceof Fault) return false;
			throw error;
		}
		return true;
	}

	#refusal(order: Order): Refusal | undefined {
		const { book, link, vault, parameters } = this.#o;
		const { kind, amountMinor } = order;
		if (this.#active) return "busy";
		const limited = kind === Kind.Sale || kind === Kind.PreAuth;
		if (limited && amountMinor > parameters().saleAmountMinorMax) return "sale-high";
		if (!book.canOpen()) return "full";
		if (book.slipsDue() >= limits.slipsDueMax) return "paper";
		const blocked = this.#blockedBy(kind);
		if (blocked !== undefined) return blocked;
		const rule = this.#ruleRefusal(order, amountMinor);
		if (rule !== undefined) return rule;
		const { card, delivery } = kindTraits[kind];
		if (card && delivery === "advice" && !vault.canPut()) return "vault";
		if (link.state === LinkState.Up) return undefined;
		return kind === Kind.Sale ? offlineRefusal(this.#conditions(amountMinor, false)) : "no-link";
	}

	/** What stands against every transaction of a kind, whatever its original. */
	#blockedBy(kind: Kind): Refusal | undefined {
		const { book, parameters, hold } = this.#o;
		const { reversalBlock } = parameters();
		const unanswered = (t: Transaction) => t.state === State.ReversalDue && t.attemptCount > 0;
		if (reversalBlock === 1 && book.open().some(unanswered)) return "reversal";
		if (kind === Kind.Balance) return undefined;
		const held = hold();
		if (held !== "settle-first") return held;
		// Voids make room for nothing, and they must not have to wait for the next batch.
		return voidKinds.includes(kind) ? undefined : "batch-full";
	}

	#ruleRefusal({ kind, original }: Order, amountMinor: number | undefined): Refusal | undefined {
		if (kindTraits[kind].originals.length === 0) return undefined;
		if (original === undefined) return "unknown";
		if (!("state" in original)) return kind === Kind.Refund ? undefined : "unknown";
		const { book, clock, config, parameters } = this.#o;
		return ruleRefusal(kind, original, amountMinor, {
			tally: book.tallyOf(original.number),
			batch: book.counters.batch,
			wallMs: clock.wallMs(),
			utcOffsetMinutes: config.utcOffsetMinutes,
			parameters: parameters(),
		});
	}

	#conditions(amountMinor: number, opened: boolean): OfflineConditions {
		const { book, vault, clock, parameters } = this.#o;
		return {
			amountMinor,
			batch: book.counters.batch,
			wallMs: clock.wallMs(),
			// An intent that is open already has its room reserved.
			journalRoom: opened || book.canOpen(),
			vaultRoom: vault.canPut(),
			open: book.open(),
			parameters: parameters(),
		};
	}

	#awaitCard(order: Order): Refusal | undefined {
		const { reader, clock, config, events, link } = this.#o;
		const request = {
			amountMinor: order.amountMinor,
			currency: config.currency,
			emvType: emvType(order.kind),
			localTime: localStamp(clock.wallMs(), config.utcOffsetMinutes),
			timeoutMs: limits.cardTimeoutMs,
		};
		try {
			reader.activate(request, (outcome) => this.#card(order, outcome));
		} catch (error) {
			if (error instanceof Fault) return "reader";
			throw error;
		}
		this.#active = true;
		events.onPresent(link.state !== LinkState.Up);
		return undefined;
	}

	#card(order: Order, outcome: CardOutcome): void {
		const { book, clock, events, parameters } = this.#o;
		if (outcome.kind !== "card") {
			this.#active = false;
			events.onNoCard(outcome);
			return;
		}
		const { card } = outcome;
		const refusal = this.#cardRefusal(order.kind, card);
		if (refusal !== undefined) {
			this.#active = false;
			events.onCardRefused(refusal);
			return;
		}
		const before = duplicateOf(
			order.kind,
			card.maskedPan,
			order.amountMinor,
			book.all(),
			clock.wallMs(),
			parameters().duplicateWindowMs,
		);
		if (before === undefined) {
			this.#record(order, card);
			return;
		}
		this.#asked = { order, card };
		events.onDuplicate(before);
	}

	/** The link may have gone while the card was awaited. */
	#cardRefusal(kind: Kind, card: CardRead): Refusal | undefined {
		if (this.#o.link.state !== LinkState.Down) return undefined;
		return kind === Kind.Sale ? cardRefusal(card) : "no-link";
	}

	/** The intent is durable before anything else; what an advice needs of the card is in the vault before it is due. */
	#record(order: Order, card: CardRead | undefined): void {
		const { book, events } = this.#o;
		let transaction: Transaction;
		try {
			transaction = book.begin(this.#draft(order, card));
			if (kindTraits[order.kind].delivery === "advice") {
				const sealed = card === undefined || this.#seal(transaction, card);
				transaction = book.advance(transaction.number, sealed ? Input.Advise : Input.Abandon);
			}
		} catch (error) {
			if (!(error instanceof Fault)) throw error;
			// What is not durable must not leave: refused. An intent alone is abandoned by the next boot.
			this.#active = false;
			events.onNoCard({ kind: "failed", reason: "refused" });
			return;
		}
		if (transaction.state === State.Abandoned) {
			this.finished(transaction);
			return;
		}
		events.onSent();
		this.#o.worker().serve(transaction, card);
	}

	#draft(order: Order, card: CardRead | undefined): Draft {
		const { config, parameters } = this.#o;
		const { kind } = order;
		const known =
			order.original !== undefined && "state" in order.original ? order.original : undefined;
		const original = this.#original(order);
		return {
			kind,
			amountMinor: wholeKinds.includes(kind) ? (original?.amountMinor ?? 0) : order.amountMinor,
			currency: config.currency,
			...(card === undefined ? {} : { card: original === undefined ? card : withinRecord(card) }),
			...(original === undefined ? {} : { original }),
			...(known === undefined ? {} : { maskedPan: known.maskedPan }),
			partialAllowed: kind === Kind.Sale && parameters().partialApproval === 1,
		};
	}

	#original({ original, authCode }: Order): Original | undefined {
		if (original === undefined) return undefined;
		if (!("state" in original))
			return { number: 0, kind: 0, batch: 0, stan: 0, amountMinor: 0, authCode: "", ...original };
		const tally = this.#o.book.tallyOf(original.number);
		const known = originalOf(original, tally, this.#o.config.utcOffsetMinutes);
		return authCode === undefined ? known : { ...known, authCode };
	}
}

/** Objects of field 55 that still fit an intent beside its original. A refund may go without them. */
const chipBytesMax = 200;

function withinRecord(card: CardRead): CardRead {
	return card.chipData.length <= chipBytesMax ? card : { ...card, chipData: new Uint8Array(0) };
}

/** EMV transaction type, 9C: the first two digits of field 3. */
function emvType(kind: Kind): number {
	const digits = Math.floor(kindTraits[kind].processingCode / 10_000);
	return Math.floor(digits / 10) * 16 + (digits % 10);
}
