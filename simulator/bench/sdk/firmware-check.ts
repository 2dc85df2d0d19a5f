/** Boots the firmware itself under the headless host, against the bench, and sells once. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchKey } from "../peripheral/panel";
import { endReason } from "./headless";
import { TcpBench } from "./tcp-bench";

const amount: readonly BenchKey[] = ["1", "2", ".", "3", "4"];
const amountMinor = 1234;
const askLimitMs = 40_000;
const askPauseMs = 500;

export interface CheckOutcome {
	readonly passed: number;
	readonly failures: readonly string[];
}

/**
 * Boot, sign-on, a sale with its receipt, a kill of the process, and what the next boot remembers.
 * @param home folder for flash image and keys, empty
 */
export async function checkFirmware(
	host: string,
	application: string,
	home: string,
): Promise<CheckOutcome> {
	mkdirSync(home, { recursive: true });
	const bench = await TcpBench.start();
	const terminal = new HeadlessTerminal(host, application, home, bench.terminalSettings);
	let passed = 0;
	try {
		for (const [name, check] of checks) {
			const wrong = await check(bench, terminal);
			// Why the engine ended says more than what was missing afterwards.
			const reason = terminal.endReason ?? wrong;
			if (reason !== undefined) return { passed, failures: [`${name}: ${reason}`] };
			passed++;
		}
		leavesNoCardData(home);
		return { passed: passed + 1, failures: [] };
	} catch (error) {
		return { passed, failures: [`(check): ${error instanceof Error ? error.message : "failed"}`] };
	} finally {
		terminal.kill();
		await bench.close();
	}
}

type Check = (bench: TcpBench, terminal: HeadlessTerminal) => Promise<string | undefined>;

/** Each gives undefined, or what it saw instead. */
const checks: readonly (readonly [string, Check])[] = [
	[
		"the firmware boots and greets on the console",
		async (bench, terminal) => {
			terminal.start();
			return (await greeted(bench, terminal, 0)) ? undefined : seen(bench);
		},
	],
	[
		"it brings the modem up and signs on",
		(bench, terminal) => asked(bench, terminal, "status", /link +up/),
	],
	["a sale is approved, posted once, and its receipt printed", sellOnce],
	[
		"killed and started again, it knows the sale",
		async (bench, terminal) => {
			const before = bench.console.text.length;
			terminal.kill();
			await bench.until(() => !terminal.running, 5000);
			terminal.start();
			if (!(await greeted(bench, terminal, before))) return seen(bench);
			const posted = bench.acquirer.ledger.totals().amountMinor;
			if (posted !== amountMinor) return `host posted ${posted}`;
			return asked(bench, terminal, "list", /12\.34 +Approved/i);
		},
	],
];

/** Asks the console again and again until the answer shows what is wanted. */
async function asked(
	bench: TcpBench,
	terminal: HeadlessTerminal,
	line: string,
	wanted: RegExp,
): Promise<string | undefined> {
	const endUs = bench.scheduler.nowUs() + askLimitMs * 1000;
	while (terminal.running && bench.scheduler.nowUs() < endUs) {
		const answer = (await bench.ask(line)) ?? "";
		if (wanted.test(answer)) return undefined;
		await bench.until(() => false, askPauseMs);
	}
	return seen(bench);
}

async function sellOnce(bench: TcpBench, terminal: HeadlessTerminal): Promise<string | undefined> {
	await bench.typeKeys([...amount, "enter"]);
	if (!(await bench.until(() => bench.reader.waiting || !terminal.running, 10_000)))
		return seen(bench);
	bench.reader.present("unionpay", "swipe");
	const approved = (): boolean => (bench.panel.lines[0] ?? "").includes("APPROVED");
	if (!(await bench.until(() => approved() || !terminal.running, 60_000))) return seen(bench);
	if (!(await bench.until(() => bench.printer.slips.some(({ cut }) => cut), 20_000)))
		return "no receipt came";
	const { count, amountMinor: posted } = bench.acquirer.ledger.totals();
	return count === 1 && posted === amountMinor ? undefined : `host posted ${count}: ${posted}`;
}

function greeted(bench: TcpBench, terminal: HeadlessTerminal, from: number): Promise<boolean> {
	const ready = (): boolean => bench.console.text.slice(from).includes("ready,");
	return bench.until(() => ready() || !terminal.running, 15_000).then(() => ready());
}

function seen(bench: TcpBench): string {
	return `panel "${bench.panel.lines.join(" / ")}", console "${bench.console.text.slice(-300)}"`;
}

/** @throws Error when the flash images hold the test card's number, packed or as text */
function leavesNoCardData(home: string): void {
	for (const name of ["journal.bin", "vault.bin"]) {
		const image = readFileSync(join(home, "holdfast-simulator", name));
		if (image.includes("621483000000001") || image.toString("hex").includes("621483000000001"))
			throw new Error(`${name} holds a card number in clear`);
	}
}

/** The firmware in a process that can be killed and started again on the same flash. */
class HeadlessTerminal {
	readonly #host: string;
	readonly #application: string;
	readonly #environment: NodeJS.ProcessEnv;
	#child: ChildProcess | undefined;
	#killed = false;
	#endReason: string | undefined;

	constructor(host: string, application: string, home: string, settings: string) {
		this.#host = host;
		this.#application = application;
		this.#environment = { ...process.env, HOME: home, HOLDFAST_CONFIG: settings };
	}

	get running(): boolean {
		return this.#child !== undefined;
	}

	/** Why it ended, when nobody killed it. */
	get endReason(): string | undefined {
		return this.#endReason;
	}

	start(): void {
		const child = spawn(this.#host, [this.#application], {
			env: this.#environment,
			stdio: ["ignore", "pipe", "pipe"],
		});
		let output = "";
		for (const stream of [child.stdout, child.stderr])
			stream.on("data", (bytes: Buffer) => (output = (output + bytes.toString()).slice(-2000)));
		this.#child = child;
		this.#killed = false;
		child.on("close", (code, signal) => {
			this.#child = undefined;
			if (this.#killed) return;
			const reason = endReason({ code: code ?? 1, signal, output }) ?? `exit code ${code ?? 1}`;
			this.#endReason = [reason, ...output.trim().split("\n").slice(-2)].join(" | ");
		});
	}

	/** At once, between any two instructions. */
	kill(): void {
		this.#killed = true;
		this.#child?.kill("SIGKILL");
	}
}
