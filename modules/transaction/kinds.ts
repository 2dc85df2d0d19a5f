/**
 * Kinds of transaction. The numbers stand on flash: append only, never renumber. What each kind means for money, for the
 * host and for its original is data in the table of traits; docs/transactions.md explains it.
 */
export const Kind = Object.freeze({
	Sale: 1,
	Void: 2,
	Refund: 3,
	PreAuth: 4,
	PreAuthVoid: 5,
	Completion: 6,
	CompletionVoid: 7,
	CompletionAdvice: 8,
	Tip: 9,
	VoiceSale: 10,
	Balance: 11,
	ScriptResult: 12,
} as const);
export type Kind = (typeof Kind)[keyof typeof Kind];

/**
 * How a kind reaches the host. once: at most once, doubt is reversed (0400) · advice: repeated unchanged until the host
 * answers, never reversed · inquiry: moves nothing, doubt needs no reversal.
 */
export type Delivery = "once" | "advice" | "inquiry";

export interface KindTraits {
	readonly delivery: Delivery;
	/** What an approval adds to the merchant's money: 1, -1 or 0 times the amount. */
	readonly sign: 1 | -1 | 0;
	/** A card is read for it; the others name their original instead. */
	readonly card: boolean;
	/** Kinds that its original may have; empty: it has none. A refund's original may be unknown to this terminal. */
	readonly originals: readonly Kind[];
	/** MTI of the request, packed BCD. */
	readonly mti: number;
	/** Field 3. */
	readonly processingCode: number;
	/** Field 25. */
	readonly condition: number;
	/** 60.1 */
	readonly messageType: number;
	/** 60.3 */
	readonly network: number;
}

function traits(
	delivery: Delivery,
	sign: 1 | -1 | 0,
	card: boolean,
	originals: readonly Kind[],
	[mti, processingCode, condition, messageType, network]: readonly [
		mti: number,
		processingCode: number,
		condition: number,
		messageType: number,
		network: number,
	],
): KindTraits {
	return Object.freeze({
		delivery,
		sign,
		card,
		originals: Object.freeze(originals),
		mti,
		processingCode,
		condition,
		messageType,
		network,
	});
}

/** UnionPay terminal practice (payments: DE3, DE25, 60.1, 60.3 by kind). A stored sale is a Sale whose message is 0220 / 30 or 36. */
export const kindTraits: Readonly<Record<Kind, KindTraits>> = Object.freeze({
	[Kind.Sale]: traits("once", 1, true, [], [0x0200, 0, 0, 22, 0]),
	[Kind.Void]: traits("once", -1, false, [Kind.Sale, Kind.VoiceSale], [0x0200, 200000, 0, 23, 0]),
	[Kind.Refund]: traits(
		"advice",
		-1,
		true,
		[Kind.Sale, Kind.Completion, Kind.CompletionAdvice, Kind.VoiceSale],
		[0x0220, 200000, 0, 25, 0],
	),
	[Kind.PreAuth]: traits("once", 0, true, [], [0x0100, 30000, 6, 10, 0]),
	[Kind.PreAuthVoid]: traits("once", 0, false, [Kind.PreAuth], [0x0100, 200000, 6, 11, 0]),
	[Kind.Completion]: traits("once", 1, false, [Kind.PreAuth], [0x0200, 0, 6, 20, 0]),
	[Kind.CompletionVoid]: traits("once", -1, false, [Kind.Completion], [0x0200, 200000, 6, 21, 0]),
	[Kind.CompletionAdvice]: traits("advice", 1, false, [Kind.PreAuth], [0x0220, 0, 6, 24, 0]),
	[Kind.Tip]: traits("advice", 1, false, [Kind.Sale], [0x0220, 0, 0, 34, 0]),
	[Kind.VoiceSale]: traits("advice", 1, false, [Kind.Sale], [0x0220, 0, 0, 32, 0]),
	[Kind.Balance]: traits("inquiry", 0, true, [], [0x0200, 310000, 0, 1, 0]),
	[Kind.ScriptResult]: traits(
		"advice",
		0,
		false,
		[Kind.Sale, Kind.PreAuth],
		[0x0620, 0, 0, 0, 951],
	),
});

const names: Readonly<Record<Kind, string>> = Object.freeze({
	[Kind.Sale]: "sale",
	[Kind.Void]: "void",
	[Kind.Refund]: "refund",
	[Kind.PreAuth]: "pre-authorisation",
	[Kind.PreAuthVoid]: "pre-authorisation void",
	[Kind.Completion]: "completion",
	[Kind.CompletionVoid]: "completion void",
	[Kind.CompletionAdvice]: "completion advice",
	[Kind.Tip]: "tip",
	[Kind.VoiceSale]: "voice sale",
	[Kind.Balance]: "balance",
	[Kind.ScriptResult]: "script result",
});

export function kindName(kind: Kind): string {
	return names[kind];
}

/** Narrows a number from flash; undefined for a number of a later firmware. */
export function kindFrom(value: number): Kind | undefined {
	return value >= Kind.Sale && value <= Kind.ScriptResult ? (value as Kind) : undefined;
}
