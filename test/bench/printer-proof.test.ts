/** What the printer driver calls printed is on paper, whatever happens to the printer meanwhile. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PrintOutcome } from "core/devices";
import { EscPosPrinter } from "printer/printer";
import { PrinterDevice } from "../../simulator/bench/peripheral/printer";
import { randomBytes } from "../unit/card-reader/fake-port";
import { DriverBench } from "./driver-support";

const seeds = 150;
const lines = Array.from({ length: 70 }, (_, i) => ({ text: `${i} ${"=".repeat(20)}` }));

type Trouble = (device: PrinterDevice, bench: DriverBench, milliseconds: number) => Promise<void>;

const troubles: readonly Trouble[] = [
	async (device, bench, milliseconds) => {
		device.unplug();
		await bench.run(milliseconds);
		device.replug();
	},
	async (device, bench, milliseconds) => {
		device.power(false);
		await bench.run(milliseconds);
		device.power(true);
	},
	async (device, bench, milliseconds) => {
		device.takePaperOut();
		await bench.run(milliseconds * 10);
		device.refill();
	},
	async (device, bench, milliseconds) => {
		device.openCover();
		await bench.run(milliseconds);
		device.closeCover();
	},
	async (device, bench, milliseconds) => {
		device.jam();
		await bench.run(milliseconds);
		device.clearJam();
	},
	async (device, bench, milliseconds) => {
		device.sendRaw(randomBytes(milliseconds % 200, milliseconds));
		await bench.run(10);
	},
];

async function play(seed: number): Promise<PrintOutcome> {
	const random = randomBytes(40, seed);
	const device = new PrinterDevice();
	const bench = new DriverBench(device);
	const printer = new EscPosPrinter({ ...bench, port: bench.port, onStatus: () => {} });
	await bench.run(3000);
	let outcome: PrintOutcome | undefined;
	printer.print(lines, (result) => (outcome = result));
	for (let i = 0; i < 3; i++) {
		const [kind, before, high, low] = random.subarray(4 * i);
		await bench.run(before! * 8);
		await troubles[kind! % troubles.length]!(device, bench, (high! & 15) * 256 + low!);
	}
	await bench.run(60_000);
	assert.ok(outcome !== undefined, `seed ${seed}: no outcome`);
	const wanted = lines.map(({ text }) => text).join("\n");
	const whole = device.slips.filter((slip) =>
		slip.lines
			.map(({ text }) => text)
			.join("\n")
			.includes(wanted),
	);
	if (outcome === "printed") assert.equal(whole.length, 1, `seed ${seed}: not on paper`);
	if (outcome === "not-started")
		assert.equal(device.slips.length, 0, `seed ${seed}: something is on paper`);
	// Whatever it was, the next slip comes out whole and stands alone.
	let second: PrintOutcome | undefined;
	printer.print(lines.slice(0, 3), (result) => (second = result));
	await bench.run(10_000);
	assert.equal(second, "printed", `seed ${seed}: second slip`);
	const last = device.slips.at(-1)!;
	assert.equal(last.lines.at(-1)?.text, lines[2]!.text, `seed ${seed}: last slip`);
	if (outcome !== "printed") assert.equal(last.lines.length, 3, `seed ${seed}: not alone`);
	return outcome;
}

test(`in ${seeds} seeded days of trouble no slip is called printed that is not on paper`, async () => {
	const count: Record<PrintOutcome, number> = { printed: 0, uncertain: 0, "not-started": 0 };
	for (let seed = 1; seed <= seeds; seed++) count[await play(seed)]++;
	console.log(JSON.stringify(count));
	assert.ok(count.printed >= 20 && count.uncertain >= 20, "one-sided");
});
