/** `dump` as lines of text. */
import { identityKey } from "./block";
import type { FlashRecord } from "./block";
import type { Head } from "./head";
import type { Log } from "./log";
import { contentText } from "./texts";
import { contentOf } from "./transactions";
import { entryOf } from "./vault";
import type { VaultBlock } from "./vault";

const internalNames: readonly string[] = Object.freeze(["", "seal", "floor"]);

export function journalLines(log: Log): string[] {
	return log.kept.flatMap(({ head, content, end, endDecided }) => [
		"",
		`${headText(head)}, ${endDecided ? "ends" : "read"} to ${end}`,
		...listLines(head),
		...content.records.map(recordLine),
	]);
}

export function vaultLines(blocks: readonly VaultBlock[]): string[] {
	return blocks.flatMap(({ head, content }) => [
		"",
		headText(head),
		...content.records.map((record) => {
			const entry = entryOf(record);
			const text =
				entry === undefined
					? `kind ${record.kind}, ${record.payload.length} bytes`
					: `#${entry.number}  KSN ${entry.ksnBytes} bytes, ciphertext ${entry.ciphertextBytes} bytes`;
			return `${place(record)}  ${text}`;
		}),
	]);
}

function headText(head: Head): string {
	const boot = head.openedByBoot ? ", opened by a boot" : "";
	return (
		`block ${head.block}, sequence ${head.sequence}, floor ${head.floor}, base ${head.base}, ` +
		`erased ${head.eraseCount} times${boot}`
	);
}

function listLines({ live }: Head): string[] {
	if (live === undefined) return ["       live: damaged"];
	if (live.length === 0) return [];
	const open = live.filter(({ closedAt }) => closedAt === 0).map(({ subject }) => `#${subject}`);
	const closed = live.length - open.length;
	return [`       live: ${open.join(" ")}${closed === 0 ? "" : ` and ${closed} closed`}`];
}

function place({ offset }: FlashRecord): string {
	return String(offset).padStart(5);
}

function recordLine(record: FlashRecord): string {
	const { mark, kind, subject, copy, identity, payload } = record;
	const copied = copy ? `  (copy of ${identityKey(identity)})` : "";
	if (mark === "internal") {
		const floor = kind === 2 && payload.length === 4 ? ` ${payload.readUInt32LE(0)}` : "";
		return `${place(record)}  ${internalNames[kind] ?? `internal kind ${kind}`}${floor}${copied}`;
	}
	const content = contentOf(record);
	const name = content?.record ?? "damaged";
	const owner = subject === 0 ? "terminal" : `#${subject}`;
	return `${place(record)}  ${owner} ${mark.padEnd(5)} ${name}  ${contentText(content, record)}${copied}`;
}
