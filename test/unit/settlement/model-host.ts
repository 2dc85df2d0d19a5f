import { asciiBytes } from "core/bytes";
import type { HostOutcome, SettlementRequest } from "host/link";

/** One posting of the host, or one detail that it was told. */
export interface Posting {
	readonly amountMinor: number;
	readonly credit: boolean;
}

/** right: as it should · deaf: it does nothing · mute: it does it and the reply is lost · a code: it refuses */
export type Mood = "right" | "deaf" | "mute" | { readonly code: string };

/** Books of a host as docs/host-protocol.md has them, read and written with nothing of the firmware's codec. */
export class ModelHost {
	readonly books = new Map<number, Map<number, Posting>>();
	readonly details = new Map<number, Map<number, Posting>>();
	/** Closed batches and their differences. */
	readonly closed = new Map<number, string>();
	openBatch: number;
	/** Requests as they came: message, batch, 60.3, STAN, field 48. */
	readonly seen: string[] = [];
	mood: (request: SettlementRequest) => Mood = () => "right";

	constructor(openBatch: number) {
		this.openBatch = openBatch;
	}

	post(batch: number, stan: number, amountMinor: number, credit = false): void {
		of(this.books, batch).set(stan, { amountMinor, credit });
	}

	/** @returns undefined: no reply */
	answer(request: SettlementRequest): HostOutcome | undefined {
		const { message, batch, network, stan, digits48 } = request;
		this.seen.push(`${message} ${batch} ${network} ${stan} ${digits48}`);
		const mood = this.mood(request);
		if (mood === "deaf") return undefined;
		if (typeof mood === "object") return reply(mood.code, batch);
		const outcome =
			message === "settlement" ? this.#totals(batch, digits48) : this.#upload(request);
		return mood === "mute" ? undefined : outcome;
	}

	/** Amount and count of debits, then of credits, as in field 48. */
	totals(batch: number): string {
		const postings = [...of(this.books, batch).values()];
		const part = (wanted: boolean): string => {
			const own = postings.filter(({ credit }) => credit === wanted);
			const sum = own.reduce((minor, { amountMinor }) => minor + amountMinor, 0);
			return digits(sum, 12) + digits(own.length, 3);
		};
		return part(false) + part(true);
	}

	#totals(batch: number, digits48: string): HostOutcome {
		if (batch !== this.openBatch && !this.closed.has(batch)) return reply("77", this.openBatch);
		const mine = this.totals(batch);
		const same = digits48.slice(0, 30) === mine;
		return reply(same ? "00" : "95", batch, `${mine}${same ? 1 : 2}${"0".repeat(31)}`);
	}

	#upload({ batch, network, digits48 }: SettlementRequest): HostOutcome {
		const before = this.closed.get(batch);
		if (before !== undefined) return reply("00", batch, "", network === 202 ? before : "");
		if (batch !== this.openBatch) return reply("77", this.openBatch);
		if (network === 201) {
			for (let at = 2; at < digits48.length; at += 21)
				of(this.details, batch).set(Number(digits48.slice(at + 2, at + 8)), {
					amountMinor: Number(digits48.slice(at + 8, at + 20)),
					credit: digits48[at + 20] === "1",
				});
			return reply("00", batch);
		}
		const found = network === 202 ? this.#differences(batch) : "";
		this.closed.set(batch, found);
		this.openBatch = batch + 1;
		return reply("00", batch, "", found);
	}

	#differences(batch: number): string {
		const books = of(this.books, batch);
		const details = of(this.details, batch);
		const stans = [...new Set([...books.keys(), ...details.keys()])].sort((a, b) => a - b);
		let text = "";
		for (const stan of stans) {
			const mine = books.get(stan);
			const theirs = details.get(stan);
			const amount = digits(mine?.amountMinor ?? 0, 12);
			const line = digits(stan, 6) + amount + ((mine ?? theirs)!.credit ? "1" : "0");
			if (theirs === undefined) text += `L${line}`;
			else if (mine === undefined) text += `S${line}`;
			else if (mine.amountMinor !== theirs.amountMinor || mine.credit !== theirs.credit)
				text += `A${line}`;
		}
		return text.slice(0, 400);
	}
}

function of<T>(map: Map<number, Map<number, T>>, batch: number): Map<number, T> {
	let inner = map.get(batch);
	if (inner === undefined) map.set(batch, (inner = new Map<number, T>()));
	return inner;
}

export function reply(
	responseCode: string,
	batch: number,
	digits48 = "",
	differences = "",
	authenticated = true,
): HostOutcome {
	const settlement = { batch, digits48, differences: asciiBytes(differences) };
	return { kind: "reply", responseCode, rrn: "", authCode: "", authenticated, settlement };
}

export function digits(value: number, count: number): string {
	return String(value).padStart(count, "0");
}
