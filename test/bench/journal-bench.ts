/**
 * What the journal costs on the workload of 10,000 transactions: four durable commits each, 400 bytes of payload,
 * the last 1,000 kept, a partition of 1 MiB. Bytes, operations and reads are counted by the simulated flash; time is
 * its model of 0.7 ms a page touched and 45 ms an erase; `compute` is counted by XS.
 */
import { Journal, Mark } from "journal/journal";
import { limits } from "core/limits";
import { TransactionIndex } from "transaction/index";
import { XsProgram } from "../../simulator/bench/board/xs-program";
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
	readonly longestCommitMs: number;
	readonly longestCommitNoIdleMs: number;
}

export interface JournalBench {
	readonly align4: AlignmentFigures;
	readonly align16: AlignmentFigures;
	readonly align32: AlignmentFigures;
	/**
	 * One journal on this partition and the index of 1,000 closed and all open transactions: their typed arrays, and
	 * 16 bytes for each slot of XS that they take (as on a 32-bit machine). Buffers that live for a call are not counted.
	 */
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
		ramBytes: arrayBytes() + (await slotBytes()),
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

type ArrayName = "Uint8Array" | "Uint16Array" | "Uint32Array" | "Int32Array";

/** Bytes of the typed arrays that one journal and its index make, views of the same memory not counted. */
function arrayBytes(): number {
	const flash = new FakeFlash({ byteLength: partitionBytes });
	let bytes = 0;
	const counting = (target: object): object =>
		new Proxy(target, {
			construct(real, args, self) {
				const made = Reflect.construct(real as new () => Uint8Array, args, self) as Uint8Array;
				if (typeof args[0] === "number") bytes += made.byteLength;
				return made;
			},
		});
	const names: readonly ArrayName[] = ["Uint8Array", "Uint16Array", "Uint32Array", "Int32Array"];
	const real = names.map((name) => [name, globalThis[name]] as const);
	try {
		for (const [name, array] of real) Reflect.set(globalThis, name, counting(array));
		new Journal(flash, { retainCount });
		new TransactionIndex(limits.transactionsIndexed);
	} finally {
		for (const [name, array] of real) Reflect.set(globalThis, name, array);
	}
	return bytes;
}

const xsSource = `
import { limits } from "core/limits";
import { Journal, Mark } from "journal/journal";
import { TransactionIndex } from "transaction/index";
const erased = new Uint8Array(4096).fill(0xff);
const flash = { byteLength: ${partitionBytes}, blockLength: 4096, writeAlignment: 4,
	read(target) { target.set(erased.subarray(0, target.length)); }, write() {}, eraseBlock() {} };
const newJournal = () => new Journal(flash, { retainCount: ${retainCount} });
const journal = newJournal();
journal.mount(() => {});
const marks = [Mark.Open, Mark.More, Mark.Close, Mark.More];
let subject = 0;
let payloads = [];
globalThis.prepare = (lengths) => { payloads = lengths.map((length) => new Uint8Array(length)); return 0; };
globalThis.idle = (count) => { for (let n = 0; n < count; n++) { subject++; for (let i = 0; i < 4; i++); } subject = 0; return 0; };
globalThis.sell = (count) => {
	for (let n = 0; n < count; n++) {
		subject++;
		for (let i = 0; i < 4; i++) journal.append(subject, i + 1, payloads[i], marks[i]);
	}
	return 0;
};
const made = [];
globalThis.make = (count) => {
	for (let i = 0; i < count; i++) made.push(newJournal(), new TransactionIndex(limits.transactionsIndexed));
	globalThis.gc();
	return 0;
};
`;

const callTimeoutMs = 120_000;
const slotBytes32 = 16;

function loadXs(): Promise<XsProgram> {
	return XsProgram.load({ source: xsSource, name: "journal-bench-entry", callTimeoutMs });
}

async function slotBytes(): Promise<number> {
	const program = await loadXs();
	try {
		const count = 16;
		await program.call("make", count);
		const before = (await program.call("make", 0)).heapCount;
		const after = (await program.call("make", count)).heapCount;
		return Math.round(((after - before) / count) * slotBytes32);
	} finally {
		program.close();
	}
}

/** Steps that XS counts for one commit, the loop around it taken off. */
export async function xsComputePerCommit(split: readonly number[], count = 500): Promise<number> {
	const program = await loadXs();
	try {
		await program.call("prepare", split);
		const loop = (await program.call("idle", count)).compute;
		const sold = (await program.call("sell", count)).compute;
		return Math.round((sold - loop) / (4 * count));
	} finally {
		program.close();
	}
}

function round(value: number): number {
	return Math.round(value * 10_000) / 10_000;
}
