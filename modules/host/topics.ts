import { hexDigit } from "core/bytes";

/** Highest number of an attempt: six hexadecimal digits. */
const attemptDigits = 6;

/** Topic of a request. @param attempt 1 to ffffff */
export function requestTopic(terminalId: string, attempt: number): string {
	return `q/${terminalId}/${attempt.toString(16)}`;
}

/** Filter of all replies to a terminal. */
export function replyFilter(terminalId: string): string {
	return `r/${terminalId}/+`;
}

/** @returns the attempt that a topic names, or 0 when it is no reply topic of this terminal */
export function attemptOfTopic(topic: string, terminalId: string): number {
	const prefix = `r/${terminalId}/`;
	const count = topic.length - prefix.length;
	if (count < 1 || count > attemptDigits || !topic.startsWith(prefix)) return 0;
	let attempt = 0;
	for (let i = prefix.length; i < topic.length; i++) {
		const code = topic.charCodeAt(i);
		const digit = code < 0x41 || code > 0x46 ? hexDigit(code) : -1;
		if (digit < 0 || (attempt === 0 && digit === 0)) return 0;
		attempt = attempt * 16 + digit;
	}
	return attempt;
}

/** `attempt` is `last` or one of the half circle of numbers before it: it may have been ours. */
export function isEarlier(attempt: number, last: number): boolean {
	return last > 0 && ((last - attempt) & 0xffffff) < 0x800000;
}
