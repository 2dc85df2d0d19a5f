import type { OfflineRefusal } from "terminal/offline-policy";

/** Display texts, at most 20 columns a line (a hanzi takes two). */
export const text = Object.freeze({
	ready: "请输入金额 AMOUNT",
	amount: "金额 AMOUNT",
	presentOnline: "请刷插挥卡 CARD",
	presentOffline: "离线: 请插卡挥卡",
	connecting: "连接中 CONNECTING",
	waiting: "请稍候 PLEASE WAIT",
	approved: "已批准 APPROVED",
	declined: "已拒绝 DECLINED",
	doubt: "结果未知 UNKNOWN",
	doubtHint: "冲正中 请勿重复刷卡",
	stored: "离线已存 STORED",
	abandoned: "未发送 NOT SENT",
	cancelled: "已取消 CANCELLED",
	timeout: "超时 NO CARD",
	badRead: "读卡失败 TRY AGAIN",
	noReader: "读卡器故障 READER",
	clearData: "未加密 REFUSED",
	amountBad: "金额无效 BAD AMOUNT",
	amountHigh: "超过限额 OVER LIMIT",
	full: "存储已满 STORE FULL",
	noNetwork: "无网络 NO NETWORK",
	offline: "离线 OFFLINE",
	online: "在线 ONLINE",
	due: "待处理 OPEN",
	paper: "缺纸 PAPER OUT",
} as const);

/** Names the limit that refuses an offline sale. */
export const refusalText: Readonly<Record<OfflineRefusal, string>> = Object.freeze({
	keys: "未签到 NO SIGN-ON",
	clock: "时钟未知 NO CLOCK",
	journal: "存储已满 STORE FULL",
	vault: "存储已满 VAULT FULL",
	amount: "离线单笔限额 LIMIT",
	total: "离线总额限额 TOTAL",
	count: "离线笔数 COUNT",
	age: "离线超时 AGE LIMIT",
	swipe: "不可刷卡 NO SWIPE",
	pin: "不可密码 NO PIN",
});

/** The same for the log: append only. */
export const refusalCode: Readonly<Record<OfflineRefusal, number>> = Object.freeze({
	keys: 1,
	clock: 2,
	journal: 3,
	vault: 4,
	amount: 5,
	total: 6,
	count: 7,
	age: 8,
	swipe: 9,
	pin: 10,
});
