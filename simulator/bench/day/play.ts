import type { Bench } from "../bench";
import { terminalId } from "../bench";
import { reconcile, type Reconciliation } from "./reconcile";
import { Day, type Scenario } from "./scenario";

/** What a day ends with. The first block is what `--json` prints. */
export interface DayReport {
	readonly swipes: number;
	readonly approved: number;
	readonly declined: number;
	readonly reversed: number;
	readonly storedForwarded: number;
	readonly open: number;
	readonly hostPosted: number;
	readonly difference: number;
	readonly engine: string;
	readonly seconds: number;
	/** Never left the terminal, so nothing is owed. */
	readonly abandoned: number;
	/** The card was read, and refused before anything was recorded. */
	readonly refused: number;
	readonly simulatedSeconds: number;
	readonly powerCuts: number;
	readonly crashes: number;
}

export interface DayResult {
	readonly report: DayReport;
	readonly reconciliation: Reconciliation;
	readonly surprises: readonly string[];
	/** All agrees: no difference, nothing lost, doubled or open, no firmware crash. */
	readonly good: boolean;
}

/** Plays a scenario to its end and reconciles. @param progress one line a step */
export async function play(
	bench: Bench,
	scenario: Scenario,
	progress: (done: number, of: number, title: string) => void,
): Promise<DayResult> {
	const startedMs = performance.now();
	const day = new Day(bench);
	for (const [index, step] of scenario.steps.entries()) {
		progress(index, scenario.steps.length, step.title);
		day.begin(step.title);
		await step.run(day);
	}
	progress(scenario.steps.length, scenario.steps.length, "waiting for the queue to drain");
	await day.drained();
	return finish(bench, day, startedMs);
}

function readsCard(kind: string): boolean {
	return ["sale", "refund", "pre-authorisation", "balance"].includes(kind);
}

/** Counts and compares what is on the terminal and in the host's ledger. */
export async function finish(bench: Bench, day: Day, startedMs: number): Promise<DayResult> {
	const rows = await bench.askTransactions();
	const { engine } = await bench.askData<{ readonly engine: string }>("status");
	const reconciliation = reconcile(rows, bench.acquirer.ledger, terminalId);
	const count = (...states: string[]): number =>
		rows.filter((row) => states.includes(row.state)).length;
	const { counters } = bench.board;
	const report: DayReport = {
		swipes: bench.swipes,
		approved: count("approved", "settled"),
		declined: count("declined"),
		reversed: count("reversed"),
		storedForwarded: count("forwarded"),
		open: reconciliation.rows.filter((row) => row.open).length,
		hostPosted: bench.acquirer.ledger.totals(terminalId).count,
		difference: reconciliation.differenceMinor,
		engine,
		seconds: Math.round((performance.now() - startedMs) / 100) / 10,
		abandoned: count("abandoned"),
		refused: bench.swipes - rows.filter((row) => readsCard(row.kind)).length,
		simulatedSeconds: Math.round(bench.scheduler.nowUs() / 1e6),
		powerCuts: counters.powerCuts,
		crashes: counters.crashes,
	};
	const { differenceMinor, lost, doubled } = reconciliation;
	const good =
		differenceMinor === 0 &&
		lost === 0 &&
		doubled === 0 &&
		report.open === 0 &&
		report.crashes === 0;
	return { report, reconciliation, surprises: day.surprises, good };
}
