/** Causes and their texts, as data. {code} {meaning} {reason} {amount} {asked} {refunded} {original} {pause} {host} are filled in. */
export type Cause =
	| "opened"
	| "sending"
	| "approved"
	| "declined"
	| "reversal-due"
	| "reversal-no-link"
	| "reversed"
	| "reversal-parked"
	| "abandoned"
	| "stored"
	| "stored-no-link"
	| "forwarded"
	| "forward-refused"
	| "forward-lost"
	| "settled"
	| "settled-long"
	| "settled-short"
	| "settled-amount"
	| "settled-uncompared"
	| "settled-late"
	| "approved-part"
	| "voided"
	| "refunded"
	| "completed"
	| "void"
	| "void-refused"
	| "refund"
	| "reserved"
	| "released"
	| "asked"
	| "lapsed"
	| "told"
	| "told-refused"
	| "advice-due"
	| "advice-no-link"
	| "advice-refused"
	| "advice-lost";

export interface CauseText {
	readonly what: string;
	readonly whatZh: string;
	readonly who: string;
	readonly whoZh: string;
	readonly next: string;
	readonly nextZh: string;
	readonly when: string;
	readonly whenZh: string;
}

function row(
	what: readonly [string, string],
	who: readonly [string, string],
	next: readonly [string, string],
	when: readonly [string, string],
): CauseText {
	return Object.freeze({
		what: what[0],
		whatZh: what[1],
		who: who[0],
		whoZh: who[1],
		next: next[0],
		nextZh: next[1],
		when: when[0],
		whenZh: when[1],
	});
}

const terminal = ["this terminal", "本终端"] as const;
const acquirer = ["the acquirer", "收单机构"] as const;
const never = ["never: no money is due", "不会到账,没有入账款项"] as const;

export const causes: Readonly<Record<Cause, CauseText>> = Object.freeze({
	opened: row(
		["The card was read; nothing has been sent yet.", "已读卡,尚未发送。"],
		terminal,
		["It is being sent, stored or given up now.", "正在发送、存储或放弃。"],
		["not yet known", "未定"],
	),
	sending: row(
		["The request is with the host; its reply is awaited.", "请求已发出,等待主机应答。"],
		terminal,
		["Wait. Without a reply it is reversed by itself.", "请等待,无应答将自动冲正。"],
		["not yet known", "未定"],
	),
	approved: row(
		["Approved by the host and posted.", "主机已批准并入账。"],
		["the merchant", "商户"],
		["Settle the batch at the end of the day.", "日终请做批结算。"],
		["the working day after the settlement", "结算后下一工作日"],
	),
	declined: row(
		["Declined by the host: {code}, {meaning}.", "主机拒绝:{code} {meaning}。"],
		["the cardholder", "持卡人"],
		["Use another card, or ask the card's bank.", "请换卡或咨询发卡行。"],
		never,
	),
	"reversal-due": row(
		["In doubt: {reason}. It is being reversed.", "结果未知,冲正中。"],
		terminal,
		[
			"Next reversal in {pause} s. Do not swipe again before the answer.",
			"{pause} 秒后再次冲正,确认前请勿重复刷卡。",
		],
		never,
	),
	"reversal-no-link": row(
		["In doubt: {reason}. The reversal waits for the network.", "结果未知,冲正等待网络。"],
		terminal,
		[
			"Keep power on and restore the network; it is reversed by itself.",
			"请保持通电并恢复网络,将自动冲正。",
		],
		never,
	),
	reversed: row(
		["Cancelled: {reason}, and the host took it back.", "已冲正,交易取消。"],
		["the card's bank", "发卡行"],
		[
			"Nothing to do. A debit that the customer sees is released by the bank.",
			"无需处理,持卡人的扣款由发卡行退回。",
		],
		never,
	),
	"reversal-parked": row(
		["The host refused the reversal: {code}, {meaning}.", "冲正未成功:{code} {meaning}。"],
		["the acquirer and the merchant", "收单机构与商户"],
		[
			"Call the acquirer with terminal number, batch, STAN, time and amount.",
			"请致电收单机构,提供终端号、批次、流水号、时间、金额。",
		],
		["after the acquirer's adjustment", "收单机构调账后"],
	),
	abandoned: row(
		["Nothing ever left this terminal: no debit can exist.", "交易从未发出,不会扣款。"],
		["the merchant", "商户"],
		["Sell again if the customer still wants to pay.", "如仍需支付请重新交易。"],
		never,
	),
	stored: row(
		["Stored offline; it is being forwarded to the host.", "离线存储,正在上送。"],
		terminal,
		["Next forward in {pause} s. Keep power on.", "{pause} 秒后上送,请保持通电。"],
		["the working day after forwarding and settlement", "上送并结算后下一工作日"],
	),
	"stored-no-link": row(
		["Stored offline; it waits for the network.", "离线存储,等待网络。"],
		["the merchant", "商户"],
		[
			"Restore the network within the age limit; it is forwarded by itself.",
			"请在时限内恢复网络,将自动上送。",
		],
		["the working day after forwarding and settlement", "上送并结算后下一工作日"],
	),
	forwarded: row(
		["Stored offline, forwarded and posted by the host.", "离线交易已上送入账。"],
		["the merchant", "商户"],
		["Settle the batch at the end of the day.", "日终请做批结算。"],
		["the working day after the settlement", "结算后下一工作日"],
	),
	"forward-refused": row(
		["The host refused the stored sale: {code}, {meaning}.", "离线交易被拒:{code} {meaning}。"],
		["the merchant", "商户"],
		[
			"Ask the customer for {amount} again; the loss is the merchant's until then.",
			"请向持卡人追收 {amount}。",
		],
		never,
	),
	"forward-lost": row(
		["The encrypted card data of the stored sale was damaged.", "离线交易卡数据损坏。"],
		["the merchant and the technician", "商户与技术员"],
		[
			"Ask the customer for {amount} again; have the terminal checked.",
			"请向持卡人追收 {amount},并检查终端。",
		],
		never,
	),
	settled: row(
		["Settled with the acquirer.", "已结算。"],
		acquirer,
		["Wait for the payment to the merchant's account.", "等待划款到商户账户。"],
		["the working day after the settlement", "结算后下一工作日"],
	),
	"settled-long": row(
		[
			"The host has {host} of it and nothing stands here: long in the settlement.",
			"长款:主机有此交易 {host},本机无。",
		],
		["the acquirer and the merchant", "收单机构与商户"],
		[
			"Call the acquirer with terminal number, batch, STAN and time; it is given back or paid.",
			"请致电收单机构,提供终端号、批次、流水号、时间,核实后退回或入账。",
		],
		["after the acquirer's adjustment", "收单机构调账后"],
	),
	"settled-short": row(
		[
			"It stands here and the host does not have it: short in the settlement.",
			"短款:本机有此交易,主机无。",
		],
		["the acquirer and the merchant", "收单机构与商户"],
		["Send the acquirer the signed slip: it is the proof.", "请向收单机构提交签购单作为凭证。"],
		["after the acquirer's adjustment", "收单机构调账后"],
	),
	"settled-amount": row(
		[
			"Settled, but the host has {host} where it is {amount} here.",
			"已结算,主机金额 {host},本机金额 {amount}。",
		],
		["the acquirer and the merchant", "收单机构与商户"],
		["Send the acquirer the signed slip: it is the proof.", "请向收单机构提交签购单作为凭证。"],
		["the rest after the acquirer's adjustment", "差额待收单机构调账后"],
	),
	"settled-uncompared": row(
		[
			"Its batch is closed; the host did not know the batch, so nobody compared it.",
			"批次已结束,主机无此批次,未对账。",
		],
		["the merchant", "商户"],
		["Compare the report with the acquirer's statement.", "请将结算单与收单机构对账单核对。"],
		["the working day after the host closed the batch", "主机结束批次后下一工作日"],
	),
	"settled-late": row(
		[
			"Posted after its batch was closed: it was in no settlement.",
			"批次结束后入账,未计入任何结算。",
		],
		["the acquirer and the merchant", "收单机构与商户"],
		[
			"Ask the acquirer whether it is paid, with terminal number, batch and STAN.",
			"请致电收单机构核实,提供终端号、批次、流水号。",
		],
		["after the acquirer's answer", "收单机构答复后"],
	),
	"approved-part": row(
		["Approved in part: {amount} of {asked}.", "部分批准:{asked} 中的 {amount}。"],
		["the merchant", "商户"],
		[
			"Take the rest in another way, and settle the batch at the end of the day.",
			"请用其他方式收取余款,日终请做批结算。",
		],
		["the working day after the settlement", "结算后下一工作日"],
	),
	voided: row(
		["Approved, and cancelled again by a void.", "已批准,后已撤销。"],
		["the card's bank", "发卡行"],
		[
			"Nothing to do. The customer's bank takes the debit back.",
			"无需处理,持卡人的扣款由发卡行退回。",
		],
		never,
	),
	refunded: row(
		["Approved; {refunded} of it was refunded.", "已批准,其中 {refunded} 已退货。"],
		["the merchant", "商户"],
		["Settle the batch at the end of the day.", "日终请做批结算。"],
		["what is left of it: the working day after the settlement", "余额于结算后下一工作日"],
	),
	completed: row(
		["Reserved, and completed by a later transaction.", "预授权已完成。"],
		["the merchant", "商户"],
		["Look at the completion: that one carries the money.", "请查看预授权完成交易。"],
		["with the completion", "以预授权完成为准"],
	),
	void: row(
		["Transaction {original} was cancelled.", "交易 {original} 已撤销。"],
		["the card's bank", "发卡行"],
		["Nothing to do. The bank takes the debit back.", "无需处理,扣款由发卡行退回。"],
		never,
	),
	"void-refused": row(
		[
			"The host refused to cancel: {code}, {meaning}. Transaction {original} stands.",
			"撤销被拒:{code} {meaning},原交易 {original} 仍有效。",
		],
		["the merchant", "商户"],
		["Refund it, or call the acquirer.", "请做退货,或致电收单机构。"],
		["as the original", "以原交易为准"],
	),
	refund: row(
		["{amount} goes back to the card.", "{amount} 将退回持卡人。"],
		["the card's bank", "发卡行"],
		["Nothing to do. The customer has it in 1 to 7 working days.", "无需处理,1至7个工作日到账。"],
		["it is taken from the next payment", "从下次划款中扣除"],
	),
	reserved: row(
		["{amount} is reserved on the card; nothing is paid yet.", "已预授权 {amount},尚未扣款。"],
		["the merchant", "商户"],
		["Complete it, or void it: within the acquirer's days.", "请在期限内完成或撤销预授权。"],
		["after its completion", "预授权完成后"],
	),
	released: row(
		["The reservation of transaction {original} is released.", "交易 {original} 的预授权已撤销。"],
		["the card's bank", "发卡行"],
		["Nothing to do.", "无需处理。"],
		never,
	),
	asked: row(
		["The balance was shown. No money was moved.", "余额已显示,未发生资金变动。"],
		["nobody", "无"],
		["Nothing to do.", "无需处理。"],
		never,
	),
	lapsed: row(
		["The host did not answer the inquiry. No money was moved.", "查询无应答,未发生资金变动。"],
		["the merchant", "商户"],
		["Ask again if it is still wanted.", "如仍需要请重新查询。"],
		never,
	),
	told: row(
		["The host knows what the card did with its script.", "脚本执行结果已通知主机。"],
		["nobody", "无"],
		["Nothing to do.", "无需处理。"],
		never,
	),
	"told-refused": row(
		[
			"The host did not take the script result: {code}, {meaning}.",
			"脚本通知被拒:{code} {meaning}。",
		],
		acquirer,
		["Nothing to do at the till.", "商户无需处理。"],
		never,
	),
	"advice-due": row(
		["Recorded; the host is being told.", "已记录,正在上送。"],
		terminal,
		[
			"Next try in {pause} s. Keep power on; do not do it again.",
			"{pause} 秒后上送,请勿重复操作。",
		],
		["after the host's answer and the settlement", "上送并结算后"],
	),
	"advice-no-link": row(
		["Recorded; the host will be told when the network is back.", "已记录,等待网络上送。"],
		["the merchant", "商户"],
		["Restore the network; do not do it again.", "请恢复网络,请勿重复操作。"],
		["after the host's answer and the settlement", "上送并结算后"],
	),
	"advice-refused": row(
		["The host refused it: {code}, {meaning}.", "主机拒绝:{code} {meaning}。"],
		["the merchant", "商户"],
		[
			"Check the original and do it again, or call the acquirer.",
			"请核对原交易后重做,或致电收单机构。",
		],
		never,
	),
	"advice-lost": row(
		["The encrypted card data was damaged: the host cannot be told.", "卡数据损坏,无法上送。"],
		["the merchant and the technician", "商户与技术员"],
		["Do it again; have the terminal checked.", "请重做并检查终端。"],
		never,
	),
});
