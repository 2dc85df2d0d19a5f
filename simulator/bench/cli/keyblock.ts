/** `holdfast keyblock …` (docs/tool.md). */
import { runAlone } from "../tool/dispatch";
import { keyBlock } from "../tool/keys";

/** @returns 0, 1 for what is wrong or cannot be read, 2 for wrong arguments */
export function main(args: readonly string[]): Promise<number> {
	return runAlone("keyblock", keyBlock, args);
}
