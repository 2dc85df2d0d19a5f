/** `holdfast acquirer`: the acquirer's host alone, on real time, for any terminal that speaks its page. */
import { createInterface } from "node:readline";
import { Acquirer } from "../acquirer/acquirer";
import { listingText, readListing, totalsText } from "../acquirer/listing";
import { safeUrl } from "../acquirer/mqtt-client";
import { obey } from "../acquirer/program-commands";
import { readSettings, usage, type Settings } from "../acquirer/program-options";

/** Runs until SIGINT or SIGTERM. @returns exit code: 0, or 2 for bad arguments, ledger, broker or port */
export async function main(args: readonly string[]): Promise<number> {
	if (args.includes("--help") || args.includes("-h")) return written(usage);
	// A log that nobody reads any more is no reason to stop posting.
	process.stderr.on("error", () => undefined);
	process.stdout.on("error", () => undefined);
	try {
		const settings = readSettings(args);
		if (settings.list !== undefined) return await list(settings.list, settings.json);
		return await serve(settings);
	} catch (error) {
		const line = error instanceof Error ? error.message : String(error);
		process.stderr.write(`holdfast acquirer: ${line.split("\n")[0] ?? ""}\n`);
		return 2;
	}
}

/** Over when the reader has all of it: a pipe is slower than the end of the process. */
function written(text: string): Promise<number> {
	return new Promise((resolve) => process.stdout.write(text, () => resolve(0)));
}

async function list(folder: string, json: boolean): Promise<number> {
	const listing = await readListing(folder);
	return written(json ? `${JSON.stringify(listing)}\n` : listingText(listing));
}

async function serve(settings: Settings): Promise<number> {
	const acquirer = new Acquirer({
		...settings.acquirer,
		log: (line) => process.stderr.write(`${stamp()} ${line}\n`),
		// A real crash: nothing is flushed, no handler runs.
		onCrash: () => process.kill(process.pid, "SIGKILL"),
	});
	for (const fault of settings.faults) acquirer.addFault(fault);
	const { maintenance } = settings;
	if (maintenance !== undefined)
		acquirer.setMaintenance({
			mode: maintenance.mode,
			untilMs: Date.now() + maintenance.seconds * 1000,
		});
	const ended = interrupted();
	await Promise.race([acquirer.start(), ended]);
	process.stderr.write(`acquirer: ready on ${places(settings, acquirer).join(" and ")}\n`);
	await (settings.commands ? Promise.race([ended, commanded(acquirer)]) : ended);
	await acquirer.stop();
	const totals = acquirer.ledger.totals();
	return written(
		settings.json
			? `${JSON.stringify({ ...totals, ...acquirer.counters })}\n`
			: `${totalsText(totals)}\n`,
	);
}

function places(settings: Settings, acquirer: Acquirer): readonly string[] {
	const { mqttUrl, tcp } = settings.acquirer;
	return [
		...(mqttUrl === undefined ? [] : [safeUrl(mqttUrl)]),
		...(tcp === undefined ? [] : [`tcp://${tcp.host ?? "127.0.0.1"}:${acquirer.tcpPort ?? 0}`]),
	];
}

/** Obeys standard input, one line after the other, until "quit"; its end changes nothing. */
function commanded(acquirer: Acquirer): Promise<void> {
	return new Promise((resolve) => {
		let work = Promise.resolve();
		createInterface({ input: process.stdin }).on("line", (line) => {
			work = work.then(async () => {
				const shown = await obey(acquirer, line);
				if (shown === undefined) resolve();
				else process.stdout.write(shown);
			});
		});
	});
}

function interrupted(): Promise<void> {
	return new Promise((resolve) => {
		process.once("SIGINT", () => resolve());
		process.once("SIGTERM", () => resolve());
	});
}

/** Time of day, for the log. */
function stamp(): string {
	return new Date().toISOString().slice(11, 23);
}
