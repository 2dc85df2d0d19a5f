/**
 * What the journal costs on the workload of 10,000 transactions: four durable commits each, 400 bytes of payload,
 * the last 1,000 kept, a partition of 1 MiB. Bytes, operations and reads are counted by the simulated flash; time is
 * its model of 0.7 ms a page touched and 45 ms an erase; `compute` is counted by XS.
 */
import { Journal, Mark } from "journal/journal";
import { Engine } from "../../simulator/bench/board/engine";
import { bundleForXs } from "../../simulator/bench/build/firmware";
import { FakeFlash } from "../simulation/fakes/flash";

/** Payload of the intent, of sending, of the outcome and of the receipt, bytes: 400 in all. */
export const payloadSplit = Object.freeze([300, 20, 40, 40]);
/** The split of the stores that this one is compared with. */
export const referenceSplit = Object.freeze([304, 32, 32, 32]);

const partitionBytes = 1024 * 1024;
const retainCount = 1000;

export interface AlignmentFigures {
	readonly bytesPerTransaction: number;
	readonly programsPerTransaction: number;
	readonly erasesPerTransaction: number;
	/** Largest less smallest erase count of the blocks, after ten turns of the ring. */
	readonly eraseSpread: number;
	/** While committing, over all transactions. */
	readonly readBytesOnCommit: number;
	/** Heads and tail, until appends are possible. */
	readonly mountReadBytes: number;
	readonly mountErases: number;
	/** Visiting every kept record as well. */
	readonly mountVisitReadBytes: number;
	readonly longestCommitMs: number;
	readonly longestCommitNoIdleMs: number;
}

export interface JournalBench {
	readonly align4: AlignmentFigures;
	readonly align16: AlignmentFigures;
	readonly align32: AlignmentFigures;
	/** Typed arrays of one journal on this partition, buffers that live for a call not counted. */
	readonly ramBytes: number;
	/** Mean of the four commits of a transaction, flash time excluded. */
	readonly xsComputePerCommit: number;
}

/** Runs for a few seconds. */
export async function benchJournal(split = payloadSplit): Promise<JournalBench> {
	return {
		align4: benchAlignment(4, split),
		align16: benchAlignment(16, split),
		align32: benchAlignment(32, split),
		ramBytes: ramBytes(),
		xsComputePerCommit: await xsComputePerCommit(split),
	};
}

/** @param transactions at least 3,000, so that the ring is in steady state */
export function benchAlignment(
	alignment: number,
	split: readonly number[] = payloadSplit,
	transactions = 10_000,
): AlignmentFigures {
	const withIdle = sell(alignment, split, transactions, true);
	const withoutIdle = sell(alignment, split, 3000, false);
	const { flash } = withIdle;
	const eraseSpread = spreadAfterTurns(alignment, split);
	flash.resetCounters();
	const heads = new Journal(flash, { retainCount }).mount();
	const mountReadBytes = flash.readBytes;
	if (heads.error !== 0 || heads.recoveryReadBytes !== mountReadBytes) throw new Error("mount");
	flash.resetCounters();
	const visited = new Journal(flash, { retainCount }).mount(() => {});
	if (visited.records < retainCount * 4) throw new Error(`only ${visited.records} records`);
	return {
		...withIdle.figures,
		eraseSpread,
		mountReadBytes,
		mountErases: heads.erases,
		mountVisitReadBytes: flash.readBytes,
		longestCommitNoIdleMs: withoutIdle.figures.longestCommitMs,
	};
}

function sell(alignment: number, split: readonly number[], transactions: number, idle: boolean) {
	const flash = new FakeFlash({ byteLength: partitionBytes, writeAlignment: alignment });
	const journal = new Journal(flash, { retainCount });
	journal.mount(() => {});
	const payloads = split.map((length) => new Uint8Array(length).fill(0x5a));
	const marks = [Mark.Open, Mark.More, Mark.Close, Mark.More] as const;
	let longestCommitMs = 0;
	let readBytesOnCommit = 0;
	const commit = (subject: number, i: number) => {
		const { busyMs, readBytes } = flash;
		journal.append(subject, i + 1, payloads[i]!, marks[i]!);
		longestCommitMs = Math.max(longestCommitMs, flash.busyMs - busyMs);
		readBytesOnCommit += flash.readBytes - readBytes;
	};
	flash.resetCounters();
	for (let subject = 1; subject <= transactions; subject++) {
		for (let i = 0; i < 4; i++) commit(subject, i);
		if (idle) while (journal.idle());
	}
	const figures = {
		bytesPerTransaction: round(flash.programmedBytes / transactions),
		programsPerTransaction: round(flash.programs / transactions),
		erasesPerTransaction: round(flash.erases / transactions),
		readBytesOnCommit,
		longestCommitMs: round(longestCommitMs),
	};
	return { flash, figures };
}

/** A smaller partition, so that ten turns are soon over. */
function spreadAfterTurns(alignment: number, split: readonly number[]): number {
	const flash = new FakeFlash({ byteLength: 64 * 4096, writeAlignment: alignment });
	const journal = new Journal(flash, { retainCount: 300 });
	journal.mount(() => {});
	const payloads = split.map((length) => new Uint8Array(length));
	for (let subject = 1; flash.erases < 64 * 10; subject++) {
		journal.append(subject, 1, payloads[0]!, Mark.Open);
		journal.append(subject, 2, payloads[1]!, Mark.More);
		journal.append(subject, 3, payloads[2]!, Mark.Close);
		journal.append(subject, 4, payloads[3]!, Mark.More);
		journal.idle();
	}
	return Math.max(...flash.eraseCounts) - Math.min(...flash.eraseCounts);
}

function ramBytes(): number {
	const flash = new FakeFlash({ byteLength: partitionBytes });
	const journals: Journal[] = [];
	const before = process.memoryUsage().arrayBuffers;
	for (let i = 0; i < 64; i++) journals.push(new Journal(flash, { retainCount }));
	return Math.round((process.memoryUsage().arrayBuffers - before) / journals.length);
}

const xsSource = `
import { Journal, Mark } from "journal/journal";
const erased = new Uint8Array(4096).fill(0xff);
const flash = { byteLength: ${partitionBytes}, blockLength: 4096, writeAlignment: 4,
	read(target) { target.set(erased.subarray(0, target.length)); }, write() {}, eraseBlock() {} };
const journal = new Journal(flash, { retainCount: ${retainCount} });
journal.mount(() => {});
const marks = [Mark.Open, Mark.More, Mark.Close, Mark.More];
let subject = 0;
globalThis.idle = (count) => { for (let n = 0; n < count; n++) { subject++; for (let i = 0; i < 4; i++); } subject = 0; };
globalThis.sell = (count, payloads) => {
	for (let n = 0; n < count; n++) {
		subject++;
		for (let i = 0; i < 4; i++) journal.append(subject, i + 1, payloads[i], marks[i]);
	}
};
`;

/** Steps that XS counts for one commit, the loop around it taken off. */
export async function xsComputePerCommit(split: readonly number[], count = 500): Promise<number> {
	const { code } = await bundleForXs({ source: xsSource, name: "journal-bench-entry" });
	const engine = new Engine({ onCommand: () => new Uint8Array(0) });
	try {
		await engine.evaluate(code);
		const payloads = `[${split.map((length) => `new Uint8Array(${length})`).join()}]`;
		const run = async (call: string) =>
			(await engine.evaluate(`${call}; new ArrayBuffer(0)`)).compute;
		const loop = await run(`idle(${count}, ${payloads})`);
		const sold = await run(`sell(${count}, ${payloads})`);
		return Math.round((sold - loop) / (4 * count));
	} finally {
		engine.kill();
	}
}

function round(value: number): number {
	return Math.round(value * 10_000) / 10_000;
}
