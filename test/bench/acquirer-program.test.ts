/** `holdfast acquirer` as a process of its own: killed for real, and told nonsense. */
import assert from "node:assert/strict";
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { buildSync } from "esbuild";
import { Ledger } from "../../simulator/bench/acquirer/ledger";
import { folderStore } from "../../simulator/bench/acquirer/ledger-store";
import { root } from "../../simulator/bench/build/root";
import {
	Broker,
	merchantId,
	reversal,
	sale,
	terminalId,
	TestTerminal,
	tmk,
} from "./acquirer-terminal";

let broker: Broker;
let folder: string;
let program: string;
let terminal: TestTerminal | undefined;
const children: ChildProcessWithoutNullStreams[] = [];
const setup = `${terminalId}:${merchantId}:${tmk.toString("hex")}`;

before(async () => {
	broker = await Broker.open();
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
	await terminal?.close();
	await broker.close();
	rmSync(folder, { recursive: true });
});

/** Today's time, for the program runs on real time. */
function field7(): string {
	return new Date().toISOString().replaceAll(/\D/g, "").slice(4, 14);
}

function run(...args: string[]): ChildProcessWithoutNullStreams {
	return spawn(process.execPath, [program, ...args]);
}

/** Runs the program with these arguments until it is ready. */
async function started(...args: string[]): Promise<ChildProcessWithoutNullStreams> {
	const child = run("--mqtt", broker.url, "--terminal", setup, ...args);
	children.push(child);
	let text = "";
	await new Promise<void>((resolve, reject) => {
		child.stderr.on("data", (chunk) => {
			text += String(chunk);
			if (text.includes("ready")) resolve();
		});
		child.once("exit", () => reject(new Error(`not ready: ${text}`)));
	});
	return child;
}

async function outcome(...args: string[]): Promise<{ code: number | null; text: string }> {
	const child = run(...args);
	let text = "";
	child.stderr.on("data", (chunk) => (text += String(chunk)));
	const [code] = (await once(child, "close")) as [number | null];
	return { code, text };
}

test(
	"killed between posting and answering, it still knows what it posted",
	{ timeout: 20_000 },
	async () => {
		const ledgerFolder = join(folder, "ledger");
		terminal = await TestTerminal.open(broker.url);
		const now = { 7: field7() };
		const first = await started("--ledger", ledgerFolder, "--fault", "crash-after");
		const gone = once(first, "exit");
		await terminal.signOn();
		const topic = await terminal.send(sale(7, 12_300, now));
		assert.deepEqual(await gone, [null, "SIGKILL"]);
		assert.deepEqual(await terminal.repliesOn(topic), []);

		const second = await started("--ledger", ledgerFolder, "--json");
		let out = "";
		second.stdout.on("data", (chunk) => (out += String(chunk)));
		await terminal.signOn();
		assert.equal(await terminal.code(sale(7, 12_300, now)), "94");
		assert.equal(await terminal.code(sale(8, 500, now)), "00");
		assert.equal(await terminal.code(reversal(7, 12_300, now)), "00");
		assert.equal(await terminal.code(reversal(7, 12_300, now)), "00");
		const ended = once(second, "close");
		second.kill("SIGTERM");
		assert.deepEqual(await ended, [0, null]);
		const totals = JSON.parse(out) as Record<string, number>;
		assert.deepEqual([totals["count"], totals["amountMinor"], totals["reversals"]], [1, 500, 1]);

		const store = folderStore(ledgerFolder);
		const books = new Ledger();
		for (const record of (await store.load()).records) books.take(record);
		await store.close();
		assert.equal(books.totals().count, 1);
	},
);

test(
	"bad arguments and a missing broker are one line and exit code 2",
	{ timeout: 20_000 },
	async () => {
		const mqtt = ["--mqtt", broker.url];
		const cases: [string[], RegExp][] = [
			[[], /--mqtt is missing/],
			[["--mqtt", "http://x"], /not mqtt:\/\/host:port/],
			[mqtt, /--terminal is missing/],
			[[...mqtt, "--terminal", "a:b"], /ID:MERCHANT:TMKHEX/],
			[[...mqtt, "--terminal", "60000001:M:12"], /32 hex digits/],
			[[...mqtt, "--terminal", setup.slice(1)], /8 letters or digits/],
			[[...mqtt, "--terminal", setup, "--fault", "fire"], /--fault fire: unknown/],
			[[...mqtt, "--terminal", setup, "--what"], /--what/],
			[[...mqtt, "--terminal", setup, "--ledger", "/nowhere/ledger"], /ENOENT/],
			[
				["--mqtt", "mqtt://127.0.0.1:1", "--terminal", setup],
				/broker mqtt:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/,
			],
		];
		for (const [args, wanted] of cases) {
			const { code, text } = await outcome(...args);
			const last = text.trimEnd().split("\n").at(-1) ?? "";
			assert.equal(code, 2, args.join(" "));
			assert.match(last, wanted);
			assert.ok(!text.includes(tmk.toString("hex")), "no key in an error");
		}
	},
);
