import { Fault } from "core/fault";
import type { Flash } from "core/flash";
import { boot } from "journal/boot";
import { FlashReader } from "journal/flash-reader";
import { KeptTable } from "journal/kept";
import { LiveTable } from "journal/live";
import { planFor, type Plan } from "journal/plan";
import { Reclaimer } from "journal/reclaimer";
import { payloadLimit, type RecordContent } from "journal/record";
import { BlockState, Ring } from "journal/ring";
import { Spans } from "journal/spans";
import type { Tables } from "journal/tables";
import { Tail } from "journal/tail";
import {
	Mark,
	MountError,
	type JournalOptions,
	type JournalRecord,
	type MountReport,
	type VisitLimit,
} from "journal/types";

export { Mark, MountError };
export type { JournalOptions, JournalRecord, MountReport, VisitLimit };

/**
 * The append-only log of the terminal, a ring over raw NOR flash. SPEC.md has the bytes and the reasons.
 * One append is one program operation, and no place is programmed twice.
 */
export class Journal {
	readonly #plan: Plan;
	readonly #tables: Tables;
	readonly #ring: Ring;
	readonly #live: LiveTable;
	#tail: Tail;
	#reclaimer: Reclaimer;
	#usable = false;
	#stopped = false;

	/**
	 * Does not touch the flash.
	 * @param options see JournalOptions; a small partition allows fewer open subjects
	 */
	constructor(flash: Flash, options: JournalOptions = {}) {
		const { blocks, openLimit, retention } = (this.#plan = planFor(flash, options));
		this.#ring = new Ring(blocks);
		this.#live = new LiveTable(openLimit + retention.lingerLimit + 1);
		this.#tables = {
			flash,
			reader: new FlashReader(flash),
			ring: this.#ring,
			live: this.#live,
			kept: new KeptTable(openLimit * 4 + 32),
			spans: new Spans(),
		};
		this.#tail = new Tail(flash, this.#ring, this.#live);
		this.#reclaimer = new Reclaimer(this.#tables, this.#tail, retention);
	}

	/** Subjects that are open. */
	get openCount(): number {
		return this.#live.openCount;
	}

	/** Most subjects that may be open at a time. */
	get openLimit(): number {
		return this.#plan.openLimit;
	}

	/** Newest subject number that was opened, 0 when there was none. */
	get newestSubject(): number {
		return this.#tail.newest;
	}

	/** Blocks that can be written before one must be reclaimed. */
	get freeBlocks(): number {
		return this.#ring.free + this.#ring.pending;
	}

	/** Erases since boot. */
	get erases(): number {
		return this.#tail.erases;
	}

	/** Records copied since boot because their block was reclaimed. */
	get carried(): number {
		return this.#reclaimer.carried;
	}

	/** Kept records that could no longer be read when they were to be carried. */
	get lost(): number {
		return this.#reclaimer.lost;
	}

	/** Blocks out of use in this boot: the flash would not erase them, or they may hold what is missing. */
	get blocksOut(): number {
		return this.#ring.countOf(BlockState.Dead) + this.#ring.countOf(BlockState.Quarantined);
	}

	/** Whether a subject is open. */
	isOpen(subject: number): boolean {
		return this.#live.isOpen(subject);
	}

	/**
	 * Recovers. Whatever is on flash, it returns; MountReport.error tells when the partition was left alone.
	 * Visits every kept record once (copies are merged): first, as they were written, those of subjects that were opened
	 * in the kept blocks; then the newest settings record of each kind; then older subjects (open for long: their first records
	 * were carried), by rising number. A subject's records come in order; of a carried one older records of a kind
	 * may be gone. After damage, records of a subject whose first record is no longer held may come: pass them over.
	 * @param visit without it only heads and tail are read
	 * @param limit visits only what a terminal needs to be ready; `idle` reads the rest. Ignored when blocks are missing
	 */
	mount(visit?: (record: JournalRecord) => void, limit?: VisitLimit): MountReport {
		this.#reset();
		const report = boot(this.#tables, this.#tail, this.#reclaimer, visit, limit);
		this.#usable = report.error === MountError.None;
		return report;
	}

	/** Whether a limited mount left older records unvisited. */
	get isPartlyVisited(): boolean {
		return this.#reclaimer.isBehind;
	}

	/** After a limited mount: reads at once what idle time would read, and tells `older` of it. May take seconds, once a boot. */
	readRest(): void {
		while (this.#reclaimer.isBehind) this.#reclaimer.surveyMore();
	}

	/** After a limited mount: visits everything, as a mount without a limit does. May take seconds. */
	visitAll(visit: (record: JournalRecord) => void): void {
		if (!this.#usable) return;
		const survey = this.#reclaimer.newSurvey();
		survey.run(visit);
		this.#reclaimer.begin(survey);
	}

	/**
	 * Visits the records of one subject, if it is whole, in order. Reads the blocks in which they stand; what mount left
	 * unread is read first when the subject was carried, and makes this read all later blocks when it was not.
	 */
	visitSubject(subject: number, visit: (record: JournalRecord) => void): void {
		const { newest } = this.#tail;
		if (!this.#usable || subject < 1 || subject > newest) return;
		const reclaimer = this.#reclaimer;
		if (subject > this.#ring.oldestBase) {
			const span = reclaimer.surveyed ? this.#tables.spans.of(subject, newest) : undefined;
			reclaimer.subjects().visitInOrder(subject, span, visit);
		} else if (this.#live.has(subject)) {
			while (!reclaimer.surveyed) reclaimer.surveyMore();
			reclaimer.subjects().visitCarried(subject, visit);
		}
	}

	/**
	 * Visits the newest record of each kind of settings, also those that a limited mount did not look for. What mount left
	 * unread is read first: better asked for when `isPartlyVisited` is false.
	 */
	visitSettings(visit: (record: JournalRecord) => void): void {
		if (!this.#usable) return;
		while (!this.#reclaimer.surveyed) this.#reclaimer.surveyMore();
		this.#reclaimer.subjects().visitCarried(0, visit);
	}

	/** Room to open one more subject and to close all open ones. Asked before a card is read. */
	canOpen(): boolean {
		return this.#usable && this.#live.openCount < this.#plan.openLimit && this.freeBlocks >= 2;
	}

	/**
	 * Whether the records of a closed subject may be given up for want of room while `blocks` more blocks are written; before
	 * that they go only when enough newer subjects are closed.
	 */
	isEndangered(subject: number, blocks: number): boolean {
		return subject <= this.#reclaimer.goesWithin(blocks);
	}

	/**
	 * Appends one record; it is durable on return.
	 * @param subject 0: settings, the newest record of each kind is kept for ever · 1 up: a transaction number, rising
	 * @param kind 1 to 255
	 * @param payload at most 320 bytes
	 * @param mark Open (also opens a closed subject again), More or Close
	 * @throws Fault "journal.full" (Mark.Open beyond the limit, or a partition that is not in use), "journal.size",
	 *   "flash.write" when two more places failed as well: whether the record counts is decided by the next mount, until
	 *   then nothing more can be appended (canOpen is false, append throws "journal.full")
	 */
	append(subject: number, kind: number, payload: Uint8Array, mark: Mark): void {
		if (payload.length > payloadLimit || kind < 1 || kind > 255)
			throw new Fault("journal.size", payload.length, kind);
		const opens = mark === Mark.Open && subject !== 0 && !this.#live.isOpen(subject);
		if (!this.#usable || (opens && this.#live.openCount >= this.#plan.openLimit))
			throw new Fault("journal.full", this.#live.openCount, this.#plan.openLimit);
		const content = { subject, kind, mark, payload, idSequence: 0, idOffset: 0 };
		this.#putOrStop(content);
		if (subject !== 0 && subject <= this.#tail.base) this.#noteSpan(subject);
		if (opens) this.#reclaimer.openSubject(subject);
		else if (mark === Mark.Close) this.#reclaimer.closeSubject(subject);
		if (opens || subject === 0 || this.#live.has(subject))
			this.#tables.kept.note(
				subject,
				kind,
				this.#tail.idSequence,
				this.#tail.idOffset,
				this.#tail.sequence,
			);
	}

	/**
	 * Idle work: erases one block ahead, or else reads a block that mount did not, or else empties the oldest block.
	 * At most one erase.
	 * To be called only while no bytes are expected on a UART.
	 * @returns whether there is more to do
	 */
	idle(): boolean {
		if (!this.#usable) return false;
		const next = this.#ring.nextFree(this.#tail.block);
		if (next >= 0 && this.#ring.state(next) === BlockState.Free) {
			this.#tail.erase(next);
			return this.#reclaimer.isBehind || this.#reclaimer.mustClean();
		}
		if (this.#reclaimer.isBehind) {
			this.#reclaimer.surveyMore();
			return true;
		}
		if (!this.#reclaimer.mustClean()) return false;
		this.#reclaimer.expire();
		try {
			this.#reclaimer.clean();
		} catch (error) {
			if (!(error instanceof Fault)) throw error;
			return false;
		}
		return true;
	}

	/** A record of a subject that was opened in an older block. */
	#noteSpan(subject: number): void {
		const span = this.#ring.count - 1 - this.#ring.openedIn(subject);
		this.#tables.spans.note(subject, span, this.#tail.newest);
	}

	/** Flash has refused a record: only the next mount can say what is on it, so nothing is taken before a restart. */
	get isStopped(): boolean {
		return this.#stopped;
	}

	/** Whether a failed record is on flash will be decided by the next mount: until then nothing may follow it. */
	#putOrStop(content: RecordContent): void {
		try {
			this.#tail.put(content);
		} catch (error) {
			this.#usable = false;
			this.#stopped = true;
			throw error;
		}
	}

	#reset(): void {
		this.#stopped = false;
		this.#tables.reader.bytes = 0;
		this.#ring.reset();
		this.#live.clear();
		this.#live.repaired = 0;
		this.#tables.kept.clear();
		this.#usable = false;
		this.#tail = new Tail(this.#tables.flash, this.#ring, this.#live);
		this.#reclaimer = new Reclaimer(this.#tables, this.#tail, this.#plan.retention);
	}
}
