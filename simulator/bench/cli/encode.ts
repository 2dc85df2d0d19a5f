/** `holdfast encode KIND …`: the inverse of `decode` (docs/tool.md). */
import { dispatch } from "../tool/dispatch";
import { encodeIso8583 } from "../tool/encode-message";

const kinds = Object.freeze({ iso8583: encodeIso8583 });

/** @returns 0, 1 for what cannot be written, 2 for wrong arguments */
export function main(args: readonly string[]): Promise<number> {
	return dispatch("encode", kinds, args);
}
