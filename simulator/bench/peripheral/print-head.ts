import { Paper } from "./paper";
import type { PaperLine, Slip } from "./paper";
import { LineBuffer } from "./print-line";
import { initialStyle } from "./print-style";
import type { PrintStyle } from "./print-style";

export interface PrintHeadHost {
	nowUs(): number;
	/** One-shot timer that dies with the supply. */
	later(delayUs: number, action: () => void): () => void;
	note(text: string): void;
	onLine(line: PaperLine): void;
	onCut(slip: Slip): void;
	/** The mechanics stand still again. */
	onIdle(): void;
}

const cutUs = 300_000;
/** 50 mm/s at 8 dots per mm. */
const dotUs = 2_500;
export const charDots = 24;
const gapDots = 6;
/** Paper that a line of normal text takes. */
export const lineDots = charDots + gapDots;
/** From the head to the cutter. */
const cutterDots = 96;

/** Head, feed and cutter: what is composed comes on paper here, and takes its time. */
export class PrintHead {
	readonly paper: Paper;
	readonly line = new LineBuffer();
	style: PrintStyle = initialStyle();
	readonly #host: PrintHeadHost;
	#busy = false;

	constructor(paperDots: number, host: PrintHeadHost) {
		this.paper = new Paper(paperDots);
		this.#host = host;
	}

	/** Something moves. */
	get busy(): boolean {
		return this.#busy;
	}

	/** As ESC @: composed text and style are gone. */
	initialise(): void {
		this.line.clear();
		this.style = initialStyle();
	}

	/** The supply went. */
	stop(): void {
		this.initialise();
		this.#busy = false;
	}

	/**
	 * Composes text; a full line is printed.
	 * @returns bytes that have to be offered again when the head stands still
	 */
	compose(bytes: Uint8Array): number {
		for (const [i, byte] of bytes.entries()) {
			if (this.line.add(byte, this.style)) continue;
			this.printLine();
			return bytes.length - i;
		}
		return 0;
	}

	printLine(): void {
		const dots = charDots * this.line.height + gapDots;
		this.#putLine();
		this.#move(dots);
	}

	/** Prints something that is no text. */
	printMark(kind: PaperLine["kind"], text: string, dots: number): void {
		this.#put(text, kind, false, 1);
		this.#move(Math.max(1, dots));
	}

	feedLines(count: number): void {
		const empty = this.line.empty;
		const dots = count * lineDots + (empty ? 0 : charDots * (this.line.height - 1));
		if (!empty) this.#putLine();
		for (let i = empty ? 0 : 1; i < count; i++) this.#put("", "text", false, 1);
		this.#move(dots);
	}

	feedDots(dots: number): void {
		if (this.line.empty) this.#move(dots);
		else this.printLine();
	}

	/** @param feed dots behind the cutter, or undefined to cut where the paper is */
	cut(feed: number | undefined): void {
		if (!this.line.empty) this.#putLine();
		const dots = feed === undefined ? 0 : cutterDots + feed;
		this.paper.advance(dots);
		this.#during(dots * dotUs + cutUs, () => {
			const slip = this.paper.slips.at(-1);
			const whole = slip !== undefined && !slip.cut;
			this.paper.cut();
			this.#host.note("cut");
			if (whole) this.#host.onCut(slip);
		});
	}

	#putLine(): void {
		this.#put(this.line.render(this.style.align), "text", this.line.bold, this.line.height);
		this.line.clear();
	}

	#put(text: string, kind: PaperLine["kind"], bold: boolean, height: number): void {
		const line = { text, atUs: this.#host.nowUs(), bold, height, kind };
		this.paper.put(line);
		this.#host.note(`paper: ${text}`);
		this.#host.onLine(line);
	}

	#move(dots: number): void {
		this.paper.advance(dots);
		this.#during(dots * dotUs, () => undefined);
	}

	#during(delayUs: number, then: () => void): void {
		this.#busy = true;
		this.#host.later(delayUs, () => {
			this.#busy = false;
			then();
			this.#host.onIdle();
		});
	}
}
