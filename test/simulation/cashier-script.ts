import type { CardRequest, PanelKey } from "core/devices";
import type { CardMaker } from "test/simulation/card-data";
import type { SimulatedReader } from "test/simulation/devices";
import { Random } from "test/simulation/fakes/random";
import type { Faults } from "test/simulation/faults";
import type { Scheduler } from "test/simulation/scheduler";
import type { Trail } from "test/simulation/trail";

/** What the people at the till know of one sale. Every sale of a seed has its own amount. */
export interface Sale {
	readonly amountMinor: number;
	/** Hex of the ciphertext once a card was read. */
	card: Uint8Array | undefined;
	/** The display said that the sale is on its way. */
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
	/** Somebody switches the terminal off and on. */
	readonly offAndOn: () => void;
	readonly seed: number;
	readonly swipes: number;
	/** Does nothing of his own accord. */
	readonly told: boolean;
	/** All sales were made. */
	readonly onEnd: () => void;
}

const results: readonly (readonly [start: string, shown: NonNullable<Sale["shown"]>])[] = [
	["已批准", "approved"],
	["已拒绝", "declined"],
	["结果未知", "doubt"],
	["离线已存", "stored"],
	["未发送", "abandoned"],
];

/** A cashier and the customers: types amounts, presents cards, looks at the display, and is patient for a while. */
export class CashierScript {
	readonly sales: Sale[] = [];
	/** Cards that the reader took. */
	swipes = 0;
	readonly #p: ScriptParts;
	readonly #random: Random;
	readonly #amounts = new Set<number>();
	#display: readonly string[] = [];
	#current: Sale | undefined;

	constructor(parts: ScriptParts) {
		this.#p = parts;
		this.#random = new Random(parts.seed ^ 0x63617368);
		if (!parts.told) this.#later(5000 + this.#random.below(20_000));
	}

	/** Makes one sale, whatever the display says. */
	sell(): void {
		this.#sell();
	}

	/** The sale that is being made, its amount, or 0. */
	get current(): number {
		return this.#current?.amountMinor ?? 0;
	}

	/** The display changed. */
	shown(lines: readonly string[]): void {
		this.#display = lines;
		const first = lines[0] ?? "";
		// A journal that flash has failed stops until the next boot: shops know what to do with a machine.
		if (first.startsWith("存储已满")) this.#p.offAndOn();
		const sale = this.#current;
		if (sale === undefined) return;
		if (first.startsWith("请稍候") && sale.card !== undefined) sale.underWay = true;
		const found = results.find(([start]) => first.startsWith(start));
		if (found === undefined || lines[1] !== asAmount(sale.amountMinor)) return;
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

	#later(delayMs: number): void {
		this.#p.scheduler.after(delayMs, () => this.#turn());
	}

	#turn(): void {
		const first = this.#display[0] ?? "";
		const isBusy = first === "" || first.startsWith("请稍候") || first.includes("挥卡");
		if (isBusy) return this.#later(1000 + this.#random.below(4000));
		if (this.swipes >= this.#p.swipes || this.sales.length >= 2 * this.#p.swipes) {
			this.#current = undefined;
			this.#p.onEnd();
			return;
		}
		this.#sell();
		const isLong = this.#random.oneIn(15);
		this.#later(isLong ? this.#random.below(240_000) : 4000 + this.#random.below(16_000));
	}

	#sell(): void {
		const { faults, press } = this.#p;
		if (faults.hit("restlessCashier")) {
			const keys: readonly PanelKey[] = ["query", "reprint", "7", "00", "clear", "enter", "cancel"];
			for (let i = this.#random.below(6); i >= 0; i--) press(keys[this.#random.below(7)]!);
			press("cancel");
		}
		const amountMinor = this.#newAmount();
		this.#current = {
			amountMinor,
			card: undefined,
			underWay: false,
			chipRefused: false,
			shown: undefined,
		};
		this.sales.push(this.#current);
		this.#p.trail.note(() => `cashier: sale of ${asAmount(amountMinor)}`, amountMinor);
		for (const key of asAmount(amountMinor)) press(key as PanelKey);
		press("enter");
	}

	#newAmount(): number {
		for (;;) {
			// Nobody is told to sell what the offline limit refuses.
			const isLarge = this.#random.oneIn(8) && !this.#p.told;
			const amountMinor = 100 + this.#random.below(isLarge ? 90_000 : 40_000);
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
