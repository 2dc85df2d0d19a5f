/** `npm start`: the terminal on XS with a whole bench around it, live or as a scripted day. */
import { Bench, type BenchOptions } from "../bench";
import { buildFirmware } from "../build/firmware";
import { firstDay, scenarios } from "../day/first-day";
import { Keeper } from "../day/keeper";
import { play, type DayResult } from "../day/play";
import type { Compared } from "../day/reconcile";
import type { Scenario } from "../day/scenario";
import { runLive } from "../live/live";
import { guarded, readOptions, UsageError } from "./options";

const kinds = {
	values: ["--scenario", "--mqtt", "--keep", "--seed", "--broker-port"],
	flags: ["--json", "--tls"],
};

/** @returns 0 when all agrees, 1 when terminal and host differ, 2 for wrong arguments */
export function main(args: readonly string[]): Promise<number> {
	return guarded(async () => {
		const options = readOptions(args, kinds);
		const scenario = scenarioNamed(options.value("--scenario"));
		const json = options.flag("--json");
		if (json && scenario === undefined)
			throw new UsageError(`--json needs --scenario NAME, such as ${firstDay.name}`);
		const keep = options.value("--keep");
		const mqttUrl = brokerUrl(options.value("--mqtt"));
		const tls = options.flag("--tls");
		if (tls && mqttUrl !== undefined)
			throw new UsageError("--tls is for the embedded broker, not for --mqtt");
		const common = {
			seed: options.number("--seed", 0, 1),
			brokerPort: options.number("--broker-port", 0, 0),
			...(mqttUrl === undefined ? {} : { mqttUrl }),
			...(tls && { tls: {} }),
		};
		const keeper = keep === undefined ? undefined : new Keeper(keep);
		const firmware = await buildFirmware();
		const hooks = keeper?.hooks();
		const benchOptions: Omit<BenchOptions, "pace"> = {
			...common,
			firmware,
			...hooks,
			onEvent: (event) => {
				hooks?.onEvent?.(event);
				if (event.kind === "crash")
					process.stderr.write(`holdfast: firmware crash: ${event.reason}\n`);
			},
		};
		if (scenario === undefined) return runLive(benchOptions, keeper);
		return runDay(scenario, benchOptions, keeper, json);
	});
}

function scenarioNamed(name: string | undefined): Scenario | undefined {
	if (name === undefined) return undefined;
	const found = scenarios.find((scenario) => scenario.name === name);
	if (found !== undefined) return found;
	const names = scenarios.map((scenario) => scenario.name).join(", ");
	throw new UsageError(`unknown scenario "${name}"; there are: ${names}`);
}

function brokerUrl(text: string | undefined): string | undefined {
	if (text === undefined) return undefined;
	let url: URL;
	try {
		url = new URL(text);
	} catch {
		throw new UsageError(`--mqtt takes mqtt://host:port, not "${text}"`);
	}
	if (url.protocol !== "mqtt:" || url.hostname === "")
		throw new UsageError(`--mqtt takes mqtt://host:port, not "${text}"`);
	return url.href;
}

async function runDay(
	scenario: Scenario,
	options: Omit<BenchOptions, "pace">,
	keeper: Keeper | undefined,
	json: boolean,
): Promise<number> {
	const bench = await Bench.start({ ...options, pace: "fast" });
	keeper?.attach(bench);
	try {
		const result = await play(bench, scenario, json ? () => undefined : showProgress);
		keeper?.finish({ ...result.report, surprises: result.surprises });
		if (json) process.stdout.write(`${JSON.stringify(result.report)}\n`);
		else showResult(scenario, result);
		return result.good ? 0 : 1;
	} finally {
		await bench.close();
	}
}

function showProgress(done: number, of: number, title: string): void {
	const width = 24;
	const filled = Math.round((done / of) * width);
	const bar = "█".repeat(filled) + "░".repeat(width - filled);
	process.stdout.write(`${bar} ${String(done).padStart(2)}/${of} ${title}\n`);
}

function showResult(scenario: Scenario, result: DayResult): void {
	const { report, reconciliation } = result;
	const line = (text = ""): boolean => process.stdout.write(`${text}\n`);
	line();
	line(`${scenario.name}: ${scenario.title}`);
	line();
	line("batch  STAN   terminal         terminal       host");
	for (const row of reconciliation.rows) line(rowText(row));
	const total = (minor: number): string => (minor / 100).toFixed(2).padStart(10);
	line(
		`${" ".repeat(30)}${total(reconciliation.terminalMinor)} ${total(reconciliation.hostMinor)}`,
	);
	line();
	for (const [name, value] of Object.entries(report)) line(`${name.padEnd(16)} ${String(value)}`);
	for (const surprise of result.surprises) line(`note: ${surprise}`);
	line();
	line(result.good ? "terminal and host agree" : "TERMINAL AND HOST DIFFER");
}

function rowText(row: Compared): string {
	const money = (minor: number): string => (minor / 100).toFixed(2).padStart(10);
	const mark = row.agrees ? (row.open ? "  open" : "") : "  DIFFERS";
	const state = row.terminalState.padEnd(16);
	return `${row.batch} ${row.stan} ${state}${money(row.terminalMinor)} ${money(row.hostMinor)}${mark}`;
}
