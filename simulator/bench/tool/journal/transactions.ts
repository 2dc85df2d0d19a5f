/** What the records of a transaction say together, and whether a terminal can have written them so. */
import { byIdentity } from "./block";
import type { FlashRecord } from "./block";
import type { Findings } from "./damage";
import type { Log } from "./log";
import { impossibleContent, readPayload, stateNames } from "./payload";
import type { Content, Counters, Intent, Receipt, StateChange } from "./payload";

export interface TransactionView {
	readonly number: number;
	readonly intent: Intent;
	/** The newest one; none while nothing but the intent is known. */
	readonly state: StateChange | undefined;
	readonly receipt: Receipt | undefined;
	/** The journal keeps it alive. */
	readonly live: boolean;
	readonly records: number;
}

/** State → states that may follow it at once (docs/records.md). */
const follows: readonly (readonly number[])[] = Object.freeze([
	...[[], [2, 8, 9, 13], [3, 4, 5, 8], [5, 12], [], [6, 7], []],
	...[[6], [], [10, 11], [12], [10], [], [3, 4]],
]);

/** Somebody still has to act: opened, sending, reversal due and parked, stored offline, forward refused,
 * advice due. */
const openStates: readonly number[] = Object.freeze([1, 2, 5, 7, 9, 11, 13]);

/** Transactions whose intent can be read, by number. */
export function transactionsOf(log: Log): TransactionView[] {
	const views: TransactionView[] = [];
	for (const [number, records] of log.subjects) {
		const contents = records.map(contentOf);
		const intent = contents.find((content) => content?.record === "intent");
		if (number === 0 || intent === undefined || log.remnants.has(number)) continue;
		views.push({
			number,
			intent,
			state: contents.findLast((content) => content?.record === "state"),
			receipt: contents.findLast((content) => content?.record === "receipt"),
			live: log.live.get(number) === 0,
			records: records.length,
		});
	}
	return views.sort((a, b) => a.number - b.number);
}

export function countersOf(log: Log): Counters | undefined {
	const contents = (log.subjects.get(0) ?? []).map(contentOf);
	return contents.find((content) => content?.record === "counters");
}

export function contentOf({ subject, kind, payload }: FlashRecord): Content | undefined {
	return readPayload(subject, kind, payload);
}

/** Reports payloads and orders of records that no terminal writes. */
export function checkTransactions(log: Log, findings: Findings): void {
	const subjects = [...log.subjects].filter(([subject]) => subject !== 0);
	for (const [subject, records] of log.subjects) checkPayloads(subject, records, findings);
	for (const [subject, records] of subjects)
		if (!log.remnants.has(subject)) checkOrder(log, subject, records, findings);
	checkNumbers(
		subjects.flatMap(([, records]) => records),
		findings,
	);
}

/** Transactions are opened in the order of their numbers. */
function checkNumbers(records: readonly FlashRecord[], findings: Findings): void {
	const intents = records
		.filter((record) => record.mark === "open" && contentOf(record)?.record === "intent")
		.sort(byIdentity);
	let newest = 0;
	for (const record of intents) {
		if (record.subject < newest)
			findings.subject("sequence", record.subject, place(record), `opened after #${newest}`);
		newest = Math.max(newest, record.subject);
	}
}

function checkPayloads(subject: number, records: readonly FlashRecord[], findings: Findings): void {
	for (const record of records) {
		const content = contentOf(record);
		const wrong =
			content === undefined
				? `${record.payload.length} bytes are no payload of kind ${record.kind}`
				: impossibleContent(content);
		if (wrong !== "") findings.subject("payload", subject, place(record), wrong);
	}
}

function checkOrder(
	log: Log,
	subject: number,
	records: readonly FlashRecord[],
	findings: Findings,
): void {
	let state = 1;
	let intents = 0;
	const report = (record: FlashRecord, text: string): void =>
		findings.subject("sequence", subject, place(record), text);
	for (const record of records) {
		const content = contentOf(record);
		if (content?.record === "intent" && ++intents > 1) report(record, "a second intent");
		if (content?.record !== "state" || !stateNames[content.state]) continue;
		if (!reachable(state, content.state))
			report(record, `${stateNames[content.state]!} after ${stateNames[state]!}`);
		state = content.state;
	}
	if (intents === 0) {
		report(records[0]!, "its intent is not there");
		return;
	}
	const live = log.live.get(subject) === 0;
	if (live !== openStates.includes(state))
		report(
			records.at(-1)!,
			live
				? `${stateNames[state]!}, but still carried as open`
				: `${stateNames[state]!}, but no longer carried: what closed it is not there`,
		);
}

/** States in between may have been left behind when the rest was carried to a new block. */
function reachable(from: number, to: number): boolean {
	const seen = new Set([from]);
	for (const state of seen) for (const next of follows[state] ?? []) seen.add(next);
	return seen.has(to);
}

function place(record: FlashRecord): { block: number; offset: number } {
	return { block: record.head.block, offset: record.offset };
}
