import { DifferenceKind } from "message/settlement-fields";
import type { BatchView } from "settlement/batch-view";
import type { BatchDifference } from "settlement/records";
import { isCounted } from "settlement/totals";
import { kindTraits } from "transaction/kinds";

/** A difference of the host, and what the terminal has in its place. */
export interface FoundDifference {
	readonly batch: number;
	readonly kind: DifferenceKind;
	readonly stan: number;
	/** As the host has it, negative for a credit; 0 where it has none. */
	readonly hostMinor: number;
	/** As the terminal has it, likewise; 0 where nothing stands here. */
	readonly oursMinor: number;
	/** Number of the transaction here, 0 when none is known. */
	readonly number: number;
}

/** Looks the differences up in what the terminal holds. */
export function findDifferences(
	differences: readonly BatchDifference[],
	view: BatchView,
): FoundDifference[] {
	return differences.map(({ batch, kind, stan, amountMinor, credit }) => {
		let number = 0;
		let oursMinor = 0;
		view.visit(1, (row) => {
			if (row.batch !== batch || row.stan !== stan) return true;
			number = row.number;
			oursMinor = isCounted(row) ? kindTraits[row.kind].sign * row.amountMinor : 0;
			return false;
		});
		// Of what the terminal alone has the host tells what it was told, not what it holds.
		const hostMinor = kind === DifferenceKind.Short ? 0 : credit ? -amountMinor : amountMinor;
		return { batch, kind, stan, hostMinor, oursMinor, number };
	});
}
