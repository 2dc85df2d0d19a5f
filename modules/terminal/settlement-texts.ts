import type { SettlementWait } from "settlement/settlement-options";
import { Verdict } from "settlement/steps";

/** Display texts, at most 20 columns a line (a hanzi takes two). */
export const settlementText = Object.freeze({
	settling: "结算中 SETTLING",
	again: "再选=取消 STOP",
	cancelled: "结算已取消 CANCELLED",
	closed: "结算完成 SETTLED",
	refused: "主机拒绝 REFUSED",
	noKeys: "未签到 NO SIGN-ON",
	reading: "读取中 READING",
	noFlash: "存储故障 STORE FAULT",
	noReport: "无结算单 NO REPORT",
	printing: "打印中 PRINTING",
	noPaper: "打印机未就绪 PAPER",
	resumed: "上次批结算中断",
	resumes: "将继续 RESUMED",
} as const);

export const waitText: Readonly<Record<SettlementWait, string>> = Object.freeze({
	reading: "读取中 READING",
	open: "待处理 OPEN",
	sale: "交易中 SALE",
	network: "等待网络 NETWORK",
	host: "等待主机 HOST",
	pause: "稍后重试 LATER",
});

export const verdictText: Readonly<Record<Verdict, string>> = Object.freeze({
	[Verdict.None]: "未对账",
	[Verdict.Balanced]: "对账平 BALANCED",
	[Verdict.Unbalanced]: "对账不平 UNBALANCED",
	[Verdict.Unknown]: "主机无此批次 UNKNOWN",
});
