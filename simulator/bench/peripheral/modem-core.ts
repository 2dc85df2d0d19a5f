import type { AtCommand } from "./at-command";

/** What a command ends in. */
export type AtReply =
	| { readonly kind: "ok"; readonly lines?: readonly string[] }
	/** `cme` as in 27.007, or absent for a bare ERROR. */
	| { readonly kind: "error"; readonly cme?: number }
	/** A header line, raw bytes and OK. */
	| { readonly kind: "raw"; readonly header: string; readonly data: Buffer }
	/** A prompt, exactly `length` bytes, and the lines that `take` answers them with. */
	| {
			readonly kind: "data";
			readonly length: number;
			/** A line that stands for the ">". */
			readonly promptLine?: string;
			readonly take: (bytes: Buffer) => readonly string[];
	  };

/** Runs a command and calls `done` once, at once or later. */
export type AtHandler = (command: AtCommand, done: (reply: AtReply) => void) => void;

export type AtHandlers = Readonly<Record<string, AtHandler>>;

export const ok: AtReply = { kind: "ok" };
export const error: AtReply = { kind: "error" };

export const Cme = {
	NotSupported: 4,
	SimMissing: 10,
	SimBusy: 14,
	BadParameters: 50,
} as const;

/** Texts of AT+CMEE=2. */
export const cmeTexts: Readonly<Record<number, string>> = {
	4: "operation not supported",
	10: "SIM not inserted",
	14: "SIM busy",
	50: "Incorrect parameters",
};

export function lines(...text: string[]): AtReply {
	return { kind: "ok", lines: text };
}

export function cme(code: number): AtReply {
	return { kind: "error", cme: code };
}

/** A decimal argument within limits, or undefined. */
export function integer(text: string | undefined, min: number, max: number): number | undefined {
	if (text === undefined || !/^\d{1,9}$/.test(text)) return undefined;
	const value = Number(text);
	return value >= min && value <= max ? value : undefined;
}
