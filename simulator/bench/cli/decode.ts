/** `holdfast decode KIND …`: what stands on a wire, for a person or as JSON (docs/tool.md). */
import { decodeIso8583 } from "../tool/decode-message";
import { decodeTlv } from "../tool/decode-tlv";
import { decodeVivotech } from "../tool/decode-vivotech";
import { dispatch } from "../tool/dispatch";
import { keyBlock, mac } from "../tool/keys";
import { showResponses } from "../tool/responses";

const kinds = Object.freeze({
	iso8583: decodeIso8583,
	tlv: decodeTlv,
	vivotech: decodeVivotech,
	mac,
	keyblock: keyBlock,
	responses: showResponses,
});

/** @returns 0, 1 for what cannot be read, 2 for wrong arguments */
export function main(args: readonly string[]): Promise<number> {
	return dispatch("decode", kinds, args);
}
