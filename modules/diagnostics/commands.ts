import type { Clock } from "core/clock";
import type { Network, Printer, CardReader } from "core/devices";
import { formatAmount } from "core/money";
import { localText } from "core/local-time";
import type { TerminalConfig } from "core/platform";
import type { Answer, Command } from "diagnostics/console";
import type { EventLog } from "diagnostics/event-log";
import { eventText } from "diagnostics/event-texts";
import type { BatchFact } from "explain/batch-fact";
import { explain, type Explanation } from "explain/explain";
import { ChannelKind } from "host/channel";
import { LinkState, type HostLink } from "host/link";
import type { Journal, MountReport } from "journal/journal";
import type { Vault, VaultReport } from "journal/vault";
import type { Worker } from "queue/worker";
import type { Book } from "transaction/book";
import { kindName, kindTraits } from "transaction/kinds";
import { isPosted, State, stateName } from "transaction/states";
import { countedMinor, ReceiptState, type Transaction } from "transaction/transaction";

/** What the commands look at. */
export interface Inspected {
	readonly config: TerminalConfig;
	readonly engine: string;
	readonly clock: Clock;
	readonly book: Book;
	readonly journal: Journal;
	readonly mountReport: MountReport;
	readonly vaultReport: VaultReport;
	readonly vault: Vault;
	readonly link: HostLink;
	readonly worker: Worker;
	readonly network: Network;
	readonly reader: CardReader;
	readonly printer: Printer;
	readonly log: EventLog;
	/** What settlements say of a transaction. */
	readonly batchFact: (transaction: Transaction) => BatchFact;
	/** Ticks when the terminal became ready for a sale. */
	readonly readyAtMs: number;
}

/** All read-only commands of the console. Nothing that they print holds card data or keys. */
export function makeCommands(t: Inspected): Command[] {
	return [
		{
			name: "status",
			usage: "status",
			help: "link, devices, journal, queue",
			run: () => status(t),
		},
		{
			name: "queue",
			usage: "queue",
			help: "what is still open, and who acts next",
			run: () => queue(t),
		},
		{
			name: "list",
			usage: "list [N]",
			help: "the newest transactions, or 20 from number N on",
			run: (argument) => list(t, argument),
		},
		{ name: "show", usage: "show N", help: "transaction N", run: (n) => one(t, n, show) },
		{
			name: "why",
			usage: "why N",
			help: "where the money of transaction N is, who acts, what next",
			run: (n) => one(t, n, why),
		},
		{ name: "log", usage: "log", help: "the newest events", run: () => log(t) },
	];
}

/** Explains a transaction as things stand now. */
export function explainNow(
	t: Inspected,
	transaction: Transaction,
	tally = t.book.knownTallyOf(transaction.number),
): Explanation {
	return explain(transaction, {
		linkUp: t.link.state === LinkState.Up,
		nextStepMs: t.worker.pauseMs(transaction.number),
		paperOut: t.printer.status.paperOut,
		currencyDigits: t.config.currencyDigits,
		tally,
		batch: t.batchFact(transaction),
	});
}

const linkNames: Readonly<Record<LinkState, string>> = Object.freeze({
	[LinkState.Down]: "down",
	[LinkState.Connecting]: "connecting",
	[LinkState.SigningOn]: "signing on",
	[LinkState.Up]: "up",
	[LinkState.Draining]: "draining",
});

const receiptNames: Readonly<Record<ReceiptState, string>> = Object.freeze({
	[ReceiptState.None]: "none",
	[ReceiptState.Due]: "due",
	[ReceiptState.Printing]: "printing",
	[ReceiptState.Printed]: "printed",
	[ReceiptState.Uncertain]: "uncertain",
});

function status(t: Inspected): Answer {
	const { printer, network, config } = t;
	const open = t.book.open();
	const data = {
		terminalId: config.terminalId,
		engine: t.engine,
		uptimeMs: t.clock.ticksMs(),
		readyAtMs: t.readyAtMs,
		time: localText(t.clock.wallMs() ?? 0, config.utcOffsetMinutes),
		link: linkNames[t.link.state],
		channel: t.link.channel === ChannelKind.Mqtt ? "MQTT" : "backup",
		network: network.stateName,
		signal: network.signal,
		batch: t.book.counters.batch,
		reader: t.reader.ready,
		printer: printerName(printer),
		open: open.length,
		openMinor: open.reduce((sum, x) => sum + x.amountMinor, 0),
		vault: t.vault.count,
		roomForSale: t.book.canOpen(),
		unreadableRecords: t.book.unreadable,
		journal: t.mountReport,
		vaultFound: t.vaultReport,
		events: t.log.total,
	};
	const lines = [
		`terminal     ${data.terminalId}, engine ${data.engine}, up ${Math.floor(data.uptimeMs / 1000)} s`,
		`time         ${data.time}`,
		`link         ${data.link} over ${data.channel} (network ${data.network}, signal ${data.signal}), batch ${data.batch}`,
		`reader       ${data.reader ? "ready" : "no answer"}`,
		`printer      ${data.printer}`,
		`open         ${data.open}, ${formatAmount(data.openMinor, config.currencyDigits)} (see "queue")`,
		`vault        ${data.vault} cards held for forwarding`,
		`journal      ${data.roomForSale ? "room for sales" : "FULL: no new sale is taken"}`,
		`unreadable   ${data.unreadableRecords} records`,
		...found("journal", t.mountReport),
		...found("vault", t.vaultReport),
	];
	return { lines, data };
}

/** What a mount found, one line a number. */
function found(what: string, report: object): string[] {
	return Object.entries(report).map(([name, value]) => `  ${what} ${name}: ${String(value)}`);
}

function printerName(printer: Printer): string {
	const s = printer.status;
	if (!s.present) return "no answer";
	if (s.paperOut) return "paper out";
	if (s.coverOpen) return "cover open";
	if (s.error) return "error";
	return s.paperLow ? "ready, paper low" : s.ready ? "ready" : "offline";
}

function queue(t: Inspected): Answer {
	const open = t.book.open();
	const data = open.map((transaction) => ({ ...summary(t, transaction), ...next(t, transaction) }));
	if (open.length === 0) return { lines: ["nothing is open"], data };
	const lines = data.map((row) => `${row.line}\r\n       ${row.who}: ${row.next}`);
	return { lines: [header, ...lines], data: data.map(({ line: _line, ...row }) => row) };
}

function next(t: Inspected, transaction: Transaction): { who: string; next: string } {
	const { who, next: step } = explainNow(t, transaction);
	return { who, next: step };
}

/** One page, so that an answer stays within what the console queues. */
function list(t: Inspected, argument: string): Answer {
	const from = argument === "" ? 0 : Number(argument);
	if (!Number.isInteger(from) || from < 0) return { error: `list from which number? "list 120"` };
	const all = t.book.all();
	const page =
		argument === "" ? all.slice(-pageRows) : all.filter((x) => x.number >= from).slice(0, pageRows);
	const rows = page.map((transaction) => summary(t, transaction));
	return {
		lines: [header, ...rows.map((row) => row.line)],
		data: page.map((transaction) => record(t, transaction)),
	};
}

const pageRows = 20;
const header = "     N STAN   batch  time                    amount state           slip      kind";

function summary(t: Inspected, x: Transaction): ReturnType<typeof record> & { line: string } {
	const data = record(t, x);
	const line = [
		String(x.number).padStart(6),
		data.stan,
		data.batch,
		data.time.padEnd(19),
		data.amount.padStart(10),
		data.state.padEnd(15),
		data.receipt.padEnd(9),
		data.kind,
	].join(" ");
	return { ...data, line };
}

function record(t: Inspected, x: Transaction) {
	return {
		number: x.number,
		stan: String(x.stan).padStart(6, "0"),
		batch: String(x.batch).padStart(6, "0"),
		time: localText(x.openedMs, t.config.utcOffsetMinutes),
		kind: kindName(x.kind),
		amount: formatAmount(countedMinor(x), t.config.currencyDigits),
		amountMinor: countedMinor(x),
		original: x.original?.number ?? 0,
		card: x.maskedPan,
		state: stateText(t, x),
		receipt: receiptNames[x.receiptState],
		reprints: x.reprintCount,
		responseCode: x.responseCode,
		rrn: x.rrn,
		authCode: x.authCode,
	};
}

/** "settled" is derived, and stands in the place of what led there. */
function stateText(t: Inspected, x: Transaction): string {
	const { standing } = t.batchFact(x);
	const isSettled = standing === "settled" || standing === "uncompared";
	return isSettled && isPosted(x.state) && kindTraits[x.kind].sign !== 0
		? stateName(State.Settled)
		: stateName(x.state);
}

function one(
	t: Inspected,
	argument: string,
	answer: (t: Inspected, transaction: Transaction) => Answer,
): Answer {
	const number = Number(argument);
	if (argument === "" || !Number.isInteger(number) || number < 1)
		return { error: `which transaction? a number from "list" or "queue"` };
	const transaction = t.book.lookUp(number);
	if (transaction === undefined) return { error: `transaction ${number} is not known here` };
	return answer(t, transaction);
}

function show(t: Inspected, transaction: Transaction): Answer {
	const data = record(t, transaction);
	const lines = Object.entries(data).map(([name, value]) => `${name.padEnd(13)} ${String(value)}`);
	return { lines, data };
}

function why(t: Inspected, transaction: Transaction): Answer {
	const e = explainNow(t, transaction, t.book.tallyOf(transaction.number));
	const lines = [
		`what   ${e.what}`,
		`       ${e.whatZh}`,
		`who    ${e.who} / ${e.whoZh}`,
		`next   ${e.next}`,
		`       ${e.nextZh}`,
		`money  ${e.when} / ${e.whenZh}`,
		...(e.slip === "" ? [] : [`slip   ${e.slip}`]),
	];
	return { lines, data: { number: transaction.number, ...e } };
}

function log(t: Inspected): Answer {
	const events = t.log.newest(40);
	const lines = events.map(
		({ atMs, code, a, b }) => `${(atMs / 1000).toFixed(3).padStart(10)}  ${eventText(code, a, b)}`,
	);
	return { lines, data: events };
}
