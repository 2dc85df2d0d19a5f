import { batchDetailsMax, type BatchDetail } from "message/settlement-fields";
import { messageTypeOf, type BatchView } from "settlement/batch-view";
import { isCounted, type Member } from "settlement/totals";
import { kindTraits } from "transaction/kinds";

/** The next details of an upload. */
export interface UploadPart {
	readonly details: readonly BatchDetail[];
	/** Number of the last of them; the position when there is none. */
	readonly lastNumber: number;
}

/** Up to eight details of transactions behind `position`, by rising number, so that a part can be made again. */
export function uploadPart(view: BatchView, position: number, member: Member): UploadPart {
	const details: BatchDetail[] = [];
	let lastNumber = position;
	view.visit(position + 1, (row) => {
		if (!isCounted(row) || !member(row)) return true;
		const { stan, amountMinor } = row;
		details.push({
			type: messageTypeOf(row),
			stan,
			amountMinor,
			credit: kindTraits[row.kind].sign < 0,
		});
		lastNumber = row.number;
		return details.length < batchDetailsMax;
	});
	return { details, lastNumber };
}

/** Transactions of the batch up to `upTo`. */
export function countUpTo(view: BatchView, upTo: number, member: Member): number {
	let count = 0;
	view.visit(1, (row) => {
		if (row.number > upTo) return false;
		if (isCounted(row) && member(row)) count++;
		return true;
	});
	return count;
}
