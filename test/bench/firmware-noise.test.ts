/** Whatever bytes the devices send: no crash, no wrong money, an event in the log, and the till goes on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LogCode } from "core/log";
import { Random } from "../../simulator/bench/board/random";
import { openTill, type Till } from "./firmware-support";

type Noisy = "reader" | "printer" | "modem" | "panel" | "console";

/** Heads of real frames, so that noise gets past the first look. */
const heads: Readonly<Record<Noisy, readonly string[]>> = {
	reader: ["ViVOtech2\0", "ViVOtech2\0\x02\x23\xff\xff", "ViVOtech2\0\x02\0\0\x08", "ViVO"],
	printer: ["\x16", "\x72", "\x5f", "\x37\x22", "\x10\x04"],
	modem: [
		"\r\n+QIRD: 99999\r\n",
		'\r\n+QIURC: "recv",0\r\n',
		'\r\n+QIURC: "closed",0\r\n',
		'\r\n+QIURC: "pdpdeact",1\r\n',
		"\r\n> ",
		"\r\nOK\r\n",
		"\r\nSEND OK\r\n",
		"\r\nERROR\r\n",
		"\r\n+CME ERROR: 10\r\n",
		"\r\n+CPIN: NOT READY\r\n",
		"\r\n+CEREG: 0\r\n",
		'\r\n+CCLK: "99/99/99,99:99:99+99"\r\n',
		"\r\n+QIOPEN: 0,0\r\n",
		"\r\nRDY\r\n",
	],
	panel: ["\x5a\xa5", "\x5a\xa5\x06\x83\x20\x00\x01\x00", "\x5a\xa5\xff\x83", "\x5a\xa5\x00"],
	console: [
		"help\r",
		"why 99999999999\r",
		"list -1\r",
		"show --json\r",
		"why 1e3 --json\r",
		"\u001b[A",
	],
};

/** One burst: a head now and then, and up to 300 random bytes. */
function burst(random: Random, device: Noisy): Uint8Array {
	const choices = heads[device];
	const head = random.below(2) === 0 ? choices[random.below(choices.length)]! : "";
	const tail = Buffer.alloc(random.below(random.below(4) === 0 ? 300 : 12));
	for (let i = 0; i < tail.length; i++) tail[i] = random.below(256);
	return Buffer.concat([Buffer.from(head, "latin1"), tail]);
}

/** Bursts from one device for some seconds; cancels whatever the noise may have typed. */
async function noise(till: Till, device: Noisy, seed: number, bursts: number): Promise<void> {
	const random = new Random(seed, device);
	for (let i = 0; i < bursts; i++) {
		till.bench[device].sendRaw(burst(random, device));
		await till.bench.pass(random.below(120));
	}
}

/** The next customer comes: keys and lines are clean again. */
async function calm(till: Till): Promise<void> {
	till.bench.console.sendRaw(Buffer.from("\r\r"));
	await till.bench.pass(3000);
	till.bench.panel.press("cancel");
	// A line to the modem that was lost is found and made anew within this time.
	await till.bench.pass(90_000);
	till.bench.panel.press("cancel");
	await till.bench.pass(1000);
	await till.online();
}

const codes: Readonly<Partial<Record<Noisy, readonly number[]>>> = {
	modem: [LogCode.ModemNoise, LogCode.ModemTimeout, LogCode.ModemReset],
	reader: [LogCode.ReaderFault],
	panel: [LogCode.PanelNoise],
	console: [LogCode.ConsoleOverrun],
	printer: [LogCode.PrinterStatus, LogCode.PrinterFault],
};

for (const device of ["reader", "printer", "modem", "panel", "console"] as const)
	for (const seed of [1, 2])
		test(`noise from the ${device} does no harm (seed ${seed})`, async (context) => {
			const till = await openTill(context, { seed });
			await till.sell("1.00", "unionpay", "tap");
			await till.printed(0);
			const sinceMs = await till.ticksMs();
			await noise(till, device, seed, 60);
			if (device === "console") till.bench.console.sendRaw(Buffer.from(`${"x".repeat(200)}\r`));
			await till.bench.pass(500);
			till.assertNoCrash();
			const logged = await till.logged(sinceMs);
			context.diagnostic(`${device}, seed ${seed}: events ${[...logged].join(" ")}`);
			assert.ok(
				codes[device]!.some((code) => logged.has(code)),
				"no event in the log",
			);
			await calm(till);
			const before = till.slips;
			await till.sell("2.00", "visa", "chip");
			await till.printed(before);
			const rows = await till.close();
			// Noise on the keys may sell what a card is held to, and none was.
			assert.equal(rows.filter((row) => row.state === "approved").length, 2);
		});

test("noise from every device while a sale is under way: it has one fate", async (context) => {
	const till = await openTill(context);
	const random = new Random(7, "all");
	const devices = ["reader", "printer", "modem", "panel", "console"] as const;
	const outcomes: string[] = [];
	for (let i = 1; i <= 12; i++) {
		let over = false;
		const sale = (async () => {
			if (await till.bench.enterAmount(`${i}.00`)) {
				// From here on, for the card is on the reader.
				const disturb = (): void => {
					if (over) return;
					const device = devices[random.below(devices.length)]!;
					till.bench[device].sendRaw(burst(random, device));
					till.bench.scheduler.after(random.below(400_000), disturb);
				};
				till.bench.present("unionpay", i % 2 === 0 ? "tap" : "chip");
				till.bench.scheduler.after(random.below(2_000_000), disturb);
				return (await till.bench.result(100_000)).outcome;
			}
			return "refused";
		})();
		outcomes.push(await sale);
		over = true;
		await till.bench.pass(4000);
		till.bench.panel.press("cancel");
		await calm(till);
	}
	context.diagnostic(outcomes.join(" "));
	till.bench.printer.refill();
	await calm(till);
	await till.sell("99.00", "visa", "chip");
	await till.close();
});
