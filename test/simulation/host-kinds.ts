/**
 * Kinds of transaction as the host knows them by 60.1 (docs/host-protocol.md, docs/transactions.md), written down once more: the
 * simulation shares nothing with modules/transaction.
 */
export interface HostKind {
	readonly name: string;
	/** The kind's number on the terminal's journal (docs/transactions.md). */
	readonly number: number;
	/** What it adds to the merchant's money: 1, -1, 0 times the amount. */
	readonly sign: 1 | -1 | 0;
	/** Goes once and is reversed in doubt; else it is repeated until it is answered. */
	readonly once: boolean;
	/** Names of the kinds that its original may have; empty: it has none. */
	readonly originals: readonly string[];
}

const kind = (
	name: string,
	number: number,
	sign: 1 | -1 | 0,
	once: boolean,
	originals: readonly string[] = [],
): HostKind => Object.freeze({ name, number, sign, once, originals });

const sales = ["sale", "stored sale", "voice sale"];
const completions = ["completion", "completion advice"];
const stored = kind("stored sale", 1, 1, false);

/** By 60.1. */
export const hostKinds: Readonly<Record<string, HostKind>> = Object.freeze({
	"22": kind("sale", 1, 1, true),
	"30": stored,
	"36": stored,
	"23": kind("void", 2, -1, true, sales),
	"25": kind("refund", 3, -1, false, [...sales, ...completions]),
	"10": kind("pre-authorisation", 4, 0, true),
	"11": kind("pre-authorisation void", 5, 0, true, ["pre-authorisation"]),
	"20": kind("completion", 6, 1, true, ["pre-authorisation"]),
	"21": kind("completion void", 7, -1, true, ["completion"]),
	"24": kind("completion advice", 8, 1, false, ["pre-authorisation"]),
	"34": kind("tip", 9, 1, false, ["sale", "stored sale"]),
	"32": kind("voice sale", 10, 1, false, ["sale"]),
	"01": kind("balance", 11, 0, true),
	"00": kind("script result", 12, 0, false, ["sale", "pre-authorisation"]),
});

/** Sign by the kind's number on the journal. */
export const signOfKind: Readonly<Record<number, number>> = Object.freeze(
	Object.fromEntries(Object.values(hostKinds).map(({ number, sign }) => [number, sign])),
);
