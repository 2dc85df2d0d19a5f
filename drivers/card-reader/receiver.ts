import type { Clock, TimerId, Timers } from "core/clock";
import { FrameParser, type ReaderFrame } from "card-reader/vivotech";

export interface ReceiverOptions {
	readonly clock: Clock;
	readonly timers: Timers;
	/** A good frame; its data are wiped when this returns. */
	readonly onFrame: (frame: ReaderFrame) => void;
	/** The line has fallen silent after bytes that were no frame: something may be lost. */
	readonly onNoise: () => void;
}

/** Longest silence inside a frame, ms; a byte takes 0.09 ms. */
const gapMs = 200;

/** The receiving half of the reader's line: bytes in, frames out, and an eye on silence. Wipes what it has read. */
export class FrameReceiver {
	readonly #o: ReceiverOptions;
	readonly #parser = new FrameParser();
	#receivedMs = 0;
	#noiseTold = 0;
	#timer: TimerId | undefined;
	#closed = false;

	constructor(options: ReceiverOptions) {
		this.#o = options;
	}

	/** Bytes that were no frame, since the start. */
	get droppedBytes(): number {
		return this.#parser.droppedBytes;
	}

	/** @param bytes zeroed on return */
	receive(bytes: Uint8Array): void {
		this.#receivedMs = this.#o.clock.ticksMs();
		const frames = this.#parser.push(bytes);
		bytes.fill(0);
		this.#handle(frames);
		this.#watch();
	}

	/** What was dropped so far is of no interest any more. */
	forgetNoise(): void {
		this.#noiseTold = this.#parser.droppedBytes;
	}

	/** No callback comes any more. */
	close(): void {
		this.#closed = true;
		if (this.#timer !== undefined) this.#o.timers.clear(this.#timer);
		this.#timer = undefined;
	}

	#handle(frames: readonly ReaderFrame[]): void {
		for (const frame of frames) {
			if (!this.#closed) this.#o.onFrame(frame);
			frame.data.fill(0);
		}
	}

	#watch(): void {
		if (this.#closed || this.#timer !== undefined) return;
		if (this.#parser.pending === 0 && this.#parser.droppedBytes === this.#noiseTold) return;
		this.#timer = this.#o.timers.set(() => {
			this.#timer = undefined;
			if (this.#o.clock.ticksMs() - this.#receivedMs >= gapMs) this.#onGap();
			this.#watch();
		}, gapMs);
	}

	#onGap(): void {
		this.#handle(this.#parser.giveUp());
		if (this.#closed || this.#parser.droppedBytes === this.#noiseTold) return;
		this.forgetNoise();
		this.#o.onNoise();
	}
}
