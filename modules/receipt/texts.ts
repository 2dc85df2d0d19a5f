import { Kind } from "transaction/kinds";
import { State } from "transaction/states";

/** A text in both languages of the slip. */
export interface SlipText {
	readonly zh: string;
	readonly en: string;
}

/** Which of the two is printed. */
export type SlipLanguage = "both" | "zh" | "en";

function text(zh: string, en: string): SlipText {
	return Object.freeze({ zh, en });
}

export const slipTexts = Object.freeze({
	title: text("银联POS签购单", "POS SLIP"),
	report: text("交易报告单", "TRANSACTION REPORT"),
	merchantCopy: text("商户存根", "MERCHANT COPY"),
	cardholderCopy: text("持卡人存根", "CARDHOLDER COPY"),
	duplicate: text("重打印凭证", "DUPLICATE"),
	merchantName: text("商户名称", "MERCHANT"),
	merchantId: text("商户编号", "MID"),
	terminalId: text("终端编号", "TID"),
	card: text("卡号", "CARD"),
	type: text("交易类型", "TYPE"),
	batch: text("批次号", "BATCH"),
	stan: text("凭证号", "TRACE"),
	authCode: text("授权码", "AUTH"),
	rrn: text("参考号", "REF"),
	responseCode: text("应答码", "RESPONSE"),
	time: text("日期", "DATE"),
	amount: text("金额", "AMOUNT"),
	requested: text("请求金额", "REQUESTED"),
	total: text("合计", "TOTAL"),
	originalTrace: text("原凭证号", "ORIG TRACE"),
	originalBatch: text("原批次号", "ORIG BATCH"),
	originalRrn: text("原参考号", "ORIG REF"),
	originalAuthCode: text("原授权码", "ORIG AUTH"),
	originalDate: text("原交易日期", "ORIG DATE"),
	partial: text("部分批准", "APPROVED IN PART"),
	signature: text("持卡人签名", "SIGNATURE"),
	acknowledgement: text(
		"本人确认以上交易,同意将其记入本卡帐户",
		"I ACKNOWLEDGE SATISFACTORY RECEIPT OF RELATIVE GOODS/SERVICES",
	),
} as const);

/** 交易类型 as UnionPay slips name it. */
export const kindTexts: Readonly<Record<Kind, SlipText>> = Object.freeze({
	[Kind.Sale]: text("消费", "SALE"),
	[Kind.Void]: text("消费撤销", "VOID"),
	[Kind.Refund]: text("退货", "REFUND"),
	[Kind.PreAuth]: text("预授权", "PRE-AUTH"),
	[Kind.PreAuthVoid]: text("预授权撤销", "PRE-AUTH VOID"),
	[Kind.Completion]: text("预授权完成", "AUTH COMPLETE"),
	[Kind.CompletionVoid]: text("预授权完成撤销", "COMPLETE VOID"),
	[Kind.CompletionAdvice]: text("预授权完成通知", "COMPLETE ADVICE"),
	[Kind.Tip]: text("小费", "TIP"),
	[Kind.VoiceSale]: text("电话授权消费", "VOICE SALE"),
	[Kind.Balance]: text("余额查询", "BALANCE"),
	[Kind.ScriptResult]: text("脚本通知", "SCRIPT RESULT"),
});

/** What a slip says about the fate of the transaction. */
export interface FateText {
	/** A slip that may be signed and that counts as proof of payment. */
	readonly voucher: boolean;
	/** Printed at the top and, when it is no voucher, at the end as well. */
	readonly marks: readonly SlipText[];
	/** What happens next, or whom to ask. */
	readonly hint?: SlipText;
}

const notVoucher = text("非凭证联", "NOT A VOUCHER");
const willReverse = text("如已扣款将自动冲正退回", "ANY DEBIT WILL BE REVERSED");
const askAcquirer = text("请联系收单机构", "CONTACT YOUR ACQUIRER");

function fate(voucher: boolean, marks: readonly SlipText[], hint?: SlipText): FateText {
	const base = { voucher, marks: Object.freeze(marks) };
	return Object.freeze(hint === undefined ? base : { ...base, hint });
}

const approved = fate(true, []);
const unknown = text("交易结果未知", "RESULT UNKNOWN");
const inDoubt = fate(false, [unknown, notVoucher], willReverse);

/** By state; a state without an answer is in doubt, for a byte may have left. */
export const fateTexts: Readonly<Record<State, FateText>> = Object.freeze({
	[State.Opened]: inDoubt,
	[State.Sending]: inDoubt,
	[State.Approved]: approved,
	[State.Declined]: fate(false, [text("交易被拒绝", "DECLINED"), notVoucher]),
	[State.ReversalDue]: inDoubt,
	[State.Reversed]: fate(false, [text("交易已冲正", "REVERSED"), notVoucher]),
	[State.ReversalParked]: fate(false, [unknown, notVoucher], askAcquirer),
	[State.Abandoned]: fate(false, [text("交易未完成", "NOT COMPLETED"), notVoucher]),
	[State.StoredOffline]: fate(true, [text("离线交易 待上送", "STORED OFFLINE")]),
	[State.Forwarded]: approved,
	[State.ForwardRefused]: fate(
		false,
		[text("离线交易 上送被拒", "REFUSED"), notVoucher],
		askAcquirer,
	),
	[State.Settled]: approved,
	[State.AdviceDue]: fate(true, [text("已受理 待上送", "ACCEPTED, TO BE SENT")]),
});
