import { latestDue } from "settlement/automatic";
import type { BatchRow, BatchView } from "settlement/batch-view";
import type { SettlementStore } from "settlement/store";
import type { Member } from "settlement/totals";
import { OldestUnsettled, unsettledBatches } from "settlement/unsettled";

/** Which batches wait for a settlement, and when one begins by itself. */
export class Agenda {
	readonly #store: SettlementStore;
	readonly #view: BatchView;
	readonly #oldest: OldestUnsettled;
	/** Batches that the host refused in this run. */
	#refused: number[] = [];
	#settledAny = false;

	constructor(store: SettlementStore, view: BatchView) {
		this.#store = store;
		this.#view = view;
		this.#oldest = new OldestUnsettled(view, store.closed);
	}

	/** A run begins: what an earlier one could not settle is tried again. */
	begin(): void {
		this.#refused = [];
		this.#settledAny = false;
	}

	settled(): void {
		this.#settledAny = true;
	}

	refused(batch: number): void {
		this.#refused.push(batch);
	}

	/** The oldest batch that counts and was not refused in this run. */
	next(): number | undefined {
		const waiting = unsettledBatches(this.#view, this.#store.closed, true);
		return waiting.find(({ batch }) => !this.#refused.includes(batch))?.batch;
	}

	/** The same; an empty one when a person asked and there is no other: the host may have what the terminal has not. */
	nextOrEmpty(current: number): number | undefined {
		const next = this.next();
		if (next !== undefined) return next;
		const asked = !this.#store.step.automatic && !this.#settledAny;
		return asked && !this.#refused.includes(current) ? current : undefined;
	}

	/** What belongs to a batch, up to a number. */
	member(batch: number, lastNumber: number): Member {
		const { closed } = this.#store;
		return (row: BatchRow) =>
			row.batch === batch && row.number <= lastNumber && !closed.isClosed(batch, row.number);
	}

	/** The oldest transaction that waits for a settlement or may come to do so, 0 when there is none. */
	oldest(): number {
		return this.#oldest.find();
	}

	/**
	 * The day for which a settlement is to begin by itself now: its moment has come since one did last, and something that waits is
	 * older than that moment. A terminal that was off then finds it later; a day that was settled is not settled again.
	 */
	dueDay(nowMs: number, utcOffsetMinutes: number, settlementMinute: number): number | undefined {
		const due = latestDue(nowMs, utcOffsetMinutes, settlementMinute);
		if (due === undefined || due.day === this.#store.step.automaticDay) return undefined;
		return this.#hasOlderThan(due.atMs) ? due.day : undefined;
	}

	#hasOlderThan(atMs: number): boolean {
		const waiting = unsettledBatches(this.#view, this.#store.closed, true);
		let found = false;
		this.#view.visit(waiting[0]?.firstNumber ?? this.#view.last + 1, (row) => {
			const mine = waiting.some(({ batch }) => batch === row.batch);
			found = mine && row.openedSeconds * 1000 < atMs;
			return !found;
		});
		return found;
	}
}
