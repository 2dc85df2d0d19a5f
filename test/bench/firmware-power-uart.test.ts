/** The power goes while a byte is on the modem's line, in either direction: the swipe still has one fate. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Sold } from "../../simulator/bench/bench";
import type { Capture } from "../../simulator/bench/board/board-options";
import { makeTill, type Till } from "./firmware-support";

/** 115200 baud, 8N1. */
const byteUs = 1e7 / 115_200;
/** Every so many bytes a cut; HOLDFAST_EVERY_BYTE=1 plays them all (some minutes). */
const stride = process.env["HOLDFAST_EVERY_BYTE"] === "1" ? 1 : 37;

interface Story {
	readonly name: string;
	readonly before: (till: Till) => void;
	/** How long the story goes on after the cashier has seen a result, ms. */
	readonly afterMs: number;
}

const sale: Story = { name: "a sale", before: () => undefined, afterMs: 2000 };
const reversal: Story = {
	name: "a reversal",
	before: (till) => till.bench.acquirer.addFault({ kind: "silence", mti: "0200" }),
	afterMs: 20_000,
};

/** Plays the story once and cuts the power when byte `cutAt` is on the line. @returns bytes that were on it before the end */
async function round(context: TestContext, story: Story, cutAt: number): Promise<number> {
	let bytes = 0;
	let counting = false;
	let planned = false;
	const onCapture = ({ port, bytes: chunk }: Capture): void => {
		if (!counting || port !== "modem") return;
		const inChunk = cutAt - bytes;
		bytes += chunk.length;
		if (planned || inChunk < 0 || inChunk >= chunk.length) return;
		planned = true;
		till.bench.scheduler.after((inChunk + 0.5) * byteUs, () => till.bench.board.powerCut());
	};
	const till = await makeTill(context, { seed: 7, onCapture });
	const { bench } = till;
	await till.open();
	await till.sell("1.00", "visa", "tap");
	await till.printed(0);
	story.before(till);
	counting = true;
	const seen = await play(till, story);
	counting = false;
	const cut = !bench.board.powered;
	if (cut) await bench.powerOn();
	bench.acquirer.clearFaults();
	await till.online();
	await till.sell("3.00", "mastercard", "tap");
	await bench.pass(15_000);
	const where = `${story.name}, byte ${cutAt}, seen ${seen}`;
	const rows = await till
		.close()
		.catch((error: Error) => assert.fail(`${where}: ${error.message}`));
	const stateOf = (amountMinor: number) =>
		rows.find((row) => row.amountMinor === amountMinor)?.state;
	assert.deepEqual([stateOf(100), stateOf(300)], ["approved", "approved"], where);
	if (seen === "approved") assert.equal(stateOf(200), "approved", where);
	if (seen === "unknown") assert.equal(stateOf(200), "reversed", where);
	if (planned) assert.ok(cut, `${where}: the power stayed`);
	await bench.close();
	return bytes;
}

async function play(till: Till, story: Story): Promise<Sold["outcome"]> {
	const { outcome } = await till.bench.sell("2.00", "unionpay", "tap");
	await till.bench.until(() => !till.bench.board.powered, story.afterMs);
	return outcome;
}

for (const story of [sale, reversal])
	test(`${story.name} with the power cut while bytes are on the modem's line has one fate`, async (context) => {
		const all = await round(context, story, Number.POSITIVE_INFINITY);
		assert.ok(all > 500, `only ${all} bytes`);
		let cuts = 0;
		for (let byte = 0; byte < all; byte += stride, cuts++) await round(context, story, byte);
		context.diagnostic(`${story.name}: ${cuts} cuts in ${all} bytes`);
	});
