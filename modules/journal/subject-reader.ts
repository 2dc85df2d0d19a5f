import type { BlockReader } from "journal/block-reader";
import type { KeptTable } from "journal/kept";
import { LogReader } from "journal/log-reader";
import type { RecordView } from "journal/record";
import type { Ring } from "journal/ring";
import type { Tables } from "journal/tables";
import type { JournalRecord } from "journal/types";

interface Found extends JournalRecord {
	readonly idSequence: number;
	readonly idOffset: number;
}

/** Finds the records of one subject: reads only the blocks in which they stand. */
export class SubjectReader {
	readonly #log: LogReader;
	readonly #ring: Ring;
	readonly #kept: KeptTable;

	constructor(tables: Tables) {
		this.#log = new LogReader(tables);
		this.#ring = tables.ring;
		this.#kept = tables.kept;
	}

	/**
	 * Visits the records of a subject that was opened in a kept block, as they were written.
	 * @param span how many blocks behind the first one they stand in; undefined: up to the newest block
	 */
	visitInOrder(
		subject: number,
		span: number | undefined,
		visit: (record: JournalRecord) => void,
	): void {
		const seen: { readonly sequence: number; readonly offset: number }[] = [];
		const newest = this.#ring.count - 1;
		const first = this.#ring.openedIn(subject);
		const last = span === undefined ? newest : Math.min(first + span, newest);
		const onRecord = (record: RecordView, reader: BlockReader): void => {
			if (record.mark === 0 || record.subject !== subject) return;
			const { kind, idSequence: sequence, idOffset: offset } = record;
			// A copy counts where the original cannot be read.
			if (seen.some((id) => id.sequence === sequence && id.offset === offset)) return;
			seen.push({ sequence, offset });
			visit({ subject, kind, payload: reader.payload() });
		};
		for (let n = first; n <= last; n++) this.#log.walk(n, onRecord);
	}

	/** Visits the newest record of each kind of a live subject, wherever they were carried to, as they were written. */
	visitCarried(subject: number, visit: (record: JournalRecord) => void): void {
		const places = this.#kept.placesOf(subject);
		const found: Found[] = [];
		const onRecord = (record: RecordView, reader: BlockReader): void => {
			if (record.mark === 0 || record.subject !== subject) return;
			const { kind, idSequence, idOffset } = record;
			if (!this.#kept.isNewest(subject, kind, idSequence, idOffset)) return;
			const again = found.some((f) => f.idSequence === idSequence && f.idOffset === idOffset);
			if (!again) found.push({ subject, kind, idSequence, idOffset, payload: reader.payload() });
		};
		for (let n = 0; n < this.#ring.count; n++)
			if (places.has(this.#ring.sequences[this.#ring.kept(n)]!)) this.#log.walk(n, onRecord);
		found.sort((a, b) => a.idSequence - b.idSequence || a.idOffset - b.idOffset);
		for (const { kind, payload } of found) visit({ subject, kind, payload });
	}

	/** Fills the kept table with what stands of a subject that was closed and is opened again. */
	note(subject: number): void {
		const first = subject <= this.#ring.oldestBase ? 0 : this.#ring.openedIn(subject);
		for (let n = first; n < this.#ring.count; n++) {
			const sequence = this.#ring.sequences[this.#ring.kept(n)]!;
			this.#log.walk(n, (record) => {
				if (record.mark === 0 || record.subject !== subject) return;
				const { kind, idSequence, idOffset } = record;
				this.#kept.note(subject, kind, idSequence, idOffset, sequence);
			});
		}
	}
}
