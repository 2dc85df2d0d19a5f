/** Requests that name an original: which one it is, how it stands, and whether it may be voided, refunded, completed. */
import { text, type Message } from "./codec";
import { amountOf, type HostView } from "./decision";
import { kindOfEntry, openAmountMinor, openCount, sum, type Entry } from "./entry";
import { localTime } from "./host-time";
import { batchOf, type KindName, type RequestKind } from "./kinds";
import type { Ledger } from "./ledger";
import type { LedgerRecord, OriginalPlace } from "./records";

/** What has become of a posting; what was reversed counts nowhere. */
export interface Standing {
	readonly voided: boolean;
	readonly completed: boolean;
	readonly refundedMinor: number;
	/** Tips on top of a sale; -1 for none. */
	readonly tipMinor: number;
}

/** A link that may be made. */
export interface Link {
	readonly original: OriginalPlace;
	/** What is posted. */
	readonly amountMinor: number;
	readonly maskedPan: string;
}

/** Why a link may not be made. */
export interface LinkRefusal {
	/** DE39: 25 unknown, 12 not as it stands, 13 another amount, 61 too much. */
	readonly code: string;
	readonly note: string;
}

/** Most that may be completed, in percent of the pre-authorisation. */
export const completionPercentMax = 115;

/** How the original stands now. */
export function standingOf(ledger: Ledger, original: OriginalPlace): Standing {
	const open = ledger.followers(original).filter((entry) => openCount(entry) > 0);
	const of = (...names: readonly KindName[]): readonly Entry[] =>
		open.filter((entry) => names.includes(kindOfEntry(entry)?.name ?? "balance"));
	const tips = of("tip");
	return {
		voided: of("void", "preauth-void", "completion-void").length > 0,
		completed: of("completion", "completion-advice").some(
			(entry) => !standingOf(ledger, entry).voided,
		),
		refundedMinor: sum(of("refund").map(openAmountMinor)),
		tipMinor: tips.length === 0 ? -1 : sum(tips.map(openAmountMinor)),
	};
}

/** Judges a request whose kind has originals. */
export function linkOf(host: HostView, request: Message, kind: RequestKind): Link | LinkRefusal {
	const original = originalOf(host, request);
	if (original === undefined) return { code: "25", note: "original unknown" };
	if (kind.name === "voice") return voiceLink(host, request, original);
	const posting = original.posted.at(-1);
	const originalKind = kindOfEntry(original);
	if (posting === undefined || originalKind === undefined || openCount(original) < 1)
		return { code: "25", note: "original is not posted" };
	if (!isSame(request, posting))
		return { code: "25", note: "37, 38 or date are not the original's" };
	if (!kind.originals.includes(originalKind.name))
		return { code: "12", note: `original is a ${originalKind.name}` };
	const openMinor = openAmountMinor(original);
	// The result of a script is told whatever has become of its transaction since.
	const refusal =
		kind.name === "script"
			? undefined
			: refusalOf(request, kind, original, openMinor, standingOf(host.ledger, original));
	if (refusal !== undefined) return refusal;
	const amountMinor = kind.name === "tip" ? Number(text(request, 48)) : amountOf(request);
	return { original: placeOf(original), amountMinor, maskedPan: posting.maskedPan };
}

/** 61 names batch and STAN; where they are zeros, field 37 finds it at any terminal of the merchant. */
function originalOf(host: HostView, request: Message): Entry | undefined {
	const terminal = text(request, 41);
	const field61 = text(request, 61);
	const stan = field61.slice(6, 12);
	if (/[1-9]/.test(stan)) return host.ledger.entry(terminal, field61.slice(0, 6), stan);
	const merchantId = host.keys.terminal(terminal)?.merchantId;
	return host.ledger
		.byRrn(text(request, 37))
		.find((entry) => host.keys.terminal(entry.terminal)?.merchantId === merchantId);
}

/** The request's 37, 38 and date, where it has them, are those of the posting. */
function isSame(request: Message, posting: LedgerRecord): boolean {
	const rrn = text(request, 37);
	const authCode = text(request, 38);
	const date = text(request, 61).slice(12, 16);
	const dates = [posting.date, localTime(posting.ms).date, "0000", ""];
	return (
		(rrn === "" || rrn.trimEnd() === posting.rrn) &&
		(authCode === "" || authCode.trimEnd() === posting.authCode) &&
		dates.includes(date)
	);
}

function refusalOf(
	request: Message,
	kind: RequestKind,
	original: Entry,
	openMinor: number,
	standing: Standing,
): LinkRefusal | undefined {
	const asked = amountOf(request);
	const tipMinor = Math.max(standing.tipMinor, 0);
	if (standing.voided) return { code: "12", note: "original is voided" };
	if (standing.completed) return { code: "12", note: "original is completed" };
	switch (kind.name) {
		case "void":
		case "completion-void":
			if (standing.refundedMinor > 0) return { code: "12", note: "original is refunded" };
			if (original.batch !== batchOf(request))
				return { code: "12", note: "original is of another batch" };
			return whole(asked, openMinor + tipMinor);
		case "preauth-void":
			return whole(asked, openMinor);
		case "refund":
			return upTo(asked, openMinor + tipMinor - standing.refundedMinor);
		case "completion":
		case "completion-advice":
			return upTo(asked, Math.floor((openMinor * completionPercentMax) / 100));
		case "tip":
			if (standing.tipMinor >= 0) return { code: "12", note: "original has a tip" };
			if (standing.refundedMinor > 0) return { code: "12", note: "original is refunded" };
			if (original.batch !== batchOf(request))
				return { code: "12", note: "original is of another batch" };
			return whole(asked - Number(text(request, 48)), openMinor);
		default:
			return undefined;
	}
}

/** A sale that was referred is posted with the code that was told by telephone, once. */
function voiceLink(host: HostView, request: Message, original: Entry): Link | LinkRefusal {
	const declined = original.declined;
	if (declined === undefined || original.posted.length > 0)
		return { code: "12", note: "original is not declined" };
	if (declined.code !== "01" && declined.code !== "02")
		return { code: "12", note: "original is not referred" };
	const again = host.ledger.followers(original).some((entry) => openCount(entry) > 0);
	if (again) return { code: "12", note: "original is posted by voice already" };
	const refusal = whole(amountOf(request), declined.amountMinor);
	if (refusal !== undefined) return refusal;
	const { maskedPan, amountMinor } = declined;
	return { original: placeOf(original), amountMinor, maskedPan };
}

function whole(askedMinor: number, wantedMinor: number): LinkRefusal | undefined {
	return askedMinor === wantedMinor
		? undefined
		: { code: "13", note: "amount is not the original's" };
}

function upTo(askedMinor: number, mostMinor: number): LinkRefusal | undefined {
	return askedMinor <= mostMinor ? undefined : { code: "61", note: `amount is over ${mostMinor}` };
}

function placeOf({ terminal, batch, stan }: Entry): OriginalPlace {
	return { terminal, batch, stan };
}
