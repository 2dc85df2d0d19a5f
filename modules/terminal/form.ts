import type { PanelKey } from "core/devices";
import { limits } from "core/limits";
import { formatAmount, parseAmount } from "core/money";
import { Fault } from "core/fault";
import { foreignRefundSteps, kindSteps, nextLetter, type Step } from "terminal/menu";
import type { Order, Refusal } from "terminal/till";
import { kindText, refusalText, text } from "terminal/texts";
import { Kind } from "transaction/kinds";
import { countedMinor, type Transaction } from "transaction/transaction";

/** What a key did to a form. stay: draw it · order: everything is typed · note: it is over, and why */
export type FormResult =
	| { readonly kind: "stay" }
	| { readonly kind: "order"; readonly order: Order }
	| { readonly kind: "note"; readonly lines: readonly string[] };

/** What a form asks of the terminal. */
export interface FormOptions {
	readonly currencyDigits: number;
	/** The transaction that a person means by a number: its STAN as on the slip, else its number here. */
	readonly find: (typed: number) => Transaction | undefined;
	/** Whether a transaction of this kind may be made about this original. */
	readonly check: (kind: Kind, original: Transaction) => Refusal | undefined;
}

const stay: FormResult = Object.freeze({ kind: "stay" });
const lengthMax: Readonly<Record<Step, number>> = Object.freeze({
	trace: 10,
	rrn: 12,
	date: 4,
	confirm: 0,
	amount: 13,
	auth: 6,
});

/** The questions of one function of the menu, from its first key to the order. Holds no money. */
export class Form {
	readonly #kind: Kind;
	readonly #o: FormOptions;
	#steps: readonly Step[];
	#at = 0;
	#typed = "";
	#original: Transaction | undefined;
	#rrn = "";
	#monthDay = 0;
	#amountMinor = 0;
	#authCode: string | undefined;

	constructor(kind: Kind, options: FormOptions) {
		this.#kind = kind;
		this.#o = options;
		this.#steps = kindSteps[kind];
	}

	/** Whether nothing is to be typed at all. */
	get isEmpty(): boolean {
		return this.#steps.length === 0;
	}

	/** The order as typed so far. */
	get order(): Order {
		const original = this.#original ?? this.#foreign();
		return {
			kind: this.#kind,
			amountMinor: this.#amountMinor,
			...(original === undefined ? {} : { original }),
			...(this.#authCode === undefined ? {} : { authCode: this.#authCode }),
		};
	}

	/** At most four lines of 20 columns. */
	get lines(): string[] {
		const original = this.#original;
		const about =
			original === undefined
				? ""
				: `${this.#amountText(countedMinor(original))} ${original.maskedPan.slice(-4)}`;
		if (this.#step === "confirm")
			return [
				kindText[this.#kind],
				this.#amountText(countedMinor(original!)),
				original!.maskedPan,
				text.correct,
			];
		return [kindText[this.#kind], this.#prompt, this.#typed, about];
	}

	/** Any key at any time; "cancel" and "menu" are the owner's. */
	key(key: PanelKey): FormResult {
		switch (key) {
			case "enter":
				return this.#enter();
			case "clear":
				this.#typed = this.#typed.slice(0, -1);
				return stay;
			case ".":
				if (this.#step === "rrn" || this.#step === "auth") {
					const last = this.#typed.slice(-1);
					this.#typed = this.#typed.slice(0, -1) + nextLetter(last);
					return stay;
				}
				this.#type(key);
				return stay;
			case "query":
			case "reprint":
			case "cancel":
			case "menu":
				return stay;
			default:
				this.#type(key);
				return stay;
		}
	}

	get #step(): Step {
		return this.#steps[this.#at]!;
	}

	get #prompt(): string {
		if (this.#step === "trace") return this.#kind === Kind.Refund ? text.traceOrNone : text.trace;
		if (this.#step === "auth") return text.authCode;
		return this.#step === "rrn" ? text.rrn : this.#step === "date" ? text.date : text.amount;
	}

	#type(key: string): void {
		if (this.#typed.length + key.length <= lengthMax[this.#step]) this.#typed += key;
	}

	#enter(): FormResult {
		const typed = this.#typed;
		const wrong = this.#take(typed);
		if (wrong !== undefined) return { kind: "note", lines: wrong };
		this.#typed = "";
		this.#at++;
		return this.#at < this.#steps.length ? stay : { kind: "order", order: this.order };
	}

	/** @returns what is wrong with it */
	#take(typed: string): readonly string[] | undefined {
		switch (this.#step) {
			case "trace":
				return this.#takeTrace(typed);
			case "rrn":
				this.#rrn = typed;
				return typed.length === 12 ? undefined : [text.badInput, typed];
			case "date":
				this.#monthDay = Number(typed);
				return isMonthDay(typed) ? undefined : [text.badInput, typed];
			case "amount":
				return this.#takeAmount(typed);
			case "auth":
				this.#authCode = typed.padStart(6, "0");
				return typed === "" ? [text.badInput] : undefined;
			case "confirm":
				return undefined;
		}
	}

	#takeTrace(typed: string): readonly string[] | undefined {
		if (typed === "" && this.#kind === Kind.Refund) {
			this.#steps = foreignRefundSteps;
			this.#at = -1;
			return undefined;
		}
		const original = /^[0-9]+$/.test(typed) ? this.#o.find(Number(typed)) : undefined;
		if (original === undefined) return [text.notFound, typed];
		const refusal = this.#o.check(this.#kind, original);
		if (refusal !== undefined) return [refusalText[refusal], typed];
		this.#original = original;
		return undefined;
	}

	#takeAmount(typed: string): readonly string[] | undefined {
		const amount = amountOf(typed, this.#o.currencyDigits);
		if (typeof amount === "string") return [amount, typed];
		this.#amountMinor = amount;
		return undefined;
	}

	#foreign(): Order["original"] {
		return this.#rrn === "" ? undefined : { rrn: this.#rrn, monthDay: this.#monthDay };
	}

	#amountText(amountMinor: number): string {
		return formatAmount(amountMinor, this.#o.currencyDigits);
	}
}

/** An amount as typed, minor units; else the text that says what is wrong with it. */
export function amountOf(typed: string, currencyDigits: number): number | string {
	try {
		return parseAmount(typed, currencyDigits, limits.saleAmountMinorMax);
	} catch (error) {
		const high = error instanceof Fault && error.code === "amount.range" && Number(typed) > 0;
		return high ? text.amountHigh : text.amountBad;
	}
}

function isMonthDay(typed: string): boolean {
	const month = Number(typed.slice(0, 2));
	const day = Number(typed.slice(2));
	return typed.length === 4 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}
