/** What an append does to its subject. */
export const Mark = Object.freeze({ Open: 1, More: 2, Close: 3 } as const);
export type Mark = (typeof Mark)[keyof typeof Mark];

/** One record as it is handed to the visitor of `mount`; the payload is the visitor's own copy. */
export interface JournalRecord {
	/** 0: the terminal's own settings · 1 up: a transaction number. */
	readonly subject: number;
	/** 1 to 255, the caller's. */
	readonly kind: number;
	/** 0 to 320 bytes. */
	readonly payload: Uint8Array;
}

export interface JournalOptions {
	/** Newest closed subjects that are kept while there is room; default 1,000. */
	readonly retainCount?: number;
	/** Most subjects that may be open at a time; default 64, less on a small partition. */
	readonly openLimit?: number;
}

/** What `Journal.mount` is to visit: a terminal is to be ready soon, and the rest can wait. */
export interface VisitLimit {
	/** Open subjects are always visited; of the others those with the newest so many numbers. */
	readonly newest: number;
	/** Kinds of settings records that must be visited. */
	readonly settings: readonly number[];
	/**
	 * Told of the records that mount leaves out, as idle time reads them: newest first, of whole subjects and of the settings
	 * (of each kind the first to come is the newest that was not visited). Copies are told as well, so a record may come more than once.
	 */
	readonly older?: (record: JournalRecord) => void;
}

/** Why a partition was not taken into use. */
export const MountError = Object.freeze({
	None: 0,
	/** Length, block length or alignment cannot be used, or fewer than 8 blocks. */
	Geometry: 1,
	/** Written by a newer firmware, or with another block length: left alone. */
	Version: 2,
	/** The flash itself failed: no block could be erased and written. */
	Flash: 3,
	/**
	 * Left alone, it may hold records: no head is whole, but several blocks begin like a journal's or cannot be read; or
	 * blocks of the log are missing and none is left that is surely not one of them.
	 */
	Damaged: 4,
} as const);
export type MountError = (typeof MountError)[keyof typeof MountError];

/** What `Journal.mount` found. All numbers; nothing in it is card data. */
export interface MountReport {
	/** MountError: 0 when the journal is in use. */
	readonly error: MountError;
	/** 1 when no block of a journal was found: the ring began anew. */
	readonly cleanStart: number;
	/** Records visited. */
	readonly records: number;
	/** Subjects that are open. */
	readonly open: number;
	/** Blocks that hold records which are kept. */
	readonly blocks: number;
	/** Interrupted appends: at most the last one was torn, and it had not returned. */
	readonly torn: number;
	/** Damaged places inside the blocks that were visited: each hid one record, or more where damage adjoins. */
	readonly skipped: number;
	/** Subjects of which only a rest is left, because the blocks before were retired: they are not visited. */
	readonly remnants: number;
	/** Blocks that should be there and could not be identified. */
	readonly missing: number;
	/** Blocks whose content is superseded: free for use. */
	readonly retired: number;
	/** Blocks that are neither the journal's nor erased (read as 0xff). */
	readonly foreign: number;
	/** Blocks that the flash could not read. */
	readonly unreadable: number;
	/** Block heads in which one wrong bit was put right. */
	readonly repaired: number;
	/** Bytes read for recovery, before any visit. */
	readonly recoveryReadBytes: number;
	/** Blocks erased. */
	readonly erases: number;
}
