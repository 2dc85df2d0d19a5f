import { netAmountMinor } from "../acquirer/entry";
import { keyMs, keysOf, terminalId, type Bench } from "../bench";
import { menuOrder, type MenuOrder } from "./menu-orders";
import type { BenchKey } from "../peripheral/panel";
import { testCards, type Presentation, type TestCard } from "../peripheral/cards";
import type { View } from "./screen";

interface QueueRow {
	readonly number: number;
	readonly amount: string;
	readonly state: string;
	readonly next: string;
}

export const liveHelp: readonly string[] = Object.freeze([
	"tap 12.30 [CARD]    sell: also chip, swipe",
	"void N · refund N 5.00 · tip N 2.00                    N as the queue and list show it",
	"preauth 100 · complete N 90 · advice N 90 · unauth N · uncomplete N · voice N CODE · balance",
	"net cut|lost|on     no network · bytes vanish · restored",
	"host stop|start     the acquirer's host",
	"host swallow        it posts the next sale and does not answer (also: late, wrong-mac)",
	'power off|on        pull and restore the power; "power flash" cuts inside the next flash write',
	"paper out|in        the printer's roll",
	"why [N] · show N    ask the terminal; any other word goes to its console (help, status, queue, log)",
	"keys 12.30          press keys on the panel; enter, cancel, query, reprint, menu",
	"quit",
]);

/** What a person can do to the bench while it runs. Nothing here waits: answers come through `say`. */
export class LiveSession {
	readonly #bench: Bench;
	readonly #say: (text: string) => void;
	#network = "on";
	#paper = "in";
	#queue: string[] = [];

	constructor(bench: Bench, say: (text: string) => void) {
		this.#bench = bench;
		this.#say = say;
	}

	/** What the screen shows now. */
	view(): View {
		const { board, panel, acquirer, printer, scheduler } = this.#bench;
		const ledger = acquirer.ledger.list(terminalId).map((entry) => {
			const net = (netAmountMinor(entry) / 100).toFixed(2).padStart(9);
			const what =
				entry.reversed.length > 0 ? "reversed" : entry.posted.length > 0 ? "posted" : "declined";
			return `${entry.stan} ${net} ${what}`;
		});
		return {
			display: panel.lines,
			powered: board.powered,
			network: this.#network,
			host: acquirer.running ? "running" : "STOPPED",
			paper: this.#paper,
			simulatedSeconds: Math.floor(scheduler.nowUs() / 1e6),
			queue: this.#queue,
			slip: (printer.slips.at(-1)?.lines ?? []).map((line) => line.text),
			ledger,
		};
	}

	/** Asks the terminal for its queue, for the screen. */
	poll(): void {
		if (!this.#bench.board.running) {
			this.#queue = [];
			return;
		}
		this.#bench.console.run("queue --json", (answer) => {
			if (!answer.complete) return;
			const rows = JSON.parse(answer.text) as readonly QueueRow[];
			this.#queue = rows.map((row) => `${row.number} ${row.amount} ${row.state}`);
		});
	}

	/** Obeys one line. @returns false when the session is over */
	obey(line: string): boolean {
		const [word = "", first = "", second] = line.trim().split(/\s+/);
		if (word === "quit" || word === "exit") return false;
		if (word === "") return true;
		const order = menuOrder(line);
		if (word === "help") this.#say(liveHelp.join("\n"));
		else if (typeof order === "string") this.#say(order);
		else if (order !== undefined) this.#order(order);
		else if (word === "tap" || word === "chip" || word === "swipe") this.#sell(first, word, second);
		else if (word === "net") this.#net(first);
		else if (word === "host") this.#host(first);
		else if (word === "power") this.#power(first);
		else if (word === "paper") this.#paperIs(first);
		else if (word === "keys") this.#keys(first);
		else this.#console(line);
		return true;
	}

	#sell(amount: string, way: Presentation, name = "unionpay"): void {
		const card = testCards.find((one) => one.name === name);
		if (card === undefined || !card.ways.includes(way)) {
			this.#say(
				`cards for ${way}: ${testCards
					.filter((c) => c.ways.includes(way))
					.map((c) => c.name)
					.join(", ")}`,
			);
			return;
		}
		if (!/^[0-9.]+$/.test(amount)) {
			this.#say(`usage: ${way} AMOUNT [CARD], such as ${way} 12.30`);
			return;
		}
		this.#press([...amount, "enter"]);
		this.#present(card, way, amount.length + 2);
	}

	/** Holds a card to the reader as soon as it waits for one. @param keys that are pressed before */
	#present(card: TestCard, way: Presentation, keys: number): void {
		const { reader, scheduler } = this.#bench;
		const present = (tries: number): void => {
			if (reader.waiting) reader.present(card, way);
			else if (tries > 0) scheduler.after(100_000, () => present(tries - 1));
			else this.#say("the reader does not wait for a card: see the display");
		};
		scheduler.after(keys * keyMs * 1000, () => present(30));
	}

	/** A function of the menu: its original is named by the STAN on its slip, as a cashier does. */
	#order(order: MenuOrder): void {
		const go = (stan: string): void => {
			const keys = keysOf(order.keys(stan));
			this.#press(["cancel", ...keys]);
			const card = testCards.find((one) => one.name === order.card);
			if (card !== undefined) this.#present(card, "chip", keys.length + 2);
		};
		if (order.original === undefined) return go("");
		this.#bench.console.run(`show ${order.original} --json`, (answer) => {
			const row = answer.complete ? (JSON.parse(answer.text) as { readonly stan?: string }) : {};
			if (row.stan === undefined) this.#say(`transaction ${order.original!} is not known`);
			else go(row.stan);
		});
	}

	#press(keys: readonly string[]): void {
		const { panel, scheduler } = this.#bench;
		for (const [index, key] of keys.entries())
			scheduler.after(index * keyMs * 1000, () => panel.press(key as BenchKey));
	}

	#net(what: string): void {
		const { modem } = this.#bench;
		if (what === "cut") modem.cut();
		else if (what === "lost") modem.blackhole(true);
		else if (what === "on") modem.restore();
		else return this.#say("net cut, net lost or net on");
		this.#network = what === "on" ? "on" : what === "cut" ? "CUT" : "LOST (bytes vanish)";
	}

	#host(what: string): void {
		const { acquirer } = this.#bench;
		const failed = (error: Error): void => this.#say(error.message);
		if (what === "stop") acquirer.stop().catch(failed);
		else if (what === "start") acquirer.start().catch(failed);
		else if (what === "swallow") acquirer.addFault({ kind: "silence" });
		else if (what === "late") acquirer.addFault({ kind: "late" });
		else if (what === "wrong-mac") acquirer.addFault({ kind: "wrong-mac" });
		else this.#say("host stop, start, swallow, late or wrong-mac");
	}

	#power(what: string): void {
		const { board } = this.#bench;
		if (what === "off") board.powerCut();
		else if (what === "flash") board.powerCut({ when: "in-flash" });
		else if (what === "on") board.powerOn();
		else this.#say("power off, power on or power flash");
	}

	#paperIs(what: string): void {
		const { printer } = this.#bench;
		if (what === "out") printer.takePaperOut();
		else if (what === "in") printer.refill();
		else return this.#say("paper out or paper in");
		this.#paper = what === "out" ? "OUT" : "in";
	}

	#keys(text: string): void {
		if (/^[0-9.]+$/.test(text)) this.#press([...text]);
		else if (
			text === "enter" ||
			text === "cancel" ||
			text === "clear" ||
			text === "query" ||
			text === "reprint" ||
			text === "menu"
		)
			this.#press([text]);
		else this.#say("keys DIGITS, or one of enter, cancel, clear, query, reprint, menu");
	}

	#console(line: string): void {
		if (!this.#bench.board.powered) return this.#say("the terminal has no power");
		const ask = (text: string): void =>
			this.#bench.console.run(text, (answer) =>
				this.#say(answer.complete ? answer.text : "the terminal did not answer"),
			);
		if (line.trim() !== "why") return ask(line);
		// Without a number: the newest one.
		this.#bench.console.run("list --json", (answer) => {
			const rows = answer.complete ? (JSON.parse(answer.text) as readonly QueueRow[]) : [];
			const newest = rows.at(-1);
			if (newest === undefined) this.#say("no transaction yet");
			else ask(`why ${newest.number}`);
		});
	}
}
