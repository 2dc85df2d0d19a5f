import type { TimerId, Timers } from "core/clock";
import type { CardOutcome, Panel, PanelKey } from "core/devices";
import { limits } from "core/limits";
import { formatAmount } from "core/money";
import { amountOf, Form } from "terminal/form";
import { choiceOf, menuPages } from "terminal/menu";
import { isReferral } from "terminal/rules";
import { refusalText, text } from "terminal/texts";
import type { Order, Refusal, Till, TillEvents } from "terminal/till";
import { Kind } from "transaction/kinds";
import { State } from "transaction/states";
import { countedMinor, type Transaction } from "transaction/transaction";

/** The status line of the idle screen, taken when it is drawn. */
export interface StatusLine {
	readonly online: boolean;
	readonly openCount: number;
	readonly paperOut: boolean;
}

export interface CashierOptions {
	readonly panel: Panel;
	readonly timers: Timers;
	readonly till: () => Pick<Till, "start" | "cancel" | "check" | "confirm">;
	readonly currencyDigits: number;
	readonly status: () => StatusLine;
	/** The transaction that a person means by a number: its STAN as on the slip, else its number here. */
	readonly find: (typed: number) => Transaction | undefined;
	/** Lines that answer "why" for the newest transaction. */
	readonly query: () => readonly string[];
	readonly reprint: () => boolean;
	/** Settles the batch; lines to show, such as why not. */
	readonly settle: () => readonly string[];
	/** Prints the report of the last settlement again. @returns lines to show */
	readonly reprintReport: () => readonly string[];
}

/**
 * Screens: amount (idle and typing), menu, form (a function of the menu), busy (a transaction is under way), ask (a
 * duplicate?), note (a result or refusal, until a key).
 */
type Screen = "amount" | "menu" | "form" | "busy" | "ask" | "note";

/** The cashier's screen and keys. Holds no money: it asks `Till` and shows what comes. */
export class Cashier implements TillEvents {
	readonly #o: CashierOptions;
	#screen: Screen = "amount";
	#typed = "";
	#page = 0;
	#form: Form | undefined;
	#timer: TimerId | undefined;

	constructor(options: CashierOptions) {
		this.#o = options;
	}

	/** Draws the idle screen again, after a change of link, paper or queue. */
	refresh(): void {
		if (this.#screen === "amount") this.#drawAmount();
	}

	/** Shows lines until a key or a while, when the cashier does nothing else just now. @returns whether they are shown */
	notice(lines: readonly string[]): boolean {
		const free = this.#screen === "amount" && this.#typed === "";
		if (free) this.#note(lines);
		return free;
	}

	/** A key was pressed; any key at any time is fine. */
	key(key: PanelKey): void {
		switch (this.#screen) {
			case "busy":
				if (key === "cancel") this.#o.till().cancel();
				return;
			case "ask":
				if (key === "enter" || key === "cancel") this.#answer(key === "enter");
				return;
			case "menu":
				this.#menuKey(key);
				return;
			case "form":
				this.#formKey(key);
				return;
			case "note":
				this.#home();
				this.#amountKey(key);
				return;
			case "amount":
				this.#amountKey(key);
		}
	}

	onPresent(offline: boolean): void {
		this.#busy(offline ? text.presentOffline : text.presentOnline);
	}

	onDuplicate(before: Transaction): void {
		const lines = [text.duplicate, this.#amount(before.amountMinor), before.maskedPan];
		this.#show("ask", [...lines, text.duplicateHint]);
		this.#after(limits.questionMs, () => this.#answer(false));
	}

	onSent(): void {
		this.#busy(text.waiting);
	}

	onNoCard(outcome: Exclude<CardOutcome, { kind: "card" }>): void {
		this.#note([noCardText(outcome)]);
	}

	onCardRefused(refusal: Refusal): void {
		this.#note([refusalText[refusal]]);
	}

	onResult(transaction: Transaction, balance: string): void {
		const amount = this.#amount(countedMinor(transaction));
		if (transaction.kind === Kind.Balance && transaction.state === State.Approved)
			this.#note([text.approved, text.balance, balanceText(balance, this.#o.currencyDigits)]);
		else this.#note([resultText(transaction), amount, ...this.#hint(transaction)]);
	}

	#hint(transaction: Transaction): string[] {
		const { state, authCode, approvedMinor, amountMinor, responseCode } = transaction;
		if (state === State.Approved && approvedMinor > 0)
			return [authCode, `${text.rest} ${this.#amount(amountMinor - approvedMinor)}`];
		if (state === State.Approved) return [authCode];
		if (state === State.Declined && isReferral(responseCode)) return [text.callBank];
		if (state === State.AdviceDue) return [text.adviceHint];
		return state === State.ReversalDue ? [text.doubtHint] : [];
	}

	#amountKey(key: PanelKey): void {
		switch (key) {
			case "enter":
				this.#enter();
				return;
			case "menu":
				this.#typed = "";
				this.#openMenu(0);
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
		const amount = amountOf(typed, this.#o.currencyDigits);
		if (typeof amount === "string") this.#note([amount, typed]);
		else this.#start({ kind: Kind.Sale, amountMinor: amount });
	}

	#start(order: Order): void {
		const refusal = this.#o.till().start(order);
		if (refusal !== undefined) this.#note([refusalText[refusal]]);
	}

	#openMenu(page: number): void {
		this.#page = page;
		this.#show("menu", menuPages[page]!);
		this.#after(limits.formMs, () => this.#home());
	}

	#menuKey(key: PanelKey): void {
		const choice = choiceOf(this.#page, key);
		if (key === "cancel" || choice === Kind.Sale) this.#home();
		else if (choice === "more") this.#openMenu(1);
		else if (choice === "settle") this.#note(this.#o.settle());
		else if (choice === "report") this.#note(this.#o.reprintReport());
		else if (choice !== undefined) this.#openForm(choice);
	}

	#openForm(kind: Kind): void {
		const { currencyDigits, find, till } = this.#o;
		const check = (one: Kind, original: Transaction) => till().check(one, original);
		const form = new Form(kind, { currencyDigits, find, check });
		if (form.isEmpty) {
			this.#start(form.order);
			return;
		}
		this.#form = form;
		this.#drawForm(form);
	}

	#formKey(key: PanelKey): void {
		const form = this.#form;
		if (key === "cancel" || form === undefined) return this.#home();
		const result = form.key(key);
		if (result.kind === "stay") this.#drawForm(form);
		else if (result.kind === "note") this.#note(result.lines);
		else this.#start(result.order);
	}

	#drawForm(form: Form): void {
		this.#show("form", form.lines);
		this.#after(limits.formMs, () => this.#home());
	}

	#answer(meant: boolean): void {
		this.#busy(text.waiting);
		this.#o.till().confirm(meant);
	}

	#busy(line: string): void {
		this.#show("busy", [line]);
	}

	#note(lines: readonly string[]): void {
		this.#show("note", lines);
		this.#after(limits.resultShownMs, () => this.#home());
	}

	#home(): void {
		this.#clearTimer();
		this.#screen = "amount";
		this.#drawAmount();
	}

	#show(screen: Screen, lines: readonly string[]): void {
		this.#clearTimer();
		this.#screen = screen;
		this.#o.panel.show(lines);
	}

	#after(delayMs: number, run: () => void): void {
		this.#timer = this.#o.timers.set(run, delayMs);
	}

	#clearTimer(): void {
		if (this.#timer !== undefined) this.#o.timers.clear(this.#timer);
		this.#timer = undefined;
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

	#amount(amountMinor: number): string {
		return formatAmount(amountMinor, this.#o.currencyDigits);
	}
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
		case State.AdviceDue:
			return text.stored;
		case State.Abandoned:
			return text.abandoned;
		default:
			return text.doubt;
	}
}

/** Field 54 for people: "-12.34". What it does not say is not guessed. */
function balanceText(balance: string, currencyDigits: number): string {
	const parts = /^.{2}.{2}.{3}([CD])([0-9]{12})/.exec(balance);
	if (parts === null) return "-";
	const amountMinor = Number(parts[2]) * (parts[1] === "D" ? -1 : 1);
	return formatAmount(amountMinor, currencyDigits);
}
