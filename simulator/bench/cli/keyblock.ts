/** `holdfast keyblock …` (docs/tool.md). */
import { keyBlock } from "../tool/keys";
import { guarded } from "./options";

/** @returns 0, 1 for what is wrong or cannot be read, 2 for wrong arguments */
export function main(args: readonly string[]): Promise<number> {
	return guarded(() => keyBlock(args));
}
