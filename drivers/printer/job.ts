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
 * A line is encoded when it is taken: looking up hanzi costs time that would be missing elsewhere in one go.
 */
export class PrintJob {
	readonly #lines: readonly PrintLine[];
	readonly #idSeed: number;
	/** Pieces that come before the next line. */
	readonly #ahead: Uint8Array[];
	#begun = false;
	#line = 0;
	#inSegment = 0;
	/** Segments that are closed, and of them those that are proved. */
	#asked = 0;
	#answered = 0;
	/** The last segment is closed. */
	#complete = false;

	/**
	 * @param idSeed 0 or more; jobs near in time must differ in it, so that no old answer proves a new slip
	 * @param torn a slip may stand half printed before the cutter: it is cut off first
	 */
	constructor(lines: readonly PrintLine[], idSeed: number, torn: boolean) {
		this.#lines = [...lines];
		this.#idSeed = idSeed;
		this.#ahead = torn ? [recoverAndClear(), initialise(), feedAndCut()] : [initialise()];
	}

	/** A piece was taken: some of the slip may be on paper. */
	get begun(): boolean {
		return this.#begun;
	}

	/** The printer has proved every segment. */
	get proved(): boolean {
		return this.#complete && this.#answered === this.#asked;
	}

	/** The next whole command sequence to send, or undefined when all is sent or the printer holds enough. */
	take(): Uint8Array | undefined {
		this.#begun = true;
		const ahead = this.#ahead.shift();
		if (ahead !== undefined) return ahead;
		if (this.#complete || this.#asked - this.#answered >= segmentsAhead) return undefined;
		const line = this.#lines[this.#line];
		if (line === undefined || this.#inSegment >= segmentBytes)
			return this.#close(line === undefined);
		const piece = encodeLine(line);
		this.#line++;
		this.#inSegment += piece.length;
		return piece;
	}

	/**
	 * The printer sent a process ID.
	 * @returns it is the next one of this job
	 */
	answer(id: Uint8Array): boolean {
		if (this.#answered === this.#asked || !equalBytes(id, this.#id(this.#answered))) return false;
		this.#answered++;
		return true;
	}

	#close(last: boolean): Uint8Array {
		this.#complete = last;
		this.#inSegment = 0;
		if (last) this.#ahead.push(feedAndCut());
		return processIdRequest(this.#id(this.#asked++));
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
