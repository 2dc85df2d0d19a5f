import type { PanelKey } from "core/devices";
import { Kind } from "transaction/kinds";

/** What has to be typed for a kind, in this order. confirm: look at the original and press enter. */
export type Step = "trace" | "rrn" | "date" | "confirm" | "amount" | "auth";

/** Steps before a transaction of each kind is started. Those with a card then ask for it. */
export const kindSteps: Readonly<Record<Kind, readonly Step[]>> = Object.freeze({
	[Kind.Sale]: Object.freeze(["amount"] as const),
	[Kind.Void]: Object.freeze(["trace", "confirm"] as const),
	[Kind.Refund]: Object.freeze(["trace", "amount"] as const),
	[Kind.PreAuth]: Object.freeze(["amount"] as const),
	[Kind.PreAuthVoid]: Object.freeze(["trace", "confirm"] as const),
	[Kind.Completion]: Object.freeze(["trace", "amount"] as const),
	[Kind.CompletionVoid]: Object.freeze(["trace", "confirm"] as const),
	[Kind.CompletionAdvice]: Object.freeze(["trace", "amount"] as const),
	[Kind.Tip]: Object.freeze(["trace", "amount"] as const),
	[Kind.VoiceSale]: Object.freeze(["trace", "confirm", "auth"] as const),
	[Kind.Balance]: Object.freeze([] as const),
	[Kind.ScriptResult]: Object.freeze([] as const),
});

/** A refund of something that is not known here: its slip says these. */
export const foreignRefundSteps: readonly Step[] = Object.freeze(["rrn", "date", "amount"]);

/** What a key of the menu leads to. */
export type Choice = Kind | "more" | "settle" | "report" | undefined;

/** The pages of the menu as the panel shows them: four lines of at most 20 columns. */
export const menuPages: readonly (readonly string[])[] = Object.freeze([
	Object.freeze([
		"1消费     2撤销",
		"3退货     4预授权",
		"5预授撤销 6预授完成",
		"7完成撤 8小费 9更多",
	]),
	Object.freeze(["1完成通知 2电话授权", "3余额查询 0结算", "4重打印结算单", "取消=返回 CANCEL"]),
]);

const choices: readonly Readonly<Partial<Record<PanelKey, Choice>>>[] = Object.freeze([
	Object.freeze({
		"1": Kind.Sale,
		"2": Kind.Void,
		"3": Kind.Refund,
		"4": Kind.PreAuth,
		"5": Kind.PreAuthVoid,
		"6": Kind.Completion,
		"7": Kind.CompletionVoid,
		"8": Kind.Tip,
		"9": "more",
		menu: "more",
	} as const),
	Object.freeze({
		"1": Kind.CompletionAdvice,
		"2": Kind.VoiceSale,
		"3": Kind.Balance,
		"0": "settle",
		"4": "report",
	} as const),
]);

/** @param page 0 or 1 */
export function choiceOf(page: number, key: PanelKey): Choice {
	return choices[page]?.[key];
}

const letters: readonly string[] = Object.freeze([
	"0",
	"1QZ",
	"2ABC",
	"3DEF",
	"4GHI",
	"5JKL",
	"6MNO",
	"7PRS",
	"8TUV",
	"9WXY",
]);

/** The key "." turns the character typed last into the next one of its key: 2, A, B, C, 2. */
export function nextLetter(character: string): string {
	const row = letters.find((one) => one.includes(character));
	if (row === undefined) return character;
	return row[(row.indexOf(character) + 1) % row.length]!;
}
