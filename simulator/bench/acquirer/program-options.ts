/** The command line of `holdfast acquirer`. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { faultNames, type Fault, type FaultName } from "./faults";
import { KeyTable, type TerminalSetup } from "./keys";
import { outcomes } from "./notice-content";
import { testBdk, type AcquirerOptions, type Funding } from "./options";
import type { TcpOptions } from "./tcp-channel";

export const usage = `holdfast acquirer: the acquirer's host for terminals that speak docs/host-protocol.md

  holdfast acquirer --mqtt URL | --tcp PORT  --terminal ID:MERCHANT:TMKHEX ...  [options]
  holdfast acquirer --list --ledger FOLDER [--json]

where terminals reach it, at least one of
  --mqtt URL              broker, mqtt://[user:password@]host[:port], or mqtts:// (TLS)
  --ca FILE               certificates that the broker's must chain to, PEM
  --tcp [HOST:]PORT       plain TCP with length, TPDU and header; 0 takes a free port
  --tcp-length bcd        the length as four packed digits, not binary
  --tpdu-as-is            the addresses of the TPDU are not changed over in answers

who they are
  --terminal SETUP        terminal number (8), merchant number (to 15), master key (32 hex digits, or
                          @FILE that holds them); once for each terminal
  --terminals FILE        one SETUP a line; # begins a comment
  --bdk HEX               base derivation key of the readers (default: the published test key)

the books
  --ledger FOLDER         kept there, made when missing; without it they are in memory
  --list                  shows a ledger and ends
  --json                  totals, or with --list the whole ledger, as data

what it does wrong
  --fault NAME[@MTI]      spoils the next answer (to MTI; without it 0100, 0200, 0220 or 0400), may be
                          repeated. @notice: the next notice. Names:
                          ${faultNames.slice(0, 7).join(" ")}
                          ${faultNames.slice(7, 12).join(" ")}
                          ${faultNames.slice(12).join(" ")}
                          delay:MS code:NN (answers that response code and posts nothing)
  --maintenance MODE      refuse (91 to everything) or silent; MODE:SECONDS for a while
  --no-tombstones --no-idempotent --no-stale-check
                          a host without this habit

what it tells terminals
  --funding WHAT          of a closed batch: paid, held or returned; WHAT:SECONDS after the close
                          (default 86400), WHAT:SECONDS:REASON with a reason of four digits
  --fee-rate N            fees in 1/10000 of what a batch adds (default 60)
  --commands              reads commands from standard input while it runs; "help" lists them

It runs until SIGINT or SIGTERM. Exit code 2: wrong arguments, a broker or port or ledger that cannot be used.
`;

/** A wrong argument; one line for a person. */
export class UsageError extends Error {
	override readonly name = "UsageError";
}

export interface Settings {
	readonly acquirer: AcquirerOptions;
	readonly faults: readonly Fault[];
	readonly maintenance:
		{ readonly mode: "refuse" | "silent"; readonly seconds: number } | undefined;
	readonly commands: boolean;
	readonly json: boolean;
	/** Show this ledger and end. */
	readonly list: string | undefined;
}

/** @throws UsageError */
export function readSettings(args: readonly string[]): Settings {
	const values = parse(args);
	const json = values.json === true;
	const nothing = { faults: [], maintenance: undefined, commands: false, json };
	if (values.list === true) {
		const list = values.ledger ?? fail("--list wants --ledger FOLDER");
		return { ...nothing, acquirer: { terminals: [] }, list };
	}
	return {
		acquirer: acquirerOptions(values),
		faults: (values.fault ?? []).map(faultFrom),
		maintenance: values.maintenance === undefined ? undefined : maintenanceFrom(values.maintenance),
		commands: values.commands === true,
		json,
		list: undefined,
	};
}

const options = {
	mqtt: { type: "string" },
	ca: { type: "string" },
	tcp: { type: "string" },
	"tcp-length": { type: "string" },
	"tpdu-as-is": { type: "boolean" },
	ledger: { type: "string" },
	list: { type: "boolean" },
	terminal: { type: "string", multiple: true },
	terminals: { type: "string" },
	bdk: { type: "string" },
	fault: { type: "string", multiple: true },
	maintenance: { type: "string" },
	funding: { type: "string" },
	"fee-rate": { type: "string" },
	commands: { type: "boolean" },
	"no-tombstones": { type: "boolean" },
	"no-idempotent": { type: "boolean" },
	"no-stale-check": { type: "boolean" },
	json: { type: "boolean" },
} as const;

type Values = ReturnType<typeof parse>;

function parse(args: readonly string[]) {
	try {
		return parseArgs({ args: [...args], options }).values;
	} catch (error) {
		const line = error instanceof Error ? error.message : String(error);
		return fail(line.split(/[.\n]/)[0] ?? "");
	}
}

function acquirerOptions(values: Values): AcquirerOptions {
	if (values.mqtt === undefined && values.tcp === undefined)
		fail("--mqtt URL or --tcp PORT is missing");
	const terminals = [
		...(values.terminals === undefined ? [] : setupsIn(values.terminals)),
		...(values.terminal ?? []).map(terminalFrom),
	];
	if (terminals.length === 0) fail("--terminal is missing");
	checkTerminals(terminals);
	return {
		...(values.mqtt === undefined ? {} : { mqttUrl: urlFrom(values.mqtt) }),
		...(values.ca === undefined ? {} : { mqttCa: fileFrom(values.ca, "--ca") }),
		...(values.tcp === undefined ? {} : { tcp: tcpFrom(values, values.tcp) }),
		...(values.ledger === undefined ? {} : { ledgerFolder: values.ledger }),
		...(values.funding === undefined ? {} : { funding: fundingFrom(values, values.funding) }),
		terminals,
		bdk: values.bdk === undefined ? testBdk : keyFrom(values.bdk, "--bdk"),
		habits: {
			tombstones: values["no-tombstones"] !== true,
			idempotent: values["no-idempotent"] !== true,
			staleCheck: values["no-stale-check"] !== true,
		},
	};
}

function urlFrom(url: string): string {
	if (!/^(mqtts?|tcp):\/\/[^/\s]+\/?$/.test(url) || !URL.canParse(url))
		fail(`--mqtt ${url.replace(/\/\/[^@/]*@/, "//")}: not mqtt://host:port`);
	return url;
}

function tcpFrom(values: Values, place: string): TcpOptions {
	const [, host, digits = ""] = /^(?:(.*):)?(\d+)$/.exec(place) ?? [];
	const port = Number(digits);
	if (digits === "" || port > 65_535) fail(`--tcp ${place}: not a port, or HOST:PORT`);
	const length = values["tcp-length"] ?? "binary";
	if (length !== "binary" && length !== "bcd")
		return fail(`--tcp-length ${length}: not bcd or binary`);
	return {
		port,
		length,
		swapTpdu: values["tpdu-as-is"] !== true,
		...(host === undefined ? {} : { host }),
	};
}

function setupsIn(file: string): readonly TerminalSetup[] {
	const lines = fileFrom(file, "--terminals").toString("utf8").split(/\r?\n/);
	return lines
		.map((line) => line.replace(/#.*/, "").trim())
		.filter((line) => line !== "")
		.map(terminalFrom);
}

function terminalFrom(setup: string): TerminalSetup {
	const [id, merchantId, tmk, ...more] = setup.split(":");
	if (id === undefined || merchantId === undefined || tmk === undefined || more.length > 0)
		return fail(`--terminal wants ID:MERCHANT:TMKHEX, not ${setup.split(":").length} parts`);
	return { id, merchantId, tmk: keyFrom(tmk, `--terminal ${id}`) };
}

function checkTerminals(terminals: readonly TerminalSetup[]): void {
	try {
		new KeyTable(terminals, () => Buffer.alloc(16));
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
		fail(error.message);
	}
}

/** @param given 32 hex digits, or @FILE that holds them, so that they do not stand in the list of processes */
function keyFrom(given: string, option: string): Buffer {
	const hex = given.startsWith("@")
		? fileFrom(given.slice(1), option).toString("latin1").trim()
		: given;
	if (!/^[0-9A-Fa-f]{32}$/.test(hex)) fail(`${option}: a key has 32 hex digits`);
	return Buffer.from(hex, "hex");
}

function fileFrom(path: string, option: string): Buffer {
	try {
		return readFileSync(path);
	} catch (error) {
		const code = (error as { code?: string }).code ?? "cannot be read";
		return fail(`${option} ${path}: ${code}`);
	}
}

/** NAME[:VALUE][@MTI]. @throws UsageError */
export function faultFrom(given: string): Fault {
	const [what = "", mti, ...more] = given.split("@");
	if (more.length > 0 || (mti !== undefined && !/^(0[12458][024]0|0620|0320|notice)$/.test(mti)))
		fail(`--fault ${given}: no such message`);
	const aim = mti === undefined ? {} : { mti };
	const [name = "", value] = what.split(":");
	if (name === "delay" && /^\d{1,7}$/.test(value ?? ""))
		return { kind: "delay", delayMs: Number(value), ...aim };
	if (name === "code" && /^[0-9A-Z]{2}$/.test(value ?? ""))
		return { kind: "code", code: value ?? "", ...aim };
	if (value !== undefined || !faultNames.includes(name as FaultName))
		fail(`--fault ${given}: unknown`);
	return { kind: name as FaultName, ...aim };
}

/** MODE[:SECONDS]. @throws UsageError */
export function maintenanceFrom(given: string): NonNullable<Settings["maintenance"]> {
	const [mode, seconds = "31536000", ...more] = given.split(":");
	const good = (mode === "refuse" || mode === "silent") && /^\d{1,9}$/.test(seconds);
	if (!good || more.length > 0)
		return fail(`--maintenance ${given}: not refuse or silent, with :SECONDS`);
	return { mode, seconds: Number(seconds) };
}

function fundingFrom(values: Values, given: string): Funding {
	const [name, seconds = "86400", reason, ...more] = given.split(":");
	const outcome = outcomes.find((one) => one === name);
	if (outcome === undefined || more.length > 0 || !/^\d{1,8}$/.test(seconds))
		return fail(`--funding ${given}: not paid, held or returned, with :SECONDS:REASON`);
	if (reason !== undefined && !/^\d{4}$/.test(reason))
		fail(`--funding ${given}: a reason has four digits`);
	const feeRate = Number(values["fee-rate"] ?? "60");
	if (!Number.isInteger(feeRate) || feeRate < 0 || feeRate > 1000)
		fail("--fee-rate is 0 to 1000 in 1/10000");
	const funding = { outcome, delayMs: Number(seconds) * 1000, feeRate };
	return reason === undefined ? funding : { ...funding, reason };
}

function fail(reason: string): never {
	throw new UsageError(`${reason} (--help shows the options)`);
}
