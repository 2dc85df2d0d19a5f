/** The commands as a person types them: bad usage is one line on standard error and exit code 2. */
import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { root } from "../../simulator/bench/build/root";

interface Ended {
	readonly code: number | null;
	readonly out: string;
	readonly err: string;
}

/** Runs a command to its end. */
async function run(...args: readonly string[]): Promise<Ended> {
	const child = spawn(process.execPath, [join(root, "simulator/bench/run.mjs"), ...args], {
		stdio: ["ignore", "pipe", "pipe"],
		timeout: 90_000,
	});
	let out = "";
	let err = "";
	child.stdout.on("data", (bytes: Buffer) => (out += bytes.toString()));
	child.stderr.on("data", (bytes: Buffer) => (err += bytes.toString()));
	const [code] = (await once(child, "close")) as [number | null];
	return { code, out, err };
}

/** npm's own word on standard error, which the machine's settings may bring, is not ours. */
function ourLines(err: string): string[] {
	return err.split("\n").filter((line) => line !== "" && !line.startsWith("npm "));
}

async function assertUsage(args: readonly string[], reason: RegExp): Promise<void> {
	const { code, out, err } = await run(...args);
	const lines = ourLines(err);
	assert.equal(lines.length, 1, `${args.join(" ")}: ${err}`);
	assert.match(lines[0]!, reason);
	assert.equal(out, "");
	assert.equal(code, 2);
}

const refused: readonly (readonly [args: readonly string[], reason: RegExp])[] = [
	[["start", "--scenario", "no-such-day"], /unknown scenario "no-such-day".*first-day/],
	[["start", "--scenario"], /--scenario needs a value/],
	[["start", "--no-such-option"], /unknown argument "--no-such-option"/],
	[["start", "--json"], /--json needs --scenario/],
	[["start", "--scenario", "first-day", "--json=yes"], /unknown argument/],
	[["start", "--scenario", "first-day", "--seed", "x"], /--seed takes a whole number/],
	[["start", "--scenario", "first-day", "--broker-port", "99999999"], /port|broker-port/],
	[
		["start", "--scenario", "first-day", "--mqtt", "mqtt://127.0.0.1:1"],
		/127\.0\.0\.1:1.*ECONNREFUSED/,
	],
	[["start", "--scenario", "first-day", "--mqtt", "http://localhost"], /--mqtt takes mqtt:/],
	[["start", "--scenario", "first-day", "--mqtt", "nonsense"], /--mqtt takes mqtt:/],
	[["kills", "--count", "0"], /--count takes a whole number/],
	[["kills", "--frobnicate"], /unknown argument/],
	[["no-such-command"], /unknown command "no-such-command"/],
];

for (const [args, reason] of refused)
	test(`"${args.join(" ")}" is refused in one line`, () => assertUsage(args, reason));

test("a broker port in use is one line and exit code 2", async (context) => {
	const server = createServer().listen(0, "127.0.0.1");
	context.after(() => server.close());
	await once(server, "listening");
	const { port } = server.address() as AddressInfo;
	const args = ["start", "--scenario", "first-day", "--broker-port", String(port)];
	await assertUsage(args, new RegExp(`port ${port}.*in use`));
});

test("--keep on a folder that holds something, or on a file, is one line and exit code 2", async (context) => {
	const folder = mkdtempSync(join(tmpdir(), "keep-"));
	context.after(() => rmSync(folder, { recursive: true }));
	const file = join(folder, "notes.txt");
	writeFileSync(file, "mine\n");
	await assertUsage(["start", "--scenario", "first-day", "--keep", folder], /is not empty/);
	await assertUsage(
		["start", "--scenario", "first-day", "--keep", file],
		/cannot be made|not a folder/,
	);
});

function freePort(): Promise<number> {
	return new Promise((resolve) => {
		const server = createServer().listen(0, "127.0.0.1", () => {
			const { port } = server.address() as AddressInfo;
			server.close(() => resolve(port));
		});
	});
}

function isOpen(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect({ port, host: "127.0.0.1" });
		socket.on("connect", () => resolve(socket.destroy().destroyed));
		socket.on("error", () => resolve(false));
	});
}

async function mosquitto(context: TestContext, port: number): Promise<ChildProcess> {
	const folder = mkdtempSync(join(tmpdir(), "mosquitto-"));
	const file = join(folder, "mosquitto.conf");
	writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\n`);
	const broker = spawn("mosquitto", ["-c", file], { stdio: "ignore" });
	context.after(() => {
		broker.kill();
		rmSync(folder, { recursive: true });
	});
	for (let tries = 0; !(await isOpen(port)); tries++) {
		assert.ok(tries < 100, "mosquitto does not start");
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	return broker;
}

interface Report {
	readonly swipes: number;
	readonly reversed: number;
	readonly storedForwarded: number;
	readonly open: number;
	readonly difference: number;
	readonly crashes: number;
	readonly seconds: number;
}

function assertDay({ code, out, err }: Ended): Report {
	assert.deepEqual(ourLines(err), []);
	assert.equal(out.trim().split("\n").length, 1, "--json prints only data");
	const report = JSON.parse(out) as Report;
	assert.equal(report.difference, 0);
	assert.equal(report.open, 0);
	assert.equal(report.crashes, 0);
	assert.ok(report.swipes >= 30 && report.reversed >= 3 && report.storedForwarded >= 3, out);
	assert.ok(report.seconds < 60, out);
	assert.equal(code, 0);
	return report;
}

test("the first day with another seed ends with difference 0", async (context) => {
	context.diagnostic(
		JSON.stringify(
			assertDay(await run("start", "--scenario", "first-day", "--json", "--seed", "2")),
		),
	);
});

const installed = spawnSync("which", ["mosquitto"]).status === 0;

test(
	"the first day over mosquitto ends with difference 0",
	{ skip: installed ? false : "mosquitto is not installed" },
	async (context) => {
		const port = await freePort();
		await mosquitto(context, port);
		const url = `mqtt://127.0.0.1:${port}`;
		const ended = await run("start", "--scenario", "first-day", "--json", "--mqtt", url);
		context.diagnostic(JSON.stringify(assertDay(ended)));
	},
);
