import type { Day, Scenario, Step } from "./scenario";

function step(title: string, run: (day: Day) => Promise<void>): Step {
	return { title, run };
}

/** Each host fault that leaves a debit in doubt, one sale each. */
function doubtSteps(): Step[] {
	const faults = [
		["silence", "the host posts and does not answer"],
		["silence-unposted", "the request gets lost before the host posts"],
		["late", "the reply comes after the deadline"],
		["wrong-mac", "the reply carries a wrong MAC"],
		["wrong-stan", "the reply belongs to another STAN"],
		["garbage", "the reply is garbage"],
	] as const;
	return faults.map(([kind, title], index) =>
		step(title, async (day) => {
			day.bench.acquirer.addFault({ kind, mti: "0200" });
			await day.sell(`${20 + index}.00`, "unionpay", "chip", "unknown");
			await day.drained();
		}),
	);
}

const morning: readonly Step[] = [
	step("power on, sign on", async (day) => {
		if (!(await day.bench.powerOn())) day.surprise("no greeting on the console");
		await day.online();
	}),
	step("six ordinary sales", async (day) => {
		const before = day.slips;
		await day.sell("12.30", "unionpay", "chip");
		await day.sell("8.00", "visa", "tap");
		await day.sell("150.00", "magstripe", "swipe");
		await day.sell("0.01", "mastercard", "tap");
		await day.sell("49999.00", "unionpay-credit", "chip");
		await day.sell("66.60", "unionpay-2", "chip");
		await day.printed(before, 6);
	}),
	step("three declines", async (day) => {
		await day.sell("10.51", "unionpay", "chip", "declined");
		await day.sell("10.05", "visa", "tap", "declined");
		await day.sell("10.61", "jcb", "swipe", "declined");
	}),
	step("amounts that are refused before the card", async (day) => {
		for (const amount of ["0", "0.00", "50000.01", "1.234", "..", "99999999999"])
			await day.sell(amount, "unionpay", "chip", "refused");
	}),
	step("a card that is read badly, then well", async (day) => {
		day.bench.reader.failNext("bad-read");
		await day.sell("5.00", "unionpay-2", "swipe", "card-refused");
		await day.sell("5.00", "unionpay-2", "swipe");
	}),
	step("the host answers twice", async (day) => {
		day.bench.acquirer.addFault({ kind: "duplicate" });
		await day.sell("7.00", "unionpay-3", "tap");
	}),
];

/** Every kind that the menu has: originals are named by the STAN on their slips. */
const kinds: readonly Step[] = [
	step("a sale is voided, a second void is refused", async (day) => {
		await day.sell("61.00", "unionpay", "chip");
		const stan = await day.newestStan();
		await day.order(`menu 2 ${stan} enter enter`, "approved");
		await day.bench.pressKeys(`menu 2 ${stan} enter`);
		await day.expect("the refusal", () => /VOIDED/.test(day.bench.panel.lines[0] ?? ""), 2000);
	}),
	step("a void without an answer is reversed, then done again", async (day) => {
		await day.sell("62.00", "visa", "chip");
		const stan = await day.newestStan();
		day.bench.acquirer.addFault({ kind: "silence", mti: "0200" });
		await day.order(`menu 2 ${stan} enter enter`, "unknown");
		await day.drained();
		await day.order(`menu 2 ${stan} enter enter`, "approved");
	}),
	step(
		"a refund whose answer is lost is repeated, another one is refused for its amount",
		async (day) => {
			await day.sell("63.00", "unionpay-2", "tap");
			const stan = await day.newestStan();
			day.bench.acquirer.addFault({ kind: "silence", mti: "0220" });
			await day.order(`menu 3 ${stan} enter 13 enter`, "stored", "unionpay-2");
			await day.drained();
			await day.order(`menu 3 ${stan} enter 50 enter`, "approved", "unionpay-2");
		},
	),
	step(
		"a pre-authorisation is completed, the completion voided, and completed by advice",
		async (day) => {
			await day.order("menu 4 500 enter", "approved", "unionpay-credit");
			const held = await day.newestStan();
			await day.order(`menu 6 ${held} enter 480 enter`, "approved");
			await day.order(`menu 7 ${await day.newestStan()} enter enter`, "approved");
			await day.order(`menu 9 1 ${held} enter 470 enter`, "approved");
		},
	),
	step("a pre-authorisation is voided", async (day) => {
		await day.order("menu 4 300 enter", "approved", "unionpay-3");
		await day.order(`menu 5 ${await day.newestStan()} enter enter`, "approved");
	}),
	step("a tip, and a balance that nobody prints", async (day) => {
		await day.sell("64.00", "mastercard", "chip");
		await day.order(`menu 8 ${await day.newestStan()} enter 6.40 enter`, "approved");
		await day.order("menu 9 3", "approved", "unionpay");
	}),
	step("power pulled while a refund waits for its answer", async (day) => {
		await day.sell("65.00", "unionpay", "chip");
		const stan = await day.newestStan();
		day.bench.acquirer.addFault({ kind: "delay", delayMs: 8000, mti: "0220" });
		day.bench.scheduler.after(7_000_000, () => day.bench.board.powerCut());
		await day.order(`menu 3 ${stan} enter 65 enter`, "interrupted", "unionpay");
		await day.bench.pass(2000);
		await day.bench.powerOn();
		await day.online();
		await day.drained();
	}),
];

const noon: readonly Step[] = [
	step("the network goes: stored offline, forwarded when it is back", async (day) => {
		day.bench.modem.cut();
		await day.offline();
		await day.sell("30.00", "unionpay", "chip", "stored");
		await day.sell("31.00", "visa", "tap", "stored");
		await day.sell("32.00", "unionpay-3", "tap", "stored");
		await day.sell("33.00", "mastercard", "chip", "stored");
		await day.sell("34.00", "magstripe", "swipe", "card-refused");
		await day.sell("34.00", "unionpay-pin", "chip", "card-refused");
		await day.sell("500.01", "unionpay", "chip", "refused");
		day.bench.modem.restore();
		await day.online();
		await day.drained();
	}),
	step("the air swallows everything: in doubt, reversed when it is back", async (day) => {
		day.bench.modem.blackhole(true);
		await day.sell("40.00", "unionpay", "chip", "unknown");
		day.bench.modem.restore();
		await day.online();
		await day.drained();
	}),
	step("the modem restarts while the reply is awaited", async (day) => {
		day.bench.acquirer.addFault({ kind: "delay", delayMs: 5000 });
		const sale = day.sell("41.00", "unionpay-2", "chip", "unknown");
		day.bench.scheduler.after(6_000_000, () => day.bench.modem.reset());
		await sale;
		await day.online();
		await day.drained();
	}),
	step("the host stops, is back, and nothing was lost", async (day) => {
		await day.bench.acquirer.stop();
		await day.sell("42.00", "unionpay", "tap", "unknown");
		await day.bench.acquirer.start();
		await day.drained();
		await day.sell("43.00", "unionpay", "tap");
	}),
	step("paper out: the slip stays due and prints after the refill", async (day) => {
		const before = day.slips;
		day.bench.printer.takePaperOut();
		await day.bench.pass(3000);
		await day.sell("18.00", "unionpay", "chip");
		await day.bench.pass(10_000);
		day.bench.printer.refill();
		await day.printed(before);
	}),
];

const afternoon: readonly Step[] = [
	step("power pulled while the reply is awaited", async (day) => {
		day.bench.acquirer.addFault({ kind: "delay", delayMs: 8000 });
		const sale = day.sell("50.00", "unionpay", "chip", "interrupted");
		day.bench.scheduler.after(6_000_000, () => day.bench.board.powerCut());
		await sale;
		await day.bench.pass(2000);
		await day.bench.powerOn();
		await day.online();
		await day.drained();
	}),
	step("power pulled inside a flash operation of a sale", async (day) => {
		for (const operations of [1, 2, 3, 4]) {
			if (await day.bench.enterAmount(`5${operations}.00`)) {
				day.bench.board.powerCut({ when: "after", operations, of: "flash", torn: true });
				day.bench.present("unionpay-2", "tap");
				day.seen.push(await day.bench.result());
				await day.expect("the cut", () => !day.bench.board.powered, 30_000);
			} else day.surprise("the reader did not wait for a card");
			await day.bench.powerOn();
			await day.online();
		}
		await day.drained();
	}),
	step("power pulled while the slip is being printed", async (day) => {
		await day.sell("55.00", "unionpay", "chip");
		await day.bench.pass(700);
		day.bench.board.powerCut();
		await day.bench.pass(500);
		await day.bench.powerOn();
		await day.online();
		const rows = await day.bench.askTransactions();
		if (rows.at(-1)?.receipt !== "uncertain") day.surprise("the slip is not marked uncertain");
	}),
	step("power pulled with a stored sale waiting", async (day) => {
		day.bench.modem.cut();
		await day.offline();
		await day.sell("56.00", "unionpay-3", "chip", "stored");
		day.bench.board.powerCut();
		day.bench.modem.restore();
		await day.bench.powerOn();
		await day.online();
		await day.drained();
	}),
	step("five ordinary sales to end the day", async (day) => {
		const before = day.slips;
		await day.sell("9.90", "unionpay", "tap");
		await day.sell("19.90", "visa", "chip");
		await day.sell("29.90", "unionpay-credit", "tap");
		await day.sell("39.90", "mastercard", "swipe");
		await day.sell("49.90", "unionpay-3", "chip");
		await day.printed(before, 5);
	}),
];

/** The first day of a terminal: at least 30 swipes and every fault that the bench knows how to make. */
export const firstDay: Scenario = {
	name: "first-day",
	title: "a day with every fault that a till can meet",
	steps: [...morning, ...kinds, ...doubtSteps(), ...noon, ...afternoon],
};

export const scenarios: readonly Scenario[] = [firstDay];
