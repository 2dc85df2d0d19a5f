/**
 * Where the ledger's records are kept: an embedded database (LevelDB) in a folder, or memory. A record is durable (written
 * through to the disk) before `append` is over, so that a killed host has lost nothing that it answered.
 *
 * Keys of the database: `r/TERMINAL/BATCH/STAN/NUMBER` → record as JSON; NUMBER counts all records, so that they
 * can be put in order; `-` stands for the STAN of a record about a batch. `n/TERMINAL/ID` → a notice.
 * `meta` → {"format":1}.
 */
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { ClassicLevel } from "classic-level";
import { readRecord, type LedgerRecord } from "./records";

/** A notice as it is kept; notice-book.ts knows what is in it. Kept by terminal and id. */
export interface StoredNotice {
	readonly terminal: string;
	readonly id: number;
	readonly [name: string]: unknown;
}

export interface Loaded {
	/** Oldest first. */
	readonly records: readonly LedgerRecord[];
	readonly notices: readonly StoredNotice[];
}

export interface LedgerStore {
	/** Opens and reads. @throws LedgerError with one clear line */
	load(): Promise<Loaded>;
	/** All or none. Over when they are durable. @throws Error of the database: then nothing was kept */
	append(records: readonly LedgerRecord[], notices?: readonly StoredNotice[]): Promise<void>;
	close(): Promise<void>;
}

/** The ledger cannot be used; the message is one line for a person. */
export class LedgerError extends Error {
	override readonly name = "LedgerError";
}

/** Nothing outlives the process. Loaded again it gives what was appended. */
export function memoryStore(): LedgerStore {
	const records: LedgerRecord[] = [];
	const notices = new Map<string, StoredNotice>();
	return {
		load: () => Promise.resolve({ records: [...records], notices: [...notices.values()] }),
		append: (more, moreNotices = []) => {
			records.push(...more);
			for (const notice of moreNotices) notices.set(noticeKey(notice), notice);
			return Promise.resolve();
		},
		close: () => Promise.resolve(),
	};
}

const metaKey = "meta";
const format = 1;
const levelNames = /^(CURRENT|LOCK|LOG(\.old)?|MANIFEST-\d+|\d+\.(ldb|log|dbtmp|sst))$/;

/**
 * @param folder made when missing; belongs to one process at a time
 * @param options mustExist: a folder that is missing or empty is an error
 */
export function folderStore(
	folder: string,
	options: { readonly mustExist?: boolean } = {},
): LedgerStore {
	return new FolderStore(folder, options.mustExist === true);
}

class FolderStore implements LedgerStore {
	readonly #folder: string;
	readonly #mustExist: boolean;
	#database: ClassicLevel<string, unknown> | undefined;
	#number = 0;

	constructor(folder: string, mustExist: boolean) {
		this.#folder = folder;
		this.#mustExist = mustExist;
	}

	async load(): Promise<Loaded> {
		checkFolder(this.#folder, this.#mustExist);
		const database = new ClassicLevel<string, unknown>(this.#folder, {
			valueEncoding: "json",
			// So that whoever searches the files for card data can read them.
			compression: false,
		});
		try {
			await database.open();
			const loaded = await this.#read(database);
			this.#database = database;
			return loaded;
		} catch (error) {
			await database.close().catch(() => undefined);
			throw readableError(this.#folder, error);
		}
	}

	async append(
		records: readonly LedgerRecord[],
		notices: readonly StoredNotice[] = [],
	): Promise<void> {
		if (this.#database === undefined) throw new LedgerError(`ledger ${this.#folder}: not open`);
		const puts = [
			...records.map((record, index) => put(keyOf(record, this.#number + index), record)),
			...notices.map((notice) => put(noticeKey(notice), notice)),
		];
		await this.#database.batch(puts, { sync: true });
		this.#number += records.length;
	}

	async close(): Promise<void> {
		const database = this.#database;
		this.#database = undefined;
		await database?.close();
	}

	async #read(database: ClassicLevel<string, unknown>): Promise<Loaded> {
		const meta = await database.get(metaKey);
		if (meta === undefined) {
			const first = await database.keys({ limit: 1 }).all();
			if (first.length > 0) throw new LedgerError(`ledger ${this.#folder}: not a ledger`);
			await database.put(metaKey, { format }, { sync: true });
		} else if ((meta as { readonly format?: unknown }).format !== format)
			throw new LedgerError(`ledger ${this.#folder}: of a format that this version does not know`);
		const numbered: { readonly number: number; readonly record: LedgerRecord }[] = [];
		for await (const [key, value] of database.iterator({ gt: "r/", lt: "r0" })) {
			const number = Number(key.split("/")[4]);
			const record = readRecord(value);
			if (record === undefined || !Number.isSafeInteger(number) || keyOf(record, number) !== key)
				throw new LedgerError(`ledger ${this.#folder}: ${key.slice(0, 60)} is not a record`);
			numbered.push({ number, record });
		}
		numbered.sort((a, b) => a.number - b.number);
		this.#number = (numbered.at(-1)?.number ?? -1) + 1;
		const notices = await database.values({ gt: "n/", lt: "n0" }).all();
		return {
			records: numbered.map(({ record }) => record),
			notices: notices as readonly StoredNotice[],
		};
	}
}

function put(key: string, value: unknown): { type: "put"; key: string; value: unknown } {
	return { type: "put", key, value };
}

function keyOf({ terminal, batch, stan }: LedgerRecord, number: number): string {
	const digits = String(number).padStart(12, "0");
	return `r/${terminal}/${batch}/${stan === "" ? "-" : stan}/${digits}`;
}

function noticeKey(notice: StoredNotice): string {
	return `n/${notice.terminal}/${String(notice.id).padStart(9, "0")}`;
}

/** LevelDB would fill any folder with its files. */
function checkFolder(folder: string, mustExist: boolean): void {
	try {
		if (mustExist && !existsSync(folder)) throw new LedgerError(`ledger ${folder}: is not there`);
		if (existsSync(folder) && !statSync(folder).isDirectory())
			throw new LedgerError(`ledger ${folder}: is a file, a folder is wanted`);
		if (!existsSync(folder)) mkdirSync(folder);
		const names = readdirSync(folder);
		if (mustExist || names.length > 0) {
			// A host that was killed while it made the folder has left part of LevelDB's own files.
			const ours = names.every((name) => levelNames.test(name));
			if (!ours || (mustExist && !names.includes("CURRENT")))
				throw new LedgerError(`ledger ${folder}: the folder holds something else`);
		}
	} catch (error) {
		throw readableError(folder, error);
	}
}

function readableError(folder: string, error: unknown): LedgerError {
	if (error instanceof LedgerError) return error;
	const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
	const { code, message } = cause as { code?: string; message?: string };
	if (code === "LEVEL_LOCKED")
		return new LedgerError(`ledger ${folder}: is in use by another process`);
	if (code === "LEVEL_CORRUPTION" || /corrupt/i.test(message ?? ""))
		return new LedgerError(`ledger ${folder}: damaged (${firstLine(message)})`);
	return new LedgerError(`ledger ${folder}: ${firstLine(message ?? code)}`);
}

function firstLine(text = "cannot be used"): string {
	return text.split("\n")[0] ?? "";
}
