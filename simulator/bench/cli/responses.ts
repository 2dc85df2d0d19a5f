/** `holdfast responses …` (docs/tool.md). */
import { showResponses } from "../tool/responses";
import { guarded } from "./options";

/** @returns 0, 1 for what is wrong or cannot be read, 2 for wrong arguments */
export function main(args: readonly string[]): Promise<number> {
	return guarded(() => showResponses(args));
}
