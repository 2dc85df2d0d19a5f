import type { CardOutcome } from "core/devices";
import { readCard } from "card-reader/card-data";
import { KernelResult, kernelResult } from "card-reader/completion";
import { contactAnswer, Status, type ReaderFrame } from "card-reader/vivotech";

/**
 * What the answer to an activation means for the sale.
 * @param amountMinor the amount that was asked for
 * @param cancelled the wait was being cancelled: whatever is no card is "cancelled" then
 */
export function outcomeOf(
	frame: ReaderFrame,
	amountMinor: number,
	cancelled: boolean,
): CardOutcome {
	const outcome = outcomeByStatus(frame, amountMinor);
	const unread = outcome.kind === "timeout" || outcome.kind === "failed";
	const clear = outcome.kind === "failed" && outcome.reason === "clear-data";
	return cancelled && unread && !clear ? { kind: "cancelled" } : outcome;
}

function outcomeByStatus(frame: ReaderFrame, amountMinor: number): CardOutcome {
	const { command, status, data } = frame;
	// A chip has been read when the kernel wants to go online; what it refused by itself is no card to charge.
	if (command === contactAnswer && status === Status.Ok) {
		const result = kernelResult(data);
		if (result < 0) return { kind: "failed", reason: "bad-read" };
		if (result !== KernelResult.GoOnline) return { kind: "failed", reason: "refused" };
	}
	switch (status) {
		case Status.Ok:
		case Status.GoOnline: {
			const card = readCard(data, amountMinor);
			return typeof card === "string" ? { kind: "failed", reason: card } : { kind: "card", card };
		}
		case Status.TimeOut:
			return { kind: "timeout" };
		case Status.Failed:
		case Status.BadHeader:
		case Status.BadCrc:
		case Status.Malformed:
			return { kind: "failed", reason: "bad-read" };
		default:
			return { kind: "failed", reason: "refused" };
	}
}
