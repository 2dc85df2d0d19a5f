import { Mark, type JournalRecord } from "journal/journal";
import { ClosedBatches, type UnsettledBatch } from "settlement/closed-batches";
import {
	decodeClosed,
	decodeDifferences,
	decodeLeftOpen,
	decodeReport,
	decodeResult,
	decodeStep,
	differencesKept,
	encodeClosed,
	encodeDifferences,
	encodeLeftOpen,
	encodeReport,
	encodeResult,
	encodeStep,
	idleStep,
	SettlementKind,
	type BatchDifference,
	type ClosedBatch,
	type ReportRecord,
	type ResultRecord,
	type StepRecord,
} from "settlement/records";
import type { JournalPort } from "transaction/counters";

/**
 * What the journal holds of settlements. Every change is on flash before it is visible here (G2): each method appends first
 * and changes memory second.
 */
export class SettlementStore {
	readonly closed = new ClosedBatches();
	readonly #journal: Pick<JournalPort, "append">;
	#step: StepRecord = idleStep;
	#result: ResultRecord | undefined;
	#differences: readonly BatchDifference[] = [];
	#report: ReportRecord | undefined;
	#unreadable = 0;
	/** Kinds of which the newest record is known. */
	readonly #known = new Set<number>();

	constructor(journal: Pick<JournalPort, "append">) {
		this.#journal = journal;
	}

	get step(): StepRecord {
		return this.#step;
	}

	/** The last settlement that came to an end. */
	get result(): ResultRecord | undefined {
		return this.#result;
	}

	/** The newest differences, of more than one batch. */
	get differences(): readonly BatchDifference[] {
		return this.#differences;
	}

	get report(): ReportRecord | undefined {
		return this.#report;
	}

	/** Records that this firmware could not read. */
	get unreadable(): number {
		return this.#unreadable;
	}

	/** Takes over a record that is the newest of its kind. @returns false when it is none of ours */
	restore({ subject, kind, payload }: JournalRecord): boolean {
		if (subject !== 0 || kind < SettlementKind.Step || kind > SettlementKind.Report) return false;
		this.#known.add(kind);
		if (!this.#take(kind, payload)) this.#unreadable++;
		return true;
	}

	/** Takes over a record that idle time has read back: the newest of its kind comes first. */
	learn(record: JournalRecord): void {
		if (!this.#known.has(record.kind)) this.restore(record);
	}

	#take(kind: number, payload: Uint8Array): boolean {
		switch (kind) {
			case SettlementKind.Step: {
				const step = decodeStep(payload);
				this.#step = step ?? this.#step;
				return step !== undefined;
			}
			case SettlementKind.Closed: {
				const closed = decodeClosed(payload);
				if (closed !== undefined) this.closed.restore(closed);
				return closed !== undefined;
			}
			case SettlementKind.Result:
				this.#result = decodeResult(payload);
				return this.#result !== undefined;
			case SettlementKind.Differences: {
				const differences = decodeDifferences(payload);
				this.#differences = differences ?? this.#differences;
				return differences !== undefined;
			}
			case SettlementKind.LeftOpen: {
				const numbers = decodeLeftOpen(payload);
				if (numbers !== undefined) this.closed.restoreLeftOpen(numbers);
				return numbers !== undefined;
			}
			default:
				this.#report = decodeReport(payload);
				return this.#report !== undefined;
		}
	}

	putStep(step: StepRecord): void {
		this.#append(SettlementKind.Step, encodeStep(step));
		this.#step = step;
	}

	/** Differences of one batch in place of what was known of it. */
	putDifferences(batch: number, found: readonly BatchDifference[]): void {
		const others = this.#differences.filter((difference) => difference.batch !== batch);
		const differences = [...others, ...found].slice(-differencesKept);
		this.#append(SettlementKind.Differences, encodeDifferences(differences));
		this.#differences = differences;
	}

	putResult(result: ResultRecord): void {
		this.#append(SettlementKind.Result, encodeResult(result));
		this.#result = result;
	}

	putReport(report: ReportRecord): void {
		this.#append(SettlementKind.Report, encodeReport(report));
		this.#report = report;
	}

	putLeftOpen(numbers: readonly number[]): void {
		const all = this.closed.withLeftOpen(numbers);
		this.#append(SettlementKind.LeftOpen, encodeLeftOpen(all));
		this.closed.restoreLeftOpen(all);
	}

	/** From now on the batch is settled. @param others batches that stay unsettled, in order of their first number */
	putClosed(closed: ClosedBatch, others: readonly UnsettledBatch[]): void {
		const record = this.closed.with(closed, others);
		this.#append(SettlementKind.Closed, encodeClosed(record));
		this.closed.restore(record);
	}

	#append(kind: number, payload: Uint8Array): void {
		this.#known.add(kind);
		this.#journal.append(0, kind, payload, Mark.More);
	}
}
