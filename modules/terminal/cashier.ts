import type { TimerId, Timers } from "core/clock";
import type { CardOutcome, Panel, PanelKey } from "core/devices";
import { Fault } from "core/fault";
import { limits } from "core/limits";
import { formatAmount, parseAmount } from "core/money";
import { refusalText, text } from "terminal/texts";
import type { SaleEvents, SaleRefusal, Sales } from "terminal/sale";
import type { OfflineRefusal } from "terminal/offline-policy";
import { State } from "transaction/states";
import type { Transaction } from "transaction/transaction";

/** The status line of the idle screen, taken when it is drawn. */
export interface StatusLine {
	readonly online: boolean;
	readonly openCount: number;
	readonly paperOut: boolean;
}

export interface CashierOptions {
	readonly panel: Panel;
	readonly timers: Timers;
	readonly sales: () => Pick<Sales, "start" | "cancel">;
	readonly currencyDigits: number;
	readonly status: () => StatusLine;
	/** Lines that answer "why" for the newest transaction. */
	readonly query: () => readonly string[];
	readonly reprint: () => boolean;
}

/** Screens: amount (idle and typing), busy (a sale is under way), note (a result or refusal, until a key). */
type Screen = "amount" | "busy" | "note";

/** The cashier's screen and keys. Holds no money: it asks `Sales` and shows what comes. */
export class Cashier implements SaleEvents {
	readonly #o: CashierOptions;
	#screen: Screen = "amount";
	#typed = "";
	#noteTimer: TimerId | undefined;

	constructor(options: CashierOptions) {
		this.#o = options;
	}

	/** Draws the idle screen again, after a change of link, paper or queue. */
	refresh(): void {
		if (this.#screen === "amount") this.#drawAmount();
	}

	/** A key was pressed; any key at any time is fine. */
	key(key: PanelKey): void {
		if (this.#screen === "busy") {
			if (key === "cancel") this.#o.sales().cancel();
			return;
		}
		if (this.#screen === "note") this.#home();
		this.#amountKey(key);
	}

	onPresent(offline: boolean): void {
		this.#busy(offline ? text.presentOffline : text.presentOnline);
	}

	onSent(): void {
		this.#busy(text.waiting);
	}

	onNoCard(outcome: Exclude<CardOutcome, { kind: "card" }>): void {
		this.#note([noCardText(outcome)]);
	}

	onCardRefused(refusal: OfflineRefusal): void {
		this.#note([refusalText[refusal]]);
	}

	onResult(transaction: Transaction): void {
		const amount = formatAmount(transaction.amountMinor, this.#o.currencyDigits);
		this.#note([resultText(transaction), amount, ...resultHint(transaction)]);
	}

	#amountKey(key: PanelKey): void {
		switch (key) {
			case "enter":
				this.#enter();
				return;
			case "cancel":
				this.#typed = "";
				break;
			case "clear":
				this.#typed = this.#typed.slice(0, -1);
				break;
			case "query":
				this.#note(this.#o.query());
				return;
			case "reprint":
				if (!this.#o.reprint()) this.#note([text.paper]);
				return;
			default:
				if (this.#typed.length + key.length <= 13) this.#typed += key;
		}
		this.#drawAmount();
	}

	#enter(): void {
		const typed = this.#typed;
		this.#typed = "";
		let amountMinor: number;
		try {
			amountMinor = parseAmount(typed, this.#o.currencyDigits, limits.saleAmountMinorMax);
		} catch (error) {
			const high = error instanceof Fault && error.code === "amount.range" && Number(typed) > 0;
			this.#note([high ? text.amountHigh : text.amountBad, typed]);
			return;
		}
		const refusal = this.#o.sales().start(amountMinor);
		if (refusal !== undefined) this.#note([saleRefusalText(refusal)]);
	}

	#busy(line: string): void {
		this.#clearNote();
		this.#screen = "busy";
		this.#o.panel.show([line]);
	}

	#note(lines: readonly string[]): void {
		this.#clearNote();
		this.#screen = "note";
		this.#o.panel.show(lines);
		this.#noteTimer = this.#o.timers.set(() => this.#home(), limits.resultShownMs);
	}

	#home(): void {
		this.#clearNote();
		this.#screen = "amount";
		this.#drawAmount();
	}

	#clearNote(): void {
		if (this.#noteTimer !== undefined) this.#o.timers.clear(this.#noteTimer);
		this.#noteTimer = undefined;
	}

	#drawAmount(): void {
		const { online, openCount, paperOut } = this.#o.status();
		this.#o.panel.show([
			this.#typed === "" ? text.ready : text.amount,
			this.#typed,
			online ? text.online : text.offline,
			paperOut ? text.paper : openCount > 0 ? `${text.due} ${openCount}` : "",
		]);
	}
}

function saleRefusalText(refusal: SaleRefusal): string {
	if (refusal === "busy") return text.waiting;
	if (refusal === "full") return text.full;
	if (refusal === "paper") return text.paper;
	return refusal === "reader" ? text.noReader : refusalText[refusal];
}

function noCardText(outcome: Exclude<CardOutcome, { kind: "card" }>): string {
	if (outcome.kind !== "failed") return outcome.kind === "timeout" ? text.timeout : text.cancelled;
	switch (outcome.reason) {
		case "bad-read":
			return text.badRead;
		case "clear-data":
			return text.clearData;
		case "no-reader":
			return text.noReader;
		case "refused":
			return text.full;
	}
}

function resultText(transaction: Transaction): string {
	switch (transaction.state) {
		case State.Approved:
			return text.approved;
		case State.Declined:
			return `${text.declined} ${transaction.responseCode}`;
		case State.StoredOffline:
			return text.stored;
		case State.Abandoned:
			return text.abandoned;
		default:
			return text.doubt;
	}
}

function resultHint(transaction: Transaction): string[] {
	if (transaction.state === State.Approved) return [transaction.authCode];
	return transaction.state === State.ReversalDue ? [text.doubtHint] : [];
}
