import { Fault } from "core/fault";
import type { KeptTable } from "journal/kept";
import type { LiveTable } from "journal/live";
import { LogReader } from "journal/log-reader";
import { Internal } from "journal/record";
import { BlockState, type Ring } from "journal/ring";
import { SubjectReader } from "journal/subject-reader";
import { Survey } from "journal/survey";
import type { Tables } from "journal/tables";
import type { Tail } from "journal/tail";
import { putWord } from "journal/words";

export interface Retention {
	/** Newest closed subjects that are kept while there is room. */
	readonly retainCount: number;
	/** Closed subjects that may linger; each was open for long. */
	readonly lingerLimit: number;
	/** Blocks that are kept free, so that carrying always has room. */
	readonly reserve: number;
}

/** Decides what is kept: follows the subjects, carries what is live out of the oldest block and retires it. */
export class Reclaimer {
	/** The kept table is complete. What mount did not read is read by `surveyMore`, or when it is needed first. */
	surveyed = false;
	/** What mount has begun. */
	survey: Survey | undefined;
	/** Records copied because their block was reclaimed. */
	carried = 0;
	/** Kept records that could no longer be read when they were to be carried. */
	lost = 0;
	readonly #tables: Tables;
	readonly #ring: Ring;
	readonly #live: LiveTable;
	readonly #kept: KeptTable;
	readonly #tail: Tail;
	readonly #retainCount: number;
	readonly #lingerLimit: number;
	readonly #reserve: number;
	/** A subject that is closed when so many newer ones were opened was open for long. */
	readonly #lingerAfter: number;
	#cleaning = false;

	constructor(tables: Tables, tail: Tail, retention: Retention) {
		this.#tables = tables;
		this.#ring = tables.ring;
		this.#live = tables.live;
		this.#kept = tables.kept;
		this.#tail = tail;
		this.#retainCount = retention.retainCount;
		this.#lingerLimit = retention.lingerLimit;
		this.#reserve = retention.reserve;
		this.#lingerAfter = Math.max(16, Math.min(64, retention.retainCount >> 4));
		tail.onFull = () => {
			if (!this.#cleaning) this.makeRoom();
		};
	}

	/** A subject was opened, for the first time or again. */
	openSubject(subject: number): void {
		// What a subject that is opened again has on flash is not in the kept table.
		if (subject <= this.#tail.newest && !this.#live.has(subject)) this.subjects().note(subject);
		if (subject > this.#tail.newest) this.#tables.spans.open(subject);
		this.#live.open(subject);
		this.#tail.newest = Math.max(this.#tail.newest, subject);
	}

	/**
	 * An open subject was closed. It lingers when it was open for long, or when its first record is not where it was
	 * written any more: then it is whole only while it is carried.
	 */
	closeSubject(subject: number): void {
		const { newest } = this.#tail;
		if (newest - subject <= this.#lingerAfter && subject > this.#ring.oldestBase) {
			if (this.#live.removeOpen(subject)) this.#kept.forget(subject);
		} else if (this.#live.linger(subject, newest)) this.#limitLingering();
	}

	/**
	 * After a recovery: of the closed subjects in the table those stay that linger.
	 * @returns the others; until the next block is opened nothing of them is gone
	 */
	settle(): ReadonlySet<number> {
		const live = this.#live;
		const before = live.subjects();
		for (const subject of before)
			if (!live.isOpen(subject) && this.#mayForget(subject)) this.#forget(subject);
		this.#limitLingering();
		this.expire();
		return new Set(before.filter((subject) => !live.has(subject)));
	}

	#mayForget(subject: number): boolean {
		const wasShort = this.#live.closedAt(subject) - subject <= this.#lingerAfter;
		return wasShort && subject > this.#ring.oldestBase;
	}

	/** Of too many the youngest goes, if the ring still keeps it anyway, else the one that was closed first. */
	#limitLingering(): void {
		const live = this.#live;
		while (live.count - live.openCount > this.#lingerLimit) {
			const youngest = live.youngestClosed();
			this.#forget(youngest > this.#ring.oldestBase ? youngest : live.oldestClosed());
		}
	}

	#forget(subject: number): void {
		this.#live.remove(subject);
		this.#kept.forget(subject);
	}

	/**
	 * After a boot: each takes a block, and many of them in a row must not use up the reserve, so the floor is made
	 * durable at once. Nothing may be forgotten between the head of the tail and a floor record.
	 */
	tryMakeRoom(): void {
		try {
			this.#makeRoom(true);
		} catch (error) {
			if (!(error instanceof Fault)) throw error;
		}
	}

	/** Before the next block is opened: its head makes the floor durable. */
	makeRoom(): void {
		this.expire();
		this.#makeRoom(false);
	}

	/** Retires blocks that hold nothing live, which costs nothing; carries only when it cannot wait. */
	#makeRoom(mayPutFloor: boolean): void {
		const ring = this.#ring;
		while (this.mustClean() && this.#isBare()) ring.shift(BlockState.Pending);
		// The reserve is for blocks that are full of what is live: it must be there when the first of them is reached.
		for (let i = 0; i < 2 * ring.length; i++) {
			if (mayPutFloor && ring.free < 3 && ring.pending > 0) this.#putFloor();
			else if (ring.free + ring.pending < this.#reserve - 1 && ring.count >= 2) this.clean();
			else break;
		}
		if (ring.free < 2) this.freeQuarantined();
	}

	/** Whether the oldest block holds nothing that must be carried. */
	#isBare(): boolean {
		return this.surveyed && !this.#kept.holds(this.#ring.sequences[this.#ring.kept(0)]!);
	}

	/** Lingering subjects that have been kept for as long as others are. */
	expire(): void {
		const live = this.#live;
		for (;;) {
			const subject = live.oldestClosed();
			if (subject === 0 || this.#closedSince(live.closedAt(subject)) < this.#retainCount) return;
			this.#forget(subject);
		}
	}

	/** At least so many of the subjects after this one are closed. */
	#closedSince(subject: number): number {
		return this.#tail.newest - subject - this.#live.openCount;
	}

	/** Makes it durable that the blocks before the oldest kept one are retired. */
	#putFloor(): void {
		this.#cleaning = true;
		try {
			const floor = this.#ring.sequences[this.#ring.kept(0)]!;
			const payload = new Uint8Array(4);
			putWord(payload, 0, floor);
			this.#tail.putInternal(Internal.Floor, payload);
			this.#ring.release(floor);
		} finally {
			this.#cleaning = false;
		}
	}

	/** Free blocks run short, or enough newer subjects are closed for the oldest block to go. */
	mustClean(): boolean {
		const ring = this.#ring;
		if (ring.count < 2) return false;
		if (ring.free + ring.pending < this.#reserve) return true;
		return this.#closedSince(ring.bases[ring.kept(1)]!) >= this.#retainCount + this.#lingerAfter;
	}

	/** Largest subject whose records may go for want of room while `blocks` more are written, 0 for none. */
	goesWithin(blocks: number): number {
		const ring = this.#ring;
		const reclaimed = Math.min(this.#reserve + blocks - ring.free - ring.pending, ring.count - 1);
		return reclaimed < 1 ? 0 : ring.bases[ring.kept(reclaimed)]!;
	}

	/** Mount has begun the kept table and not completed it. */
	get isBehind(): boolean {
		return !this.surveyed && this.survey !== undefined;
	}

	/** Completes the kept table by one block, or from the beginning when mount has not begun it. */
	surveyMore(): void {
		if (this.survey === undefined) {
			this.survey = this.newSurvey();
			this.survey.run(undefined);
		} else this.survey.step();
		this.begin(this.survey);
	}

	/** Goes on with a survey; when it is over, its buffer is let go. */
	begin(survey: Survey): void {
		this.surveyed = survey.left === 0;
		this.survey = this.surveyed ? undefined : survey;
	}

	newSurvey(): Survey {
		this.#endTail();
		return new Survey(this.#tables, this.#tail.newest);
	}

	/** For the records of one subject. */
	subjects(): SubjectReader {
		this.#endTail();
		return new SubjectReader(this.#tables);
	}

	/** What is read now ends where the next record goes. */
	#endTail(): void {
		const block = this.#ring.tail;
		if (block >= 0) this.#ring.ends[block] = this.#tail.offset;
	}

	/** Carries what is live out of the oldest block and retires it. */
	clean(): void {
		while (!this.surveyed) this.surveyMore();
		const sequence = this.#ring.sequences[this.#ring.kept(0)]!;
		if (this.#kept.holds(sequence)) {
			this.#cleaning = true;
			try {
				this.#carryOldest(sequence);
			} finally {
				this.#cleaning = false;
			}
			this.lost += this.#kept.dropPlace(sequence);
		}
		this.#ring.shift(BlockState.Pending);
	}

	#carryOldest(sequence: number): void {
		new LogReader(this.#tables).walk(0, (record, reader) => {
			const { subject, kind, mark, idSequence, idOffset } = record;
			if (mark === 0 || (subject !== 0 && !this.#live.has(subject))) return;
			if (!this.#kept.mustCarry(subject, kind, idSequence, idOffset, sequence)) return;
			const tail = this.#tail;
			tail.put({ subject, kind, mark, payload: reader.payload(), idSequence, idOffset });
			this.#kept.note(subject, kind, tail.idSequence, tail.idOffset, tail.sequence);
			this.carried++;
		});
	}

	/** Gives up blocks that may hold what is missing; they have been reported. */
	freeQuarantined(): void {
		for (let block = 0; block < this.#ring.length; block++)
			if (this.#ring.state(block) === BlockState.Quarantined)
				this.#ring.setState(block, BlockState.Free);
	}
}
