import { asciiBytes, concatBytes } from "core/bytes";
import type { ChipOutcome, HostAnswer } from "core/devices";
import { collectTags } from "card-reader/tags";
import { Status, type ReaderFrame } from "card-reader/vivotech";

/**
 * The second half of a chip transaction: 60-12 "apply host response" makes the reader authenticate the issuer (91), run its
 * scripts (71, 72) and ask the card for its second cryptogram (NEO 2 Interface Developer's Guide 8.4.20; EMV Book 3, 10.9
 * and 10.10).
 */

/** DFEE25, what the kernel has come to. */
export const KernelResult = Object.freeze({
	Approved: 0x0002,
	GoOnline: 0x0004,
} as const);

const hostAnswered = 0x01;
const Tag = Object.freeze({
	Result: 0xdfee25,
	CryptogramInformation: 0x9f27,
	Cryptogram: 0x9f26,
	ScriptResults: 0x9f5b,
} as const);
/** Five bytes for each of at most four scripts. */
const scriptResultsByteLimit = 20;
const none = new Uint8Array(0);

/** Data of 60-12: 01 "the host has answered", 8A, and the issuer's objects as the host sent them. */
export function completionData({ responseCode, issuerData }: HostAnswer): Uint8Array {
	return concatBytes(Uint8Array.of(hostAnswered, 0x8a, 2), asciiBytes(responseCode), issuerData);
}

/** DFEE25 of an answer, or -1 when it has none. */
export function kernelResult(data: Uint8Array): number {
	const value = collectTags(data)?.get(Tag.Result);
	return value?.length === 2 ? value[0]! * 256 + value[1]! : -1;
}

/**
 * What the answer to 60-12 means. Only the kernel's approval together with a TC (9F27 = 40) is one; an AAC is the card's
 * refusal; anything else says that the card is gone or the reader in trouble.
 */
export function chipOutcomeOf({ status, data }: ReaderFrame): ChipOutcome {
	const tags = status === Status.Ok ? collectTags(data) : undefined;
	if (tags === undefined) return { kind: "failed", cryptogram: none, scriptResults: none };
	const information = tags.get(Tag.CryptogramInformation)?.[0];
	const approved = kernelResult(data) === KernelResult.Approved;
	const kind =
		information === undefined
			? "failed"
			: approved && (information & 0xc0) === 0x40
				? "approved"
				: "declined";
	const results = tags.get(Tag.ScriptResults) ?? none;
	const cryptogram = tags.get(Tag.Cryptogram) ?? none;
	return {
		kind,
		cryptogram: cryptogram.length === 8 ? cryptogram.slice() : none,
		scriptResults: results.length <= scriptResultsByteLimit ? results.slice() : none,
	};
}
