/** What `dump` and `verify` show, as data. */
import type { FlashRecord } from "./block";
import type { Head } from "./head";
import type { FlashImage } from "./image";
import type { Log } from "./log";
import { contentOf, countersOf, transactionsOf } from "./transactions";
import { nameOf } from "./texts";
import { stateNames } from "./payload";
import { entryOf } from "./vault";
import type { VaultBlock } from "./vault";

/** What both kinds of image have in common. */
function frame(image: FlashImage): Record<string, unknown> {
	return {
		kind: image.kind,
		version: 1,
		blockLength: image.blockLength,
		blocks: image.blocks.length,
		eraseCountMax: image.heads.reduce((most, head) => Math.max(most, head.eraseCount), 0),
	};
}

export function journalView(image: FlashImage, log: Log): Record<string, unknown> {
	return {
		...frame(image),
		floor: log.floor,
		kept: log.kept.map(({ head, end }) => ({ ...headView(head), end })),
		missingSequences: log.missing,
		counters: countersOf(log) ?? null,
		transactions: transactionsOf(log).map(({ intent, state, receipt, ...rest }) => ({
			...rest,
			state: nameOf(stateNames, state?.state ?? 1),
			intent,
			lastState: state ?? null,
			receipt: receipt ?? null,
		})),
		rests: [...log.remnants].sort((a, b) => a - b),
		records: log.kept.flatMap(({ content }) => content.records).map(recordView),
		...image.findings,
	};
}

export function vaultView(
	image: FlashImage,
	blocks: readonly VaultBlock[],
): Record<string, unknown> {
	return {
		...frame(image),
		used: blocks.map(({ head }) => headView(head)),
		entries: blocks
			.flatMap(({ content }) => content.records)
			.map((record) => ({ ...placeOf(record), ...entryOf(record) })),
		...image.findings,
	};
}

function headView(head: Head): Record<string, unknown> {
	const { block, sequence, floor, base, alignment, eraseCount, openedByBoot } = head;
	return {
		block,
		sequence,
		floor,
		base,
		alignment,
		eraseCount,
		openedByBoot,
		live: head.live ?? null,
	};
}

function placeOf({ head, offset }: FlashRecord): { block: number; offset: number } {
	return { block: head.block, offset };
}

function recordView(record: FlashRecord): Record<string, unknown> {
	const { mark, kind, subject, copy, identity, payload } = record;
	const content = mark === "internal" ? undefined : contentOf(record);
	return {
		...placeOf(record),
		mark,
		kind,
		subject,
		copyOf: copy ? identity : null,
		bytes: payload.length,
		content: content ?? null,
	};
}

/** "journal, 128 blocks of 4096 bytes: 31 kept, 812 records, 200 transactions, 2 open" */
export function journalSummary(image: FlashImage, log: Log): string {
	const transactions = transactionsOf(log);
	const records = log.kept.reduce((sum, { content }) => sum + content.records.length, 0);
	const live = transactions.filter((transaction) => transaction.live).length;
	return (
		`${sizeText(image)}: ${log.kept.length} kept, ${records} records, ` +
		`${transactions.length} transactions, ${live} open`
	);
}

export function vaultSummary(image: FlashImage, blocks: readonly VaultBlock[]): string {
	const numbers = new Set(blocks.flatMap(({ content }) => content.records).map((r) => r.subject));
	return `${sizeText(image)}: ${blocks.length} in use, ${numbers.size} entries`;
}

function sizeText({ kind, blocks, blockLength }: FlashImage): string {
	return `${kind}, ${blocks.length} blocks of ${blockLength} bytes`;
}
