/** How a command ended. */
export const Outcome = Object.freeze({
	Ok: 0,
	/** ERROR, +CME ERROR. */
	Failed: 1,
	/** SEND FAIL: nothing was taken, try later. */
	Refused: 2,
	/** No final result in time: what the module did is unknown. */
	Timeout: 3,
	/** No prompt in time: the payload was not sent. */
	NoPrompt: 4,
	/** Raw bytes were lost or their length is a lie. */
	Broken: 5,
	/** Given up, because the module restarted or the line is synchronised anew. */
	Dropped: 6,
} as const);
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

export interface Reply {
	readonly outcome: Outcome;
	/** Of +CME ERROR, else -1. */
	readonly errorCode: number;
	/** Of the first line that began with `answer`; empty when there was none. */
	readonly fields: readonly string[];
	/** The raw block, when one came. */
	readonly raw: Uint8Array | undefined;
}

export interface Command {
	/** Without the CR. */
	readonly text: string;
	readonly timeoutMs: number;
	/** Start of the line that answers. With it, an OK without such a line is not ours. */
	readonly answer?: string;
	/** Such a line may be missing from a good reply. */
	readonly answerOptional?: boolean;
	/** Tells an answer from an unsolicited line with the same start, by its fields. */
	readonly fits?: (fields: readonly string[]) => boolean;
	/** The answer's first field announces raw bytes, at most so many. */
	readonly rawByteLimit?: number;
	/** Sent behind the prompt, and never without it. */
	readonly payload?: Uint8Array;
	/** The line that prompts, and then OK ends the command. Absent: ">" prompts, and the final lines of a send end it. */
	readonly promptLine?: string;
	/** Called once, when the channel is already able to say whether it is free. */
	readonly done: (reply: Reply) => void;
}
