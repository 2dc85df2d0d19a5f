/** A till for the tests of the whole firmware: the bench, its script words, and the books at the end. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { Bench, terminalId, type BenchOptions } from "../../simulator/bench/bench";
import type { BoardEvent } from "../../simulator/bench/board/board-options";
import { buildFirmware } from "../../simulator/bench/build/firmware";
import { reconcile, type TerminalRow } from "../../simulator/bench/day/reconcile";
import { Day } from "../../simulator/bench/day/scenario";

/** One event of the terminal's `log --json`. */
export interface LoggedEvent {
	readonly atMs: number;
	readonly code: number;
	readonly a: number;
	readonly b: number;
}

/** What `status --json` says, as far as tests look at it. */
export interface Status {
	readonly readyAtMs: number;
	readonly link: string;
	readonly network: string;
	readonly printer: string;
	readonly reader: boolean;
	readonly open: number;
	readonly vault: number;
	readonly roomForSale: boolean;
	readonly unreadableRecords: number;
	readonly journal: Readonly<Record<string, number>>;
	readonly vaultFound: Readonly<Record<string, number>>;
	readonly events: number;
}

let built: Promise<string> | undefined;

/** The firmware, built once a file. */
export function firmware(): Promise<string> {
	return (built ??= buildFirmware());
}

/** A day at a till that ends with its books compared. */
export class Till extends Day {
	readonly events: BoardEvent[] = [];

	/** The terminal's power comes, it boots and signs on. */
	async open(): Promise<void> {
		assert.ok(await this.bench.powerOn(), "no greeting on the console");
		await this.online();
	}

	/** Power off and on again. */
	async restart(): Promise<void> {
		this.bench.board.powerCut();
		await this.open();
	}

	status(): Promise<Status> {
		return this.bench.askData<Status>("status");
	}

	/** Codes of the newest 40 events, as far as they came after `sinceMs` of the terminal's time. */
	async logged(sinceMs = -1): Promise<ReadonlySet<number>> {
		const events = await this.bench.askData<readonly LoggedEvent[]>("log");
		return new Set(events.filter(({ atMs }) => atMs > sinceMs).map(({ code }) => code));
	}

	/** The terminal's time since its boot. */
	async ticksMs(): Promise<number> {
		return (await this.bench.askData<{ readonly uptimeMs: number }>("status")).uptimeMs;
	}

	async row(number: number): Promise<TerminalRow> {
		return this.bench.askData<TerminalRow>(`show ${number}`);
	}

	/** The newest transaction. */
	async newest(): Promise<TerminalRow> {
		const rows = await this.bench.askTransactions();
		return rows.at(-1) ?? assert.fail("no transaction is listed");
	}

	/** Nothing stays open, both sides agree, the firmware never crashed and nothing surprised the script. */
	async close(expected: { readonly surprises?: boolean } = {}): Promise<readonly TerminalRow[]> {
		assert.equal(await this.drained(), 0, "something stays open");
		const rows = await this.bench.askTransactions();
		const { ledger } = this.bench.acquirer;
		const { differenceMinor, lost, doubled } = reconcile(rows, ledger, terminalId);
		assert.deepEqual(
			{ differenceMinor, lost, doubled },
			{ differenceMinor: 0, lost: 0, doubled: 0 },
		);
		this.assertNoCrash();
		if (expected.surprises !== true) assert.deepEqual(this.surprises, []);
		return rows;
	}

	assertNoCrash(): void {
		const { crashes } = this.bench.board.counters;
		assert.equal(crashes, 0, this.bench.board.crashReasons.join("; "));
	}
}

/** A till whose power is still off; everything ends with the test. */
export async function makeTill(
	context: TestContext,
	options: Partial<BenchOptions> = {},
): Promise<Till> {
	const bench = await Bench.start({
		firmware: await firmware(),
		pace: "fast",
		seed: 1,
		...options,
		onEvent: (event) => {
			till.events.push(event);
			options.onEvent?.(event);
		},
	});
	const till: Till = new Till(bench);
	context.after(() => bench.close());
	return till;
}

/** A till that is online. */
export async function openTill(
	context: TestContext,
	options: Partial<BenchOptions> = {},
): Promise<Till> {
	const till = await makeTill(context, options);
	await till.open();
	return till;
}
