import { columnsOf } from "core/gbk";
import { findDifferences } from "settlement/differences";
import { settlementReport, type ReportContent } from "settlement/report";
import { Verdict } from "settlement/steps";
import { equal, ok, test } from "test/harness";
import { Kind } from "transaction/kinds";
import { State } from "transaction/states";
import { startMs, World } from "./world";

const config = {
	merchantName: "HOLDFAST SHOP",
	merchantId: "104100000000001",
	terminalId: "TERM0001",
	currencyDigits: 2,
	utcOffsetMinutes: 480,
};

const totals = { debitMinor: 150_000, debitCount: 3, creditMinor: 2500, creditCount: 1 };
const content: ReportContent = {
	result: {
		batch: 12,
		verdict: Verdict.Balanced,
		closedMs: startMs,
		ours: totals,
		host: totals,
		kinds: [
			{ kind: Kind.Sale, count: 2, amountMinor: 100_000 },
			{ kind: Kind.Refund, count: 1, amountMinor: 2500 },
			{ kind: Kind.CompletionAdvice, count: 1, amountMinor: 50_000 },
		],
	},
	differences: [],
	open: [],
	reprint: false,
};

function texts(of: Partial<ReportContent> = {}): string[] {
	return settlementReport({ ...content, ...of }, config).map(({ text }) => text);
}

test("the report of a batch that balances", () => {
	equal(texts(), [
		"批结算单",
		"SETTLEMENT REPORT",
		"--------------------------------",
		"商户名称/MERCHANT  HOLDFAST SHOP",
		"商户编号/MID     104100000000001",
		"终端编号/TID            TERM0001",
		"批次号/BATCH              000012",
		"日期/DATE    2026-11-22 10:30:00",
		"--------------------------------",
		"本机合计/TERMINAL TOTALS",
		"消费/SALE      2         1000.00",
		"退货/REFUND    1           25.00",
		"预授权完成通知/COMPLETE ADVICE",
		"               1          500.00",
		"借记/DEBIT     3         1500.00",
		"贷记/CREDIT    1           25.00",
		"净额/NET                 1475.00",
		"主机合计/HOST TOTALS",
		"借记/DEBIT     3         1500.00",
		"贷记/CREDIT    1           25.00",
		"净额/NET                 1475.00",
		"对账平/BALANCED",
	]);
});

test("differences are listed with both amounts, and what is not settled", () => {
	const world = new World();
	const short = world.add({ amountMinor: 300 });
	const other = world.add({ amountMinor: 400, kind: Kind.Refund });
	const parked = world.add({ amountMinor: 700, state: State.ReversalParked, responseCode: "12" });
	const found = (kind: "L" | "S" | "A", stan: number, amountMinor: number, credit = false) => ({
		batch: 12,
		kind,
		stan,
		amountMinor,
		credit,
	});
	const differences = findDifferences(
		[
			found("L", 77, 900),
			found("S", short.stan, 300),
			found("A", other.stan, 500, true),
			found("L", parked.stan, 700),
		],
		world.run.view,
	);
	equal(
		differences.map(({ number, oursMinor, hostMinor }) => [number, oursMinor, hostMinor]),
		[
			[0, 0, 900],
			[short.number, 300, 0],
			[other.number, -400, -500],
			[parked.number, 0, 700],
		],
	);
	const result = { ...content.result, verdict: Verdict.Unbalanced };
	const lines = texts({ result, differences: differences.slice(0, 3), open: [parked] });
	equal(lines.slice(lines.indexOf("对账不平/NOT BALANCED")), [
		"对账不平/NOT BALANCED",
		"--------------------------------",
		"差异明细/DIFFERENCES",
		"000077            长款/HOST ONLY",
		" 本机/TERMINAL              0.00",
		" 主机/HOST                  9.00",
		"000101        短款/TERMINAL ONLY",
		" 本机/TERMINAL              3.00",
		" 主机/HOST                  0.00",
		"000102   金额不符/AMOUNT DIFFERS",
		" 本机/TERMINAL             -4.00",
		" 主机/HOST                 -5.00",
		"--------------------------------",
		"未结算交易/NOT SETTLED",
		"000103                      7.00",
		" 冲正未成功/REVERSAL REFUSED 12",
		"请联系收单机构",
		"CONTACT YOUR ACQUIRER",
	]);
});

test("a batch that the host does not know shows no totals of the host", () => {
	const lines = texts({ result: { ...content.result, verdict: Verdict.Unknown } });
	ok(!lines.includes("主机合计/HOST TOTALS"));
	ok(lines.includes("主机无此批次 未对账") && lines.includes("HOST DOES NOT KNOW BATCH"));
});

test("a reprint says so, and no line is wider than the paper", () => {
	const huge = {
		debitMinor: 999_999_999_999,
		debitCount: 999,
		creditMinor: 999_999_999_999,
		creditCount: 999,
	};
	const kinds = Object.values(Kind).map((kind) => ({
		kind,
		count: 999,
		amountMinor: 999_999_999_999,
	}));
	const result = { ...content.result, ours: huge, host: huge, kinds, verdict: Verdict.Unknown };
	const lines = texts({ result, reprint: true });
	equal(lines[2], "重打印凭证/DUPLICATE");
	for (const line of lines) ok(columnsOf(line) <= 32, line);
});
