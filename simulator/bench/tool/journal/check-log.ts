/** Damage of a journal: places and blocks. */
import { identityKey } from "./block";
import type { Gap } from "./block";
import type { KeptBlock, Log } from "./log";
import type { FlashImage } from "./image";
import { isFilled } from "./image";
import { checkTransactions } from "./transactions";

/** Largest record with its extension, padded. */
export const recordBytesMax = 352;

/** Fills `image.findings`. */
export function checkLog(image: FlashImage, log: Log): void {
	const { findings } = image;
	const readable = new Set(
		log.kept.flatMap((block) => block.content.records).map(({ identity }) => identityKey(identity)),
	);
	if (log.kept.length === 0) checkEmpty(image);
	for (const sequence of log.missing)
		findings.image("missing", `the block of sequence ${sequence} is not there any more`);
	for (const block of log.kept) {
		if (block.head.live === undefined)
			findings.block("list", block.head.block, "the list of live subjects is damaged");
		const listBit = block.head.repairedListBit;
		if (listBit !== undefined)
			findings.place(
				"list",
				block.head.block,
				32 + (listBit >> 3),
				`bit ${listBit & 7} of the list of live subjects is wrong, read as repaired`,
			);
		if (!block.head.paddingOk)
			findings.block("padding", block.head.block, "padding of the head is not ff; nothing is lost");
		for (const gap of block.content.gaps) skipped(block, gap, readable, image);
		checkEnd(image, block, block === log.kept.at(-1), readable);
		for (const { offset, paddingOk } of block.content.records)
			if (!paddingOk)
				findings.place("padding", block.head.block, offset, "padding is not ff; nothing is lost");
	}
	checkHeadless(image, log);
	checkTransactions(log, findings);
}

/** Heads, and no record that can be read. */
function checkEmpty({ heads, findings }: FlashImage): void {
	const hadRecords = heads.some(({ predecessorDelta, base }) => predecessorDelta > 0 || base > 0);
	if (hadRecords) findings.image("missing", "no record can be read, though there were some");
	else findings.notes.push("no record was ever written");
}

function skipped(
	block: KeptBlock,
	{ from, to }: Gap,
	readable: ReadonlySet<string>,
	{ findings }: FlashImage,
): void {
	const copied = readable.has(identityKey({ sequence: block.head.sequence, offset: from }));
	const rescue = copied ? "; the record at its start stands elsewhere as a copy" : "";
	findings.place("skipped", block.head.block, from, `${to - from} bytes cannot be read${rescue}`);
}

function checkEnd(
	image: FlashImage,
	block: KeptBlock,
	isTail: boolean,
	readable: ReadonlySet<string>,
): void {
	const { head, content, end, endDecided } = block;
	if (endDecided) {
		if (content.end < end) skipped(block, { from: content.end, to: end }, readable, image);
		return;
	}
	const bytes = image.blocks[head.block]!;
	const used = contentLength(bytes.subarray(content.end));
	if (used === 0) return;
	if (isNoise(bytes.subarray(content.end)))
		image.findings.notes.push(
			`block ${head.block}: noise behind the last record, as of encrypted flash`,
		);
	else
		image.findings.place(
			isTail ? "torn" : "skipped",
			head.block,
			content.end,
			isTail
				? `${used} bytes behind the last record: a write that was interrupted, or damaged`
				: `${used} bytes cannot be read`,
		);
}

/** Bytes up to the last one that is not ff. */
export function contentLength(bytes: Buffer): number {
	let length = bytes.length;
	while (length > 0 && bytes[length - 1] === 0xff) length--;
	return length;
}

/** Erased flash that was read through a decryption: all of it looks random, no record is that long. */
export function isNoise(bytes: Buffer): boolean {
	if (bytes.length <= 2 * recordBytesMax) return false;
	const blank = bytes.filter((byte) => byte === 0xff).length;
	return blank < bytes.length / 32;
}

/** The block behind the newest one is the next to be erased: there, and only there, an erase may have been interrupted. */
function checkHeadless(image: FlashImage, log: Log): void {
	const { findings, headless, blocks, heads } = image;
	const newest = heads.at(-1);
	if (newest === undefined) return;
	const next = blocks
		.map((_, i) => (newest.block + 1 + i) % blocks.length)
		.find((block) => !isFilled(blocks[block]!, 0xff));
	for (const block of headless) {
		const bytes = contentLength(blocks[block]!);
		if (block === next && log.missing.length === 0)
			findings.notes.push(`block ${block}: its erasing or opening was interrupted`);
		else findings.block("foreign", block, `${bytes} bytes, and no head`);
	}
}
