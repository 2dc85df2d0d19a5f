/** Speed that a person at the till notices, in simulated time. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Capture } from "../../simulator/bench/board/board-options";
import { makeTill, openTill, type LoggedEvent, type Till } from "./firmware-support";
import { fillJournal } from "./firmware-used-image";

const readyLimitMs = 1000;
const printLimitMs = 50;
/** One byte at 115200 8N1. */
const byteUs = 10e6 / 115_200;

/** Power to "ready" on the console, ms of simulated time. Says where it went. */
async function bootMs(till: Till, context: TestContext, what: string): Promise<number> {
	const { scheduler } = till.bench;
	const startUs = scheduler.nowUs();
	assert.ok(await till.bench.powerOn());
	const tookMs = (scheduler.nowUs() - startUs) / 1000;
	const { readyAtMs, journal } = await till.status();
	const [boot, mounted] = await till.bench.askData<readonly LoggedEvent[]>("log");
	const scriptMs = boot?.atMs ?? 0;
	const mountMs = (mounted?.atMs ?? 0) - scriptMs;
	context.diagnostic(
		`${what}: ready after ${Math.round(tookMs)} ms (script ${Math.round(scriptMs)}, ` +
			`journal and vault ${Math.round(mountMs)}, rest ${Math.round(readyAtMs - mountMs - scriptMs)}), ` +
			`${journal["records"]} records`,
	);
	return tookMs;
}

test("an empty terminal is ready within a second", async (context) => {
	const till = await makeTill(context);
	const tookMs = await bootMs(till, context, "empty image");
	assert.ok(tookMs < readyLimitMs, `${tookMs} ms`);
});

test("a terminal with 30 sales of its own on its flash is ready within a second", async (context) => {
	const till = await openTill(context);
	for (let i = 1; i <= 30; i++)
		await till.sell(`${i}.00`, "unionpay", i % 2 === 0 ? "tap" : "swipe");
	assert.ok(await till.bench.until(() => till.slips === 30, 300_000));
	await till.bench.pass(20_000);
	till.bench.board.powerCut();
	const tookMs = await bootMs(till, context, "30 sales");
	await till.close();
	assert.ok(tookMs < readyLimitMs, `${tookMs} ms`);
});

for (const sales of [300, 3000])
	test(`a terminal with ${sales} sales on its flash is ready within a second`, async (context) => {
		const till = await makeTill(context);
		fillJournal(till.bench.board.journalFlash.image, sales);
		const tookMs = await bootMs(till, context, `${sales} sales`);
		till.assertNoCrash();
		assert.ok(tookMs < readyLimitMs, `${tookMs} ms`);
	});

/** Notes when the last byte of data from the network had come over the modem's wire, until it is stopped. */
function dataWatch() {
	const watch = { lastByteUs: 0, stopped: false };
	const onCapture = ({ port, direction, timeUs, bytes }: Capture): void => {
		if (watch.stopped || direction !== "to-terminal") return;
		// A chip is asked before an approval counts: its last word is what the slip waits for.
		const chip = port === "cardReader" && timeUs > watch.lastByteUs && watch.lastByteUs > 0;
		if (chip) watch.lastByteUs = timeUs + bytes.length * byteUs;
		if (port !== "modem") return;
		if (/\+QIRD: [1-9]/.test(Buffer.from(bytes).toString("latin1")))
			watch.lastByteUs = timeUs + bytes.length * byteUs;
	};
	return { watch, onCapture };
}

test("the slip of an approved sale starts within 50 ms of the last byte that it waits for", async (context) => {
	const { watch, onCapture } = dataWatch();
	const till = await makeTill(context, { onCapture });
	// As many in memory as a terminal ever has.
	fillJournal(till.bench.board.journalFlash.image, 200);
	await till.open();
	const { printer } = till.bench;
	for (const way of ["chip", "tap", "swipe"] as const) {
		const before = till.slips;
		watch.stopped = false;
		await till.sell("12.30", "unionpay", way);
		assert.ok(await till.bench.until(() => printer.firstByteAtUs !== undefined, 5000));
		watch.stopped = true;
		const tookMs = (printer.firstByteAtUs! - watch.lastByteUs) / 1000;
		context.diagnostic(`${way}: the slip starts ${tookMs.toFixed(1)} ms after the last word`);
		assert.ok(tookMs > 0 && tookMs < printLimitMs, `${way}: ${tookMs} ms`);
		await till.printed(before);
	}
	till.assertNoCrash();
	assert.deepEqual(till.surprises, []);
});
