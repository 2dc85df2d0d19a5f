import type { Edit } from "./build";

/** A fault put into the firmware on purpose. */
export interface Mutant {
	readonly name: string;
	/** What would go wrong in the field. */
	readonly harm: string;
	readonly edits: readonly Edit[];
}
