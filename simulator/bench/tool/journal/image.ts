/** A partition's image: kind, block length and heads, whatever the bytes are. */
import { Findings } from "./damage";
import { blockLengths, impossibleHead, readerVersion, readHead } from "./head";
import type { Head, ImageKind } from "./head";

export interface FlashImage {
	readonly kind: ImageKind;
	readonly blockLength: number;
	/** Whole blocks; a rest is left out and reported. */
	readonly blocks: readonly Buffer[];
	/** Of this kind, version and block length, by sequence upward. */
	readonly heads: readonly Head[];
	/** Blocks with content and without a head that could be read. */
	readonly headless: readonly number[];
	readonly findings: Findings;
}

/** Why there is nothing to read. */
export interface NoImage {
	readonly reason: string;
}

const blocksMin: Readonly<Record<ImageKind, number>> = Object.freeze({ journal: 8, vault: 4 });

/** Finds out what an image is. Never throws, whatever the bytes are. */
export function openImage(bytes: Buffer): FlashImage | NoImage {
	if (bytes.length === 0) return { reason: "the file is empty" };
	const seen = headsEverywhere(bytes);
	const ours = seen.filter((head) => head.version === readerVersion);
	if (ours.length === 0) return { reason: reasonOfNone(bytes, seen) };
	const blockLength = mostFrequent(ours.map((head) => head.blockLength));
	const kind = mostFrequent(ours.map((head) => head.kind));
	const findings = new Findings();
	const blocks = blocksOf(bytes, blockLength);
	checkSize(bytes.length, blockLength, blocks.length, kind, findings);
	const { heads, headless } = sortHeads(blocks, kind, blockLength, findings);
	return { kind, blockLength, blocks, heads, headless, findings };
}

/** A head of a block of 32 kB stands at a multiple of 4096 as well. */
function headsEverywhere(bytes: Buffer): Head[] {
	const heads: Head[] = [];
	for (let at = 0; at < bytes.length; at += blockLengths[0]!) {
		const head = readHead(bytes.subarray(at), at);
		if (head !== undefined && blockLengths.includes(head.blockLength)) heads.push(head);
	}
	return heads;
}

function reasonOfNone(bytes: Buffer, seen: readonly Head[]): string {
	const size = `${bytes.length} bytes`;
	if (seen.length > 0) {
		const versions = [...new Set(seen.map((head) => head.version))].join(", ");
		return `${size} of format version ${versions}; this tool reads version ${readerVersion}`;
	}
	if (isFilled(bytes, 0xff)) return `${size} of ff: erased; never used, or an empty vault`;
	if (isFilled(bytes, 0)) return `${size} of 00: no journal or vault`;
	return `${size} without a head of a block: foreign data, encrypted flash, or a vault interrupted in its last erase`;
}

function mostFrequent<T>(values: readonly T[]): T {
	const counts = new Map<T, number>();
	for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
	return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

function blocksOf(bytes: Buffer, blockLength: number): Buffer[] {
	const count = Math.floor(bytes.length / blockLength);
	return Array.from({ length: count }, (_, i) =>
		bytes.subarray(i * blockLength, (i + 1) * blockLength),
	);
}

function checkSize(
	length: number,
	blockLength: number,
	blocks: number,
	kind: ImageKind,
	findings: Findings,
): void {
	const rest = length % blockLength;
	if (rest > 0)
		findings.image(
			"size",
			`${length} bytes are not whole blocks of ${blockLength}; the last ${rest} bytes are left out`,
		);
	if (blocks < blocksMin[kind])
		findings.image("size", `${blocks} blocks; a ${kind} has at least ${blocksMin[kind]}`);
}

function sortHeads(
	blocks: readonly Buffer[],
	kind: ImageKind,
	blockLength: number,
	findings: Findings,
): { heads: Head[]; headless: number[] } {
	const bySequence = new Map<number, Head>();
	const headless: number[] = [];
	blocks.forEach((bytes, block) => {
		const head = readHead(bytes, block);
		if (head === undefined) {
			if (!isFilled(bytes, 0xff)) headless.push(block);
			return;
		}
		const twin = bySequence.get(head.sequence);
		if (head.version !== readerVersion)
			findings.block("version", block, `head of version ${head.version}, not read`);
		else if (head.kind !== kind) findings.block("foreign", block, `a block of a ${head.kind}`);
		else if (head.blockLength !== blockLength)
			findings.block("foreign", block, `head of a block of ${head.blockLength} bytes`);
		else if (impossibleHead(head) !== "")
			findings.block("head", block, `impossible: ${impossibleHead(head)}; not read`);
		else if (twin !== undefined)
			findings.block("duplicate", block, `sequence ${head.sequence} as in block ${twin.block}`);
		else bySequence.set(head.sequence, head);
		if (head.repairedBit !== undefined)
			findings.place(
				"head",
				block,
				head.repairedBit >> 3,
				`bit ${head.repairedBit & 7} is wrong, read as repaired`,
			);
	});
	return { heads: [...bySequence.values()].sort((a, b) => a.sequence - b.sequence), headless };
}

export function isFilled(bytes: Buffer, value: number): boolean {
	return bytes.every((byte) => byte === value);
}
