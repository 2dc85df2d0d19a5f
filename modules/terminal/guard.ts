import { isOpen, waitOf } from "transaction/states";
import { countedMinor, type Transaction } from "transaction/transaction";

/**
 * What somebody wants to do to the terminal. restart: nothing on flash is touched · update: another firmware reads what this
 * one wrote · keys: another terminal master key · identity: another terminal or merchant number, host or currency (not the
 * acquirer's limits, which no record depends on) · reset: everything on flash is erased
 */
export type GuardedAction = "restart" | "update" | "keys" | "identity" | "reset";

export const guardedActions: readonly GuardedAction[] = Object.freeze([
	"restart",
	"update",
	"keys",
	"identity",
	"reset",
]);

/** What would be orphaned, and what to do first. */
export interface Orphans {
	/** Transactions. */
	readonly count: number;
	/** What they are worth together, minor units, without signs. */
	readonly amountMinor: number;
	/** For a person, in this order. */
	readonly todo: readonly { readonly en: string; readonly zh: string }[];
}

/** What the guard looks at, taken together by the caller. */
export interface GuardConditions {
	/** Open transactions. */
	readonly open: readonly Transaction[];
	/** Number of the oldest transaction that waits for a settlement, 0 when there is none. */
	readonly oldestUnsettled: number;
	/** A transaction is between its order and its result. */
	readonly busy: boolean;
	/** Slips that are due. */
	readonly slipsDue: number;
}

const waitForQueue = Object.freeze({
	en: "Keep power and network on until the queue is empty.",
	zh: "请保持通电联网,直至队列清空。",
});
const callAcquirer = Object.freeze({
	en: 'Parked ones stay: settle them with the acquirer ("queue" lists them).',
	zh: "挂起的交易请与收单机构核销(命令 queue)。",
});
const settleFirst = Object.freeze({
	en: "Settle the batch (menu 9, 0).",
	zh: "请先结算(菜单 9 再 0)。",
});
const printFirst = Object.freeze({
	en: "Put in paper: slips are due.",
	zh: "请装纸,尚有单据待打印。",
});
const finishFirst = Object.freeze({
	en: "Finish the transaction at the till.",
	zh: "请先完成当前交易。",
});

/**
 * May this be done now? Money that is open, or not settled, would be orphaned by what makes its records unreadable or its
 * terminal unknown to the host. Pure.
 * @returns undefined: it may
 */
export function orphansOf(action: GuardedAction, conditions: GuardConditions): Orphans | undefined {
	const { busy, oldestUnsettled, slipsDue } = conditions;
	// A restart orphans nothing: each open transaction goes on behind it.
	const open = action === "restart" ? [] : conditions.open.filter(({ state }) => isOpen(state));
	const erases = action === "reset" || action === "identity";
	const unsettled = erases && oldestUnsettled > 0;
	const slips = action === "reset" && slipsDue > 0;
	if (open.length === 0 && !unsettled && !slips && !busy) return undefined;
	const parked = open.some(({ state }) => waitOf(state) === "person");
	const going = open.some(({ state }) => waitOf(state) !== "person");
	return {
		count: open.length,
		amountMinor: open.reduce((sum, one) => sum + countedMinor(one), 0),
		todo: [
			...(busy ? [finishFirst] : []),
			...(going ? [waitForQueue] : []),
			...(parked ? [callAcquirer] : []),
			...(unsettled ? [settleFirst] : []),
			...(slips ? [printFirst] : []),
		],
	};
}
