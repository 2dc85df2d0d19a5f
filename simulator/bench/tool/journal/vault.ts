/** The vault, modules/journal/SPEC.md section 7: numbers and lengths, never what the entries hold. */
import { readBlock } from "./block";
import type { BlockContent, FlashRecord } from "./block";
import { contentLength, isNoise } from "./check-log";
import type { Head } from "./head";
import type { FlashImage } from "./image";

export interface VaultBlock {
	readonly head: Head;
	readonly content: BlockContent;
}

export interface VaultEntry {
	readonly number: number;
	readonly ksnBytes: number;
	readonly ciphertextBytes: number;
}

const entryKind = 1;
const entryBytesMax = 128;

/** Every block with a head, by sequence, read to its end. */
export function readVault(image: FlashImage): VaultBlock[] {
	return image.heads.map((head) => ({
		head,
		content: readBlock(image.blocks[head.block]!, head, image.blockLength),
	}));
}

/** @returns undefined when the payload is no entry */
export function entryOf(record: FlashRecord): VaultEntry | undefined {
	const { subject, kind, payload } = record;
	if (kind !== entryKind || subject === 0 || payload.length > entryBytesMax) return undefined;
	const ksnBytes = payload[0];
	if (ksnBytes === undefined) return undefined;
	const ciphertextBytes = payload[1 + ksnBytes];
	if (ciphertextBytes === undefined || payload.length !== 2 + ksnBytes + ciphertextBytes)
		return undefined;
	return { number: subject, ksnBytes, ciphertextBytes };
}

/** Fills `image.findings`. */
export function checkVault(image: FlashImage, blocks: readonly VaultBlock[]): void {
	const { findings } = image;
	const payloads = new Map<number, Buffer>();
	for (const { head, content } of blocks) {
		for (const { from, to } of content.gaps)
			findings.place("skipped", head.block, from, `${to - from} bytes cannot be read`);
		const rest = image.blocks[head.block]!.subarray(content.end);
		if (isNoise(rest))
			findings.notes.push(
				`block ${head.block}: noise behind the last entry, as of encrypted flash`,
			);
		else if (contentLength(rest) > 0)
			findings.place(
				"torn",
				head.block,
				content.end,
				`${contentLength(rest)} bytes behind the last entry`,
			);
		for (const record of content.records) checkEntry(record, payloads, image);
	}
	for (const block of image.headless)
		findings.block(
			"foreign",
			block,
			`${contentLength(image.blocks[block]!)} bytes, and no head: its erasing was interrupted, or entries are lost`,
		);
}

function checkEntry(
	record: FlashRecord,
	payloads: Map<number, Buffer>,
	{ findings }: FlashImage,
): void {
	const { head, offset, subject, mark, kind, payload, paddingOk } = record;
	const at = { block: head.block, offset };
	if (!paddingOk)
		findings.place("padding", head.block, offset, "padding is not ff; nothing is lost");
	if (mark === "internal") return;
	if (entryOf(record) === undefined)
		findings.subject(
			"payload",
			subject,
			at,
			`${payload.length} bytes of kind ${kind} are no entry`,
		);
	const twin = payloads.get(subject);
	if (twin !== undefined && !twin.equals(payload))
		findings.subject("sequence", subject, at, "stands in two places with different content");
	payloads.set(subject, payload);
}
