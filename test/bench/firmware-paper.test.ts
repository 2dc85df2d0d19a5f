/** Paper, cover, jam and cable: an approval is never lost, and its slip comes when it can. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PrinterDevice } from "../../simulator/bench/peripheral/printer";
import { openTill, type Till } from "./firmware-support";

const troubles: readonly {
	readonly name: string;
	readonly begin: (printer: PrinterDevice) => void;
	readonly end: (printer: PrinterDevice) => void;
	readonly status: string;
}[] = [
	{
		name: "paper out",
		begin: (printer) => printer.takePaperOut(),
		end: (printer) => printer.refill(),
		status: "paper out",
	},
	{
		name: "cover open",
		begin: (printer) => printer.openCover(),
		end: (printer) => printer.closeCover(),
		status: "cover open",
	},
	{
		name: "a jam",
		begin: (printer) => printer.jam(),
		end: (printer) => printer.clearJam(),
		status: "error",
	},
	{
		name: "the cable pulled",
		begin: (printer) => printer.unplug(),
		end: (printer) => printer.replug(),
		status: "no answer",
	},
];

/** Lines on paper that carry this STAN. */
function linesWith(till: Till, stan: string): number {
	return till.bench.printer.slips.flatMap(({ lines }) =>
		lines.filter(({ text }) => text.includes(stan)),
	).length;
}

for (const { name, begin, end, status } of troubles) {
	test(`${name} before the sale: approved, the slip stays due and prints afterwards`, async (context) => {
		const till = await openTill(context);
		const { printer } = till.bench;
		begin(printer);
		await till.bench.pass(10_000);
		assert.equal((await till.status()).printer, status);
		await till.sell("2.00", "unionpay", "chip");
		await till.bench.pass(20_000);
		const { number, stan, receipt, state } = await till.newest();
		assert.deepEqual([state, receipt], ["approved", "due"]);
		assert.equal(till.slips, 0);
		// Also over a power cut.
		await till.restart();
		assert.equal((await till.row(number)).receipt, "due");
		end(printer);
		await till.printed(0);
		await till.bench.pass(3000);
		assert.equal((await till.row(number)).receipt, "printed");
		assert.equal(linesWith(till, stan), 2, "not one slip with two copies");
		await till.close();
	});

	test(`${name} while the slip is printed: printed or uncertain, the approval stands`, async (context) => {
		const till = await openTill(context);
		const { printer } = till.bench;
		const outcomes: string[] = [];
		for (const afterMs of [150, 900, 2500]) {
			await till.sell("2.00", "unionpay", "tap");
			await till.bench.pass(afterMs);
			begin(printer);
			await till.bench.pass(15_000);
			end(printer);
			await till.bench.pass(30_000);
			const { state, receipt } = await till.newest();
			outcomes.push(receipt);
			assert.equal(state, "approved");
			assert.ok(["printed", "uncertain"].includes(receipt), `${afterMs} ms: ${receipt}`);
		}
		context.diagnostic(`${name}: ${outcomes.join(" ")}`);
		const before = till.slips;
		await till.sell("3.00", "visa", "chip");
		await till.printed(before);
		await till.close();
	});
}

test("a printer that is gone for good takes no sale away; a queue of slips prints in order", async (context) => {
	const till = await openTill(context);
	till.bench.printer.unplug();
	await till.bench.pass(10_000);
	for (let i = 1; i <= 5; i++) await till.sell(`${i}.00`, "unionpay", "tap");
	till.bench.printer.replug();
	await till.printed(0, 5);
	const rows = await till.close();
	const paper = till.bench.printer.slips.flatMap(({ lines }) => lines.map(({ text }) => text));
	const at = rows.map(({ stan }) => paper.findIndex((line) => line.includes(stan)));
	assert.ok(
		at.every((line, i) => line >= 0 && (i === 0 || line > at[i - 1]!)),
		at.join(" "),
	);
});

test("a declined sale has no slip; one in doubt has one that says so; a reprint is marked", async (context) => {
	const till = await openTill(context);
	await till.sell("10.51", "unionpay", "tap", "declined");
	await till.bench.pass(10_000);
	assert.equal(till.slips, 0);
	till.bench.acquirer.addFault({ kind: "silence", mti: "0200" });
	await till.sell("2.00", "unionpay", "tap", "unknown");
	await till.printed(0);
	const textOf = (slip: number): string =>
		till.bench.printer.slips[slip]!.lines.map(({ text }) => text).join("\n");
	assert.match(textOf(0), /非凭证联|NOT A VOUCHER/);
	await till.drained();
	await till.sell("3.00", "unionpay", "tap");
	await till.printed(1);
	await till.bench.pass(8000);
	assert.doesNotMatch(textOf(1), /重打印|DUPLICATE|非凭证联/);
	till.bench.panel.press("reprint");
	await till.printed(2);
	assert.match(textOf(2), /重打印凭证|DUPLICATE/);
	await till.close();
});

test("every slip that is due prints after a restart, however many there are", async (context) => {
	const till = await openTill(context);
	till.bench.printer.unplug();
	await till.bench.pass(10_000);
	const sales = 60;
	for (let i = 1; i <= sales; i++) await till.sell(`${i}.00`, "unionpay", "tap");
	await till.restart();
	till.bench.printer.replug();
	await till.bench.until(() => till.slips >= sales, 600_000);
	assert.equal(till.slips, sales);
	till.assertNoCrash();
});
