/** For subjects further apart than this the same place is used. A power of two. */
const window = 1024;
const spanMax = 255;

/**
 * In how many blocks behind the one in which it was opened the records of a subject stand, for the newest subjects: so that
 * those of one can be read without reading all that came later. One byte a subject.
 */
export class Spans {
	readonly #spans = new Uint8Array(window);

	clear(): void {
		this.#spans.fill(0);
	}

	/** A new subject: all of it stands in one block. */
	open(subject: number): void {
		this.#spans[subject & (window - 1)] = 0;
	}

	/** A record of a subject stands `span` blocks behind its first one. @param newest largest subject that was opened */
	note(subject: number, span: number, newest: number): void {
		const slot = subject & (window - 1);
		if (newest - subject < window && span > this.#spans[slot]!)
			this.#spans[slot] = Math.min(span, spanMax);
	}

	/** @returns undefined when it is not known */
	of(subject: number, newest: number): number | undefined {
		const span = this.#spans[subject & (window - 1)]!;
		return newest - subject < window && span < spanMax ? span : undefined;
	}
}
