import { equalBytes } from "core/bytes";
import type { PrintLine } from "core/devices";
import {
	encodeLine,
	feedAndCut,
	initialise,
	processIdRequest,
	recoverAndClear,
} from "printer/escpos";

/** A process ID follows after so many bytes, and at most this many IDs stay unanswered. */
const segmentBytes = 512;
const segmentsAhead = 2;
const idDigits = 90;
const idDigitFirst = 0x21;

/**
 * One slip as a list of pieces and the proof that it was printed. A process ID request closes every segment; its
 * answer says that all before it is on paper. So no more than two segments (about 1.1 KB) wait in the printer, and
 * a printer that lost its buffer cannot prove the slip: the answers of a segment would be missing.
 */
export class PrintJob {
	readonly #pieces: readonly Uint8Array[];
	/** Index of the piece that closes each segment. */
	readonly #closings: readonly number[];
	readonly #idSeed: number;
	#next = 0;
	#answered = 0;

	/**
	 * @param idSeed 0 or more; jobs near in time must differ in it, so that no old answer proves a new slip
	 * @param torn a slip may stand half printed before the cutter: it is cut off first
	 */
	constructor(lines: readonly PrintLine[], idSeed: number, torn: boolean) {
		this.#idSeed = idSeed;
		const pieces = torn ? [recoverAndClear(), initialise(), feedAndCut()] : [initialise()];
		const closings: number[] = [];
		let inSegment = 0;
		lines.forEach((line, index) => {
			const piece = encodeLine(line);
			pieces.push(piece);
			inSegment += piece.length;
			if (inSegment < segmentBytes && index < lines.length - 1) return;
			pieces.push(processIdRequest(this.#id(closings.length)));
			closings.push(pieces.length - 1);
			inSegment = 0;
		});
		if (closings.length === 0) {
			pieces.push(processIdRequest(this.#id(0)));
			closings.push(pieces.length - 1);
		}
		pieces.push(feedAndCut());
		this.#pieces = pieces;
		this.#closings = closings;
	}

	/** A piece was taken: some of the slip may be on paper. */
	get begun(): boolean {
		return this.#next > 0;
	}

	/** The printer has proved every segment. */
	get proved(): boolean {
		return this.#answered === this.#closings.length;
	}

	/** The next whole command sequence to send, or undefined when all is sent or the printer holds enough. */
	take(): Uint8Array | undefined {
		const barrier = this.#closings[this.#answered + segmentsAhead - 1];
		if (barrier !== undefined && this.#next > barrier) return undefined;
		const piece = this.#pieces[this.#next];
		if (piece !== undefined) this.#next++;
		return piece;
	}

	/**
	 * The printer sent a process ID.
	 * @returns it is the next one of this job
	 */
	answer(id: Uint8Array): boolean {
		const closing = this.#closings[this.#answered];
		if (closing === undefined || closing >= this.#next) return false;
		if (!equalBytes(id, this.#id(this.#answered))) return false;
		this.#answered++;
		return true;
	}

	/** Three digits from the seed, one for the segment; base 90 from "!". */
	#id(segment: number): Uint8Array {
		const digit = (value: number) => idDigitFirst + (Math.floor(value) % idDigits);
		const seed = this.#idSeed;
		return Uint8Array.of(
			digit(seed / (idDigits * idDigits)),
			digit(seed / idDigits),
			digit(seed),
			digit(segment),
		);
	}
}
