/** From blocks to the log, modules/journal/SPEC.md section 5. */
import { byIdentity, identityKey, readBlock } from "./block";
import type { BlockContent, FlashRecord } from "./block";
import type { Head } from "./head";
import type { FlashImage } from "./image";

export interface KeptBlock {
	readonly head: Head;
	readonly content: BlockContent;
	/** Where the block ends. */
	readonly end: number;
	/** A successor says so; else the end is that of the last record that can be read. */
	readonly endDecided: boolean;
}

export interface Log {
	/** Oldest first. */
	readonly kept: readonly KeptBlock[];
	readonly floor: number;
	/** Sequences of blocks that are not there any more. */
	readonly missing: readonly number[];
	/** Opened, and nothing can be read in them. */
	readonly empty: readonly Head[];
	/** Sequences that lie between kept ones and belong to none of them. */
	readonly givenUp: readonly Head[];
	/** Subject → newest subject when it was closed, 0 while it is open. */
	readonly live: ReadonlyMap<number, number>;
	/** Records of subjects by identity, internal ones left out, each once. */
	readonly subjects: ReadonlyMap<number, readonly FlashRecord[]>;
	/** Subjects of which only a rest is kept: what stands there may not be the newest. */
	readonly remnants: ReadonlySet<number>;
}

const internalFloor = 2;

export function readLog(image: FlashImage): Log {
	const { tail, empty } = findTail(image);
	const raised = (tail?.content.records ?? [])
		.filter(
			({ mark, kind, payload }) =>
				mark === "internal" && kind === internalFloor && payload.length === 4,
		)
		.map(({ payload }) => payload.readUInt32LE(0));
	const floor = [tail?.head.floor ?? 0, ...raised].reduce((a, b) => Math.max(a, b));
	const { kept, missing } =
		tail === undefined ? { kept: [], missing: [] } : walk(image, tail, floor);
	const used = new Set([...kept.map(({ head }) => head), ...empty]);
	const live = liveTable(kept);
	const subjects = content(kept);
	return {
		kept,
		floor,
		missing,
		empty,
		givenUp: image.heads.filter((head) => head.sequence >= floor && !used.has(head)),
		live,
		subjects,
		remnants: remnantsOf(kept, live),
	};
}

function findTail(image: FlashImage): { tail: KeptBlock | undefined; empty: Head[] } {
	const empty: Head[] = [];
	for (const head of image.heads.toReversed()) {
		const block = readOpenEnded(image, head);
		if (block.content.records.length > 0) return { tail: block, empty };
		empty.push(head);
	}
	return { tail: undefined, empty };
}

/** A block of which no successor says where it ends. */
function readOpenEnded(image: FlashImage, head: Head): KeptBlock {
	const content = readBlock(image.blocks[head.block]!, head, image.blockLength);
	return { head, content, end: content.end, endDecided: false };
}

function walk(
	image: FlashImage,
	tail: KeptBlock,
	floor: number,
): { kept: KeptBlock[]; missing: number[] } {
	const bySequence = new Map(image.heads.map((head) => [head.sequence, head]));
	const kept = [tail];
	const missing: number[] = [];
	for (;;) {
		const { sequence, predecessorDelta, predecessorEnd } = kept[0]!.head;
		const wanted = sequence - predecessorDelta;
		const head = predecessorDelta === 0 ? undefined : bySequence.get(wanted);
		if (wanted < floor) break;
		if (head !== undefined) {
			const bytes = image.blocks[head.block]!;
			const content = readBlock(bytes, head, predecessorEnd);
			kept.unshift({ head, content, end: predecessorEnd, endDecided: true });
			continue;
		}
		if (predecessorDelta > 0) missing.push(wanted);
		const next = image.heads.findLast((h) => h.sequence < wanted && h.sequence >= floor);
		if (next === undefined) {
			// Nothing says how much is gone; where the floor is known, that it is.
			if (predecessorDelta === 0 && sequence > floor) missing.push(floor);
			return { kept, missing };
		}
		kept.unshift(readOpenEnded(image, next));
	}
	// The floor is the sequence of the oldest kept block: that one has to be there.
	if (kept[0]!.head.sequence > floor) missing.push(floor);
	return { kept, missing };
}

function liveTable(kept: readonly KeptBlock[]): Map<number, number> {
	const start = kept.findLastIndex(({ head }) => head.live !== undefined);
	const from = kept.slice(Math.max(start, 0));
	const since = start < 0 ? 0 : from[0]!.head.sequence;
	const table = new Map(from[0]?.head.live?.map(({ subject, closedAt }) => [subject, closedAt]));
	const written = from
		.flatMap(({ content: c }) => c.records)
		.filter(({ mark, subject }) => mark !== "internal" && subject !== 0)
		.filter(({ identity }) => identity.sequence >= since)
		.sort(byIdentity);
	let newest = from[0]?.head.base ?? 0;
	for (const { mark, subject } of written) {
		newest = Math.max(newest, subject);
		if (mark === "open") table.set(subject, 0);
		if (mark === "close") table.set(subject, newest);
	}
	const base = kept[0]?.head.base ?? 0;
	if (start < kept.length - 1)
		for (const [subject, closedAt] of table)
			if (closedAt !== 0 && subject <= base) table.delete(subject);
	return table;
}

/** Every identity once; of subject 0 the newest of each kind. */
function content(kept: readonly KeptBlock[]): Map<number, FlashRecord[]> {
	const seen = new Set<string>();
	const subjects = new Map<number, FlashRecord[]>();
	for (const record of kept.flatMap((block) => block.content.records)) {
		const key = identityKey(record.identity);
		if (record.mark === "internal" || seen.has(key)) continue;
		seen.add(key);
		const list = subjects.get(record.subject);
		if (list === undefined) subjects.set(record.subject, [record]);
		else list.push(record);
	}
	for (const list of subjects.values()) list.sort(byIdentity);
	const settings = subjects.get(0);
	if (settings !== undefined)
		subjects.set(0, [...new Map(settings.map((record) => [record.kind, record])).values()]);
	return subjects;
}

function remnantsOf(kept: readonly KeptBlock[], live: ReadonlyMap<number, number>): Set<number> {
	const base = kept[0]?.head.base ?? 0;
	const old = kept
		.flatMap((block) => block.content.records)
		.filter(({ mark, subject }) => mark !== "internal" && subject > 0 && subject <= base)
		.map(({ subject }) => subject);
	return new Set(old.filter((subject) => !live.has(subject)));
}
