import { DifferenceKind } from "message/settlement-fields";
import type { SlipText } from "receipt/texts";
import { Verdict } from "settlement/steps";
import { State } from "transaction/states";

function text(zh: string, en: string): SlipText {
	return Object.freeze({ zh, en });
}

export const reportTexts = Object.freeze({
	title: text("批结算单", "SETTLEMENT REPORT"),
	totals: text("本机合计", "TERMINAL TOTALS"),
	host: text("主机合计", "HOST TOTALS"),
	debit: text("借记", "DEBIT"),
	credit: text("贷记", "CREDIT"),
	net: text("净额", "NET"),
	differences: text("差异明细", "DIFFERENCES"),
	terminal: text("本机", "TERMINAL"),
	hostAmount: text("主机", "HOST"),
	open: text("未结算交易", "NOT SETTLED"),
	askAcquirer: text("请联系收单机构", "CONTACT YOUR ACQUIRER"),
} as const);

export const verdictTexts: Readonly<Record<Verdict, SlipText>> = Object.freeze({
	[Verdict.None]: text("未对账", "NOT COMPARED"),
	[Verdict.Balanced]: text("对账平", "BALANCED"),
	[Verdict.Unbalanced]: text("对账不平", "NOT BALANCED"),
	[Verdict.Unknown]: text("主机无此批次 未对账", "HOST DOES NOT KNOW BATCH"),
});

export const differenceTexts: Readonly<Record<DifferenceKind, SlipText>> = Object.freeze({
	[DifferenceKind.Long]: text("长款", "HOST ONLY"),
	[DifferenceKind.Short]: text("短款", "TERMINAL ONLY"),
	[DifferenceKind.Amount]: text("金额不符", "AMOUNT DIFFERS"),
});

/** Why a transaction that is open was left out; what is under way needs no word. */
export const openTexts: Readonly<Partial<Record<State, SlipText>>> = Object.freeze({
	[State.ReversalParked]: text("冲正未成功", "REVERSAL REFUSED"),
	[State.ForwardRefused]: text("上送被拒", "REFUSED BY HOST"),
});
