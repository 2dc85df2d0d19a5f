/** Power cuts at every flash operation, whole and torn: every swipe still has one fate. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Sold } from "../../simulator/bench/bench";
import type { TerminalRow } from "../../simulator/bench/day/reconcile";
import { makeTill, type Till } from "./firmware-support";

/** More flash operations than any of the stories below has. */
const operationsMax = 60;

interface Story {
	readonly name: string;
	/** What comes before the cut is planned. */
	readonly before?: (till: Till) => Promise<void> | void;
	/** What the cut may hit; it ends when the power goes. @returns what the cashier saw */
	readonly play: (till: Till) => Promise<Sold["outcome"]>;
}

/**
 * Plays a story again and again, the cut one flash operation later each time, until it happens no more.
 * Each round has a fresh bench with flash that was used once, so that its operations are the same.
 * @returns rounds in which the power went
 */
async function cutEverywhere(context: TestContext, story: Story, torn: boolean): Promise<number> {
	for (let operations = 1; operations <= operationsMax; operations++) {
		const cut = await round(context, story, operations, torn);
		if (!cut) return operations - 1;
	}
	return assert.fail(`more than ${operationsMax} flash operations`);
}

async function round(
	context: TestContext,
	story: Story,
	operations: number,
	torn: boolean,
): Promise<boolean> {
	const till = await makeTill(context, { seed: operations });
	const { bench } = till;
	const where = `${story.name}, cut ${torn ? "inside" : "after"} operation ${operations}`;
	await till.open();
	await till.sell("1.00", "visa", "tap");
	await till.printed(0);
	await story.before?.(till);
	bench.board.powerCut({ when: "after", operations, of: "flash", torn });
	const seen = await story.play(till);
	const cut = !bench.board.powered;
	if (cut) await bench.powerOn();
	bench.board.powerCut({ when: "after", operations: 1_000_000, of: "flash", torn: false });
	bench.modem.restore();
	bench.acquirer.clearFaults();
	await till.online();
	// What the cashier does next works as ever.
	await till.sell("3.00", "mastercard", "tap");
	await till.bench.pass(15_000);
	const rows = await till
		.close()
		.catch((error: Error) => assert.fail(`${where}: ${error.message}`));
	assertFates(rows, seen, where);
	await bench.close();
	return cut;
}

/** The sales before and after stand; the one that was hit is what the cashier saw, and has its slip. */
function assertFates(rows: readonly TerminalRow[], seen: Sold["outcome"], where: string): void {
	const fates = rows.map(({ amountMinor, state, receipt }) => `${amountMinor} ${state} ${receipt}`);
	const what = `${where}, seen ${seen}: ${fates.join(", ")}`;
	const stateOf = (amountMinor: number) =>
		rows.find((row) => row.amountMinor === amountMinor)?.state;
	assert.equal(stateOf(100), "approved", what);
	assert.equal(stateOf(300), "approved", what);
	if (seen === "approved") assert.equal(stateOf(200), "approved", what);
	if (seen === "stored") assert.equal(stateOf(200), "forwarded", what);
	if (seen === "unknown") assert.equal(stateOf(200), "reversed", what);
	for (const { state, receipt } of rows)
		if (state === "approved" || state === "forwarded")
			assert.ok(["printed", "uncertain"].includes(receipt), what);
}

/** Sells, and lets idle work and the printer come to an end, unless the power goes. */
async function sellAndSettle(
	till: Till,
	way: "chip" | "tap",
	ms: number,
): Promise<Sold["outcome"]> {
	const { bench } = till;
	const { outcome } = await bench.sell("2.00", "unionpay", way);
	await bench.until(() => !bench.board.powered, ms);
	return outcome;
}

const sale: Story = { name: "a sale", play: (till) => sellAndSettle(till, "chip", 15_000) };

const storedSale: Story = {
	name: "a stored sale",
	before: async (till) => {
		till.bench.modem.cut();
		await till.offline();
	},
	play: async (till) => {
		const seen = await sellAndSettle(till, "tap", 15_000);
		till.bench.modem.restore();
		await till.bench.until(() => !till.bench.board.powered, 60_000);
		return seen;
	},
};

const reversal: Story = {
	name: "a reversal",
	before: (till) => till.bench.acquirer.addFault({ kind: "silence", mti: "0200" }),
	play: (till) => sellAndSettle(till, "chip", 60_000),
};

for (const story of [sale, storedSale, reversal])
	for (const torn of [false, true])
		test(`${story.name} with the power cut ${torn ? "inside" : "after"} each flash operation has one fate`, async (context) => {
			const startMs = performance.now();
			const cuts = await cutEverywhere(context, story, torn);
			context.diagnostic(
				`${story.name}: ${cuts} cuts ${torn ? "inside" : "after"} an operation, ` +
					`${((performance.now() - startMs) / 1000).toFixed(1)} s`,
			);
			assert.ok(cuts >= 6, `only ${cuts} operations`);
		});
