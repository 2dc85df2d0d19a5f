import type { Dialect } from "message/dialect";

/**
 * MTI under which a message is sent again: 0400 → 0401, 0220 → 0221 where the dialect marks repeats, else the same.
 * @param mti packed, of a request or advice
 */
export function repeatOf(dialect: Dialect, mti: number): number {
	return dialect.repeatMti ? mti | 1 : mti;
}

/** MTI of the answer, the same for a message and its repeats: 0400 and 0401 → 0410. @param mti packed */
export function answerTo(mti: number): number {
	return (mti & ~1) + 0x10;
}
