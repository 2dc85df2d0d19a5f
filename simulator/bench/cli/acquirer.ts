/** `holdfast acquirer`: the acquirer's host alone, on real time, against any broker. */
import { parseArgs } from "node:util";
import { Acquirer } from "../acquirer/acquirer";
import { safeUrl } from "../acquirer/mqtt-client";
import { faultNames, type Fault, type FaultName } from "../acquirer/faults";
import type { TerminalSetup } from "../acquirer/keys";
import { testBdk } from "../acquirer/options";

const usage = `holdfast acquirer --mqtt URL --terminal ID:MERCHANT:TMKHEX ... [options]

  --mqtt URL              broker, mqtt://host:port
  --terminal SETUP        terminal number (8), merchant number (to 15), master key (32 hex digits);
                          once for each terminal
  --ledger FOLDER         the books; without it they are kept in memory
  --bdk HEX               base derivation key of the readers (default: the published test key)
  --fault NAME[@MTI]      spoils the next answer, may be repeated: ${faultNames.slice(0, 5).join(", ")},
                          ${faultNames.slice(5).join(", ")}
  --no-tombstones --no-idempotent --no-stale-check
                          a host without this habit
  --json                  totals as data at the end
`;

class UsageError extends Error {}

interface Settings {
	readonly mqttUrl: string;
	readonly terminals: readonly TerminalSetup[];
	readonly ledgerFolder: string | undefined;
	readonly bdk: Buffer;
	readonly faults: readonly Fault[];
	readonly habits: { tombstones: boolean; idempotent: boolean; staleCheck: boolean };
	readonly json: boolean;
}

/** Runs until SIGINT or SIGTERM. @returns exit code: 0, or 2 for bad arguments, ledger or broker */
export async function main(args: readonly string[]): Promise<number> {
	if (args.includes("--help")) {
		process.stdout.write(usage);
		return 0;
	}
	// A log that nobody reads any more is no reason to stop posting.
	process.stderr.on("error", () => undefined);
	try {
		const settings = read(args);
		const acquirer = make(settings);
		await acquirer.start();
		process.stderr.write(`acquirer: ready on ${safeUrl(settings.mqttUrl)}\n`);
		await interrupted();
		await acquirer.stop();
		report(acquirer, settings.json);
		return 0;
	} catch (error) {
		const line = error instanceof Error ? error.message : String(error);
		process.stderr.write(`holdfast acquirer: ${line.split("\n")[0] ?? ""}\n`);
		return 2;
	}
}

function make(settings: Settings): Acquirer {
	const acquirer = new Acquirer({
		mqttUrl: settings.mqttUrl,
		terminals: settings.terminals,
		bdk: settings.bdk,
		habits: settings.habits,
		...(settings.ledgerFolder === undefined ? {} : { ledgerFolder: settings.ledgerFolder }),
		log: (line) => process.stderr.write(`acquirer: ${line}\n`),
		// A real crash: nothing is flushed, no handler runs.
		onCrash: () => process.kill(process.pid, "SIGKILL"),
	});
	for (const fault of settings.faults) acquirer.addFault(fault);
	return acquirer;
}

function read(args: readonly string[]): Settings {
	const { values } = parse(args);
	const url = values.mqtt ?? fail("--mqtt is missing");
	if (!/^(mqtt|tcp):\/\/[^/]+\/?$/.test(url)) fail(`--mqtt ${url}: not mqtt://host:port`);
	const bdk = values.bdk === undefined ? testBdk : keyFrom(values.bdk, "--bdk");
	const terminals = (values.terminal ?? fail("--terminal is missing")).map(terminalFrom);
	return {
		mqttUrl: url,
		terminals,
		ledgerFolder: values.ledger,
		bdk,
		faults: (values.fault ?? []).map(faultFrom),
		habits: {
			tombstones: values["no-tombstones"] !== true,
			idempotent: values["no-idempotent"] !== true,
			staleCheck: values["no-stale-check"] !== true,
		},
		json: values.json === true,
	};
}

function parse(args: readonly string[]) {
	try {
		return parseArgs({
			args: [...args],
			options: {
				mqtt: { type: "string" },
				ledger: { type: "string" },
				terminal: { type: "string", multiple: true },
				bdk: { type: "string" },
				fault: { type: "string", multiple: true },
				"no-tombstones": { type: "boolean" },
				"no-idempotent": { type: "boolean" },
				"no-stale-check": { type: "boolean" },
				json: { type: "boolean" },
			},
		});
	} catch (error) {
		throw new UsageError(error instanceof Error ? error.message : String(error));
	}
}

function terminalFrom(setup: string): TerminalSetup {
	const [id, merchantId, tmk, ...more] = setup.split(":");
	if (id === undefined || merchantId === undefined || tmk === undefined || more.length > 0)
		return fail(`--terminal wants ID:MERCHANT:TMKHEX, not ${setup.split(":").length} parts`);
	return { id, merchantId, tmk: keyFrom(tmk, `--terminal ${id}`) };
}

function keyFrom(hex: string, option: string): Buffer {
	if (!/^[0-9A-Fa-f]{32}$/.test(hex)) fail(`${option}: a key has 32 hex digits`);
	return Buffer.from(hex, "hex");
}

function faultFrom(given: string): Fault {
	const [name, mti] = given.split("@");
	if (!faultNames.includes(name as FaultName)) fail(`--fault ${given}: unknown`);
	if (mti !== undefined && !/^0[248][024]0$/.test(mti)) fail(`--fault ${given}: no such message`);
	return { kind: name as FaultName, ...(mti === undefined ? {} : { mti }) };
}

function fail(reason: string): never {
	throw new UsageError(`${reason} (--help shows the options)`);
}

function interrupted(): Promise<void> {
	return new Promise((resolve) => {
		process.once("SIGINT", () => resolve());
		process.once("SIGTERM", () => resolve());
	});
}

function report(acquirer: Acquirer, json: boolean): void {
	const totals = acquirer.ledger.totals();
	if (json) process.stdout.write(`${JSON.stringify({ ...totals, ...acquirer.counters })}\n`);
	else
		process.stdout.write(
			`posted net ${totals.count} for ${totals.amountMinor} minor units; sales ${totals.sales}, ` +
				`forwards ${totals.forwards}, reversals ${totals.reversals}, declines ${totals.declines}, ` +
				`tombstones ${totals.tombstones}, repeats ${totals.repeats}, doubled ${totals.doubled}\n`,
		);
}
