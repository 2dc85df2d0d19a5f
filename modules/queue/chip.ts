import { concatBytes } from "core/bytes";
import type { CardRead } from "core/card";
import type { CardReader, ChipOutcome } from "core/devices";
import { Fault } from "core/fault";
import { LogCode, type Log } from "core/log";
import type { HostOutcome } from "host/link";
import { reversalTags } from "host/requests";
import { subset } from "message/tlv";
import type { RequestDecision } from "queue/decide";
import { Input } from "transaction/states";
import { ReversalReason } from "transaction/transaction";

/** What the worker needs of the reader. */
export type ChipPort = Pick<CardReader, "awaitsHost" | "complete">;

const none = new Uint8Array(0);
const gone: ChipOutcome = Object.freeze({ kind: "failed", cryptogram: none, scriptResults: none });

export interface ChipQuestion {
	/** What was read; undefined for kinds that read none. */
	readonly card: CardRead | undefined;
	readonly outcome: HostOutcome;
	/** What the host's answer means. */
	readonly decision: RequestDecision;
	/** Money moves: without the chip's consent an approval is none. */
	readonly binding: boolean;
}

/**
 * Gives a chip that waits in the reader the host's answer. An approval counts only when the chip agrees (EMV Book 3, 10.11:
 * a card that refuses in the end has not paid); until then the transaction stays in Sending, so a power cut reverses it.
 * @param done called once, at once or when the chip has spoken, with what counts and the results of the issuer's scripts
 */
export function askChip(
	chip: ChipPort,
	log: Log,
	question: ChipQuestion,
	done: (decision: RequestDecision, scriptResults: Uint8Array) => void,
): void {
	const { card, outcome, decision } = question;
	const answered = outcome.kind === "reply" && outcome.authenticated;
	if (card === undefined || !answered || !chip.awaitsHost) {
		done(decision, none);
		return;
	}
	const counts = question.binding && decision.input === Input.Approve;
	const heard = (last: ChipOutcome): void => {
		if (!counts || last.kind === "approved") done(decision, last.scriptResults);
		else {
			log.event(LogCode.ChipRefused, last.kind === "declined" ? 1 : 2);
			done(refused(decision), last.scriptResults);
		}
	};
	const { responseCode, issuerData = none } = outcome;
	try {
		chip.complete({ responseCode, issuerData }, heard);
	} catch (error) {
		if (!(error instanceof Fault)) throw error;
		heard(gone);
	}
}

/** The host may have posted what the card has not paid: it is reversed, with reason 06. */
function refused({ responseCode, rrn }: RequestDecision): RequestDecision {
	return {
		input: Input.Doubt,
		reason: ReversalReason.CardFailed,
		...(responseCode === undefined ? {} : { responseCode }),
		...(rrn === undefined ? {} : { rrn }),
	};
}

/** Field 55 of a script result: the result, and of the original what a reversal carries as well. @param results 5 bytes for each script, at most 20 */
export function scriptResultData(chipData: Uint8Array, results: Uint8Array): Uint8Array {
	const result = Uint8Array.of(0xdf, 0x31, results.length);
	return concatBytes(result, results, subset(chipData, reversalTags));
}
