/** What a decision of the host is made of. The rules look and decide; they change nothing. */
import { text, type Message } from "./codec";
import type { Entry } from "./entry";
import type { KeyTable } from "./keys";
import { batchOf, isKindName, kindOf, typeOf } from "./kinds";
import type { Ledger } from "./ledger";
import type { LedgerRecord, OriginalPlace, RecordKind } from "./records";

/** Habits of a good host; each can be switched off, for hosts without them exist. */
export interface Habits {
	/** A reversal without original is remembered, and the original refused when it comes. */
	readonly tombstones: boolean;
	/** A request is posted once however often it comes, a repeated reversal is answered as the first. */
	readonly idempotent: boolean;
	/** What goes once is refused when it comes too late after its field 7. */
	readonly staleCheck: boolean;
}

/** What the rules look at. */
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
	/** Further fields of the answer, or other values than the request's. */
	readonly fields?: Readonly<Record<number, string | Buffer>>;
	/** The terminal's working keys count no more. */
	readonly forgetsKeys?: boolean;
}

/** An answer without MAC that leaves nothing in the ledger. */
export function bare(host: HostView, code: string, note: string): Decision {
	return { code, records: [], rrn: host.rrn, authCode: "", signed: false, note };
}

/** An answer with MAC that leaves nothing in the ledger. */
export function told(host: HostView, code: string, note: string): Decision {
	return { ...bare(host, code, note), signed: true };
}

/** What a record says beyond the request. */
export interface RecordDetails {
	readonly maskedPan?: string;
	readonly rrn?: string;
	readonly authCode?: string;
	/** Default: field 4. */
	readonly amountMinor?: number;
	readonly original?: OriginalPlace;
	readonly note?: string;
}

/** A decision with the one record that it leaves in the ledger. A posting has an authorisation code. */
export function recorded(
	host: HostView,
	request: Message,
	kind: RecordKind,
	code: string,
	details: RecordDetails = {},
): Decision {
	const authCode = details.authCode ?? (isKindName(kind) ? host.authCode : "");
	const rrn = details.rrn ?? host.rrn;
	const askedMinor = amountOf(request);
	const amountMinor = details.amountMinor ?? askedMinor;
	const of = kindOf(request)?.name;
	const record: LedgerRecord = {
		kind,
		ms: host.nowMs,
		terminal: text(request, 41),
		batch: batchOf(request),
		stan: text(request, 11),
		amountMinor,
		maskedPan: details.maskedPan ?? "",
		code,
		rrn,
		authCode,
		type: typeOf(request),
		date: text(request, 13),
		...(isKindName(kind) || of === undefined ? {} : { of }),
		...(amountMinor === askedMinor ? {} : { askedMinor }),
		...(details.original === undefined ? {} : { original: details.original }),
	};
	return { code, records: [record], rrn, authCode, signed: true, note: details.note ?? kind };
}

/** Field 4; 0 where there is none. */
export function amountOf(request: Message): number {
	return Number(text(request, 4));
}

/** What the books have under the request's terminal, batch and STAN. */
export function entryOf(host: HostView, request: Message): Entry | undefined {
	return host.ledger.entry(text(request, 41), batchOf(request), text(request, 11));
}
