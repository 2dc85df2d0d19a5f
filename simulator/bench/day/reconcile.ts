import { netAmountMinor, openCount } from "../acquirer/entry";
import type { Ledger } from "../acquirer/ledger";

/** One row of the terminal's `list --json`. */
export interface TerminalRow {
	readonly number: number;
	readonly stan: string;
	readonly batch: string;
	readonly kind: string;
	/** Number of the transaction that it belongs to, 0 for none. */
	readonly original: number;
	readonly rrn: string;
	readonly authCode: string;
	readonly responseCode: string;
	readonly amountMinor: number;
	readonly state: string;
	readonly card: string;
	readonly receipt: string;
	readonly time: string;
}

/** One transaction as both sides see it. */
export interface Compared {
	readonly batch: string;
	readonly stan: string;
	readonly terminalState: string;
	readonly terminalMinor: number;
	readonly hostMinor: number;
	readonly open: boolean;
	readonly agrees: boolean;
}

export interface Reconciliation {
	readonly rows: readonly Compared[];
	/** What the terminal counts as income, minor units. */
	readonly terminalMinor: number;
	/** What the host has posted, net of reversals, minor units. */
	readonly hostMinor: number;
	/** Sum of the differences of all transactions that are not listed as open, minor units. */
	readonly differenceMinor: number;
	/** Posted at the host, and the terminal neither counts nor lists it. */
	readonly lost: number;
	/** Posted more than once at the same time, or posted though the terminal says that no money is due. */
	readonly doubled: number;
}

const income: readonly string[] = ["approved", "forwarded", "settled"];
/** States in which somebody still has to act. */
export const openStates: readonly string[] = [
	"opened",
	"sending",
	"reversal due",
	"reversal parked",
	"stored offline",
	"forward refused",
	"advice due",
];
/** Kinds that take from the merchant's money, and kinds that move none. */
const negative: readonly string[] = ["void", "refund", "completion void"];
const moveNothing: readonly string[] = [
	...["pre-authorisation", "pre-authorisation void", "balance", "script result"],
];

function signOf(kind: string): number {
	if (moveNothing.includes(kind)) return 0;
	return negative.includes(kind) ? -1 : 1;
}

/** Compares the terminal's own list with the host's ledger, transaction by transaction. */
export function reconcile(
	terminal: readonly TerminalRow[],
	ledger: Ledger,
	terminalId: string,
): Reconciliation {
	const rows: Compared[] = [];
	const seen = new Set<string>();
	let lost = 0;
	let doubled = 0;
	for (const row of terminal) {
		seen.add(`${row.batch}/${row.stan}`);
		const entry = ledger.entry(terminalId, row.batch, row.stan);
		const hostMinor = entry === undefined ? 0 : netAmountMinor(entry);
		const terminalMinor = income.includes(row.state) ? signOf(row.kind) * row.amountMinor : 0;
		const isOpen = openStates.includes(row.state);
		const agrees = isOpen || hostMinor === terminalMinor;
		if (entry !== undefined && openCount(entry) > 1) doubled++;
		else if (!isOpen && Math.abs(hostMinor) > Math.abs(terminalMinor)) doubled++;
		if (!isOpen && Math.abs(hostMinor) < Math.abs(terminalMinor)) lost++;
		const { batch, stan, state } = row;
		rows.push({
			batch,
			stan,
			terminalState: state,
			terminalMinor,
			hostMinor,
			open: isOpen,
			agrees,
		});
	}
	for (const entry of ledger.list(terminalId)) {
		if (seen.has(`${entry.batch}/${entry.stan}`)) continue;
		const hostMinor = netAmountMinor(entry);
		if (hostMinor !== 0) lost++;
		const { batch, stan } = entry;
		const terminalState = "unknown";
		const agrees = hostMinor === 0;
		rows.push({ batch, stan, terminalState, terminalMinor: 0, hostMinor, open: false, agrees });
	}
	const sum = (pick: (row: Compared) => number): number => rows.reduce((s, r) => s + pick(r), 0);
	return {
		rows,
		terminalMinor: sum((r) => r.terminalMinor),
		hostMinor: sum((r) => r.hostMinor),
		differenceMinor: sum((r) => (r.open ? 0 : Math.abs(r.hostMinor - r.terminalMinor))),
		lost,
		doubled,
	};
}
