import type { HostKind } from "test/simulation/host-kinds";

/** What the host's books say of one STAN in one batch. */
export interface HostEntry {
	readonly batch: string;
	readonly stan: number;
	readonly kind: HostKind;
	/** What it asks to move: of a tip the tip alone. */
	readonly amountMinor: number;
	/** What it moves: less where a part was approved. */
	countedMinor: number;
	/** `batch/stan` of the original, "" when there is none or it was not named. */
	readonly original: string;
	/** Online or stored, that were posted. More than one is a double charge. */
	posted: number;
	reversed: number;
	tombstone: boolean;
	/** Declined or refused when it came. */
	declined: boolean;
	/** Codes answered to reversals and to what is repeated. */
	readonly repeatCodes: string[];
	/** One of those posted was repeated until answered. */
	stored: boolean;
	/** An advice or stored sale that was refused for good stays refused with this code. */
	refusedCode: string;
	/** Hex of field 57 of the last request. */
	card: string;
}

export function keyOf(batch: string, stan: number): string {
	return `${batch}/${stan}`;
}

export function netOf(entry: HostEntry): number {
	return entry.posted - entry.reversed;
}

/** What stands about an original. */
export interface Standing {
	readonly voided: boolean;
	readonly completed: boolean;
	readonly refundedMinor: number;
	readonly tipMinor: number;
}

/** The acquirer's books. They survive a crash of the host. */
export class HostLedger {
	readonly entries = new Map<string, HostEntry>();

	find(batch: string, stan: number): HostEntry | undefined {
		return this.entries.get(keyOf(batch, stan));
	}

	/** The entry for a request; made when it is new. */
	entry(
		batch: string,
		stan: number,
		kind: HostKind,
		amountMinor: number,
		original: string,
	): HostEntry {
		const key = keyOf(batch, stan);
		let entry = this.entries.get(key);
		if (entry === undefined) {
			entry = {
				batch,
				stan,
				kind,
				amountMinor,
				countedMinor: amountMinor,
				original,
				posted: 0,
				reversed: 0,
				tombstone: false,
				declined: false,
				stored: false,
				refusedCode: "",
				repeatCodes: [],
				card: "",
			};
			this.entries.set(key, entry);
		}
		return entry;
	}

	/** What stands about an original now. */
	standing(original: string): Standing {
		let voided = false;
		let completed = false;
		let refundedMinor = 0;
		let tipMinor = 0;
		for (const entry of this.entries.values()) {
			if (entry.original !== original || netOf(entry) <= 0) continue;
			const { name } = entry.kind;
			if (name.endsWith("void")) voided = true;
			if (name.startsWith("completion") && name !== "completion void")
				completed ||= !this.standing(keyOf(entry.batch, entry.stan)).voided;
			if (name === "refund") refundedMinor += entry.countedMinor;
			if (name === "tip") tipMinor += entry.countedMinor;
		}
		return { voided, completed, refundedMinor, tipMinor };
	}

	/** What the merchant gets by these books, minor units. */
	netMinor(): number {
		let sum = 0;
		for (const entry of this.entries.values())
			sum += netOf(entry) * entry.kind.sign * entry.countedMinor;
		return sum;
	}
}
