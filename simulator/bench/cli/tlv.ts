/** `holdfast tlv …` (docs/tool.md). */
import { runAlone } from "../tool/dispatch";
import { decodeTlv } from "../tool/decode-tlv";

/** @returns 0, 1 for what cannot be read, 2 for wrong arguments */
export function main(args: readonly string[]): Promise<number> {
	return runAlone("tlv", decodeTlv, args);
}
