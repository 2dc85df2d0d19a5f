/** `holdfast journal dump|verify IMAGE`: what stands on the flash of a terminal in the field (docs/tool.md). */
import { dispatch } from "../tool/dispatch";
import { dump, verify } from "../tool/journal/command";

const kinds = Object.freeze({ dump, verify });

/** @returns 0, 1 for what is damaged or cannot be read, 2 for wrong arguments */
export function main(args: readonly string[]): Promise<number> {
	return dispatch("journal", kinds, args);
}
