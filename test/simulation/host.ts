import type { Ciphers } from "core/ciphers";
import { Random } from "test/simulation/fakes/random";
import type { Faults } from "test/simulation/faults";
import { HostBooks, type Habits } from "test/simulation/host-books";
import { decodeMessage, encodeMessage, hexOf, type HostMessage } from "test/simulation/host-codec";
import { hostMac, newKeys } from "test/simulation/host-keys";
import { HostNotices } from "test/simulation/host-notices";
import type { HostLedger } from "test/simulation/host-ledger";
import { HostSettlement, type SettlementAnswer } from "test/simulation/host-settlement";
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
	/** To the topic of a notice. */
	readonly publish: (number: number, payload: Uint8Array) => void;
	readonly seed: number;
}

/** Where a request came from, and the way back. */
export interface HostRoute {
	readonly reply: (payload: Uint8Array, qos: 0 | 1) => void;
	/** A broker keeps what came with QoS 1 while the host is away. */
	readonly kept: boolean;
}

/** MTI of the reply. */
function replyTo(mti: string): string {
	return `${mti.slice(0, 2)}${Number(mti[2]) + 1}0`;
}

/** The acquirer's host. It keeps the promises of docs/host-protocol.md, and fails between any two of them. */
export class SimulatedHost {
	readonly books: HostBooks;
	readonly notices: HostNotices;
	readonly settlement: HostSettlement;
	readonly habits: Habits;
	readonly #p: HostParts;
	readonly #random: Random;
	#up = true;
	#keys: { readonly mak: Uint8Array; readonly block: string } | undefined;
	#rrn = 0;
	/** The poll of each connection that has asked for notices. */
	readonly #polls = new Map<HostRoute, HostMessage>();
	/** QoS 1 messages that the broker keeps for a host that is away. */
	#kept: { route: HostRoute; payload: Uint8Array }[] = [];

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
		const { faults, violations } = parts;
		const { habits } = this;
		this.books = new HostBooks({ faults, violations, habits, random: this.#random });
		this.settlement = new HostSettlement({
			faults,
			violations,
			trail: parts.trail,
			random: this.#random,
			ledger: this.books.ledger,
			// Some shops come to the last number of a batch.
			firstBatch: parts.seed % 5 === 0 ? 999_999 : 123,
		});
		this.notices = new HostNotices({
			scheduler: parts.scheduler,
			faults,
			trail: parts.trail,
			ciphers: parts.ciphers,
			random: new Random(parts.seed ^ 0x6e6f7469),
			mak: () => (this.#up ? this.#keys?.mak : undefined),
			publish: parts.publish,
		});
	}

	get ledger(): HostLedger {
		return this.books.ledger;
	}

	get isUp(): boolean {
		return this.#up;
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
		for (const { route, payload } of kept) this.receive(route, payload);
	}

	receive(route: HostRoute, payload: Uint8Array): void {
		if (!this.#up) {
			if (route.kept && this.#random.oneIn(2)) this.#kept.push({ route, payload });
			return;
		}
		let request: HostMessage;
		try {
			request = decodeMessage(payload);
		} catch (error) {
			this.#p.violations.add("readable requests", String(error));
			return;
		}
		if (request.mti === "0800") this.#signOn(route, request);
		else if (request.mti === "0820") this.#service(route, request);
		else if (request.mti === "0630") this.#noticeAnswer(route, payload);
		else this.#money(route, request);
	}

	/** Echo, sign-off, poll. */
	#service(route: HostRoute, request: HostMessage): void {
		if (this.#p.faults.hit("silent")) return;
		const network = request.fields.get(60)!.slice(8, 11);
		if (network === "002") this.#keys = undefined;
		if (network === "900") this.#polls.set(route, request);
		const notice = network === "900" ? this.notices.polled() : undefined;
		if (notice !== undefined) return route.reply(notice, 1);
		const fields = this.#copy(request, [11, 41, 42, 60]);
		fields.delete(37);
		fields.set(39, "00");
		route.reply(encodeMessage("0830", fields), 0);
	}

	/** Over TCP the next notice, or the 0830, comes on the same connection. */
	#noticeAnswer(route: HostRoute, payload: Uint8Array): void {
		this.notices.answer(payload);
		const poll = this.#polls.get(route);
		if (poll !== undefined) this.#service(route, poll);
	}

	#signOn(route: HostRoute, request: HostMessage): void {
		const { faults, ciphers } = this.#p;
		if (faults.hit("silent")) return;
		const refused = faults.hit("tryAgainCode");
		const fields = this.#copy(request, [11, 41, 42]);
		fields.set(39, refused ? "96" : "00").set(60, `00${this.settlement.batch}003`);
		if (!refused) {
			if (this.#keys === undefined || this.habits.freshKeys)
				this.#keys = newKeys(ciphers, this.#random);
			fields.set(62, this.#keys.block);
		}
		route.reply(encodeMessage("0810", fields), 0);
		if (!refused) this.#p.scheduler.after(200, () => this.notices.signedOn());
	}

	#money(route: HostRoute, request: HostMessage): void {
		const { faults, ciphers, trail } = this.#p;
		const { fields, mti, body } = request;
		const stan = Number(fields.get(11));
		// A balance has none.
		const amountMinor = Number(fields.get(4) ?? 0);
		if (faults.hit("crashBefore")) return this.down(this.#awayMs(), "crashes before posting");
		const mak = this.#keys?.mak;
		const wanted = mak && hostMac(ciphers, mak, body);
		const isRight =
			wanted !== undefined && fields.get(64) === [...wanted].map((b) => b.toString(16)).join("");
		if (!isRight) {
			trail.note(`host: ${mti} STAN ${stan} has a wrong MAC`, amountMinor);
			return this.#reply(route, request, "A0", false);
		}
		if (amountMinor > 0 && faults.hit("replyWrongAmount")) {
			trail.note(`host mixes up ${mti} STAN ${stan} and approves another amount`, amountMinor);
			fields.set(4, String(amountMinor + 100).padStart(12, "0"));
			return this.#reply(route, request, "00", true);
		}
		const batch = fields.get(60)!.slice(2, 8);
		if (mti === "0500" || mti === "0320") return this.#settle(route, request);
		// What a closed batch has stays known; nothing new goes into it.
		const isOpen = batch === this.settlement.batch;
		const known = this.ledger.find(batch, stan) !== undefined;
		const code = isOpen || known ? this.books.decide(request, this.#ageMs(fields.get(7)!)) : "77";
		trail.note(`host: ${mti} STAN ${stan} → ${code}`, amountMinor);
		if (faults.hit("crashAfter")) return this.down(this.#awayMs(), "crashes after posting");
		if (faults.hit("silent")) {
			trail.note(`host says nothing to ${mti} STAN ${stan}`, amountMinor);
			return;
		}
		this.#reply(route, request, code, true);
	}

	#settle(route: HostRoute, request: HostMessage): void {
		const { faults, trail } = this.#p;
		const answer = this.settlement.decide(request);
		trail.note(
			`host: ${request.mti} of batch ${request.fields.get(60)!.slice(2, 8)} → ${answer.code}`,
		);
		if (faults.hit("crashAfter")) return this.down(this.#awayMs(), "crashes after settling");
		if (faults.hit("silent")) return;
		this.#reply(route, request, answer.code, true, answer);
	}

	#reply(
		route: HostRoute,
		request: HostMessage,
		code: string,
		signed: boolean,
		settled?: SettlementAnswer,
	): void {
		const { faults, ciphers, trail } = this.#p;
		const mti = replyTo(request.mti);
		const sale = Number(request.fields.get(4) ?? 0);
		const fields = this.#copy(request, [3, 4, 11, 25, 41, 42, 49, 60]);
		fields.set(39, code);
		if (code === "10") fields.set(4, String(this.books.partOf(request)).padStart(12, "0"));
		if (settled !== undefined) this.#addSettled(fields, settled);
		else if (code === "00" && !request.fields.has(4)) fields.set(54, "0002156C000000123456");
		if (code === "00" && ["0110", "0210", "0230"].includes(mti))
			fields.set(38, String(this.#rrn % 1e6).padStart(6, "0"));
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
		route.reply(bytes, request.mti === "0200" || request.mti === "0100" ? 0 : 1);
	}

	#addSettled(fields: Map<number, string>, settled: SettlementAnswer): void {
		const { field48, field62, openBatch } = settled;
		if (field48 !== undefined) fields.set(48, field48);
		if (field62 !== undefined)
			fields.set(62, hexOf(Uint8Array.from(field62, (char) => char.charCodeAt(0))));
		if (openBatch !== undefined) fields.set(60, `00${openBatch}${fields.get(60)!.slice(8, 11)}`);
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
