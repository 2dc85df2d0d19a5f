/** What is on paper. Nothing takes it off again but tearing. */

export interface PaperLine {
	/** As a person reads it, aligned, without trailing spaces. */
	readonly text: string;
	/** Virtual time at which the head began it. */
	readonly atUs: number;
	readonly bold: boolean;
	/** Times the normal height; 2 is large. */
	readonly height: number;
	readonly kind: "text" | "qr" | "barcode" | "image";
}

/** The piece of paper between two cuts. */
export interface Slip {
	/** When its first line began. */
	readonly atUs: number;
	readonly lines: readonly PaperLine[];
	/** False: still hangs out of the printer. */
	readonly cut: boolean;
}

interface OpenSlip {
	atUs: number;
	lines: PaperLine[];
	cut: boolean;
}

/** The roll and what came off it. */
export class Paper {
	readonly #slips: OpenSlip[] = [];
	#current: OpenSlip | undefined;
	#leftDots: number;

	/** @param lengthDots on the roll */
	constructor(lengthDots: number) {
		this.#leftDots = lengthDots;
	}

	get leftDots(): number {
		return this.#leftDots;
	}

	/** All pieces, oldest first; the last may be uncut. */
	get slips(): readonly Slip[] {
		return this.#slips;
	}

	/** A new roll. */
	refill(lengthDots: number): void {
		this.#leftDots = lengthDots;
	}

	advance(dots: number): void {
		this.#leftDots = Math.max(0, this.#leftDots - dots);
	}

	put(line: PaperLine): void {
		if (this.#current === undefined) {
			this.#current = { atUs: line.atUs, lines: [], cut: false };
			this.#slips.push(this.#current);
		}
		this.#current.lines.push(line);
	}

	/** Cuts or tears; an empty piece counts for nothing. */
	cut(): void {
		if (this.#current !== undefined) this.#current.cut = true;
		this.#current = undefined;
	}
}
