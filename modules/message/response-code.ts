/** What an answer means for the terminal. The numbers are append only. */
export const ResponseClass = Object.freeze({
	Approved: 1,
	/** Refused for good: no retry, tell the reason. */
	Declined: 2,
	/** Refused for now: nothing was posted, a new transaction may go through later. */
	Retry: 3,
	/**
	 * Refused, but a copy of the request may be under way, or somebody further on may have posted: a debit is reversed, never
	 * taken as approved.
	 */
	InDoubt: 4,
	/** Refused, and the merchant is asked to keep the card. */
	PickUp: 5,
	/** The terminal has to sign on (new keys, batch) before anything else works. */
	SignOn: 6,
} as const);
export type ResponseClass = (typeof ResponseClass)[keyof typeof ResponseClass];

/** One value of field 39. */
export interface Response {
	/** Two characters as they came. */
	readonly code: string;
	readonly class: ResponseClass;
	/** A reversal or stored sale that is answered so is sent again later, unchanged. */
	readonly sendAgain: boolean;
	readonly en: string;
	readonly zh: string;
}

const { Approved, Declined, Retry, InDoubt, PickUp, SignOn } = ResponseClass;

function row(code: string, responseClass: ResponseClass, en: string, zh: string): Response {
	return Object.freeze({ code, class: responseClass, sendAgain: false, en, zh });
}

/** As `row`, and what may be repeated is sent again later (docs/host-protocol.md). */
function again(code: string, responseClass: ResponseClass, en: string, zh: string): Response {
	return Object.freeze({ code, class: responseClass, sendAgain: true, en, zh });
}

/** Field 39 of the UnionPay terminal dialect. */
export const responses: readonly Response[] = Object.freeze([
	row("00", Approved, "Approved", "交易成功"),
	row("01", Declined, "Refer to card issuer", "请联系发卡行"),
	row("02", Declined, "Refer to card issuer, special condition", "请联系发卡行（特殊情况）"),
	row("03", Declined, "Invalid merchant", "无效商户"),
	row("04", PickUp, "Pick up card", "没收卡"),
	row("05", Declined, "Do not honour", "交易被拒绝"),
	row("06", Declined, "Error", "交易出错"),
	row("07", PickUp, "Pick up card, special condition", "特殊条件下没收卡"),
	again("09", InDoubt, "Request in progress", "交易处理中"),
	row("10", Approved, "Approved for partial amount", "部分金额批准"),
	row("11", Approved, "Approved (VIP)", "交易成功（VIP）"),
	row("12", Declined, "Invalid transaction", "无效交易"),
	row("13", Declined, "Invalid amount", "无效金额"),
	row("14", Declined, "Invalid card number", "无效卡号"),
	row("15", Declined, "No such issuer", "此卡无对应发卡方"),
	row("19", Retry, "Re-enter transaction", "请重做交易"),
	row("21", Declined, "Card not initialised", "该卡未初始化"),
	again("22", InDoubt, "Suspected malfunction", "操作有误或故障怀疑"),
	row("25", Declined, "Original transaction not found", "找不到原始交易"),
	row("30", Declined, "Format error", "报文格式错误"),
	row("31", Declined, "Issuer not supported", "此卡不能受理"),
	row("33", PickUp, "Expired card, pick up", "过期卡，请没收"),
	row("34", PickUp, "Suspected fraud, pick up", "有作弊嫌疑，请没收"),
	row("35", PickUp, "Contact acquirer, pick up", "请联系收单行，没收卡"),
	row("36", PickUp, "Restricted card, pick up", "受限制的卡，请没收"),
	row("37", PickUp, "Call acquirer security, pick up", "请联系收单行安全部门，没收卡"),
	row("38", PickUp, "PIN tries exceeded, pick up", "密码错误次数超限，请没收"),
	row("40", Declined, "Function not supported", "不支持的交易"),
	row("41", PickUp, "Lost card, pick up", "挂失卡，请没收"),
	row("42", Declined, "No universal account", "无此账户"),
	row("43", PickUp, "Stolen card, pick up", "被窃卡，请没收"),
	row("45", Declined, "Fallback not allowed", "不允许降级交易，请使用芯片"),
	row("51", Declined, "Insufficient funds", "可用余额不足"),
	row("54", Declined, "Expired card", "该卡已过期"),
	row("55", Declined, "Incorrect PIN", "密码错"),
	row("57", Declined, "Not permitted to cardholder", "不允许此卡交易"),
	row("58", Declined, "Not permitted to terminal", "终端不允许此交易"),
	row("59", Declined, "Card verification failed", "卡片校验错"),
	row("61", Declined, "Amount limit exceeded", "交易金额超限"),
	row("62", Declined, "Restricted card", "受限制的卡"),
	row("63", Declined, "Security violation", "违反安全规定"),
	row("64", Declined, "Amount differs from original", "交易金额与原交易不匹配"),
	row("65", Declined, "Count limit exceeded", "超出交易次数限制"),
	row("67", PickUp, "Hard capture, pick up", "没收卡"),
	again("68", InDoubt, "Response received too late", "交易超时"),
	row("75", Declined, "PIN tries exceeded", "密码错误次数超限"),
	row("77", SignOn, "Batch mismatch, sign on", "批次不一致，请重新签到"),
	again("90", Retry, "Cut-off in progress", "系统日切，请稍后重试"),
	again("91", Retry, "Issuer not available", "发卡方状态不正常"),
	again("92", Retry, "No route to issuer", "发卡方线路异常"),
	row("94", InDoubt, "Duplicate transaction", "重复交易"),
	row("95", Declined, "Settlement not balanced", "对账不平"),
	again("96", InDoubt, "System error", "系统异常"),
	row("97", Declined, "Terminal unknown, call acquirer", "终端未登记，请联系收单行"),
	again("98", InDoubt, "No answer from issuer", "发卡方超时"),
	row("99", SignOn, "PIN block error, sign on", "PIN格式错，请重新签到"),
	row("A0", SignOn, "MAC error, sign on", "MAC校验错，请重新签到"),
	row("A1", Declined, "Currency mismatch", "转账货币不一致"),
	row("A2", Approved, "Approved, confirm with issuer", "交易成功，请向发卡行确认"),
	row("A3", Declined, "Invalid account", "账户不正确"),
	row("A4", Approved, "Approved, confirm with issuer", "交易成功，请向发卡行确认"),
	row("A5", Approved, "Approved, confirm with issuer", "交易成功，请向发卡行确认"),
	row("A6", Approved, "Approved, confirm with issuer", "交易成功，请向发卡行确认"),
	row("A7", Declined, "Security processing failed", "安全处理失败"),
]);

/** Meaning of field 39. An unknown code is a decline that keeps its code. @param code as it came */
export function responseOf(code: string): Response {
	return (
		responses.find((response) => response.code === code) ??
		row(code, Declined, "Transaction failed", "交易失败")
	);
}
