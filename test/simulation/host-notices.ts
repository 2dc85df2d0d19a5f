import type { Ciphers } from "core/ciphers";
import type { Random } from "test/simulation/fakes/random";
import type { Faults } from "test/simulation/faults";
import { decodeMessage, encodeMessage, hexOf } from "test/simulation/host-codec";
import type { Scheduler } from "test/simulation/scheduler";
import type { Trail } from "test/simulation/trail";

export interface NoticeParts {
	readonly scheduler: Scheduler;
	readonly faults: Faults;
	readonly trail: Trail;
	readonly ciphers: Ciphers;
	readonly random: Random;
	readonly mak: () => Uint8Array | undefined;
	/** To `n/TID/N`. */
	readonly publish: (number: number, payload: Uint8Array) => void;
}

interface Notice {
	readonly number: number;
	/** 60.3 */
	readonly network: string;
	/** Hex of field 62. */
	readonly content: string;
	/** Parameters that it sets when it is taken; undefined: it must be refused. */
	readonly sets: Readonly<Record<number, number>> | undefined;
	sends: number;
}

const terminalId = "70000001";
const merchantId = "898310000000001";
const firstPauseMs = 30_000;
const longestPauseMs = 600_000;

/** Parameters that the acquirer changes in a day, and to what: numbers of docs/host-protocol.md. */
const changes: readonly (readonly [parameter: number, values: readonly number[]])[] = Object.freeze(
	[
		[1, [20_000, 45_000, 60_000]],
		[2, [0, 1]],
		[3, [0, 20_000, 50_000]],
		[4, [100_000, 500_000]],
		[5, [3, 50]],
		[8, [0, 1, 1]],
		[10, [10, 30, 100]],
		[11, [100, 115]],
		[15, [60_000, 300_000, 0]],
		[16, [50_000, 5_000_000]],
		[18, [1, 2]],
	],
);

/** What the acquirer tells by notice: one at a time, the lowest number first, until it is answered. */
export class HostNotices {
	/** Parameters as the notices that the terminal has taken say. */
	readonly parameters: Record<number, number> = {};
	/** Highest number that was answered, refused ones included. */
	answered = 0;
	/** Answers to real notices by code. */
	readonly answers: Record<string, number> = {};
	/** Highest number that the terminal has taken by its own word. */
	taken = 0;
	readonly #p: NoticeParts;
	readonly #waiting: Notice[] = [];
	/** What once went out, for somebody who plays it again. */
	readonly #old: { readonly number: number; readonly payload: Uint8Array }[] = [];
	#last = 0;
	#round = 0;

	constructor(parts: NoticeParts) {
		this.#p = parts;
	}

	/** The acquirer has something to say. */
	add(): void {
		const { random } = this.#p;
		this.#last += 1 + (random.oneIn(4) ? random.below(3) : 0);
		this.#waiting.push(this.#make(this.#last));
		if (this.#waiting.length === 1) this.#send();
	}

	get unanswered(): number {
		return this.#waiting.length;
	}

	/** After a sign-on over MQTT: what waits comes at once. */
	signedOn(): void {
		this.#send();
	}

	/** @returns the notice that a poll gets, undefined: there is none */
	polled(): Uint8Array | undefined {
		const notice = this.#waiting[0];
		if (notice === undefined) return undefined;
		notice.sends++;
		return this.#encode(notice);
	}

	/** A 0630 came, over whichever channel. */
	answer(payload: Uint8Array): void {
		const { mti, fields, body } = decodeMessage(payload);
		const key = this.#key();
		if (mti !== "0630" || key === undefined) return;
		if (fields.get(64) !== hexOf(macX919(this.#p.ciphers, key, body))) return;
		const number = Number(fields.get(11));
		const code = fields.get(39) ?? "";
		this.taken = Math.max(this.taken, Number((fields.get(62) ?? "").slice(4)));
		const notice = this.#waiting[0];
		if (notice?.number !== number || code === "96") return;
		this.#p.trail.note(`notice ${number} was answered ${code}`);
		this.answers[code] = (this.answers[code] ?? 0) + 1;
		this.#waiting.shift();
		this.answered = number;
		if (code === "00" || code === "94") Object.assign(this.parameters, notice.sets ?? {});
		this.#send();
	}

	/** Somebody on the way sends what the acquirer never said, or said long ago. */
	forge(): void {
		const { random, publish, trail } = this.#p;
		const old = this.#old[random.below(Math.max(1, this.#old.length))];
		if (old !== undefined && random.oneIn(2)) {
			trail.note(`somebody sends notice ${old.number} again`);
			return publish(old.number, old.payload);
		}
		const notice = this.#make(this.#last + 1 + random.below(3));
		const key = random.fill(new Uint8Array(16));
		trail.note(`somebody sends a notice ${notice.number} of his own`);
		publish(notice.number, this.#encode(notice, key)!);
	}

	#make(number: number): Notice {
		const { random } = this.#p;
		const kind = random.below(8);
		if (kind === 0) return { number, network: "906", content: "c00101", sets: {}, sends: 0 };
		// A version of later days, and a content that nobody can read: both change nothing.
		if (kind === 1)
			return { number, network: "904", content: "c00102d5050400000001", sets: undefined, sends: 0 };
		if (kind === 2)
			return { number, network: "904", content: "c00101d5050200000007", sets: undefined, sends: 0 };
		const sets: Record<number, number> = {};
		let content = "c00101";
		for (let i = random.below(3); i >= 0; i--) {
			const [parameter, values] = changes[random.below(changes.length)]!;
			if (parameter in sets) continue;
			const value = values[random.below(values.length)]!;
			sets[parameter] = value;
			const hex = (number_: number, width: number): string =>
				number_.toString(16).padStart(2 * width, "0");
			content += `d505${hex(parameter, 1)}${hex(value, 4)}`;
		}
		return { number, network: "904", content, sets, sends: 0 };
	}

	#send(): void {
		const notice = this.#waiting[0];
		const payload = notice && this.#encode(notice);
		const round = ++this.#round;
		if (notice === undefined || payload === undefined) return;
		const { publish, scheduler } = this.#p;
		publish(notice.number, payload);
		const pauseMs = Math.min(firstPauseMs * 2 ** Math.min(notice.sends++, 5), longestPauseMs);
		scheduler.after(pauseMs, () => {
			if (this.#round === round) this.#send();
		});
	}

	#encode(notice: Notice, forged?: Uint8Array): Uint8Array | undefined {
		const key = forged ?? this.#key();
		if (key === undefined) return undefined;
		const { number, network, content } = notice;
		const stamp = new Date(Date.UTC(2026, 2, 2) + this.#p.scheduler.nowMs).toISOString();
		const fields = new Map([
			[7, stamp.replaceAll(/[^0-9]/g, "").slice(4, 14)],
			[11, String(number).padStart(6, "0")],
			[41, terminalId],
			[42, merchantId],
			[60, `00000000${network}`],
			[62, content],
		]);
		const mac = (body: Uint8Array): Uint8Array => macX919(this.#p.ciphers, key, body);
		const payload = encodeMessage("0620", fields, mac);
		if (forged === undefined) this.#old.push({ number, payload });
		return payload;
	}

	#key(): Uint8Array | undefined {
		const mak = this.#p.mak();
		const label = Uint8Array.from("HOLDFAST-NOTICES", (char) => char.charCodeAt(0));
		return mak && this.#p.ciphers.tdesEncrypt(mak, label);
	}
}

/** ANSI X9.19, as docs/host-protocol.md has it. */
function macX919(ciphers: Ciphers, key: Uint8Array, body: Uint8Array): Uint8Array {
	const left = key.subarray(0, 8);
	let block: Uint8Array = new Uint8Array(8);
	for (let at = 0; at < body.length; at += 8) {
		for (let i = 0; i < 8 && at + i < body.length; i++) block[i]! ^= body[at + i]!;
		block = ciphers.tdesEncrypt(left, block);
	}
	return ciphers.tdesEncrypt(left, ciphers.tdesDecrypt(key.subarray(8, 16), block));
}
