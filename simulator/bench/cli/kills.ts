/** `npm run kills`: kills the engine process at random moments of a busy day; nothing may be lost or doubled. */
import { Bench, terminalId } from "../bench";
import { Random } from "../board/random";
import { buildFirmware } from "../build/firmware";
import { openStates, reconcile, type TerminalRow } from "../day/reconcile";
import { guarded, readOptions } from "./options";
import type { Presentation } from "../peripheral/cards";

const kinds = { values: ["--count", "--seed"], flags: ["--json"] };

interface KillsReport {
	readonly kills: number;
	readonly lost: number;
	readonly doubled: number;
	readonly difference: number;
	readonly swipes: number;
	readonly approved: number;
	readonly reversed: number;
	readonly storedForwarded: number;
	readonly open: number;
	readonly crashes: number;
	/** Approvals or stored sales that the cashier saw and the terminal no longer knows as such. */
	readonly forgotten: number;
	readonly seed: number;
	readonly seconds: number;
}

/** @returns 0 when nothing was lost or doubled, 1 otherwise, 2 for wrong arguments */
export function main(args: readonly string[]): Promise<number> {
	return guarded(async () => {
		const options = readOptions(args, kinds);
		const count = options.number("--count", 1, 50);
		const seed = options.number("--seed", 0, 1);
		const json = options.flag("--json");
		const bench = await Bench.start({
			firmware: await buildFirmware(),
			pace: "fast",
			seed,
			onEvent: (event) => {
				if (event.kind === "crash") process.stderr.write(`\nfirmware crash: ${event.reason}\n`);
			},
		});
		try {
			const report = await new Killer(bench, seed).run(count, (done) => {
				if (!json) process.stdout.write(`\rkills ${done}/${count}`);
			});
			if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
			else {
				process.stdout.write("\n");
				for (const [name, value] of Object.entries(report))
					process.stdout.write(`${name.padEnd(16)} ${value}\n`);
			}
			const { lost, doubled, difference, open, forgotten, crashes } = report;
			return lost + doubled + difference + open + forgotten + crashes === 0 ? 0 : 1;
		} finally {
			await bench.close();
		}
	});
}

const cards: readonly (readonly [string, Presentation])[] = [
	["unionpay", "chip"],
	["visa", "tap"],
	["unionpay-3", "tap"],
	["magstripe", "swipe"],
];

/** Sells without a pause while the power goes and comes at moments that a seed and the wall clock choose. */
class Killer {
	readonly #bench: Bench;
	readonly #random: Random;
	readonly #seed: number;
	/** Amounts that the cashier saw approved or stored; each amount is used once. */
	readonly #seen = new Set<number>();
	/** The terminal's rows by number, as it last told them: its memory holds only the newest hundred. */
	readonly #rows = new Map<number, TerminalRow>();
	#from = 1;
	#amountMinor = 100;

	constructor(bench: Bench, seed: number) {
		this.#bench = bench;
		this.#seed = seed;
		this.#random = new Random(seed, "kills");
	}

	async run(count: number, progress: (done: number) => void): Promise<KillsReport> {
		const startedMs = performance.now();
		const bench = this.#bench;
		await bench.powerOn();
		while (bench.board.counters.powerCuts < count) {
			progress(bench.board.counters.powerCuts);
			// Mostly the day goes on; sometimes the next kill already hits the boot or the sign-on.
			if (this.#random.below(5) > 0) await this.#online();
			bench.printer.refill();
			this.#trouble();
			this.#planKill();
			await this.#sellUntilDead();
			await bench.pass(this.#random.below(4000));
			await bench.powerOn();
			await this.#collect();
		}
		return this.#report(startedMs);
	}

	async #online(): Promise<void> {
		const { panel, board } = this.#bench;
		const shown = (): boolean => panel.lines.some((line) => line.includes("ONLINE"));
		await this.#bench.until(() => !board.powered || shown(), 20_000);
	}

	/** Some network or host trouble, healed now and then. */
	#trouble(): void {
		const { modem, acquirer } = this.#bench;
		const dice = this.#random.below(10);
		if (dice === 0) modem.cut();
		else if (dice === 1) acquirer.addFault({ kind: "silence" });
		else if (dice === 2) acquirer.addFault({ kind: "late" });
		else if (dice === 3) acquirer.addFault({ kind: "wrong-mac", mti: "0200" });
		else if (dice === 4) modem.blackhole(true);
		else if (dice >= 6) modem.restore();
	}

	/** By count of operations (whole or torn), by virtual time, or by the wall clock: then it can hit anywhere. */
	#planKill(): void {
		const { board, scheduler } = this.#bench;
		const dice = this.#random.below(4);
		const operations = 1 + this.#random.below(40);
		if (dice === 0) board.powerCut({ when: "after", operations, of: "flash", torn: true });
		else if (dice === 1)
			board.powerCut({ when: "after", operations: operations * 60, of: "all", torn: true });
		else if (dice === 2) scheduler.after(this.#random.below(60_000_000), () => board.powerCut());
		else setTimeout(() => board.powerCut(), this.#random.below(1500));
	}

	async #sellUntilDead(): Promise<void> {
		const { board } = this.#bench;
		const endUs = this.#bench.scheduler.nowUs() + 300_000_000;
		while (board.powered) {
			this.#amountMinor += 1;
			// Endings that the host declines on purpose would hide what is looked for.
			if ([1, 2, 5, 10, 51, 55, 61, 65, 91, 96].includes(this.#amountMinor % 100)) continue;
			const [card, way] = cards[this.#random.below(cards.length)]!;
			const amount = (this.#amountMinor / 100).toFixed(2);
			const { outcome } = await this.#bench.sell(amount, card, way);
			if (board.running && this.#amountMinor % 8 === 0) await this.#collect();
			if (outcome === "approved" || outcome === "stored") this.#seen.add(this.#amountMinor);
			if (this.#bench.scheduler.nowUs() > endUs) board.powerCut();
			else await this.#bench.pass(this.#random.below(2000));
		}
	}

	async #report(startedMs: number): Promise<KillsReport> {
		const bench = this.#bench;
		bench.modem.restore();
		bench.printer.refill();
		bench.acquirer.clearFaults();
		const rows = await this.#drained();
		const { ledger } = bench.acquirer;
		const books = reconcile(rows, ledger, terminalId);
		const count = (state: string): number => rows.filter((row) => row.state === state).length;
		const good = new Set(
			rows.filter((r) => ["approved", "forwarded"].includes(r.state)).map((r) => r.amountMinor),
		);
		return {
			kills: bench.board.counters.powerCuts,
			lost: books.lost,
			doubled: books.doubled,
			difference: books.differenceMinor,
			swipes: bench.swipes,
			approved: count("approved"),
			reversed: count("reversed"),
			storedForwarded: count("forwarded"),
			open: books.rows.filter((row) => row.open).length,
			crashes: bench.board.counters.crashes,
			forgotten: [...this.#seen].filter((amount) => !good.has(amount)).length,
			seed: this.#seed,
			seconds: Math.round((performance.now() - startedMs) / 100) / 10,
		};
	}

	async #drained(): Promise<readonly TerminalRow[]> {
		const bench = this.#bench;
		for (let round = 0; round < 240; round++) {
			await bench.pass(5000);
			const open = await bench.askData<readonly unknown[]>("queue");
			if (open.length === 0) break;
		}
		await this.#collect();
		return [...this.#rows.values()];
	}

	/** Takes over what the terminal lists; one that dies over the answer is asked after its next boot. */
	async #collect(): Promise<void> {
		try {
			for (const row of await this.#bench.askTransactions(this.#from))
				this.#rows.set(row.number, row);
			// What is closed stays as it is: asked for no more.
			while (isClosed(this.#rows.get(this.#from))) this.#from++;
		} catch (error) {
			if (this.#bench.board.running) throw error;
		}
	}
}

function isClosed(row: TerminalRow | undefined): boolean {
	return row !== undefined && !openStates.includes(row.state);
}
