import type { CardRequest, PanelKey } from "core/devices";
import type { CardMaker } from "test/simulation/card-data";
import type { SimulatedReader } from "test/simulation/devices";
import { Random } from "test/simulation/fakes/random";
import type { Faults } from "test/simulation/faults";
import {
	anyOtherKind,
	K,
	menuKeys,
	originalKinds,
	settleKeys,
	wholeKinds,
} from "test/simulation/orders";
import type { Scheduler } from "test/simulation/scheduler";
import type { Trail } from "test/simulation/trail";

/** What the people at the till know of one transaction. Every amount that is typed in a seed is another one. */
export interface Sale {
	/** As on the journal: 1 sale, 2 void … */
	readonly kind: number;
	/** What was typed; of a void what its original was for; 0 for a balance. */
	readonly amountMinor: number;
	readonly original: Sale | undefined;
	/** The cashier wants one purchase, and this is its second try: the terminal asks, and the answer is no. */
	readonly again: boolean;
	/** Its number on the terminal, 0 until it was heard of. */
	number: number;
	/** Ciphertext once a card was read. */
	card: Uint8Array | undefined;
	/** The display said that it is on its way. */
	underWay: boolean;
	/** The chip did not agree to the host's approval: this sale must never count. */
	chipRefused: boolean;
	/** The last result that the display showed. */
	shown: "approved" | "declined" | "doubt" | "stored" | "abandoned" | "refused" | undefined;
}

export interface ScriptParts {
	readonly scheduler: Scheduler;
	readonly faults: Faults;
	readonly trail: Trail;
	readonly cards: CardMaker;
	readonly press: (key: PanelKey) => void;
	readonly reader: () => SimulatedReader | undefined;
	/** STAN of a transaction as its slip says, 0: there is none. */
	readonly stanOf: (sale: Sale) => number;
	/** The guard against duplicates surely knows time and the sale before. */
	readonly guarded: (sale: Sale) => boolean;
	readonly seed: number;
	readonly swipes: number;
	/** Does nothing of his own accord. */
	readonly told: boolean;
	/** All sales were made. */
	readonly onEnd: () => void;
}

const results: readonly (readonly [start: string, shown: NonNullable<Sale["shown"]>])[] = [
	["已批准 APPROVED", "approved"],
	["已拒绝 DECLINED", "declined"],
	["结果未知 UNKNOWN", "doubt"],
	["离线已存 STORED", "stored"],
	["未发送 NOT SENT", "abandoned"],
];

/** A cashier and the customers: types, presents cards, looks at the display, and is patient for a while. */
export class CashierScript {
	readonly sales: Sale[] = [];
	/** Cards that the reader took. */
	swipes = 0;
	/** What was done, by kind; 0: settlements that were asked for. */
	readonly done: Record<number, number> = {};
	readonly #p: ScriptParts;
	readonly #random: Random;
	readonly #amounts = new Set<number>();
	/** This shop does more than sales. */
	readonly #mixed: boolean;
	#display: readonly string[] = [];
	#current: Sale | undefined;

	constructor(parts: ScriptParts) {
		this.#p = parts;
		this.#random = new Random(parts.seed ^ 0x63617368);
		this.#mixed = !this.#random.oneIn(3);
		if (!parts.told) this.#later(5000 + this.#random.below(20_000));
	}

	/** The transaction at the till by its amount, or 0. */
	get current(): number {
		return this.#current?.amountMinor ?? 0;
	}

	isCurrent(sale: Sale): boolean {
		return this.#current === sale;
	}

	/**
	 * The terminal speaks of a transaction for the first time: it is the one at the till.
	 * @param read as its journal has it, where that was read meanwhile
	 */
	heardOf(number: number, read?: Pick<Sale, "kind" | "amountMinor">): void {
		const sale = this.#current;
		if (sale?.number !== 0) return;
		const isOther = read !== undefined && read.kind !== sale.kind;
		const differs = !wholeKinds.includes(sale.kind) && read?.amountMinor !== sale.amountMinor;
		if (!isOther && (read === undefined || !differs)) sale.number = number;
	}

	/** Of a transaction by its number; 0: not one of those that were ordered here. */
	kindOf(number: number): number {
		return this.sales.find((sale) => sale.number === number)?.kind ?? 0;
	}

	/** The display changed. */
	shown(lines: readonly string[]): void {
		this.#display = lines;
		const first = lines[0] ?? "";
		const sale = this.#current;
		if (sale === undefined) return;
		const asked = first.startsWith("重复交易");
		if (asked) this.#p.scheduler.after(1000, () => this.#p.press("cancel"));
		const isWhole = wholeKinds.includes(sale.kind);
		const hasCard = sale.card !== undefined || originalKinds[sale.kind] !== undefined;
		if (first.startsWith("请稍候") && hasCard && !sale.again) sale.underWay = true;
		const found = results.find(([start]) => first.startsWith(start));
		// Of an approval in part the display says what is missing.
		const isPart = lines.some((line) => line.startsWith("还需 REST"));
		const isMine = isWhole || isPart || lines[1] === asAmount(sale.amountMinor);
		if (found === undefined || !isMine) return;
		sale.shown = found[1];
		this.#p.trail.note(
			`display: ${lines.filter((line) => line !== "").join(" | ")}`,
			sale.amountMinor,
		);
	}

	/** The chip of a sale does not agree to its approval. */
	chipRefused(amountMinor: number): void {
		const sale = this.sales.find((one) => one.amountMinor === amountMinor);
		if (sale === undefined) return;
		sale.chipRefused = true;
		this.#p.trail.note("the chip does not agree", amountMinor);
	}

	/** The terminal lost its power. */
	wentDark(): void {
		this.#display = [];
	}

	/** The reader waits for a card. */
	present(request: CardRequest): void {
		const { scheduler, faults, reader, cards, trail } = this.#p;
		const sale = this.#current;
		if (sale === undefined || sale.amountMinor !== request.amountMinor) return;
		scheduler.after(500 + this.#random.below(4000), () => {
			if (this.#current !== sale || reader()?.waits !== request) return;
			if (faults.hit("readerFails")) {
				const reason = (["bad-read", "no-reader"] as const)[this.#random.below(2)]!;
				reader()?.outcome({ kind: "failed", reason });
				return;
			}
			const { read } = cards.next(this.#p.told);
			sale.card = read.ciphertext;
			this.swipes++;
			trail.note("card read", sale.amountMinor);
			reader()?.outcome({ kind: "card", card: read });
		});
		if (faults.hit("restlessCashier"))
			scheduler.after(this.#random.below(3000), () => this.#p.press("cancel"));
	}

	/** Makes one sale, whatever the display says. */
	sell(): void {
		this.#begin(K.Sale, this.#newAmount());
		this.#type(asAmount(this.#current!.amountMinor));
	}

	/** A transaction of another kind. @param original undefined where the kind has none, or it is not from here */
	order(kind: number, original?: Sale, amountMinor = 0): void {
		const whole = wholeKinds.includes(kind);
		this.#begin(kind, whole ? (original?.amountMinor ?? 0) : amountMinor, original);
		const { press } = this.#p;
		for (const key of menuKeys[kind]!) press(key);
		if (kind === K.Balance) return;
		if (kind === K.Refund && original === undefined) {
			press("enter");
			this.#type("000000000123");
			this.#type("0228");
		} else if (original !== undefined) {
			const title = this.#display[0];
			this.#type(String(this.#p.stanOf(original)));
			// Refused: what comes next would be typed into the amount of a sale.
			if (this.#display[0] !== title) return press("cancel");
		}
		this.#type(whole ? "" : asAmount(amountMinor));
	}

	/** Asks for the settlement of the batch. */
	settle(): void {
		this.#p.trail.note("cashier: settlement");
		this.done[0] = (this.done[0] ?? 0) + 1;
		for (const key of settleKeys) this.#p.press(key);
	}

	/** The newest of a kind that was shown as approved, or undefined. */
	newest(kind: number): Sale | undefined {
		return this.sales.filter((sale) => sale.kind === kind && sale.shown === "approved").at(-1);
	}

	#begin(kind: number, amountMinor: number, original?: Sale, again = false): void {
		const sale: Sale = {
			kind,
			amountMinor,
			original,
			again,
			number: 0,
			card: undefined,
			underWay: false,
			chipRefused: false,
			shown: undefined,
		};
		this.#current = sale;
		this.sales.push(sale);
		this.done[kind] = (this.done[kind] ?? 0) + 1;
		this.#p.trail.note(
			() =>
				`cashier: ${again ? "once more the same " : ""}kind ${kind} of ${asAmount(amountMinor)}`,
			amountMinor,
		);
	}

	/** Types and presses enter. */
	#type(text: string): void {
		for (const key of text) this.#p.press(key as PanelKey);
		this.#p.press("enter");
	}

	#later(delayMs: number): void {
		this.#p.scheduler.after(delayMs, () => this.#turn());
	}

	#turn(): void {
		const first = this.#display[0] ?? "";
		const isBusy =
			first === "" || /^请稍候|挥卡|^重复交易|^连接中/.test(first) || first.startsWith("结算");
		if (isBusy) return this.#later(1000 + this.#random.below(4000));
		if (this.swipes >= this.#p.swipes || this.sales.length >= 2 * this.#p.swipes) {
			this.#current = undefined;
			this.#p.onEnd();
			return;
		}
		this.#restless();
		if (!this.#mixed || !this.#random.oneIn(3)) this.#sellOrAgain();
		else this.#something();
		const isLong = this.#random.oneIn(15);
		this.#later(isLong ? this.#random.below(240_000) : 4000 + this.#random.below(16_000));
	}

	#restless(): void {
		const { faults, press } = this.#p;
		if (!faults.hit("restlessCashier")) return;
		const keys: readonly PanelKey[] = ["query", "reprint", "7", "00", "clear", "menu", "cancel"];
		for (let i = this.#random.below(6); i >= 0; i--) press(keys[this.#random.below(7)]!);
		press("cancel");
		press("cancel");
	}

	/** A sale; now and then the one before once more, by mistake. */
	#sellOrAgain(): void {
		const before = this.sales[this.sales.length - 1];
		if (
			this.#mixed &&
			before?.kind === K.Sale &&
			this.#random.oneIn(8) &&
			this.#p.guarded(before)
		) {
			this.#begin(K.Sale, before.amountMinor, undefined, true);
			this.#type(asAmount(before.amountMinor));
		} else this.sell();
	}

	/** Something that is no sale; sometimes what the rules forbid. */
	#something(): void {
		const random = this.#random;
		if (random.oneIn(12)) return this.settle();
		const kind = anyOtherKind(random);
		const wanted = originalKinds[kind];
		if (wanted === undefined)
			return this.order(kind, undefined, kind === K.Balance ? 0 : this.#newAmount());
		if (kind === K.Refund && random.oneIn(4)) return this.order(kind, undefined, this.#newAmount());
		const daring = random.oneIn(4);
		const candidates = this.sales.filter((sale) =>
			daring ? sale.kind !== K.Balance : wanted.includes(sale.kind) && sale.shown === "approved",
		);
		const original =
			candidates[candidates.length - 1 - random.below(Math.min(6, candidates.length))];
		if (original === undefined) return this.sell();
		const limit = kind === K.Tip ? original.amountMinor / 4 : original.amountMinor;
		const amountMinor = wholeKinds.includes(kind)
			? 0
			: this.#newAmount(daring ? undefined : Math.floor(limit));
		this.order(kind, original, amountMinor);
	}

	/** @param limitMinor most that it may be, if there is still one up to there */
	#newAmount(limitMinor?: number): number {
		for (let tries = 0; ; tries++) {
			// Nobody is told to sell what the offline limit refuses.
			const isLarge = this.#random.oneIn(8) && !this.#p.told;
			const most = limitMinor !== undefined && tries < 20 ? limitMinor : isLarge ? 90_000 : 40_000;
			const amountMinor = 1 + (most > 200 ? 99 : 0) + this.#random.below(Math.max(1, most));
			if (this.#amounts.has(amountMinor)) continue;
			this.#amounts.add(amountMinor);
			return amountMinor;
		}
	}
}

/** "12.34" */
export function asAmount(amountMinor: number): string {
	const digits = String(amountMinor).padStart(3, "0");
	return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
