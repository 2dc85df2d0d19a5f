import type { CardRead } from "core/card";
import type { SocketConstructor } from "core/io";

/** What the modules know of a card reader. The driver is in drivers/card-reader. */
export interface CardReader {
	/** The reader answered within its deadline when it was last asked. */
	readonly ready: boolean;
	/**
	 * Lets the reader take one card. `done` is called exactly once, never from inside `activate`.
	 * @throws Fault "io.busy" while a card is awaited
	 */
	activate(request: CardRequest, done: (outcome: CardOutcome) => void): void;
	/** Ends the wait; `done` then gets "cancelled" (or the card, if it was faster). */
	cancel(): void;
	/** The chip of the card that was read last is still in the reader and waits for the host's answer. */
	readonly awaitsHost: boolean;
	/**
	 * Gives the chip the host's answer and asks for its last word, once. `done` is called exactly once, within ten
	 * seconds, never from inside `complete`.
	 * @throws Fault "io.busy" when no chip waits (see `awaitsHost`)
	 */
	complete(answer: HostAnswer, done: (outcome: ChipOutcome) => void): void;
}

/** What the host said, as the chip is told it. */
export interface HostAnswer {
	/** 8A: field 39 of the reply, two characters. */
	readonly responseCode: string;
	/** Objects 91, 71 and 72 of the reply's field 55 as they came, at most 255 bytes; empty when there are none. */
	readonly issuerData: Uint8Array;
}

/** approved: the card gave a TC · declined: it gave an AAC · failed: card gone, reader silent or in trouble */
export interface ChipOutcome {
	readonly kind: "approved" | "declined" | "failed";
	/** 9F26 of the second GENERATE AC, 8 bytes; empty when there was none. */
	readonly cryptogram: Uint8Array;
	/** 9F5B: results of the issuer's scripts, 5 bytes each, at most 20; empty when none ran. */
	readonly scriptResults: Uint8Array;
}

export interface CardRequest {
	readonly amountMinor: number;
	/** ISO 4217 numeric, 156 for CNY. */
	readonly currency: number;
	/** EMV transaction type, 9C: 0x00 purchase, 0x20 refund. */
	readonly emvType: number;
	/** yyMMddhhmmss, local; "" while the clock is unknown. */
	readonly localTime: string;
	readonly timeoutMs: number;
}

export type CardOutcome =
	| { readonly kind: "card"; readonly card: CardRead }
	| { readonly kind: "timeout" | "cancelled" }
	/** bad-read: try again · clear-data: reader not encrypting, refused · no-reader: silent or garbled */
	| {
			readonly kind: "failed";
			readonly reason: "bad-read" | "clear-data" | "no-reader" | "refused";
	  };

/** A line of a slip. Text may be Chinese; the printer driver encodes it (GBK). */
export interface PrintLine {
	readonly text: string;
	readonly align?: "left" | "center" | "right";
	readonly bold?: boolean;
	/** Double width and height. */
	readonly large?: boolean;
}

export interface PrinterStatus {
	/** Answers at all. */
	readonly present: boolean;
	/** Can print now: present, paper in, cover shut, no error. */
	readonly ready: boolean;
	readonly paperOut: boolean;
	readonly paperLow: boolean;
	readonly coverOpen: boolean;
	readonly error: boolean;
}

/**
 * printed: proved by the printer · not-started: nothing reached the paper, print again freely ·
 * uncertain: some of it may be on paper, a reprint is a marked duplicate
 */
export type PrintOutcome = "printed" | "not-started" | "uncertain";

export interface Printer {
	readonly status: PrinterStatus;
	/**
	 * Prints one slip and cuts. `done` is called exactly once, never from inside `print`.
	 * @throws Fault "io.busy" while a slip is being printed
	 */
	print(lines: readonly PrintLine[], done: (outcome: PrintOutcome) => void): void;
}

/** A carrier of IP: the modem, later Wi-Fi. */
export interface Network {
	/** Sockets can be opened now. */
	readonly up: boolean;
	/** TCP over this carrier. */
	readonly Socket: SocketConstructor;
	/** For people: 0 to 31 as AT+CSQ gives it, 99 unknown. */
	readonly signal: number;
	/** Short state name for the console: "off", "sim-missing", "searching", "up" … */
	readonly stateName: string;
}

/** Keys of the panel: digits, "00", "." and the named ones. */
export type PanelKey =
	| "0"
	| "1"
	| "2"
	| "3"
	| "4"
	| "5"
	| "6"
	| "7"
	| "8"
	| "9"
	| "00"
	| "."
	| "enter"
	| "cancel"
	| "clear"
	| "query"
	| "reprint"
	| "menu";

export interface Panel {
	/** Shows up to four lines of text, each at most 20 columns (a hanzi takes two); the rest is cut. */
	show(lines: readonly string[]): void;
}
