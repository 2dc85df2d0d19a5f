import type { Mutant } from "./mutant";
import { kindMutants } from "./mutants-kinds";
import { saleMutants } from "./mutants-sale";

export type { Mutant } from "./mutant";

/** Each of these must be caught. The edits are made in the source text when the simulation is bundled. */
export const mutants: readonly Mutant[] = Object.freeze([...saleMutants, ...kindMutants]);
