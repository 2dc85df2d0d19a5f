/** A promise that was broken. */
export interface Violation {
	/** Which checker found it. */
	readonly checker: string;
	readonly text: string;
	/** Amount of the sale, 0 when it is not about one. */
	readonly sale: number;
}

/** Collects what the checkers find; each finding once. */
export class Violations {
	readonly found: Violation[] = [];

	add(checker: string, text: string, sale = 0): void {
		const known = this.found.some((one) => one.checker === checker && one.text === text);
		if (!known && this.found.length < 50) this.found.push({ checker, text, sale });
	}
}
