import type { BlockReader } from "journal/block-reader";
import type { KeptTable } from "journal/kept";
import type { LiveTable } from "journal/live";
import { LogReader } from "journal/log-reader";
import type { RecordView } from "journal/record";
import type { Ring } from "journal/ring";
import type { Spans } from "journal/spans";
import type { Tables } from "journal/tables";
import type { JournalRecord, VisitLimit } from "journal/types";

/** Where one instance of a record stands. */
interface Place {
	readonly subject: number;
	readonly kind: number;
	readonly idSequence: number;
	readonly idOffset: number;
	/** Of the kept blocks, 0 the oldest. */
	readonly n: number;
	readonly offset: number;
}

/** A range of a kept block in which no record could be read. */
interface Gap {
	readonly sequence: number;
	readonly from: number;
	readonly to: number;
	covered: boolean;
}

/**
 * Reads every kept record once: fills the kept table and visits. Records of subjects that were opened before the
 * oldest kept block do not stand in order (they were carried), so they are looked up and visited at the end.
 */
export class Survey {
	records = 0;
	unreadable = 0;
	/** Subjects of which only a rest is left: nothing is told of them. */
	remnants = 0;
	readonly #log: LogReader;
	readonly #ring: Ring;
	readonly #live: LiveTable;
	readonly #kept: KeptTable;
	readonly #spans: Spans;
	/** Largest subject that had been opened when this began. */
	readonly #newest: number;
	readonly #gaps: Gap[] = [];
	/** Records that do not stand in order: of settings, and of subjects opened before the oldest kept block. */
	readonly #places: Place[] = [];
	readonly #lateIds: string[] = [];
	#left = 0;
	#whole: ReadonlySet<number> | undefined;
	#visit: ((record: JournalRecord) => void) | undefined;
	#older: ((record: JournalRecord) => void) | undefined;
	/** In the order in which they stand. */
	#olderRecords: JournalRecord[] = [];

	/** @param newest largest subject that was opened */
	constructor(tables: Tables, newest: number) {
		this.#log = new LogReader(tables);
		this.#ring = tables.ring;
		this.#live = tables.live;
		this.#kept = tables.kept;
		this.#spans = tables.spans;
		this.#newest = newest;
	}

	/** Damaged places whose record stands nowhere else. */
	get skipped(): number {
		return this.#gaps.filter((gap) => !gap.covered).length;
	}

	/** Kept blocks that were not read yet: the oldest ones. `step` reads the next. */
	get left(): number {
		return this.#left;
	}

	/**
	 * Fills the kept table and the spans, and visits.
	 * @param visit without it nothing is visited
	 * @param limit reads no further back than it needs; the rest is for `step`
	 * @param whole subjects that are whole though they are not live
	 */
	run(
		visit: ((record: JournalRecord) => void) | undefined,
		limit: VisitLimit | undefined = undefined,
		whole?: ReadonlySet<number>,
	): void {
		this.#visit = visit;
		this.#whole = whole;
		this.#older = limit?.older;
		this.#kept.clear();
		this.#spans.clear();
		const ring = this.#ring;
		this.#left = limit === undefined ? 0 : this.#firstNeeded(this.#newest - limit.newest + 1);
		if (ring.count === 0) return;
		const isAll = this.#left === 0;
		const before = ring.bases[ring.kept(this.#left)]!;
		for (let n = this.#left; n < ring.count; n++) this.#visitBlock(n, before);
		if (!isAll) this.#tellOlder();
		// Settings are kept for ever, so they may stand anywhere.
		const isMissing = (kind: number): boolean =>
			!this.#places.some((place) => place.subject === 0 && place.kind === kind);
		while (this.#left > 0 && limit?.settings.some(isMissing) === true) this.step();
		if (visit !== undefined) this.#visitScattered(this.#sortedPlaces(), isAll);
		this.#places.length = 0;
		this.#visit = undefined;
	}

	/**
	 * Reads one more block and tells of its records, newest first. Blocks may be appended meanwhile, but none retired: what
	 * stood in the oldest block goes on standing there.
	 */
	step(): void {
		if (this.#left === 0) return;
		this.#visitBlock(--this.#left, undefined);
		this.#tellOlder();
	}

	#tellOlder(): void {
		for (const record of this.#olderRecords.reverse()) this.#older?.(record);
		this.#olderRecords = [];
	}

	/** Keeps a record that is not visited to be told of, if its subject is whole. */
	#addOlder({ subject, kind }: RecordView, reader: BlockReader): void {
		if (this.#older === undefined) return;
		if (subject === 0 || subject > this.#ring.oldestBase || this.#live.has(subject))
			this.#olderRecords.push({ subject, kind, payload: reader.payload() });
	}

	/** The newest block before which neither an open subject nor one from `from` on was opened. */
	#firstNeeded(from: number): number {
		const oldest = this.#live.oldestOpen();
		return this.#ring.openedIn(oldest === 0 ? from : Math.min(from, oldest));
	}

	#sortedPlaces(): Place[] {
		return this.#places.sort(
			(a, b) =>
				a.subject - b.subject ||
				a.idSequence - b.idSequence ||
				a.idOffset - b.idOffset ||
				a.n - b.n,
		);
	}

	#visitScattered(places: readonly Place[], isAll: boolean): void {
		for (let i = 0; i < places.length;) {
			const subject = places[i]!.subject;
			let end = i;
			while (end < places.length && places[end]!.subject === subject) end++;
			const own = places.slice(i, end);
			if (subject === 0) this.#visitSettings(own);
			// Of others records are gone, their newest ones as well; or, read in part, the first are further back.
			else if (isAll && this.#isWhole(subject)) this.#visitSubject(own);
			else if (isAll) this.remnants++;
			i = end;
		}
	}

	#isWhole(subject: number): boolean {
		return this.#live.has(subject) || this.#whole?.has(subject) === true;
	}

	#visitSettings(places: readonly Place[]): void {
		for (let i = 0; i < places.length; i++) {
			const place = places[i]!;
			const newer = places.some((each, j) => j > i && each.kind === place.kind);
			if (!newer) this.#visitIdentity(places, i);
		}
	}

	#visitSubject(places: readonly Place[]): void {
		for (let i = 0; i < places.length; i++) {
			const next = places[i + 1];
			if (next === undefined || !sameIdentity(next, places[i]!)) this.#visitIdentity(places, i);
		}
	}

	/** Visits the record whose newest instance is `places[last]`; an older instance if that cannot be read. */
	#visitIdentity(places: readonly Place[], last: number): void {
		const identity = places[last]!;
		for (let i = last; i >= 0 && sameIdentity(places[i]!, identity); i--) {
			const place = places[i]!;
			const reader = this.#log.open(place.n);
			if (reader === undefined || !reader.parse(place.offset, this.#log.end(place.n))) continue;
			this.#deliver(reader);
			return;
		}
	}

	/** @param before largest subject that was opened before the oldest visited block; undefined: no visit */
	#visitBlock(n: number, before: number | undefined): void {
		const block = this.#ring.kept(n);
		const sequence = this.#ring.sequences[block]!;
		const base = this.#ring.bases[block]!;
		const onGap = (from: number, to: number): void => {
			this.#gaps.push({ sequence, from, to, covered: false });
		};
		const onRecord = (record: RecordView, reader: BlockReader): void => {
			const { subject, kind, idSequence, idOffset } = record;
			if (record.mark === 0) return;
			if (subject === 0 || this.#live.has(subject))
				this.#kept.note(subject, kind, idSequence, idOffset, sequence);
			if (subject !== 0 && subject <= base)
				this.#spans.note(subject, n - this.#ring.openedIn(subject), this.#newest);
			const isNew = !record.isCopy || this.#isNew(record);
			if (before === undefined || (this.#left > 0 && subject <= before))
				this.#addOlder(record, reader);
			if (this.#visit === undefined) return;
			if (subject === 0 || (before !== undefined && subject <= before))
				this.#places.push(placeOf(record, n));
			else if (isNew && before !== undefined) this.#deliver(reader);
		};
		if (this.#log.walk(n, onRecord, onGap)) return;
		this.unreadable++;
		onGap(0, this.#log.blockLength);
	}

	/** Whether the original of this copy was not visited, nor another copy of it. */
	#isNew(record: RecordView): boolean {
		const { idSequence, idOffset } = record;
		const oldest = this.#ring.sequences[this.#ring.kept(0)]!;
		if (idSequence >= oldest) {
			const gap = this.#gaps.find(
				({ sequence, from, to }) => sequence === idSequence && idOffset >= from && idOffset < to,
			);
			if (gap === undefined && this.#isKept(idSequence)) return false;
			if (gap !== undefined) gap.covered = true;
		}
		const id = `${idSequence} ${idOffset}`;
		if (this.#lateIds.includes(id)) return false;
		this.#lateIds.push(id);
		return true;
	}

	#isKept(sequence: number): boolean {
		for (let n = 0; n < this.#ring.count; n++)
			if (this.#ring.sequences[this.#ring.kept(n)] === sequence) return true;
		return false;
	}

	#deliver(reader: BlockReader): void {
		const { subject, kind } = reader.record;
		this.records++;
		this.#visit?.({ subject, kind, payload: reader.payload() });
	}
}

function placeOf(record: RecordView, n: number): Place {
	const { subject, kind, idSequence, idOffset, offset } = record;
	return { subject, kind, idSequence, idOffset, n, offset };
}

function sameIdentity(a: Place, b: Place): boolean {
	return a.subject === b.subject && a.idSequence === b.idSequence && a.idOffset === b.idOffset;
}
