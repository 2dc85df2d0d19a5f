/** Settlements of the whole firmware against the bench's acquirer: balanced or not, network, power, batches. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { keyMs, terminalId } from "../../simulator/bench/bench";
import { makeTill, openTill, type Till } from "./firmware-support";

/** What `settlement --json` says, as far as these tests look at it. */
interface Settled {
	readonly step: string;
	readonly wait: string;
	readonly complete: boolean;
	readonly refusal: string;
	readonly unsettled: readonly { readonly batch: string; readonly count: number }[];
	readonly closed: readonly {
		readonly batch: string;
		readonly verdict: string;
		readonly count: number;
		readonly netMinor: number;
	}[];
	readonly differences: readonly {
		readonly kind: string;
		readonly number: number;
		readonly oursMinor: number;
		readonly hostMinor: number;
	}[];
	readonly leftOpen: readonly number[];
	readonly report: string;
}

function settlement(till: Till): Promise<Settled> {
	return till.bench.askData<Settled>("settlement");
}

/** The cashier asks for a settlement in the menu. */
async function ask(till: Till): Promise<readonly string[]> {
	for (const key of ["cancel", "menu", "9", "0"] as const) {
		till.bench.panel.press(key);
		await till.bench.pass(keyMs);
	}
	return till.bench.panel.lines;
}

/** Settles as soon as flash has been read back, which waits for slips to be printed, and waits until it is over. */
async function settle(till: Till, limitMs = 1_800_000): Promise<Settled> {
	for (let tries = 0; tries < 180 && !(await settlement(till)).complete; tries++)
		await till.bench.pass(10_000);
	await ask(till);
	return ended(till, limitMs);
}

async function ended(till: Till, limitMs = 1_800_000): Promise<Settled> {
	for (let passedMs = 0; passedMs < limitMs; passedMs += 2000) {
		await till.bench.pass(2000);
		const now = await settlement(till);
		if (now.step === "none" && now.report !== "due" && now.report !== "printing") return now;
	}
	return settlement(till);
}

function paper(till: Till): string {
	return till.bench.printer.slips
		.map(({ lines }) => lines.map((line) => line.text).join("\n"))
		.join("\n==\n");
}

test("a batch that balances is closed on both sides, printed, and the next sale is in the next one", async (context) => {
	const till = await openTill(context);
	await till.sell("10.00", "visa", "tap");
	await till.sell("2.50", "unionpay", "chip");
	await till.sell("1.51", "visa", "tap", "declined");
	const batch = (await till.newest()).batch;
	const { closed, unsettled, report } = await settle(till);
	assert.deepEqual(
		closed.map(({ batch: one, verdict, count, netMinor }) => [one, verdict, count, netMinor]),
		[[batch, "balanced", 2, 1250]],
	);
	assert.deepEqual([unsettled, report], [[], "printed"]);
	assert.match(paper(till), /批结算单[^]*净额\/NET +12\.50[^]*对账平\/BALANCED/);
	assert.notEqual(till.bench.acquirer.ledger.batchState(terminalId, batch)?.close, undefined);
	await till.sell("3.00", "visa", "tap");
	const next = await till.newest();
	assert.equal(Number(next.batch), Number(batch) + 1);
	assert.equal(till.bench.acquirer.ledger.batch(terminalId), next.batch);
	const states = (await till.bench.askTransactions()).map(({ state }) => state);
	assert.deepEqual(states, ["settled", "settled", "declined", "approved"]);
	await till.close();
});

test("what differs is told by transaction: long, short and another amount", async (context) => {
	// The host's own posting gets a STAN that begins with 9: the terminal's do not with this seed.
	const till = await openTill(context, { seed: 3 });
	const { acquirer } = till.bench;
	acquirer.addFault({ kind: "drop-posting", mti: "0200" });
	await till.sell("10.00", "visa", "tap");
	acquirer.addFault({ kind: "add-posting", mti: "0200" });
	await till.sell("20.00", "visa", "tap");
	acquirer.addFault({ kind: "alter-posting", mti: "0200" });
	await till.sell("30.00", "visa", "tap");
	for (let i = 1; i <= 8; i++) await till.sell(`${i}.00`, "visa", "tap");
	const { closed, differences } = await settle(till);
	assert.deepEqual(
		closed.map(({ verdict, count, netMinor }) => [verdict, count, netMinor]),
		[["not balanced", 11, 9600]],
	);
	assert.deepEqual(
		differences
			.map(({ kind, number, oursMinor, hostMinor }) => [kind, number, oursMinor, hostMinor])
			.sort(),
		[
			["A", 3, 3000, 3001],
			["L", 0, 0, 2000],
			["S", 1, 1000, 0],
		],
	);
	assert.match(
		paper(till),
		/对账不平\/NOT BALANCED[^]*短款\/TERMINAL ONLY[^]*金额不符[^]*长款\/HOST ONLY/,
	);
	const why = async (number: number): Promise<string> =>
		(await till.bench.askData<{ cause: string }>(`why ${number}`)).cause;
	assert.deepEqual(
		[await why(1), await why(2), await why(3)],
		["settled-short", "settled", "settled-amount"],
	);
	till.assertNoCrash();
});

test("stored sales are forwarded first, and the settlement waits for the network by itself", async (context) => {
	const till = await openTill(context);
	await till.sell("5.00", "visa", "tap");
	till.bench.modem.cut();
	await till.offline();
	await till.sell("7.00", "visa", "tap", "stored");
	const lines = await ask(till);
	assert.match(lines.join(" "), /SETTLING/);
	await till.sell("8.00", "visa", "tap", "stored");
	await till.bench.pass(30_000);
	assert.equal((await settlement(till)).step, "draining");
	till.bench.modem.restore();
	await till.online();
	const { closed } = await ended(till);
	assert.deepEqual(
		closed.map(({ verdict, count, netMinor }) => [verdict, count, netMinor]),
		[["balanced", 3, 2000]],
	);
	await till.close();
});

test("a host that is silent puts it off and sales go on; then it is settled after all", async (context) => {
	const till = await openTill(context);
	await till.sell("5.00", "visa", "tap");
	till.bench.acquirer.addFault({ kind: "silence", mti: "0500", count: 3 });
	await ask(till);
	await till.bench.pass(10_000);
	const refused = await till.sell("6.00", "visa", "tap", "refused");
	assert.match(refused.lines.join(" "), /SETTLING/);
	await till.bench.pass(80_000);
	assert.equal((await settlement(till)).wait, "pause");
	await till.sell("6.00", "visa", "tap");
	const { closed } = await ended(till);
	assert.deepEqual(
		closed.map(({ verdict, netMinor }) => [verdict, netMinor]),
		[["balanced", 1100]],
	);
	await till.close();
});

test("paper that is out closes the batch all the same; the report comes with the paper", async (context) => {
	const till = await openTill(context);
	await till.sell("5.00", "visa", "tap");
	await till.printed(0);
	till.bench.printer.takePaperOut();
	await till.bench.pass(3000);
	await ask(till);
	await till.bench.pass(30_000);
	const without = await settlement(till);
	assert.deepEqual([without.closed.length, without.report], [1, "due"]);
	till.bench.printer.refill();
	const { report } = await ended(till);
	assert.equal(report, "printed");
	await till.close();
});

test("after a restart totals are those of before, though a boot reads the newest forty sales alone", async (context) => {
	const till = await openTill(context);
	for (let i = 1; i <= 60; i++) await till.sell(`${i}.00`, "visa", "tap");
	await till.restart();
	const { closed } = await settle(till);
	assert.deepEqual(
		closed.map(({ verdict, count, netMinor }) => [verdict, count, netMinor]),
		[["balanced", 60, 183_000]],
	);
	await till.restart();
	await till.bench.pass(20_000);
	const again = await settlement(till);
	assert.deepEqual([again.closed.length, again.unsettled, again.complete], [1, [], true]);
	till.assertNoCrash();
});

/** More flash operations than the settlement below has. */
const operationsMax = 80;

for (const torn of [false, true])
	test(`a settlement with the power cut ${torn ? "inside" : "after"} each flash operation closes the batch once, on both sides`, async (context) => {
		let operations = 1;
		for (; operations <= operationsMax; operations++)
			if (!(await cutRound(operations, torn))) break;
		context.diagnostic(`${operations - 1} cuts`);
		assert.ok(operations > 12 && operations <= operationsMax, `${operations - 1} operations`);

		async function cutRound(after: number, inside: boolean): Promise<boolean> {
			const till = await makeTill(context, { seed: after });
			const { bench } = till;
			const where = `cut ${inside ? "inside" : "after"} operation ${after}`;
			await till.open();
			bench.acquirer.addFault({ kind: "alter-posting", mti: "0200" });
			await till.sell("1.00", "visa", "tap");
			await till.sell("2.00", "visa", "tap");
			await bench.pass(8000);
			bench.board.powerCut({ when: "after", operations: after, of: "flash", torn: inside });
			await ask(till);
			await bench.until(() => !bench.board.powered, 20_000);
			const cut = !bench.board.powered;
			if (cut) await bench.powerOn();
			bench.board.powerCut({ when: "after", operations: 1_000_000, of: "flash", torn: false });
			await till.online();
			await bench.pass(10_000);
			// Cut before it had begun: the cashier asks again.
			let now = await ended(till);
			if (now.closed.length === 0) now = await settle(till);
			assert.deepEqual(
				now.closed.map(({ verdict, count, netMinor }) => [verdict, count, netMinor]),
				[["not balanced", 2, 300]],
				where,
			);
			assert.deepEqual(
				now.differences.map(({ kind, number }) => [kind, number]),
				[["A", 1]],
				where,
			);
			assert.ok(["printed", "uncertain"].includes(now.report), `${where}: report ${now.report}`);
			await till.sell("3.00", "visa", "tap");
			const [first, , third] = await bench.askTransactions();
			assert.equal(Number(third!.batch), Number(first!.batch) + 1, where);
			assert.equal(bench.acquirer.ledger.batch(terminalId), third!.batch, where);
			till.assertNoCrash();
			assert.deepEqual(till.surprises, [], where);
			await bench.close();
			return cut;
		}
	});
