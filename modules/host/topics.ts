import { hexDigit } from "core/bytes";

/** Highest number of an attempt or a notice: six hexadecimal digits. */
const numberDigits = 6;

/** Topic of a request. @param attempt 1 to ffff */
export function requestTopic(terminalId: string, attempt: number): string {
	return `q/${terminalId}/${attempt.toString(16)}`;
}

/** Filter of all replies to a terminal. */
export function replyFilter(terminalId: string): string {
	return `r/${terminalId}/+`;
}

/** Filter of all notices for a terminal. */
export function noticeFilter(terminalId: string): string {
	return `n/${terminalId}/+`;
}

/** Topic of the answer to a notice. @param notice 1 to 999999 */
export function answerTopic(terminalId: string, notice: number): string {
	return `a/${terminalId}/${notice.toString(16)}`;
}

/** @returns the attempt that a topic names, or 0 when it is no reply topic of this terminal */
export function attemptOfTopic(topic: string, terminalId: string): number {
	return numberOf(topic, `r/${terminalId}/`);
}

/** @returns the notice that a topic names, or 0 when it is no topic of a notice for this terminal */
export function noticeOfTopic(topic: string, terminalId: string): number {
	return numberOf(topic, `n/${terminalId}/`);
}

function numberOf(topic: string, prefix: string): number {
	const count = topic.length - prefix.length;
	if (count < 1 || count > numberDigits || !topic.startsWith(prefix)) return 0;
	let number = 0;
	for (let i = prefix.length; i < topic.length; i++) {
		const code = topic.charCodeAt(i);
		const digit = code < 0x41 || code > 0x46 ? hexDigit(code) : -1;
		if (digit < 0 || (number === 0 && digit === 0)) return 0;
		number = number * 16 + digit;
	}
	return number;
}

/** `attempt` is `last` or one of the half circle of numbers before it: it may have been ours. */
export function isEarlier(attempt: number, last: number): boolean {
	return last > 0 && attempt <= 0xffff && ((last - attempt) & 0xffff) < 0x8000;
}
