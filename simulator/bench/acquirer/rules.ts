/**
 * What the host decides (docs/host-protocol.md, What the host promises).
 *
 * The last two digits of the amount are triggers for tests; any other amount is approved:
 *   05 refused · 51 no funds · 55 wrong PIN · 61 over the amount limit · 65 over the count limit ·
 *   91 issuer not available · 96 system error
 * 91 and 96 on a stored sale are answered once: the next try of the same sale is approved.
 * An expired card is answered 54, a wrong check digit 14, card data that cannot be read 30, zero 13.
 */
import { readCard } from "./card-data";
import { bytesOf, text, type Message } from "./codec";
import { ageSeconds, monthOf } from "./host-time";
import type { KeyTable } from "./keys";
import { flawOf } from "./layout";
import { openCount, type Entry, type Ledger, type LedgerRecord, type RecordKind } from "./ledger";
import { verify } from "./mac";

/** Habits of a good host; each can be switched off, for hosts without them exist. */
export interface Habits {
	/** A reversal without original is remembered, and the original refused when it comes. */
	readonly tombstones: boolean;
	/** A request is posted once however often it comes, a repeated reversal is answered as the first. */
	readonly idempotent: boolean;
	/** A sale is refused that comes too late after its field 7. */
	readonly staleCheck: boolean;
}

/** What the rules look at; they change nothing. */
export interface HostView {
	readonly ledger: Ledger;
	readonly keys: KeyTable;
	/** Base derivation key of the readers. */
	readonly bdk: Buffer;
	readonly habits: Habits;
	readonly nowMs: number;
	/** For the answer, unless it repeats an earlier one. */
	readonly rrn: string;
	readonly authCode: string;
}

/** What is answered, and what must be durable before. */
export interface Decision {
	/** DE39. */
	readonly code: string;
	readonly records: readonly LedgerRecord[];
	readonly rrn: string;
	/** DE38, "" for none. */
	readonly authCode: string;
	/** The answer carries a MAC. */
	readonly signed: boolean;
	/** For the host's log: no card data. */
	readonly note: string;
}

/** A sale that comes later than this after its field 7 is refused. */
export const staleSeconds = 60;

/**
 * How far field 7 may be ahead of the host's clock. The terminal trusts that a request is dead 90 s after it
 * was sent; with a clock that is ahead by more than the 30 s margin that would not hold.
 */
export const aheadSeconds = 30;

const triggers: readonly string[] = Object.freeze(["05", "51", "55", "61", "65", "91", "96"]);
/** Answers after which a terminal sends a stored sale again. */
const laterCodes: readonly string[] = [
	"09",
	"22",
	"68",
	"90",
	"91",
	"92",
	"96",
	"98",
	"A0",
	"77",
	"97",
	"99",
];

const passing: readonly string[] = Object.freeze(["91", "96"]);

/**
 * Decides a request.
 * @param request decoded; its MTI is one that `isRequest` knows
 * @param bytes the same as it came, for the MAC
 */
export function decide(host: HostView, request: Message, bytes: Buffer): Decision {
	const terminal = host.keys.terminal(text(request, 41));
	if (terminal === undefined) return bare(host, "97", "terminal unknown");
	const authenticated = request.mti !== "0800" && request.mti !== "0820";
	if (authenticated) {
		const mak = host.keys.mak(terminal.id);
		if (mak === undefined || !verify(mak, bytes, request))
			return bare(host, "A0", mak === undefined ? "not signed on" : "MAC wrong");
	}
	const answer = (code: string, note = ""): Decision => ({
		...bare(host, code, note),
		signed: authenticated,
	});
	const flaw = flawOf(request);
	if (flaw !== undefined) return answer("30", flaw);
	if (text(request, 42).trimEnd() !== terminal.merchantId) return answer("03", "merchant");
	if (request.mti === "0200") return decideSale(host, request);
	if (request.mti === "0220") return decideStored(host, request);
	if (request.mti === "0400") return decideReversal(host, request);
	return answer("00");
}

function bare(host: HostView, code: string, note: string): Decision {
	return { code, records: [], rrn: host.rrn, authCode: "", signed: false, note };
}

function entryOf(host: HostView, request: Message): Entry | undefined {
	return host.ledger.entry(text(request, 41), batchOf(request), text(request, 11));
}

/** 60.2 */
function batchOf(request: Message): string {
	return text(request, 60).slice(2, 8);
}

/** A decision with the one record that it leaves in the ledger. */
function recorded(
	host: HostView,
	request: Message,
	kind: RecordKind,
	code: string,
	rest: { maskedPan?: string; rrn?: string; note?: string } = {},
): Decision {
	const authCode = kind === "sale" || kind === "stored" ? host.authCode : "";
	const rrn = rest.rrn ?? host.rrn;
	const record: LedgerRecord = {
		kind,
		ms: host.nowMs,
		terminal: text(request, 41),
		batch: batchOf(request),
		stan: text(request, 11),
		amountMinor: Number(text(request, 4)),
		maskedPan: rest.maskedPan ?? "",
		code,
		rrn,
		authCode,
	};
	return { code, records: [record], rrn, authCode, signed: true, note: rest.note ?? kind };
}

function decideSale(host: HostView, request: Message): Decision {
	if (batchOf(request) !== host.ledger.batch(text(request, 41)))
		return { ...bare(host, "77", "batch"), signed: true };
	const entry = entryOf(host, request);
	const first = entry?.posted[0] ?? entry?.declined;
	// Before the age: a late copy of what was posted must not be told "refused".
	if (host.habits.idempotent && entry !== undefined && entry.posted.length > 0)
		return recorded(host, request, "repeat", "94", { ...rrnOf(first) });
	if (host.habits.tombstones && entry?.tombstone !== undefined)
		return recorded(host, request, "declined", "22", { note: "reversed before it came" });
	if (host.habits.idempotent && first !== undefined)
		return recorded(host, request, "repeat", "94", { ...rrnOf(first) });
	const age = ageSeconds(text(request, 7), host.nowMs);
	if (age === undefined) return recorded(host, request, "declined", "30", { note: "field 7" });
	if (host.habits.staleCheck && (age > staleSeconds || age < -aheadSeconds))
		return recorded(host, request, "declined", "22", { note: `sent ${age} s ago` });
	return judge(host, request, "sale", []);
}

function decideStored(host: HostView, request: Message): Decision {
	const entry = entryOf(host, request);
	const first = entry?.posted[0];
	if (host.habits.idempotent && entry !== undefined && first !== undefined)
		return openCount(entry) > 0
			? recorded(host, request, "repeat", "94", rrnOf(first))
			: recorded(host, request, "declined", "12", { note: "already reversed" });
	if (host.habits.tombstones && entry?.tombstone !== undefined)
		return recorded(host, request, "declined", "12", { note: "reversed before it came" });
	const tried = entry?.declined?.code ?? "";
	// Refused for good stays refused: the terminal has wiped the card, and a late copy must not be posted.
	if (host.habits.idempotent && tried !== "" && !laterCodes.includes(tried))
		return recorded(host, request, "repeat", tried, { note: "refused before" });
	return judge(host, request, "stored", passing.includes(tried) ? passing : []);
}

function rrnOf(record: LedgerRecord | undefined): { rrn?: string } {
	return record === undefined ? {} : { rrn: record.rrn };
}

/** Card and amount. @param spent triggers that do not count any more */
function judge(
	host: HostView,
	request: Message,
	kind: "sale" | "stored",
	spent: readonly string[],
): Decision {
	const refuse = (code: string, note: string, maskedPan = ""): Decision =>
		recorded(host, request, "declined", code, { maskedPan, note });
	const card = readCard(host.bdk, bytesOf(request, 57) ?? Buffer.alloc(0));
	if (typeof card === "string") return refuse("30", card);
	if (!card.luhn) return refuse("14", "check digit", card.maskedPan);
	const month = monthOf(text(request, 13), host.nowMs);
	if (month === undefined) return refuse("30", "field 13", card.maskedPan);
	if (card.expiry < month) return refuse("54", "card expired", card.maskedPan);
	if (Number(text(request, 4)) === 0) return refuse("13", "amount is zero", card.maskedPan);
	const ending = text(request, 4).slice(-2);
	if (triggers.includes(ending) && !spent.includes(ending))
		return refuse(ending, "amount trigger", card.maskedPan);
	return recorded(host, request, kind, "00", { maskedPan: card.maskedPan });
}

function decideReversal(host: HostView, request: Message): Decision {
	const entry = entryOf(host, request);
	const original = entry?.posted.at(-1);
	if (entry !== undefined && original !== undefined) {
		if (original.amountMinor !== Number(text(request, 4)))
			return { ...bare(host, "64", "amount is not the original's"), signed: true };
		const maskedPan = original.maskedPan;
		if (openCount(entry) > 0) return recorded(host, request, "reversal", "00", { maskedPan });
		if (!host.habits.idempotent) return { ...bare(host, "25", "already reversed"), signed: true };
		return recorded(host, request, "repeat", "00", rrnOf(entry.reversed.at(-1)));
	}
	if (!host.habits.tombstones) return { ...bare(host, "25", "no original"), signed: true };
	if (entry?.tombstone !== undefined)
		return recorded(host, request, "repeat", "00", rrnOf(entry.tombstone));
	return recorded(host, request, "tombstone", "00", { note: "no original: tombstone" });
}
