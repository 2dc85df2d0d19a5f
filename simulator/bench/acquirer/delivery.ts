/** Requests that may come again, too late, or after their reversal: what is known of them is looked up before they are judged. */
import { text, type Message } from "./codec";
import { bare, entryOf, recorded, told, type Decision, type HostView } from "./decision";
import { openCount } from "./entry";
import { ageSeconds } from "./host-time";
import { judge } from "./judge";
import { batchOf, type RequestKind } from "./kinds";
import type { LedgerRecord } from "./records";

/** What goes once is refused when it comes later than this after its field 7. */
export const staleSeconds = 60;

/**
 * How far field 7 may be ahead of the host's clock. The terminal trusts that a request is dead 90 s after it
 * was sent; with a clock that is ahead by more than the 30 s margin that would not hold.
 */
export const aheadSeconds = 30;

/** Answers after which a terminal sends an advice again. */
const laterCodes: readonly string[] = Object.freeze([
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
]);

/** Triggers that pass at the second try of an advice. */
const passing: readonly string[] = Object.freeze(["91", "96"]);

/** What goes once: 0100 and 0200. */
export function decideOnce(host: HostView, request: Message, kind: RequestKind): Decision {
	if (batchOf(request) !== host.ledger.batch(text(request, 41))) return told(host, "77", "batch");
	const entry = entryOf(host, request);
	const first = entry?.posted[0] ?? entry?.declined;
	// Before the age: a late copy of what was posted must not be told "refused".
	if (host.habits.idempotent && entry !== undefined && entry.posted.length > 0)
		return recorded(host, request, "repeat", "94", rrnOf(first));
	if (host.habits.tombstones && entry?.tombstone !== undefined)
		return recorded(host, request, "declined", "22", { note: "reversed before it came" });
	if (host.habits.idempotent && first !== undefined)
		return recorded(host, request, "repeat", "94", rrnOf(first));
	const age = ageSeconds(text(request, 7), host.nowMs);
	if (age === undefined) return recorded(host, request, "declined", "30", { note: "field 7" });
	if (host.habits.staleCheck && (age > staleSeconds || age < -aheadSeconds))
		return recorded(host, request, "declined", "22", { note: `sent ${age} s ago` });
	return judge(host, request, kind, []);
}

/** What is repeated until it is answered: 0220 and 0620. Its age and its batch never matter. */
export function decideAdvice(host: HostView, request: Message, kind: RequestKind): Decision {
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
	return judge(host, request, kind, passing.includes(tried) ? passing : []);
}

/** What moves nothing: every copy is answered for itself. */
export function decideInquiry(host: HostView, request: Message, kind: RequestKind): Decision {
	if (batchOf(request) !== host.ledger.batch(text(request, 41)))
		return { ...bare(host, "77", "batch"), signed: true };
	return judge(host, request, kind, []);
}

/** The first answer's numbers. */
function rrnOf(record: LedgerRecord | undefined): { rrn?: string } {
	return record === undefined ? {} : { rrn: record.rrn };
}
