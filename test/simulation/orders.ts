import type { PanelKey } from "core/devices";
import type { Random } from "test/simulation/fakes/random";

/** Kinds of transaction by their number on the journal (docs/transactions.md). */
export const K = Object.freeze({
	Sale: 1,
	Void: 2,
	Refund: 3,
	PreAuth: 4,
	PreAuthVoid: 5,
	Completion: 6,
	CompletionVoid: 7,
	CompletionAdvice: 8,
	Tip: 9,
	Balance: 11,
} as const);

/** Keys that lead to a function of the menu. */
export const menuKeys: Readonly<Record<number, readonly PanelKey[]>> = Object.freeze({
	[K.Void]: ["menu", "2"],
	[K.Refund]: ["menu", "3"],
	[K.PreAuth]: ["menu", "4"],
	[K.PreAuthVoid]: ["menu", "5"],
	[K.Completion]: ["menu", "6"],
	[K.CompletionVoid]: ["menu", "7"],
	[K.Tip]: ["menu", "8"],
	[K.CompletionAdvice]: ["menu", "9", "1"],
	[K.Balance]: ["menu", "9", "3"],
});

export const settleKeys: readonly PanelKey[] = Object.freeze(["menu", "9", "0"]);

/** Kinds for which the whole of an original is meant, and no amount is typed. */
export const wholeKinds: readonly number[] = Object.freeze([
	K.Void,
	K.PreAuthVoid,
	K.CompletionVoid,
]);

/** Kinds of original that make sense; the cashier tries others too. */
export const originalKinds: Readonly<Record<number, readonly number[]>> = Object.freeze({
	[K.Void]: [K.Sale],
	[K.Refund]: [K.Sale, K.Completion, K.CompletionAdvice],
	[K.PreAuthVoid]: [K.PreAuth],
	[K.Completion]: [K.PreAuth],
	[K.CompletionVoid]: [K.Completion],
	[K.CompletionAdvice]: [K.PreAuth],
	[K.Tip]: [K.Sale],
});

/** How often a cashier does what, in hundredths of what is not a sale. */
const shares: readonly (readonly [kind: number, share: number])[] = Object.freeze([
	[K.Void, 22],
	[K.Refund, 14],
	[K.PreAuth, 18],
	[K.PreAuthVoid, 8],
	[K.Completion, 12],
	[K.CompletionVoid, 6],
	[K.CompletionAdvice, 6],
	[K.Tip, 9],
	[K.Balance, 5],
]);

/** @returns a kind that is no sale */
export function anyOtherKind(random: Random): number {
	let left = random.below(100);
	for (const [kind, share] of shares) {
		if (left < share) return kind;
		left -= share;
	}
	return K.Void;
}
