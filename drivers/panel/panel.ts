import { equalBytes } from "core/bytes";
import type { TimerId, Timers } from "core/clock";
import type { Panel, PanelKey } from "core/devices";
import { Fault } from "core/fault";
import { cutColumns, gbkBytes } from "core/gbk";
import type { Serial, SerialPort } from "core/io";
import { LogCode, type Log } from "core/log";
import { SerialWriter } from "core/serial-writer";
import { KeyParser, lineColumns, lineCount, writeLine } from "panel/dgus";

export interface PanelOptions {
	readonly port: SerialPort;
	readonly timers: Timers;
	readonly log: Log;
	/** A key was pressed; called from a later turn only. */
	readonly onKey: (key: PanelKey) => void;
}

/** Longest silence inside a frame, ms. */
const gapMs = 100;
/** The panel hears nothing while it starts; what is shown is written once more after this. */
const settleMs = 1_000;
const space = 0x20;

/**
 * A DWIN panel on a UART: four lines of text and keys. Only lines that differ from what the panel shows are
 * written, one at a time, so that a slow port never has more than one line waiting and shows the newest text.
 */
export class DgusPanel implements Panel {
	readonly #timers: Timers;
	readonly #log: Log;
	readonly #onKey: (key: PanelKey) => void;
	readonly #parser = new KeyParser();
	readonly #writer = new SerialWriter(64);
	#serial: Serial | undefined;
	#closed = false;
	#wanted: Uint8Array[] = [];
	/** What was written last to each line. */
	#shown: Uint8Array[] = [];
	#gapTimer: TimerId | undefined;
	#settleTimer: TimerId | undefined;
	/** Noise is told once, then again only after a key. */
	#noiseTold = false;
	#noiseSeen = 0;

	/**
	 * Opens the port and clears the display.
	 * @throws Fault "io.options" when the port cannot be meant; then nothing is opened
	 */
	constructor(options: PanelOptions) {
		const { port, timers, log, onKey } = options;
		if (typeof port.io !== "function" || !(port.baud > 0)) throw new Fault("io.options");
		this.#timers = timers;
		this.#log = log;
		this.#onKey = onKey;
		for (let line = 0; line < lineCount; line++) this.#wanted.push(lineBytes(""));
		this.#serial = new port.io({
			...port,
			onReadable: () => this.#onReadable(),
			onWritable: (count) => this.#onWritable(count),
			onError: () => this.#release(),
		});
		this.#settleTimer = timers.set(() => {
			this.#settleTimer = undefined;
			this.#shown = [];
			this.#pump();
		}, settleMs);
	}

	/** Bytes from the panel that mean nothing, since the start. */
	get noiseBytes(): number {
		return this.#parser.noiseBytes;
	}

	/** @throws Fault "io.closed" after `close` */
	show(lines: readonly string[]): void {
		if (this.#closed) throw new Fault("io.closed");
		for (let line = 0; line < lineCount; line++) this.#wanted[line] = lineBytes(lines[line] ?? "");
		this.#pump();
	}

	/** Gives the port back; no callback comes any more. Twice is fine. */
	close(): void {
		this.#closed = true;
		this.#release();
	}

	#release(): void {
		for (const timer of [this.#gapTimer, this.#settleTimer])
			if (timer !== undefined) this.#timers.clear(timer);
		this.#gapTimer = this.#settleTimer = undefined;
		this.#writer.clear();
		this.#serial?.close();
		this.#serial = undefined;
	}

	#onWritable(count: number): void {
		if (this.#serial === undefined) return;
		this.#writer.writable(this.#serial, count);
		this.#pump();
	}

	#pump(): void {
		for (let line = 0; line < lineCount; line++) {
			if (this.#serial === undefined || this.#writer.pending > 0) return;
			const wanted = this.#wanted[line]!;
			const shown = this.#shown[line];
			if (shown !== undefined && equalBytes(shown, wanted)) continue;
			this.#shown[line] = wanted;
			this.#writer.push(this.#serial, writeLine(line, wanted));
		}
	}

	#onReadable(): void {
		const bytes = this.#serial?.read();
		if (bytes === undefined) return;
		this.#press(this.#parser.push(bytes));
		this.#watchGap();
	}

	/** Every byte starts the silence anew. */
	#watchGap(): void {
		if (this.#gapTimer !== undefined) this.#timers.clear(this.#gapTimer);
		this.#gapTimer = undefined;
		if (this.#serial === undefined || this.#parser.pending === 0) return;
		this.#gapTimer = this.#timers.set(() => {
			this.#gapTimer = undefined;
			this.#press(this.#parser.giveUp());
			this.#watchGap();
		}, gapMs);
	}

	#press(keys: readonly PanelKey[]): void {
		if (keys.length > 0) this.#noiseTold = false;
		const { noiseBytes } = this.#parser;
		if (noiseBytes !== this.#noiseSeen && !this.#noiseTold) {
			this.#noiseTold = true;
			this.#log.event(LogCode.PanelNoise, noiseBytes);
		}
		this.#noiseSeen = noiseBytes;
		for (const key of keys) if (this.#serial !== undefined) this.#onKey(key);
	}
}

/** 20 bytes of GBK, cut between characters, padded with spaces. */
function lineBytes(text: string): Uint8Array {
	const bytes = new Uint8Array(lineColumns).fill(space);
	bytes.set(gbkBytes(cutColumns(text, lineColumns)));
	return bytes;
}
