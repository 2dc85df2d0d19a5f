import type { Random } from "test/simulation/fakes/random";
import type { Faults } from "test/simulation/faults";
import type { HostMessage } from "test/simulation/host-codec";
import { hostKinds, type HostKind } from "test/simulation/host-kinds";
import { HostLedger, keyOf, netOf, type HostEntry } from "test/simulation/host-ledger";
import type { Violations } from "test/simulation/violation";

/** Habits of this seed's host; hosts without them exist. */
export interface Habits {
	/** A reversal without its original is remembered. */
	readonly tombstones: boolean;
	/** A stored sale is compared with online sales of the same STAN as well. */
	readonly crossCheck: boolean;
	/** What goes once is posted once however often it comes. Nothing but the terminal's QoS 0 saves the others. */
	readonly idempotent: boolean;
	/** Each sign-on brings new keys, which also kills requests under the old ones. Others give the day's keys again. */
	readonly freshKeys: boolean;
	/** What it answers where there is no original. */
	readonly noOriginal: "25" | "12";
}

export interface BooksParts {
	readonly faults: Faults;
	readonly random: Random;
	readonly violations: Violations;
	readonly habits: Habits;
}

const staleMs = 60_000;
const aheadMs = 30_000;

/** The host's decisions about money: what is posted, refused and reversed (docs/host-protocol.md, What the host promises). */
export class HostBooks {
	readonly ledger = new HostLedger();
	/** Requests about money that had come before. */
	repeats = 0;
	reversals = 0;
	readonly #p: BooksParts;

	constructor(parts: BooksParts) {
		this.#p = parts;
	}

	/** @param ageMs by field 7 @returns field 39 */
	decide(request: HostMessage, ageMs: number): string {
		const { mti, fields } = request;
		const field60 = fields.get(60)!;
		const kind = hostKinds[field60.slice(0, 2)];
		const stan = Number(fields.get(11));
		const batch = field60.slice(2, 8);
		if (kind === undefined) {
			this.#p.violations.add("readable requests", `60.1 ${field60.slice(0, 2)} in ${mti}`);
			return "30";
		}
		if (kind.name === "balance") return this.#p.faults.hit("declined") ? "55" : "00";
		const entry = this.#entry(request, kind, batch, stan);
		if (mti === "0400") return this.#noted(entry, this.#reversal(entry));
		entry.card = fields.get(57) ?? "";
		if (kind.once) return this.#once(entry, ageMs, field60[13] === "1");
		return this.#noted(entry, this.#repeated(entry));
	}

	#entry({ mti, fields }: HostMessage, kind: HostKind, batch: string, stan: number): HostEntry {
		const field4 = Number(fields.get(4));
		// A tip's reversal does not exist; its field 4 is the new total.
		const amountMinor = kind.name === "tip" ? Number(fields.get(48)) : field4;
		const known = this.ledger.find(batch, stan);
		if (known !== undefined) this.repeats++;
		if (known !== undefined && (known.amountMinor !== amountMinor || known.kind !== kind))
			this.#p.violations.add(
				"one STAN, one sale",
				`STAN ${stan} came as ${known.kind.name} of ${known.amountMinor} and as ${mti} ${kind.name} of ${amountMinor}`,
				field4,
			);
		const named = fields.get(61) ?? "0".repeat(16);
		const originalStan = Number(named.slice(6, 12));
		const original = originalStan === 0 ? "" : keyOf(named.slice(0, 6), originalStan);
		return this.ledger.entry(batch, stan, kind, amountMinor, original);
	}

	#noted(entry: HostEntry, code: string): string {
		entry.repeatCodes.push(code);
		return code;
	}

	/** @param partly the terminal takes a part of the amount */
	#once(entry: HostEntry, ageMs: number, partly: boolean): string {
		const { faults, habits, random } = this.#p;
		if (entry.posted > 0 && habits.idempotent) return "94";
		if (entry.tombstone) return "22";
		if (entry.declined) return "94";
		const refuse = (code: string): string => {
			entry.declined = true;
			return code;
		};
		if (ageMs > staleMs || ageMs < -aheadMs) return refuse("22");
		if (faults.hit("declined")) return refuse(["05", "51", "55", "91", "61"][random.below(5)]!);
		const refused = this.#originalRefusal(entry);
		if (refused !== undefined) return refuse(refused);
		if (faults.hit("doubtfulCode")) {
			// The issuer may have posted; the host cannot tell.
			if (random.oneIn(2)) entry.posted++;
			else entry.declined = true;
			return ["68", "96", "98"][random.below(3)]!;
		}
		entry.posted++;
		if (!partly || entry.amountMinor < 2 || !faults.hit("partial")) return "00";
		entry.countedMinor = 1 + random.below(entry.amountMinor - 1);
		return "10";
	}

	/** What was approved of a request. */
	partOf(request: HostMessage): number {
		const batch = request.fields.get(60)!.slice(2, 8);
		return this.ledger.find(batch, Number(request.fields.get(11)))?.countedMinor ?? 0;
	}

	#repeated(entry: HostEntry): string {
		const { faults, habits, random } = this.#p;
		if (entry.refusedCode !== "") return entry.refusedCode;
		if (faults.hit("tryAgainCode"))
			return ["09", "68", "90", "91", "92", "96", "98"][random.below(7)]!;
		if (entry.stored || (habits.crossCheck && entry.posted > 0)) return "94";
		if (entry.tombstone && habits.crossCheck) return (entry.refusedCode = "12");
		const refused = faults.hit("refusedForGood")
			? ["14", "51", "54"][random.below(3)]!
			: this.#originalRefusal(entry);
		if (refused !== undefined) return (entry.refusedCode = refused);
		entry.stored = true;
		entry.posted++;
		return "00";
	}

	#reversal(entry: HostEntry): string {
		const { faults, habits, random } = this.#p;
		this.reversals++;
		if (!entry.kind.once)
			this.#p.violations.add(
				"advices are not reversed",
				`a 0400 came for the ${entry.kind.name} with STAN ${entry.stan}`,
				entry.amountMinor,
			);
		if (faults.hit("tryAgainCode"))
			return ["09", "22", "68", "90", "91", "92", "96", "98"][random.below(8)]!;
		if (faults.hit("refusedForGood")) return "30";
		if (entry.posted > entry.reversed) entry.reversed = entry.posted;
		else if (entry.posted === 0) {
			if (!habits.tombstones) return habits.noOriginal;
			entry.tombstone = true;
		}
		return "00";
	}

	/**
	 * Why it cannot be posted about its original. The terminal knows all that the host knows of an original by the time when it may
	 * send such a request, so that a request which has to be refused here is a fault of the terminal.
	 */
	#originalRefusal(entry: HostEntry): string | undefined {
		const { kind, original, amountMinor } = entry;
		if (kind.originals.length === 0) return undefined;
		// A refund of what the terminal does not know: the cashier typed its RRN and date.
		if (original === "")
			return kind.name === "refund" ? undefined : this.#wrong(entry, "25", "names no original");
		const about = this.ledger.entries.get(original);
		if (kind.name === "voice sale")
			return about === undefined || netOf(about) === 0
				? undefined
				: this.#wrong(entry, "12", "the sale stands");
		if (about === undefined) return this.#wrong(entry, "25", "unknown original");
		if (!kind.originals.includes(about.kind.name))
			return this.#wrong(entry, "12", `original is a ${about.kind.name}`);
		if (netOf(about) <= 0) return this.#wrong(entry, "25", "original is not posted");
		const standing = this.ledger.standing(original);
		const whole = about.countedMinor + standing.tipMinor;
		if (standing.voided) return this.#wrong(entry, "12", "original is voided");
		if (standing.completed) return this.#wrong(entry, "12", "original is completed");
		if (kind.name === "tip" && standing.tipMinor > 0)
			return this.#wrong(entry, "12", "has its tip");
		if (kind.name === "refund" && standing.refundedMinor + amountMinor > whole)
			return this.#wrong(entry, "61", `${standing.refundedMinor} of ${whole} are refunded already`);
		if (kind.name === "void" && (standing.refundedMinor > 0 || amountMinor !== whole))
			return this.#wrong(
				entry,
				"12",
				`void of ${amountMinor}, ${whole} stand, ${standing.refundedMinor} refunded`,
			);
		return undefined;
	}

	#wrong(entry: HostEntry, code: string, why: string): string {
		const { kind, stan, original, amountMinor } = entry;
		this.#p.violations.add(
			"original checked",
			`${kind.name} with STAN ${stan} of ${amountMinor} about ${original}: ${why}`,
			amountMinor,
		);
		return code;
	}
}
