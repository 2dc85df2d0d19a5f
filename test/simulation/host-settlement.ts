import type { Random } from "test/simulation/fakes/random";
import type { Faults } from "test/simulation/faults";
import type { HostMessage } from "test/simulation/host-codec";
import { hostKinds } from "test/simulation/host-kinds";
import { netOf, type HostLedger } from "test/simulation/host-ledger";
import type { Trail } from "test/simulation/trail";
import type { Violations } from "test/simulation/violation";

/** Debits and credits of a batch, minor units and numbers. */
export interface Totals {
	readonly debitMinor: number;
	readonly debitCount: number;
	readonly creditMinor: number;
	readonly creditCount: number;
}

/** What came of the settlement of one batch. */
export interface ClosedBatch {
	readonly batch: string;
	/** The last that the terminal told. */
	readonly told: Totals;
	/** The host's books when they were compared. */
	readonly books: Totals;
	/** Details by STAN, where there was an upload. */
	readonly details: ReadonlyMap<number, string>;
	/** 207: it ended after balanced totals, 202: after others. */
	readonly end: string;
}

export interface SettlementParts {
	readonly faults: Faults;
	readonly trail: Trail;
	readonly violations: Violations;
	readonly random: Random;
	readonly ledger: HostLedger;
	readonly firstBatch: number;
}

/** The fields of an answer that settlement decides; the host adds the rest. */
export interface SettlementAnswer {
	readonly code: string;
	readonly field48?: string;
	/** In characters. */
	readonly field62?: string;
	/** 77: the batch that is open. */
	readonly openBatch?: string;
}

const later: readonly string[] = ["09", "68", "90", "91", "96", "98"];

/** The host's side of 0500 and 0320 (docs/host-protocol.md): compares, keeps details, closes batches. */
export class HostSettlement {
	readonly closed: ClosedBatch[] = [];
	readonly #p: SettlementParts;
	#number: number;
	#told: Totals | undefined;
	/** Field 7 of the 0500 that told it. */
	#toldSent = "";
	#books: Totals | undefined;
	#details = new Map<number, string>();
	/** Answers about the open batch, by STAN of the 0500. */
	readonly #compared = new Map<string, SettlementAnswer>();
	/** Answers to the end of each closed batch: the same again. */
	readonly #ends = new Map<string, SettlementAnswer>();
	readonly #totals = new Map<string, SettlementAnswer>();

	constructor(parts: SettlementParts) {
		this.#p = parts;
		this.#number = parts.firstBatch;
	}

	/** The batch that is open. */
	get batch(): string {
		return String(this.#number).padStart(6, "0");
	}

	/** The terminal has begun and not ended. */
	get isHalfWay(): boolean {
		return this.#told !== undefined;
	}

	decide({ mti, fields }: HostMessage): SettlementAnswer {
		const { faults, random } = this.#p;
		const field60 = fields.get(60)!;
		const batch = field60.slice(2, 8);
		const network = field60.slice(8, 11);
		const before = network === "201" ? this.#totals.get(batch) : this.#ends.get(batch);
		if (this.#ends.has(batch) && before !== undefined) return before;
		if (batch !== this.batch) return { code: "77", openBatch: this.batch };
		if (faults.hit("tryAgainCode")) return { code: later[random.below(later.length)]! };
		if (mti === "0500")
			return this.#compare(batch, fields.get(48)!, fields.get(11)!, fields.get(7)!);
		if (network === "201") return this.#upload(fields.get(48)!);
		return this.#end(batch, network, Number(fields.get(48)));
	}

	/** @param sent field 7: one that was sent before the newest and comes behind it changes nothing */
	#compare(batch: string, field48: string, stan: string, sent: string): SettlementAnswer {
		const { faults, ledger, trail } = this.#p;
		// A copy that the network kept says nothing new, and takes no details away.
		const before = this.#compared.get(stan);
		if (before !== undefined) return before;
		if (this.#told !== undefined && sent < this.#toldSent) return { code: "22" };
		this.#toldSent = sent;
		const told = readTotals(field48);
		const books = totalsOf(ledger, batch);
		this.#told = told;
		this.#books = books;
		this.#details.clear();
		const same = textOf(told) === textOf(books);
		// A host whose books are wrong for a moment, or that counts otherwise.
		const forced = faults.hit("forcedImbalance");
		const balanced = same && !forced;
		trail.note(
			`host: batch ${batch} ${textOf(told)} against ${textOf(books)}${forced ? ", says no" : ""}`,
		);
		const answer = {
			code: balanced ? "00" : "95",
			field48: `${textOf(books)}${balanced ? "1" : "2"}${"0".repeat(31)}`,
		};
		this.#totals.set(batch, answer);
		this.#compared.set(stan, answer);
		return answer;
	}

	#upload(field48: string): SettlementAnswer {
		const count = Number(field48.slice(0, 2));
		for (let i = 0; i < count; i++) {
			const detail = field48.slice(2 + 21 * i, 23 + 21 * i);
			this.#details.set(Number(detail.slice(2, 8)), detail);
		}
		return { code: "00" };
	}

	#end(batch: string, network: string, count: number): SettlementAnswer {
		const { violations, trail, ledger } = this.#p;
		const told = this.#told;
		const books = this.#books;
		if (told === undefined || books === undefined) {
			violations.add("settlement", `the end of batch ${batch} came before its totals`);
			return { code: "30" };
		}
		const details = this.#details;
		if (network === "202" && details.size !== count)
			violations.add(
				"settlement",
				`batch ${batch}: ${details.size} details came, ${count} are said to have`,
			);
		const now = totalsOf(ledger, batch);
		if (textOf(now) !== textOf(books))
			violations.add("settlement", `batch ${batch} changed between its totals and its end`);
		this.closed.push({ batch, told, books, details, end: network });
		trail.note(`host: closes batch ${batch} (${network})`);
		this.#number = (this.#number % 999_999) + 1;
		this.#told = this.#books = undefined;
		this.#details = new Map();
		this.#compared.clear();
		const field62 = network === "202" ? differences(ledger, batch, details) : "";
		const answer = { code: "00", ...(field62 === "" ? {} : { field62 }) };
		this.#ends.set(batch, answer);
		return answer;
	}
}

/** What stands in the books of a batch. */
export function totalsOf({ entries }: HostLedger, batch: string): Totals {
	const sums = { debitMinor: 0, debitCount: 0, creditMinor: 0, creditCount: 0 };
	for (const entry of entries.values()) {
		if (entry.batch !== batch || netOf(entry) <= 0) continue;
		if (entry.kind.sign > 0) {
			sums.debitMinor += entry.countedMinor;
			sums.debitCount++;
		} else if (entry.kind.sign < 0) {
			sums.creditMinor += entry.countedMinor;
			sums.creditCount++;
		}
	}
	return sums;
}

/** The first thirty digits of field 48. */
export function textOf({ debitMinor, debitCount, creditMinor, creditCount }: Totals): string {
	const digits = (value: number, width: number): string => String(value).padStart(width, "0");
	return (
		digits(debitMinor, 12) +
		digits(debitCount, 3) +
		digits(creditMinor, 12) +
		digits(creditCount, 3)
	);
}

function readTotals(field48: string): Totals {
	return {
		debitMinor: Number(field48.slice(0, 12)),
		debitCount: Number(field48.slice(12, 15)),
		creditMinor: Number(field48.slice(15, 27)),
		creditCount: Number(field48.slice(27, 30)),
	};
}

/** Where books and details differ, by STAN, at most twenty. */
function differences(
	ledger: HostLedger,
	batch: string,
	details: ReadonlyMap<number, string>,
): string {
	const found = new Map<number, string>();
	const digits = (value: number, width: number): string => String(value).padStart(width, "0");
	for (const entry of ledger.entries.values()) {
		if (entry.batch !== batch || netOf(entry) <= 0 || entry.kind.sign === 0) continue;
		const detail = details.get(entry.stan);
		const what = `${digits(entry.stan, 6)}${digits(entry.countedMinor, 12)}${entry.kind.sign < 0 ? 1 : 0}`;
		if (detail === undefined) found.set(entry.stan, `L${what}`);
		else if (detail.slice(2) !== what) found.set(entry.stan, `A${what}`);
	}
	for (const [stan, detail] of details) {
		const entry = ledger.find(batch, stan);
		const stands = entry !== undefined && netOf(entry) > 0;
		if (!stands && hostKinds[detail.slice(0, 2)] !== undefined)
			found.set(stan, `S${digits(stan, 6)}${"0".repeat(12)}${detail[20]!}`);
	}
	const ordered = [...found].sort(([a], [b]) => a - b);
	return ordered
		.slice(0, 20)
		.map(([, text]) => text)
		.join("");
}
