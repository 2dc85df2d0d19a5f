import type { Ciphers } from "core/ciphers";
import { Random } from "test/simulation/fakes/random";
import type { Faults } from "test/simulation/faults";
import { decodeMessage, encodeMessage, type HostMessage } from "test/simulation/host-codec";
import { hostMac, newKeys } from "test/simulation/host-keys";
import { HostLedger, type HostEntry } from "test/simulation/host-ledger";
import type { Scheduler } from "test/simulation/scheduler";
import type { Trail } from "test/simulation/trail";
import type { Violations } from "test/simulation/violation";

export interface HostParts {
	readonly scheduler: Scheduler;
	readonly faults: Faults;
	readonly trail: Trail;
	readonly violations: Violations;
	readonly ciphers: Ciphers;
	/** Unix ms at simulated time 0. */
	readonly wallStartMs: number;
	readonly send: (attempt: string, payload: Uint8Array, qos: 0 | 1) => void;
	readonly seed: number;
}

/** Habits of this seed's host; hosts without them exist. */
interface Habits {
	/** A reversal without its original is remembered. */
	readonly tombstones: boolean;
	/** A stored sale is compared with online sales of the same STAN as well. */
	readonly crossCheck: boolean;
	/** A sale is posted once however often it comes. Nothing but the terminal's QoS 0 saves the others. */
	readonly idempotent: boolean;
	/** Each sign-on brings new keys, which also kills requests under the old ones. Others give the day's keys again. */
	readonly freshKeys: boolean;
	/** What it answers where there is no original. */
	readonly noOriginal: "25" | "12";
}

const staleMs = 60_000;
const aheadMs = 30_000;
export const hostBatch = "000123";

const replies: Readonly<Record<string, string>> = Object.freeze({
	"0200": "0210",
	"0220": "0230",
	"0400": "0410",
});

/** The acquirer's host. It keeps the promises of docs/host-protocol.md, and fails between any two of them. */
export class SimulatedHost {
	readonly ledger = new HostLedger();
	readonly habits: Habits;
	/** Requests about money that had come before. */
	repeats = 0;
	reversals = 0;
	readonly #p: HostParts;
	readonly #random: Random;
	#up = true;
	#keys: { readonly mak: Uint8Array; readonly block: string } | undefined;
	#rrn = 0;
	/** QoS 1 messages that the broker keeps for a host that is away. */
	#kept: { attempt: string; payload: Uint8Array }[] = [];

	constructor(parts: HostParts) {
		this.#p = parts;
		this.#random = new Random(parts.seed ^ 0x686f7374);
		this.habits = {
			tombstones: this.#random.oneIn(2),
			crossCheck: this.#random.oneIn(2),
			idempotent: !this.#random.oneIn(3),
			freshKeys: this.#random.oneIn(2),
			noOriginal: this.#random.oneIn(4) ? "12" : "25",
		};
	}

	/** Away for a while; what comes meanwhile is lost, or kept by the broker when it is QoS 1. */
	down(forMs: number, why: string): void {
		if (!this.#up) return;
		this.#up = false;
		if (this.#p.faults.hit("keysLost")) this.#keys = undefined;
		this.#p.trail.note(`host ${why}, away for ${Math.round(forMs / 1000)} s`);
		this.#p.scheduler.after(forMs, () => this.up());
	}

	up(): void {
		if (this.#up) return;
		this.#up = true;
		const kept = this.#kept;
		this.#kept = [];
		this.#p.trail.note("host is back");
		for (const { attempt, payload } of kept) this.receive(attempt, payload, 1);
	}

	receive(attempt: string, payload: Uint8Array, qos: number): void {
		if (!this.#up) {
			if (qos === 1 && this.#random.oneIn(2)) this.#kept.push({ attempt, payload });
			return;
		}
		let request: HostMessage;
		try {
			request = decodeMessage(payload);
		} catch (error) {
			this.#p.violations.add("readable requests", String(error));
			return;
		}
		if (request.mti === "0800") this.#signOn(attempt, request);
		else this.#money(attempt, request);
	}

	#signOn(attempt: string, request: HostMessage): void {
		const { faults, ciphers, send } = this.#p;
		if (faults.hit("silent")) return;
		const refused = faults.hit("tryAgainCode");
		const fields = this.#copy(request, [11, 41, 42]);
		fields.set(39, refused ? "96" : "00").set(60, `00${hostBatch}003`);
		if (!refused) {
			if (this.#keys === undefined || this.habits.freshKeys)
				this.#keys = newKeys(ciphers, this.#random);
			fields.set(62, this.#keys.block);
		}
		send(attempt, encodeMessage("0810", fields), 0);
	}

	#money(attempt: string, request: HostMessage): void {
		const { faults, ciphers, trail } = this.#p;
		const { fields, mti, body } = request;
		const stan = Number(fields.get(11));
		const amountMinor = Number(fields.get(4));
		if (faults.hit("crashBefore")) return this.down(this.#awayMs(), "crashes before posting");
		const mak = this.#keys?.mak;
		const wanted = mak && hostMac(ciphers, mak, body);
		const isRight =
			wanted !== undefined && fields.get(64) === [...wanted].map((b) => b.toString(16)).join("");
		if (!isRight) {
			trail.note(`host: ${mti} STAN ${stan} has a wrong MAC`, amountMinor);
			return this.#reply(attempt, request, "A0", false);
		}
		if (faults.hit("replyWrongAmount")) {
			trail.note(`host mixes up ${mti} STAN ${stan} and approves another amount`, amountMinor);
			fields.set(4, String(amountMinor + 100).padStart(12, "0"));
			return this.#reply(attempt, request, "00", true);
		}
		const code = this.#decide(request, stan, amountMinor);
		trail.note(`host: ${mti} STAN ${stan} → ${code}`, amountMinor);
		if (faults.hit("crashAfter")) return this.down(this.#awayMs(), "crashes after posting");
		if (faults.hit("silent")) {
			trail.note(`host says nothing to ${mti} STAN ${stan}`, amountMinor);
			return;
		}
		this.#reply(attempt, request, code, true);
	}

	#decide(request: HostMessage, stan: number, amountMinor: number): string {
		const { mti, fields } = request;
		const batch = fields.get(60)!.slice(2, 8);
		if (batch !== hostBatch) return "77";
		const known = this.ledger.find(batch, stan);
		if (known !== undefined) this.repeats++;
		if (known !== undefined && known.amountMinor !== amountMinor)
			this.#p.violations.add(
				"one STAN, one sale",
				`STAN ${stan} came with ${known.amountMinor} and with ${amountMinor}`,
				amountMinor,
			);
		const entry = this.ledger.entry(batch, stan, amountMinor);
		if (mti !== "0400") entry.card = fields.get(57) ?? "";
		if (mti === "0200") return this.#sale(entry, fields.get(7)!);
		const code = mti === "0400" ? this.#reversal(entry) : this.#stored(entry);
		entry.repeatCodes.push(code);
		return code;
	}

	#sale(entry: HostEntry, field7: string): string {
		const { faults } = this.#p;
		if (entry.posted > 0 && this.habits.idempotent) return "94";
		if (entry.tombstone) return "22";
		if (entry.declined) return "94";
		const ageMs = this.#ageMs(field7);
		const refuse = (code: string): string => {
			entry.declined = true;
			return code;
		};
		if (ageMs > staleMs || ageMs < -aheadMs) return refuse("22");
		if (faults.hit("declined"))
			return refuse(["05", "51", "55", "91", "61"][this.#random.below(5)]!);
		if (faults.hit("doubtfulCode")) {
			// The issuer may have posted; the host cannot tell.
			if (this.#random.oneIn(2)) entry.posted++;
			else entry.declined = true;
			return ["68", "96", "98"][this.#random.below(3)]!;
		}
		entry.posted++;
		return "00";
	}

	#stored(entry: HostEntry): string {
		const { faults } = this.#p;
		if (faults.hit("tryAgainCode"))
			return ["09", "68", "90", "91", "92", "96", "98"][this.#random.below(7)]!;
		if (entry.stored || (this.habits.crossCheck && entry.posted > 0)) return "94";
		if (entry.tombstone && this.habits.crossCheck) return "12";
		if (faults.hit("refusedForGood")) return ["14", "51", "54"][this.#random.below(3)]!;
		entry.stored = true;
		entry.posted++;
		return "00";
	}

	#reversal(entry: HostEntry): string {
		const { faults } = this.#p;
		this.reversals++;
		if (faults.hit("tryAgainCode"))
			return ["09", "22", "68", "90", "91", "92", "96", "98"][this.#random.below(8)]!;
		if (faults.hit("refusedForGood")) return "30";
		if (entry.posted > entry.reversed) entry.reversed = entry.posted;
		else if (entry.posted === 0) {
			if (!this.habits.tombstones) return this.habits.noOriginal;
			entry.tombstone = true;
		}
		return "00";
	}

	#reply(attempt: string, request: HostMessage, code: string, signed: boolean): void {
		const { faults, ciphers, trail, send } = this.#p;
		const mti = replies[request.mti] ?? "0210";
		const sale = Number(request.fields.get(4));
		const fields = this.#copy(request, [3, 4, 11, 25, 41, 42, 49, 60]);
		fields.set(39, code);
		if (code === "00" && mti !== "0410") fields.set(38, String(this.#rrn % 1e6).padStart(6, "0"));
		let mak = signed ? this.#keys?.mak : undefined;
		if (signed && faults.hit("replyUnsigned")) {
			mak = undefined;
			fields.set(39, this.#random.oneIn(2) ? "00" : "A0");
			trail.note(`somebody answers ${mti} ${fields.get(39)!} without a MAC`, sale);
		} else if (mak !== undefined && faults.hit("replyWrongMac")) {
			mak = this.#random.fill(new Uint8Array(16));
			fields.set(39, code === "00" ? "51" : "00");
			trail.note(`somebody answers ${mti} ${fields.get(39)!} with a wrong MAC`, sale);
		}
		const key = mak;
		const bytes = encodeMessage(mti, fields, key && ((body) => hostMac(ciphers, key, body)));
		if (faults.hit("replyGarbled"))
			bytes[this.#random.below(bytes.length)]! ^= 1 + this.#random.below(255);
		send(attempt, bytes, request.mti === "0200" ? 0 : 1);
	}

	#copy(request: HostMessage, numbers: readonly number[]): Map<number, string> {
		const fields = new Map<number, string>();
		for (const field of numbers) {
			const text = request.fields.get(field);
			if (text !== undefined) fields.set(field, text);
		}
		const local = new Date(this.#p.wallStartMs + this.#p.scheduler.nowMs + 8 * 3_600_000);
		const stamp = local.toISOString().replaceAll(/[^0-9]/g, "");
		fields
			.set(12, stamp.slice(8, 14))
			.set(13, stamp.slice(4, 8))
			.set(37, String(++this.#rrn).padStart(12, "0"));
		return fields;
	}

	/** Age by field 7: MMDDhhmmss, UTC, of this month. */
	#ageMs(field7: string): number {
		const [month, day, hour, minute, second] = field7.match(/../g)!.map(Number);
		const sentMs = Date.UTC(2026, month! - 1, day, hour, minute, second);
		return this.#p.wallStartMs + this.#p.scheduler.nowMs - sentMs;
	}

	#awayMs(): number {
		return 1000 + this.#random.below(60_000);
	}
}
