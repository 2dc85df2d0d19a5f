/** The ledger as tables for a person and as data for a program. */
import { kindOfEntry, netAmountMinor, openAmountMinor, openCount, type Entry } from "./entry";
import { Ledger, type Totals } from "./ledger";
import { folderStore } from "./ledger-store";
import { standingOf } from "./links";
import { NoticeBook, type Notice } from "./notice-book";
import { totalsOf, type BatchTotals } from "./totals";

/** One entry of the ledger. */
export interface EntryRow {
	readonly terminal: string;
	readonly batch: string;
	readonly stan: string;
	/** What was posted or asked for. */
	readonly kind: string;
	/** posted, reversed, declined, tombstone; voided, completed, refunded for what another one has used. */
	readonly state: string;
	readonly amountMinor: number;
	/** What it adds to the merchant's money. */
	readonly netMinor: number;
	/** DE39 of the newest answer that was not a repeat. */
	readonly code: string;
	readonly rrn: string;
	readonly authCode: string;
	/** First six and last four. */
	readonly card: string;
	readonly repeats: number;
	/** "BATCH/STAN", "" for none. */
	readonly original: string;
}

export interface BatchRow extends BatchTotals {
	readonly terminal: string;
	readonly batch: string;
	readonly state: "open" | "closed";
	/** Details that were uploaded. */
	readonly details: number;
	/** Differences that were told at the close. */
	readonly differences: number;
}

export interface Listing {
	readonly totals: Totals;
	readonly entries: readonly EntryRow[];
	readonly batches: readonly BatchRow[];
	readonly notices: readonly Notice[];
}

/** @throws LedgerError with one clear line: no ledger there, in use, damaged */
export async function readListing(folder: string): Promise<Listing> {
	const store = folderStore(folder, { mustExist: true });
	const { records, notices } = await store.load();
	await store.close();
	const ledger = new Ledger();
	for (const record of records) ledger.take(record);
	return listingOf(ledger, new NoticeBook(notices));
}

export function listingOf(ledger: Ledger, notices: NoticeBook): Listing {
	const records = ledger.records();
	const terminals = [...new Set(records.map(({ terminal }) => terminal))].sort();
	return {
		totals: ledger.totals(),
		entries: ledger.list().map((entry) => rowOf(ledger, entry)),
		batches: terminals.flatMap((terminal) => batchesOf(ledger, terminal)),
		notices: notices.terminals().flatMap((terminal) => notices.list(terminal)),
	};
}

function rowOf(ledger: Ledger, entry: Entry): EntryRow {
	const { terminal, batch, stan, repeats } = entry;
	const newest = entry.posted.at(-1) ?? entry.declined ?? entry.tombstone;
	const original = newest?.original;
	return {
		terminal,
		batch,
		stan,
		kind: kindOfEntry(entry)?.name ?? newest?.of ?? "balance",
		state: stateOf(ledger, entry),
		amountMinor: newest?.amountMinor ?? 0,
		netMinor: netAmountMinor(entry),
		code: newest?.code ?? "",
		rrn: newest?.rrn ?? "",
		authCode: newest?.authCode ?? "",
		card: newest?.maskedPan ?? "",
		repeats,
		original: original === undefined ? "" : `${original.batch}/${original.stan}`,
	};
}

function stateOf(ledger: Ledger, entry: Entry): string {
	if (openCount(entry) > 1) return `posted ${openCount(entry)} times`;
	if (openCount(entry) === 1) {
		const { voided, completed, refundedMinor } = standingOf(ledger, entry);
		if (voided) return "voided";
		if (completed) return "completed";
		if (refundedMinor > 0)
			return refundedMinor < openAmountMinor(entry) ? "partly refunded" : "refunded";
		return "posted";
	}
	if (entry.reversed.length > 0) return "reversed";
	if (entry.declined !== undefined) return "declined";
	return entry.tombstone === undefined ? "told" : "tombstone";
}

function batchesOf(ledger: Ledger, terminal: string): readonly BatchRow[] {
	const own = ledger.records().filter((record) => record.terminal === terminal);
	const numbers = new Set([...own.map(({ batch }) => batch), ledger.batch(terminal)]);
	return [...numbers].sort().map((batch) => {
		const state = ledger.batchState(terminal, batch);
		return {
			terminal,
			batch,
			state: state?.close === undefined ? "open" : "closed",
			...totalsOf(ledger, terminal, batch),
			details: state?.details.size ?? 0,
			differences: (state?.close?.data ?? "").length / 20,
		};
	});
}

/** Tables, as wide as what is in them. */
export function listingText(listing: Listing): string {
	const { totals, entries, batches, notices } = listing;
	const entryTable = table(
		"terminal  batch  STAN  kind  >amount  code  state  RRN  card  original",
		[
			...entries.map((row) => [
				row.terminal,
				row.batch,
				row.stan,
				row.kind,
				money(row.amountMinor),
				row.code,
				row.state + (row.repeats > 0 ? `, asked ${row.repeats + 1} times` : ""),
				row.rrn,
				row.card,
				row.original,
			]),
		],
	);
	const batchTable = table(
		"terminal  batch  state  >debit  >count  >credit  >count  >details  >differences",
		batches.map((row) => [
			row.terminal,
			row.batch,
			row.state,
			money(row.debitMinor),
			String(row.debitCount),
			money(row.creditMinor),
			String(row.creditCount),
			String(row.details),
			String(row.differences),
		]),
	);
	const noticeTable = table(
		"terminal  >notice  kind  state  answer",
		notices.map(({ terminal, number, network, state, code }) => [
			terminal,
			number === 0 ? "-" : String(number),
			network,
			state,
			code,
		]),
	);
	const tables = [entryTable, batchTable, ...(notices.length === 0 ? [] : [noticeTable])];
	return `${[...tables, `${totalsText(totals)}\n`].join("\n")}`;
}

/** @param heads column heads, two spaces between them; one with > is aligned to the right */
function table(heads: string, rows: readonly (readonly string[])[]): string {
	const columns = heads.split("  ").map((head) => ({
		head: head.replace(">", ""),
		right: head.startsWith(">"),
	}));
	const widths = columns.map(({ head }, index) =>
		Math.max(head.length, ...rows.map((row) => (row[index] ?? "").length)),
	);
	const line = (cells: readonly string[]): string =>
		columns
			.map(({ right }, index) => {
				const cell = cells[index] ?? "";
				const width = widths[index] ?? 0;
				return right ? cell.padStart(width) : cell.padEnd(width);
			})
			.join("  ")
			.trimEnd();
	return [line(columns.map(({ head }) => head)), ...rows.map(line)]
		.map((one) => `${one}\n`)
		.join("");
}

/** One line of sums. */
export function totalsText(totals: Totals): string {
	return (
		`net ${money(totals.amountMinor)} in ${totals.count} postings; sales ${totals.sales}, ` +
		`stored ${totals.forwards}, voids ${totals.voids}, refunds ${totals.refunds}, ` +
		`pre-authorisations ${totals.preauths}, completions ${totals.completions}, ` +
		`reversals ${totals.reversals}, declines ${totals.declines}, tombstones ${totals.tombstones}, ` +
		`repeats ${totals.repeats}, doubled ${totals.doubled}`
	);
}

function money(minor: number): string {
	const sign = minor < 0 ? "-" : "";
	const digits = String(Math.abs(minor)).padStart(3, "0");
	return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
