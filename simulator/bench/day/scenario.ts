import type { Bench, Sold } from "../bench";
import type { Presentation } from "../peripheral/cards";

/** One step of a scripted day. */
export interface Step {
	readonly title: string;
	readonly run: (day: Day) => Promise<void>;
}

export interface Scenario {
	readonly name: string;
	readonly title: string;
	readonly steps: readonly Step[];
}

/** What a step works with: the bench, and words for what happens at a till. */
export class Day {
	readonly bench: Bench;
	/** What the cashier saw, in order: the day's own memory, against which the records are checked. */
	readonly seen: Sold[] = [];
	readonly surprises: string[] = [];
	#step = "";

	constructor(bench: Bench) {
		this.bench = bench;
	}

	begin(step: string): void {
		this.#step = step;
	}

	/** Sells and notes a surprise when something else is shown than the script expects. */
	async sell(
		amount: string,
		card: string,
		way: Presentation,
		expected: Sold["outcome"] | undefined = "approved",
	): Promise<Sold> {
		const sold = await this.bench.sell(amount, card, way);
		this.seen.push(sold);
		if (expected !== undefined && sold.outcome !== expected)
			this.surprise(`expected ${expected}, the screen shows ${sold.outcome}`);
		return sold;
	}

	/**
	 * A function of the cashier's menu, and a surprise when something else is shown than the script expects.
	 * @param keys as `Bench.pressKeys` takes them
	 */
	async order(
		keys: string,
		expected: Sold["outcome"],
		card?: string,
		way: Presentation = "chip",
	): Promise<Sold> {
		const done = await this.bench.order(keys, card, way);
		this.seen.push(done);
		if (done.outcome !== expected)
			this.surprise(`"${keys}": expected ${expected}, the screen shows ${done.lines.join(" | ")}`);
		return done;
	}

	/** STAN of the newest transaction, as its slip says it. */
	async newestStan(): Promise<string> {
		const rows = await this.bench.askTransactions();
		return rows.at(-1)?.stan ?? "0";
	}

	/** Something that the script did not expect; the day goes on, the books decide. */
	surprise(what: string): void {
		this.surprises.push(`${this.#step}: ${what}`);
	}

	/** Waits for something, and notes a surprise when it does not come. */
	async expect(what: string, predicate: () => boolean, limitMs: number): Promise<void> {
		if (!(await this.bench.until(predicate, limitMs))) this.surprise(`${what} did not happen`);
	}

	/** The screen says that the host can be reached. */
	async online(limitMs = 180_000): Promise<void> {
		const shown = (): boolean => this.bench.panel.lines.some((line) => line.includes("ONLINE"));
		await this.expect("coming online", shown, limitMs);
	}

	/** The screen says that it cannot. */
	async offline(limitMs = 180_000): Promise<void> {
		const shown = (): boolean => this.bench.panel.lines.some((line) => line.includes("OFFLINE"));
		await this.expect("going offline", shown, limitMs);
	}

	/** Everything open has been closed by itself. @returns how many are still open */
	async drained(limitMs = 900_000): Promise<number> {
		const endUs = this.bench.scheduler.nowUs() + limitMs * 1000;
		for (;;) {
			const open = (await this.bench.askData<readonly unknown[]>("queue")).length;
			if (open === 0 || this.bench.scheduler.nowUs() >= endUs) return open;
			await this.bench.pass(5000);
		}
	}

	/** Slips on paper: complete ones, that is cut ones. */
	get slips(): number {
		return this.bench.printer.slips.filter((slip) => slip.cut).length;
	}

	/** Waits until `count` more slips than `before` are cut. */
	async printed(before: number, count = 1): Promise<void> {
		await this.expect(`printing ${count} slip`, () => this.slips >= before + count, 60_000);
	}
}
