/** `holdfast acquirer` as a process of its own: killed for real, told what to do, and told nonsense. */
import assert from "node:assert/strict";
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { buildSync } from "esbuild";
import { decode } from "../../simulator/bench/acquirer/codec";
import type { Listing } from "../../simulator/bench/acquirer/listing";
import { root } from "../../simulator/bench/build/root";
import {
	Broker,
	merchantId,
	pause,
	reversal,
	sale,
	signOn,
	storedSale,
	terminalId,
	TestTerminal,
	tmk,
} from "./acquirer-terminal";
import { TcpLink } from "./acquirer-tcp-terminal";

let broker: Broker;
let folder: string;
let program: string;
let terminal: TestTerminal;
const children: ChildProcessWithoutNullStreams[] = [];
const setup = `${terminalId}:${merchantId}:${tmk.toString("hex")}`;

before(async () => {
	broker = await Broker.open();
	terminal = await TestTerminal.open(broker.url);
	mkdirSync(join(root, "build"), { recursive: true });
	folder = mkdtempSync(join(root, "build", "acquirer-"));
	program = join(folder, "acquirer.mjs");
	buildSync({
		stdin: {
			contents: `import { main } from "./acquirer"; process.exit(await main(process.argv.slice(2)));`,
			resolveDir: join(root, "simulator/bench/cli"),
			loader: "ts",
		},
		bundle: true,
		packages: "external",
		platform: "node",
		format: "esm",
		target: "node20",
		outfile: program,
		logLevel: "error",
	});
});
after(async () => {
	for (const child of children) child.kill("SIGKILL");
	await terminal.close();
	await broker.close();
	rmSync(folder, { recursive: true });
});

/** Today's time, for the program runs on real time. */
function field7(): string {
	return new Date().toISOString().replaceAll(/\D/g, "").slice(4, 14);
}

function run(...args: string[]): ChildProcessWithoutNullStreams {
	const child = spawn(process.execPath, [program, ...args]);
	children.push(child);
	return child;
}

/** Runs the program with these arguments until it is ready. @returns also what it says where */
async function started(
	...args: string[]
): Promise<{ child: ChildProcessWithoutNullStreams; ready: string; out: () => string }> {
	const child = run("--terminal", setup, ...args);
	let text = "";
	let out = "";
	child.stdout.on("data", (chunk) => (out += String(chunk)));
	await new Promise<void>((resolve, reject) => {
		child.stderr.on("data", (chunk) => {
			text += String(chunk);
			if (text.includes("ready")) resolve();
		});
		child.once("exit", () => reject(new Error(`not ready: ${text}`)));
	});
	return { child, ready: /ready on .*/.exec(text)?.[0] ?? "", out: () => out };
}

async function outcome(
	...args: string[]
): Promise<{ code: number | null; text: string; out: string }> {
	const child = run(...args);
	let text = "";
	let out = "";
	child.stderr.on("data", (chunk) => (text += String(chunk)));
	child.stdout.on("data", (chunk) => (out += String(chunk)));
	const [code] = (await once(child, "close")) as [number | null];
	return { code, text, out };
}

async function listed(ledger: string): Promise<Listing> {
	const { code, out, text } = await outcome("--list", "--ledger", ledger, "--json");
	assert.equal(code, 0, text);
	return JSON.parse(out) as Listing;
}

const slow = { timeout: 60_000 };

test("killed between posting and answering, it still knows what it posted", slow, async () => {
	const ledger = join(folder, "ledger");
	const books = ["--mqtt", broker.url, "--ledger", ledger];
	const now = { 7: field7() };
	const first = await started(...books, "--fault", "crash-after");
	const gone = once(first.child, "exit");
	await terminal.signOn();
	const topic = await terminal.send(sale(7, 12_300, now));
	assert.deepEqual(await gone, [null, "SIGKILL"]);
	assert.deepEqual(await terminal.repliesOn(topic), []);

	const second = await started(...books, "--json");
	await terminal.signOn();
	assert.equal(await terminal.code(sale(7, 12_300, now)), "94");
	assert.equal(await terminal.code(sale(8, 500, now)), "00");
	assert.equal(await terminal.code(reversal(7, 12_300, now)), "00");
	assert.equal(await terminal.code(reversal(7, 12_300, now)), "00");
	const ended = once(second.child, "close");
	second.child.kill("SIGTERM");
	assert.deepEqual(await ended, [0, null]);
	const totals = JSON.parse(second.out()) as Record<string, number>;
	assert.deepEqual([totals["count"], totals["amountMinor"], totals["reversals"]], [1, 500, 1]);
	const { entries } = await listed(ledger);
	assert.deepEqual(
		entries.map(({ stan, state, netMinor }) => [stan, state, netMinor]),
		[
			["000007", "reversed", 0],
			["000008", "posted", 500],
		],
	);
});

test(
	"killed at any moment under load, every posting that it answered is in the ledger",
	{ timeout: 120_000 },
	async () => {
		const ledger = join(folder, "load");
		const answered = new Map<string, number>();
		let stan = 100;
		for (let kills = 0; kills < 5; kills++) {
			const { child } = await started("--tcp", "0", "--mqtt", broker.url, "--ledger", ledger);
			await terminal.signOn();
			const gone = once(child, "exit");
			// Forty at a time wait for their answer when it dies.
			setTimeout(() => child.kill("SIGKILL"), 150 + kills * 130);
			while (child.exitCode === null && child.signalCode === null) {
				const batch = Array.from({ length: 40 }, () => ++stan);
				const asked = batch.map(async (number) => {
					const code = await codeOf(number);
					if (code === "00") answered.set(String(number).padStart(6, "0"), number * 100);
				});
				await Promise.race([Promise.all(asked), gone]);
			}
			await pause(50);
		}
		const { entries, totals } = await listed(ledger);
		assert.ok(answered.size > 20, `${answered.size} answered`);
		const posted = new Map(entries.map((entry) => [entry.stan, entry.netMinor]));
		for (const [number, amount] of answered) assert.equal(posted.get(number), amount, number);
		assert.equal(totals.doubled, 0);
		assert.ok(totals.count >= answered.size && totals.count <= stan - 100);
	},
);

/** Answer to a stored sale whose amount is its number in units; "" when none comes while the host lives. */
async function codeOf(stan: number): Promise<string> {
	// No amount that ends in a trigger.
	const message = storedSale(stan, stan * 100, { 7: field7() });
	const topic = await terminal.send(message);
	for (let tries = 0; tries < 400; tries++) {
		const reply = terminal.seen(topic);
		if (reply !== undefined) {
			return String(decode(reply.bytes).fields[39]);
		}
		await pause(5);
	}
	return "";
}

test("on TCP alone it answers, and SIGINT ends it with its sums", slow, async () => {
	const { child, ready, out } = await started("--tcp", "0", "--tpdu-as-is");
	const port = Number(/^ready on tcp:\/\/127\.0\.0\.1:(\d+)$/.exec(ready)?.[1]);
	const link = await TcpLink.open(port);
	link.send(signOn({ 7: field7() }), tmk);
	assert.equal((await link.reply()).message.fields[39], "00");
	link.close();
	const ended = once(child, "close");
	child.kill("SIGINT");
	assert.deepEqual(await ended, [0, null]);
	assert.match(out(), /^net 0\.00 in 0 postings; sales 0/);
});

test("commands on standard input are obeyed while it runs", slow, async () => {
	const ledger = join(folder, "told");
	const { child, out } = await started("--mqtt", broker.url, "--ledger", ledger, "--commands");
	const tell = async (line: string, wanted: RegExp): Promise<void> => {
		const from = out().length;
		child.stdin.write(`${line}\n`);
		for (let tries = 0; tries < 1000 && !wanted.test(out().slice(from)); tries++) await pause(5);
		assert.match(out().slice(from), wanted, line);
	};
	await terminal.signOn();
	const now = { 7: field7() };
	await tell("help", /paid\|held\|returned/);
	await tell("fault code:51@0200", /1 faults wait/);
	assert.equal(await terminal.code(sale(1, 100, now)), "51");
	await tell("maintenance refuse:3600", /done/);
	assert.equal(await terminal.code(sale(2, 100, now)), "91");
	await tell("maintenance off", /done/);
	await tell("habit idempotent off", /done/);
	assert.equal(await terminal.code(storedSale(3, 12_345, now)), "00");
	assert.equal(await terminal.code(storedSale(3, 12_345, now)), "00");
	await tell("totals", /net 246\.90 in 2 postings; .*doubled 1/);
	await tell("list", /000003 +stored +123\.45 +00 +posted 2 times/);
	await tell(`batch ${terminalId} 000004`, /done/);
	await tell(`batch 69999999 000004`, /69999999 is not known/);
	await tell(`paid ${terminalId} 1`, /batch 000001 of 60000001 is not closed/);
	for (const notice of [
		`sign-on ${terminalId}`,
		`window ${terminalId} bank 203001010000 203001010100`,
		`calendar ${terminalId} 2030 -0101 +0105`,
		`fees ${terminalId} debit=50/2000 qr=38`,
		`parameters ${terminalId} reset 6=75`,
	])
		await tell(notice, /told/);
	await tell(`fees ${terminalId} gold=1`, /not CARD=RATE/);
	await tell("calendar 60000001 2030 +0231", /not \+MMDD or -MMDD/);
	await tell("sing a song", /unknown command "sing"/);
	await tell("fault nothing", /--fault nothing: unknown/);
	const ended = once(child, "close");
	child.stdin.write("quit\n");
	assert.deepEqual(await ended, [0, null]);
	const { notices, batches } = await listed(ledger);
	assert.deepEqual(
		notices.map(({ network }) => network),
		["906", "902", "903", "905", "904"],
	);
	assert.deepEqual(
		batches.map(({ batch, state }) => `${batch} ${state}`),
		["000001 open", "000004 open"],
	);
});

test("bad arguments, broker, port and ledger are one line and exit code 2", slow, async () => {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	const taken = String(typeof address === "object" ? address?.port : "");
	const file = join(folder, "file");
	writeFileSync(file, `# nobody\n${setup}:x\n`);
	const mqtt = ["--mqtt", broker.url];
	const good = [...mqtt, "--terminal", setup];
	const cases: [string[], RegExp][] = [
		[[], /--mqtt URL or --tcp PORT is missing/],
		[["--mqtt", "http://x"], /--terminal is missing/],
		[["--mqtt", "http://x", "--terminal", setup], /not mqtt:\/\/host:port/],
		[mqtt, /--terminal is missing/],
		[[...mqtt, "--terminal", "a:b"], /ID:MERCHANT:TMKHEX/],
		[[...mqtt, "--terminal", "60000001:M:12"], /32 hex digits/],
		[[...mqtt, "--terminal", setup.slice(1)], /8 letters or digits/],
		[[...good, "--terminal", setup], /60000001 is given twice/],
		[[...mqtt, "--terminals", file], /ID:MERCHANT:TMKHEX, not 4 parts/],
		[[...mqtt, "--terminals", join(folder, "no")], /ENOENT/],
		[[...good, "--ca", join(folder, "no")], /--ca .*ENOENT/],
		[[...good, "--fault", "fire"], /--fault fire: unknown/],
		[[...good, "--fault", "silence@0210"], /no such message/],
		[[...good, "--maintenance", "nap"], /--maintenance nap/],
		[[...good, "--funding", "paid:1:9"], /a reason has four digits/],
		[[...good, "--fee-rate", "1001", "--funding", "paid"], /--fee-rate/],
		[[...good, "--tcp", "70000"], /--tcp 70000: not a port/],
		[[...good, "--tcp", "1", "--tcp-length", "x"], /--tcp-length x/],
		[[...good, "--what"], /--what/],
		[[...good, "--ledger", join(file, "x")], /ledger .*ENOTDIR/],
		[[...good, "--ledger", file], /is a file, a folder is wanted/],
		[[...good, "--tcp", taken], new RegExp(`TCP port ${taken} on 127\\.0\\.0\\.1 is in use`)],
		[
			["--mqtt", "mqtt://127.0.0.1:1", "--terminal", setup],
			/broker mqtt:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/,
		],
		[["--list"], /--list wants --ledger/],
		[["--list", "--ledger", join(folder, "no")], /is not there/],
	];
	for (const [args, wanted] of cases) {
		const { code, text } = await outcome(...args);
		assert.equal(code, 2, args.join(" "));
		assert.match(text, wanted);
		assert.equal(text.trimEnd().split("\n").length, 1, text);
		assert.ok(!text.includes(tmk.toString("hex")), "no key in an error");
	}
	await new Promise((resolve) => server.close(resolve));
	const help = await outcome("--help");
	assert.deepEqual([help.code, help.text], [0, ""]);
	for (const option of ["--mqtt", "--tcp", "--ledger", "--list", "--fault", "--funding"])
		assert.ok(help.out.includes(option), option);
});
