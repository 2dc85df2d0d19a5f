/** What a host may do wrong, on command: each fault spoils the answer to one request. */
import type { Message } from "./codec";
import { issuerScript } from "./issuer";
import { isKindName } from "./kinds";
import type { LedgerRecord } from "./records";

/** The plain faults, by name. */
export const faultNames = Object.freeze([
	/** Posts and does not answer. */
	"silence",
	/** Does not post and does not answer. */
	"silence-unposted",
	/** Posts, and answers after the terminal's deadline. */
	"late",
	/** Answers twice. */
	"duplicate",
	"wrong-mac",
	"wrong-stan",
	"wrong-amount",
	/** The issuer's cryptogram is wrong: the chip will refuse. */
	"wrong-arpc",
	/** The issuer has a script for the chip. */
	"script",
	/** Answers with bytes that are no message. */
	"garbage",
	/** Answers with the first half of the message; on TCP the connection is closed then. */
	"half",
	/** Answers approved and posts nothing: the terminal has what the books have not. */
	"drop-posting",
	/** Posts one more that nobody asked for: the books have what the terminal has not. */
	"add-posting",
	/** Posts one minor unit more than it answers. */
	"alter-posting",
	/** Dies before anything is posted. */
	"crash-before",
	/** Dies when all is posted and before the answer leaves. */
	"crash-after",
] as const);
export type FaultName = (typeof faultNames)[number];

/** Which request it hits; without `mti` the next that is about a transaction: 0100, 0200, 0220 or 0400. */
interface Aim {
	/** MTI of the request, or "notice" for the next notice that would go out. */
	readonly mti?: string;
	readonly terminal?: string;
	/** How many requests it hits, 1 by default. */
	readonly count?: number;
}

export type Fault = Aim &
	(
		| { readonly kind: FaultName }
		/** Posts, and answers so much later (ms). */
		| { readonly kind: "delay"; readonly delayMs: number }
		/** Posts nothing and answers this DE39. */
		| { readonly kind: "code"; readonly code: string }
	);

/** "late" waits this long: the terminal's deadline is 60 s. */
export const lateMs = 65_000;

const faultsMax = 1000;
const moneyMtis: readonly string[] = Object.freeze(["0100", "0200", "0220", "0400"]);

/** Faults that wait for their request, in the order given. */
export class FaultQueue {
	#waiting: { readonly fault: Fault; left: number }[] = [];

	/** @throws RangeError when too many wait, for a code that is no DE39, or a delay that is none */
	add(fault: Fault): void {
		if (this.#waiting.length >= faultsMax) throw new RangeError(`over ${faultsMax} faults wait`);
		if (fault.kind === "code" && !/^[0-9A-Z]{2}$/.test(fault.code))
			throw new RangeError("a response code has two digits or capitals");
		if (fault.kind === "delay" && !(fault.delayMs >= 0))
			throw new RangeError("a delay has 0 or more ms");
		this.#waiting.push({ fault, left: fault.count ?? 1 });
	}

	/** The fault that this request runs into; it is used up. */
	take(mti: string, terminal: string): Fault | undefined {
		const hit = this.#waiting.find(
			({ fault }) =>
				(fault.mti === undefined ? moneyMtis.includes(mti) : fault.mti === mti) &&
				(fault.terminal === undefined || fault.terminal === terminal),
		);
		if (hit === undefined) return undefined;
		hit.left--;
		if (hit.left < 1) this.#waiting = this.#waiting.filter((one) => one !== hit);
		return hit.fault;
	}

	get length(): number {
		return this.#waiting.length;
	}

	clear(): void {
		this.#waiting = [];
	}
}

/** What is written to the books under a fault that falsifies them. */
export function falsify(
	fault: Fault | undefined,
	records: readonly LedgerRecord[],
): readonly LedgerRecord[] {
	const posting = records.find((record) => isKindName(record.kind));
	if (posting === undefined) return records;
	switch (fault?.kind) {
		case "drop-posting":
			return records.filter((record) => record !== posting);
		case "add-posting":
			// A number that a terminal reaches only after a very long day.
			return [...records, { ...posting, stan: `9${posting.stan.slice(1)}`, kind: "sale" }];
		case "alter-posting":
			return records.map((record) =>
				record === posting ? { ...record, amountMinor: record.amountMinor + 1 } : record,
			);
		default:
			return records;
	}
}

/** Spoils an answer before it is encoded. */
export function bend(fault: Fault | undefined, reply: Message): Message {
	const plusOne = (field: number): Message => {
		const value = String(reply.fields[field] ?? "0");
		const next = String((Number(value) + 1) % 10 ** value.length).padStart(value.length, "0");
		return { mti: reply.mti, fields: { ...reply.fields, [field]: next } };
	};
	if (fault?.kind === "wrong-stan") return plusOne(11);
	if (fault?.kind === "wrong-amount" && reply.fields[4] !== undefined) return plusOne(4);
	const issuer = reply.fields[55];
	if (!Buffer.isBuffer(issuer)) return reply;
	const withIssuer = (field: Buffer): Message => ({
		mti: reply.mti,
		fields: { ...reply.fields, 55: field },
	});
	if (fault?.kind === "script") return withIssuer(Buffer.concat([issuer, issuerScript]));
	if (fault?.kind === "wrong-arpc")
		return withIssuer(Buffer.from(issuer.map((byte, at) => (at === 2 ? byte ^ 1 : byte))));
	return reply;
}

/** Spoils the encoded answer. @param random source of bytes */
export function breakBytes(
	fault: Fault | undefined,
	bytes: Buffer,
	random: (byteCount: number) => Buffer,
): Buffer {
	if (fault?.kind === "garbage") return random(bytes.length);
	if (fault?.kind === "half") return bytes.subarray(0, bytes.length >> 1);
	if (fault?.kind !== "wrong-mac") return bytes;
	const copy = Buffer.from(bytes);
	// Field 64 stands last; "0" and "1" are both hex characters, so only the value is wrong.
	const last = copy.length - 1;
	copy.writeUInt8(copy.readUInt8(last) === 0x30 ? 0x31 : 0x30, last);
	return copy;
}

/** How long the answer waits, 0 for none. */
export function delayOf(fault: Fault | undefined): number {
	if (fault?.kind === "late") return lateMs;
	return fault?.kind === "delay" ? fault.delayMs : 0;
}
