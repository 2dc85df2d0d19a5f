/** Notices that were made, by terminal: which one is to go out, and what became of each. They are kept in the ledger's store. */
import type { StoredNotice } from "./ledger-store";

/** due: not sent yet · sent: has its number, unanswered · taken: the terminal has it · stopped: a person must look. */
export type NoticeState = "due" | "sent" | "taken" | "stopped";

export interface Notice extends StoredNotice {
	readonly terminal: string;
	/** Counts the notices of a terminal in the order they were made. */
	readonly id: number;
	/** Field 11; given when it is sent first, 0 before. */
	readonly number: number;
	/** 60.3 */
	readonly network: string;
	/** Field 62 in hex. */
	readonly content: string;
	/** Not sent earlier, Unix ms. */
	readonly dueMs: number;
	readonly state: NoticeState;
	/** Field 39 of the terminal's answer, "" while there is none. */
	readonly code: string;
	/** Batch that it is about, "" for none. */
	readonly batch: string;
}

const states: readonly string[] = Object.freeze(["due", "sent", "taken", "stopped"]);
const numberMax = 999_999;

export class NoticeBook {
	readonly #notices = new Map<string, Map<number, Notice>>();
	/** Highest number that a terminal has told in C9. */
	readonly #told = new Map<string, number>();

	/** @param stored as the store gives them @throws Error for what is no notice */
	constructor(stored: readonly StoredNotice[] = []) {
		for (const one of stored) this.enter(readNotice(one));
	}

	/** Enters or replaces a notice that is durable. */
	enter(notice: Notice): void {
		const own = this.#notices.get(notice.terminal) ?? new Map<number, Notice>();
		this.#notices.set(notice.terminal, own.set(notice.id, notice));
	}

	/** Terminals that notices were made for. */
	terminals(): readonly string[] {
		return [...this.#notices.keys()].sort();
	}

	/** In the order they were made. */
	list(terminal: string): readonly Notice[] {
		return [...(this.#notices.get(terminal)?.values() ?? [])].sort((a, b) => a.id - b.id);
	}

	nextId(terminal: string): number {
		return Math.max(0, ...this.list(terminal).map(({ id }) => id)) + 1;
	}

	/** The number of the next one that is sent; 0 when they are used up. */
	nextNumber(terminal: string): number {
		const used = Math.max(0, ...this.list(terminal).map(({ number }) => number));
		const next = Math.max(used, this.#told.get(terminal) ?? 0) + 1;
		return next > numberMax ? 0 : next;
	}

	/** The terminal has taken numbers up to this one. */
	tell(terminal: string, highest: number): void {
		this.#told.set(terminal, Math.max(highest, this.#told.get(terminal) ?? 0));
	}

	/** The one that is unanswered, or else the oldest that is due. */
	current(terminal: string, nowMs: number): Notice | undefined {
		const list = this.list(terminal);
		return (
			list.find(({ state }) => state === "sent") ??
			list.find(({ state, dueMs }) => state === "due" && dueMs <= nowMs)
		);
	}

	/** The notice that waits for an answer under this number. */
	unanswered(terminal: string, number: number): Notice | undefined {
		return this.list(terminal).find((one) => one.state === "sent" && one.number === number);
	}

	/** When the next one becomes due, Unix ms; undefined when none waits for its time. */
	nextDueMs(terminal: string): number | undefined {
		const due = this.list(terminal).filter(({ state }) => state === "due");
		return due.length === 0 ? undefined : Math.min(...due.map(({ dueMs }) => dueMs));
	}
}

function readNotice(stored: StoredNotice): Notice {
	const good =
		["terminal", "network", "content", "state", "code", "batch"].every(
			(name) => typeof stored[name] === "string",
		) &&
		["id", "number", "dueMs"].every((name) => Number.isSafeInteger(stored[name])) &&
		states.includes(String(stored["state"]));
	if (!good) throw new Error("a notice in the ledger cannot be read");
	return stored as unknown as Notice;
}
