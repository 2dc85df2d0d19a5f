/** Words of a live session for the functions of the cashier's menu. All they do is press keys and hold a card. */

/** What a line asks for. */
export interface MenuOrder {
	/** Number of the original, for functions that have one. */
	readonly original?: string;
	/** Keys as `keysOf` takes them. @param stan of the original */
	readonly keys: (stan: string) => string;
	/** Name of the card that is held to the reader, for functions that read one. */
	readonly card?: string;
}

interface Word {
	/** Keys with places for the original's STAN and what was typed. */
	readonly keys: string;
	/** What follows the word. */
	readonly usage: string;
	readonly original: boolean;
	readonly value?: RegExp;
	readonly card?: true;
}

const amount = /^[0-9]+(\.[0-9]+)?$/;

const words: Readonly<Record<string, Word>> = Object.freeze({
	void: { keys: "menu 2 {stan} enter enter", usage: "N", original: true },
	refund: {
		keys: "menu 3 {stan} enter {value} enter",
		usage: "N AMOUNT [CARD]",
		original: true,
		value: amount,
		card: true,
	},
	preauth: {
		keys: "menu 4 {value} enter",
		usage: "AMOUNT [CARD]",
		original: false,
		value: amount,
		card: true,
	},
	unauth: { keys: "menu 5 {stan} enter enter", usage: "N", original: true },
	complete: {
		keys: "menu 6 {stan} enter {value} enter",
		usage: "N AMOUNT",
		original: true,
		value: amount,
	},
	uncomplete: { keys: "menu 7 {stan} enter enter", usage: "N", original: true },
	tip: {
		keys: "menu 8 {stan} enter {value} enter",
		usage: "N AMOUNT",
		original: true,
		value: amount,
	},
	advice: {
		keys: "menu 9 1 {stan} enter {value} enter",
		usage: "N AMOUNT",
		original: true,
		value: amount,
	},
	voice: {
		keys: "menu 9 2 {stan} enter enter {value} enter",
		usage: "N CODE",
		original: true,
		value: /^[0-9]{1,6}$/,
	},
	balance: { keys: "menu 9 3", usage: "[CARD]", original: false, card: true },
});

/** @returns undefined for a line that is no such word; a text that says what is wrong with one that is */
export function menuOrder(line: string): MenuOrder | string | undefined {
	const [name = "", ...rest] = line.trim().split(/\s+/);
	const word = Object.hasOwn(words, name) ? words[name]! : undefined;
	if (word === undefined) return undefined;
	const original = word.original ? rest.shift() : undefined;
	const value = word.value === undefined ? undefined : rest.shift();
	const wrong =
		(word.original && !/^[0-9]+$/.test(original ?? "")) ||
		(word.value !== undefined && !word.value.test(value ?? ""));
	if (wrong) return `usage: ${name} ${word.usage}`;
	return {
		...(original === undefined ? {} : { original }),
		keys: (stan) => word.keys.replace("{stan}", stan).replace("{value}", value ?? ""),
		...(word.card === undefined ? {} : { card: rest.shift() ?? "unionpay" }),
	};
}
