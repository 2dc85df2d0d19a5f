/** What stands in the ledger: one record for each thing that the host has promised to remember. */
import { isKindName, type KindName } from "./kinds";

/** Besides the kinds: what was refused, taken back, asked again, and how a batch ended. */
const otherKinds = Object.freeze([
	"declined",
	/** Takes a posting of the same terminal, batch and STAN back. */
	"reversal",
	/** A reversal came before its original. */
	"tombstone",
	/** A request that was known came again and was not posted again. */
	"repeat",
	/** From now on this is the terminal's open batch. */
	"batch",
	/** A 0500: what the terminal told, what the books said. */
	"settlement",
	/** One detail of a 0320. */
	"detail",
	/** The batch is closed. */
	"close",
] as const);

export type RecordKind = KindName | (typeof otherKinds)[number];

/** Where the original of a transaction stands. */
export interface OriginalPlace {
	readonly terminal: string;
	readonly batch: string;
	readonly stan: string;
}

/** One record. Never holds more of a card than first six and last four. */
export interface LedgerRecord {
	readonly kind: RecordKind;
	/** Unix ms on the host's clock. */
	readonly ms: number;
	/** DE41. */
	readonly terminal: string;
	/** 60.2, six digits. */
	readonly batch: string;
	/** DE11, six digits; "" where the record is about a batch. */
	readonly stan: string;
	/** What was posted; of a tip the tip alone, of an approved part the part. */
	readonly amountMinor: number;
	/** "" where no card was read. */
	readonly maskedPan: string;
	/** DE39 of the answer. */
	readonly code: string;
	/** DE37. */
	readonly rrn: string;
	/** DE38, "" when none was given. */
	readonly authCode: string;
	/** What was asked for, where `kind` does not say it: declined, reversal, tombstone, repeat. */
	readonly of?: KindName;
	/** 60.1 of the request. */
	readonly type?: string;
	/** DE13 of the request, MMDD. */
	readonly date?: string;
	/** DE4 of the request, where it is not `amountMinor`. */
	readonly askedMinor?: number;
	readonly original?: OriginalPlace;
	/** settlement and close: field 48 or 62 of the answer; detail: sign, 0 or 1. */
	readonly data?: string;
}

const texts = ["kind", "terminal", "batch", "stan", "maskedPan", "code", "rrn", "authCode"];
const optionalTexts = ["of", "type", "date", "data"];
const numbers = ["ms", "amountMinor"];

/** @returns the record, or undefined for what none of ours is */
export function readRecord(value: unknown): LedgerRecord | undefined {
	if (typeof value !== "object" || value === null) return undefined;
	const object = value as Readonly<Record<string, unknown>>;
	const kind = String(object["kind"]);
	const good =
		texts.every((name) => typeof object[name] === "string") &&
		optionalTexts.every((name) => ["string", "undefined"].includes(typeof object[name])) &&
		numbers.every((name) => Number.isSafeInteger(object[name])) &&
		(object["askedMinor"] === undefined || Number.isSafeInteger(object["askedMinor"])) &&
		(typeof object["of"] !== "string" || isKindName(object["of"])) &&
		(object["original"] === undefined || isPlace(object["original"])) &&
		(isKindName(kind) || (otherKinds as readonly string[]).includes(kind));
	return good ? (value as LedgerRecord) : undefined;
}

function isPlace(value: unknown): boolean {
	if (typeof value !== "object" || value === null) return false;
	const place = value as Readonly<Record<string, unknown>>;
	return ["terminal", "batch", "stan"].every((name) => typeof place[name] === "string");
}
