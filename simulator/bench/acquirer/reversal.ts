/** A 0400: takes back what was posted under the same terminal, batch and STAN, or keeps it from being posted. */
import { type Message } from "./codec";
import { amountOf, entryOf, recorded, told, type Decision, type HostView } from "./decision";
import { kindOfEntry, openCount, type Entry } from "./entry";
import { sameFamily, type RequestKind } from "./kinds";
import type { LedgerRecord } from "./records";

/** @param kind what is reversed */
export function decideReversal(host: HostView, request: Message, kind: RequestKind): Decision {
	const entry = entryOf(host, request);
	const posting = entry?.posted.at(-1);
	if (entry !== undefined && posting !== undefined)
		return reverse(host, request, kind, entry, posting);
	if (!host.habits.tombstones) return told(host, "25", "no original");
	if (entry?.tombstone !== undefined)
		return recorded(host, request, "repeat", "00", { rrn: entry.tombstone.rrn });
	return recorded(host, request, "tombstone", "00", { note: "no original: tombstone" });
}

function reverse(
	host: HostView,
	request: Message,
	kind: RequestKind,
	entry: Entry,
	posting: LedgerRecord,
): Decision {
	const posted = kindOfEntry(entry);
	if (posted === undefined || !sameFamily(posted.name, kind.name))
		return told(host, "64", `original is a ${posted?.name ?? "stranger"}`);
	const asked = amountOf(request);
	if (asked !== (posting.askedMinor ?? posting.amountMinor) && asked !== posting.amountMinor)
		return told(host, "64", "amount is not the original's");
	if (openCount(entry) < 1) {
		if (!host.habits.idempotent) return told(host, "25", "already reversed");
		const first = entry.reversed.at(-1);
		return recorded(host, request, "repeat", "00", first === undefined ? {} : { rrn: first.rrn });
	}
	// The terminal has taken the approval: only so could it void, complete or refund it.
	if (host.ledger.followers(entry).some((one) => openCount(one) > 0))
		return told(host, "12", "original is used by another");
	const { maskedPan, amountMinor } = posting;
	return recorded(host, request, "reversal", "00", { maskedPan, amountMinor });
}
