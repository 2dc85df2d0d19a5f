/** What a person can tell a running host, a line each. */
import type { Acquirer } from "./acquirer";
import { listingText, totalsText } from "./listing";
import type { NoticeContent, Outcome } from "./notice-content";
import { faultFrom, maintenanceFrom } from "./program-options";

export const commandHelp = `list                             the ledger so far
totals                           its sums in one line
fault NAME[@MTI]                 as --fault; "fault none" takes back what waits
maintenance MODE[:SECONDS]|off   as --maintenance
habit NAME on|off                tombstones, idempotent, stale-check
batch TERMINAL NUMBER            opens another batch: the terminal is answered 77
paid|held|returned TERMINAL BATCH [REASON]
                                 what became of the money of a closed batch
sign-on TERMINAL                 asks it to sign on again
window TERMINAL host|bank FROM TO   maintenance, YYYYMMDDhhmm UTC; "window TERMINAL none"
parameters TERMINAL N=VALUE ...  the page's numbers; "reset" among them: defaults first
fees TERMINAL CARD=RATE[/CAP] ... CARD debit, credit, foreign, qr; RATE in 1/10000
calendar TERMINAL YEAR [+MMDD|-MMDD ...]
                                 Monday to Friday, days added and taken out
quit                             as SIGINT
`;

/** A line that cannot be obeyed. */
class CommandError extends Error {}

/** Obeys one line. @returns what to show, one or more lines; undefined to quit. Never throws. */
export async function obey(acquirer: Acquirer, line: string): Promise<string | undefined> {
	const words = line.trim().split(/\s+/);
	if (words[0] === "quit" || words[0] === "exit") return undefined;
	if (words[0] === "" || words[0] === undefined) return "";
	try {
		return await run(acquirer, words[0], words.slice(1));
	} catch (error) {
		const text = error instanceof Error ? error.message : String(error);
		return `${text.replace(" (--help shows the options)", "").split("\n")[0] ?? ""}\n`;
	}
}

async function run(acquirer: Acquirer, word: string, rest: readonly string[]): Promise<string> {
	const [first = "", second = ""] = rest;
	switch (word) {
		case "help":
			return commandHelp;
		case "list":
			return listingText(acquirer.listing());
		case "totals":
			return `${totalsText(acquirer.ledger.totals())}\n`;
		case "fault":
			if (first === "none") acquirer.clearFaults();
			else acquirer.addFault(faultFrom(first));
			return `${acquirer.faultCount} faults wait\n`;
		case "maintenance":
			maintenance(acquirer, first);
			return "done\n";
		case "habit":
			habit(acquirer, first, second);
			return "done\n";
		case "batch":
			await acquirer.setBatch(known(acquirer, first), second);
			return "done\n";
		case "paid":
		case "held":
		case "returned":
			await settle(acquirer, word, rest);
			return "told\n";
		default:
			await acquirer.notify(first, contentOf(word, rest.slice(1)));
			return "told\n";
	}
}

function maintenance(acquirer: Acquirer, given: string): void {
	if (given === "off") return acquirer.setMaintenance(undefined);
	const { mode, seconds } = maintenanceFrom(given);
	acquirer.setMaintenance({ mode, untilMs: Date.now() + seconds * 1000 });
}

function habit(acquirer: Acquirer, name: string, value: string): void {
	if (value !== "on" && value !== "off") throw new CommandError("habit NAME on|off");
	const on = value === "on";
	if (name === "tombstones") acquirer.setHabits({ tombstones: on });
	else if (name === "idempotent") acquirer.setHabits({ idempotent: on });
	else if (name === "stale-check") acquirer.setHabits({ staleCheck: on });
	else throw new CommandError(`habit ${name}: not tombstones, idempotent or stale-check`);
}

function known(acquirer: Acquirer, terminal: string): string {
	if (acquirer.terminals.includes(terminal)) return terminal;
	throw new CommandError(`terminal ${terminal} is not known`);
}

async function settle(
	acquirer: Acquirer,
	outcome: Outcome,
	rest: readonly string[],
): Promise<void> {
	const [terminal = "", batch = "", reason] = rest;
	const funding = { outcome, feeRate: 60, ...(reason === undefined ? {} : { reason }) };
	await acquirer.settle(known(acquirer, terminal), batch.padStart(6, "0"), funding);
}

function contentOf(word: string, rest: readonly string[]): NoticeContent {
	switch (word) {
		case "sign-on":
			return { kind: "sign-on" };
		case "window":
			return windowOf(rest);
		case "parameters":
			return {
				kind: "parameters",
				reset: rest.includes("reset"),
				values: rest.filter((one) => one !== "reset").map(parameterOf),
			};
		case "fees":
			return { kind: "fees", rates: rest.map(rateOf) };
		case "calendar":
			return calendarOf(rest);
		default:
			throw new CommandError(`unknown command "${word.slice(0, 20)}"; "help" lists them`);
	}
}

function windowOf([of = "", from = "", to = ""]: readonly string[]): NoticeContent {
	if (of === "none") return { kind: "maintenance", windows: [] };
	if (of !== "host" && of !== "bank") throw new CommandError("a window is of host or bank");
	return { kind: "maintenance", windows: [{ of, from, to }] };
}

function parameterOf(given: string): { readonly number: number; readonly value: number } {
	const [, number, value] = /^(\d{1,3})=(\d{1,10})$/.exec(given) ?? [];
	if (number === undefined || value === undefined)
		throw new CommandError(`${given}: not NUMBER=VALUE`);
	return { number: Number(number), value: Number(value) };
}

const cards = Object.freeze(["debit", "credit", "foreign", "qr"] as const);

function rateOf(given: string) {
	const [, name, rate, cap] = /^(\w+)=(\d{1,4})(?:\/(\d{1,9}))?$/.exec(given) ?? [];
	const card = cards.find((one) => one === name);
	if (card === undefined || rate === undefined)
		throw new CommandError(`${given}: not CARD=RATE or CARD=RATE/CAP`);
	return { card, rate: Number(rate), capMinor: Number(cap ?? 0) };
}

function calendarOf([digits = "", ...changes]: readonly string[]): NoticeContent {
	const year = Number(digits);
	if (!/^20\d\d$/.test(digits)) throw new CommandError("a calendar is of a year, 2024 to 2099");
	const working = new Set<number>();
	const dayMs = 86_400_000;
	const startMs = Date.UTC(year, 0, 1);
	for (let day = 1; startMs + (day - 1) * dayMs < Date.UTC(year + 1, 0, 1); day++) {
		const weekday = new Date(startMs + (day - 1) * dayMs).getUTCDay();
		if (weekday >= 1 && weekday <= 5) working.add(day);
	}
	for (const change of changes) {
		const [, sign, month, date] = /^([+-])(\d\d)(\d\d)$/.exec(change) ?? [];
		const ms = Date.UTC(year, Number(month) - 1, Number(date));
		if (sign === undefined || new Date(ms).getUTCDate() !== Number(date))
			throw new CommandError(`${change}: not +MMDD or -MMDD`);
		const day = (ms - startMs) / dayMs + 1;
		if (sign === "+") working.add(day);
		else working.delete(day);
	}
	return { kind: "calendar", year, workingDays: [...working] };
}
