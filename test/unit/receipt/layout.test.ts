import { fromHex } from "core/bytes";
import { EntryMode } from "core/card";
import { columnsOf } from "core/gbk";
import { slipOf } from "receipt/layout";
import { State, stateFrom } from "transaction/states";
import { equal, ok, test } from "test/harness";
import { chip, config, render, swipe } from "./sample";

const merchant = { copy: "merchant", reprint: false } as const;
const cardholder = { copy: "cardholder", reprint: false } as const;
const unanswered = { authCode: "", rrn: "", responseCode: "" };

test("the merchant's copy of an approved swipe", () => {
	equal(render(slipOf(swipe, config, merchant)), [
		"# 银联POS签购单",
		"             POS SLIP",
		"      商户存根/MERCHANT COPY",
		" --------------------------------",
		" 商户名称/MERCHANT       鑫源饭店",
		" 商户编号/MID     898110000000001",
		" 终端编号/TID            12345678",
		" --------------------------------",
		" 卡号/CARD     621483******0001 S",
		" 交易类型/TYPE          消费/SALE",
		" 批次号/BATCH              000042",
		" 凭证号/TRACE              000123",
		" 授权码/AUTH               A1B2C3",
		" 参考号/REF          632609300123",
		" 日期/DATE    2026-11-22 09:30:05",
		"*金额/AMOUNT",
		"#       RMB 12.34",
		" 持卡人签名/SIGNATURE",
		" ",
		" ",
		" ________________________________",
		" 本人确认以上交易,同意将其记入本",
		" 卡帐户",
		" I ACKNOWLEDGE SATISFACTORY",
		" RECEIPT OF RELATIVE",
		" GOODS/SERVICES",
	]);
});

test("the cardholder's copy of a chip sale, printed again", () => {
	equal(render(slipOf(chip, config, { copy: "cardholder", reprint: true })), [
		"# 银联POS签购单",
		"             POS SLIP",
		"    持卡人存根/CARDHOLDER COPY",
		"*      重打印凭证/DUPLICATE",
		" --------------------------------",
		" 商户名称/MERCHANT       鑫源饭店",
		" 商户编号/MID     898110000000001",
		" 终端编号/TID            12345678",
		" --------------------------------",
		" 卡号/CARD     621483******0001 I",
		" 交易类型/TYPE          消费/SALE",
		" 批次号/BATCH              000042",
		" 凭证号/TRACE              000123",
		" 授权码/AUTH               A1B2C3",
		" 参考号/REF          632609300123",
		" 日期/DATE    2026-11-22 09:30:05",
		"*金额/AMOUNT",
		"#       RMB 12.34",
		" ARQC            1122334455667788",
		" AID             A000000333010101",
		" TVR                   0080046000",
	]);
});

test("a sale in doubt is no voucher, says so twice and asks for no signature", () => {
	const doubt = { ...swipe, ...unanswered, state: State.ReversalDue };
	equal(render(slipOf(doubt, config, merchant)), [
		"#   交易报告单",
		"        TRANSACTION REPORT",
		"      商户存根/MERCHANT COPY",
		"*  交易结果未知/RESULT UNKNOWN",
		"*     非凭证联/NOT A VOUCHER",
		"      如已扣款将自动冲正退回",
		"    ANY DEBIT WILL BE REVERSED",
		" --------------------------------",
		" 商户名称/MERCHANT       鑫源饭店",
		" 商户编号/MID     898110000000001",
		" 终端编号/TID            12345678",
		" --------------------------------",
		" 卡号/CARD     621483******0001 S",
		" 交易类型/TYPE          消费/SALE",
		" 批次号/BATCH              000042",
		" 凭证号/TRACE              000123",
		" 日期/DATE    2026-11-22 09:30:05",
		"*金额/AMOUNT",
		"#       RMB 12.34",
		"*  交易结果未知/RESULT UNKNOWN",
		"*     非凭证联/NOT A VOUCHER",
	]);
});

test("a stored sale says that it is still to be sent", () => {
	const stored = { ...swipe, ...unanswered, state: State.StoredOffline };
	const lines = render(slipOf(stored, config, cardholder));
	equal(lines.slice(2, 5), [
		"    持卡人存根/CARDHOLDER COPY",
		"* 离线交易 待上送/STORED OFFLINE",
		" --------------------------------",
	]);
	equal(lines.length, 16);
});

test("only approved and stored sales are vouchers", () => {
	const vouchers: State[] = [];
	for (let value = State.Opened; value <= State.Settled; value++) {
		const state = stateFrom(value)!;
		const text = render(slipOf({ ...swipe, state }, config, merchant)).join("\n");
		const voucher = text.includes("银联POS签购单") && text.includes("SIGNATURE");
		ok(voucher !== text.includes("NOT A VOUCHER"), `state ${state} is both or neither`);
		if (voucher) vouchers.push(state);
	}
	equal(vouchers, [State.Approved, State.StoredOffline, State.Forwarded, State.Settled]);
});

test("a declined sale shows the response code", () => {
	const declined = { ...swipe, ...unanswered, state: State.Declined, responseCode: "51" };
	const lines = render(slipOf(declined, config, merchant));
	ok(lines.includes(" 应答码/RESPONSE               51"), lines.join("\n"));
});

test("the entry letter tells swipe, chip and tap", () => {
	const letters = [EntryMode.Swipe, EntryMode.Chip, EntryMode.Tap].map((entryMode) => {
		const lines = render(slipOf({ ...swipe, entryMode }, config, cardholder));
		return lines.find((line) => line.includes("CARD "))?.slice(-1);
	});
	equal(letters, ["S", "I", "C"]);
});

test("a cryptogram of type TC is called so", () => {
	const approvedOffline = { ...chip, chipData: fromHex("9f260811223344556677889f270140")! };
	const lines = render(slipOf(approvedOffline, config, cardholder));
	equal(lines.slice(-1), [" TC              1122334455667788"]);
});

test("chip data that cannot be read leaves its lines out", () => {
	const broken = { ...chip, chipData: fromHex("9f26ff1122")! };
	equal(
		render(slipOf(broken, config, cardholder)).length,
		render(slipOf(swipe, config, cardholder)).length,
	);
});

test("a time that was unknown is a dash", () => {
	const lines = render(slipOf({ ...swipe, openedMs: 0 }, config, cardholder));
	ok(lines.includes(" 日期/DATE                      -"), lines.join("\n"));
});

test("an unmasked number is masked here", () => {
	const clear = { ...swipe, maskedPan: "6214831111110001" };
	const lines = render(slipOf(clear, config, cardholder));
	ok(lines.includes(" 卡号/CARD     621483******0001 S"), lines.join("\n"));
});

test("one language alone leaves the other out", () => {
	const english = render(slipOf(chip, config, { ...merchant, language: "en" })).join("");
	equal(columnsOf(english), english.length + 4, "only the name is Chinese");
	const chinese = render(slipOf(swipe, config, { ...merchant, language: "zh" }));
	equal(chinese[0], "# 银联POS签购单");
	equal(chinese[7], " 卡号          621483******0001 S");
});

test("no line is wider than the paper, whatever the state and the language", () => {
	const wide = {
		...chip,
		amountMinor: 999_999_999_999,
		maskedPan: "621483*********0001",
		chipData: fromHex("9f2608112233445566778884" + "10" + "a0".repeat(16))!,
	};
	const longName = {
		...config,
		merchantName: "鑫源饭店(Beijing Road branch)有限责任公司第一分公司",
	};
	for (let value = State.Opened; value <= State.Settled; value++)
		for (const language of ["both", "zh", "en"] as const)
			for (const copy of ["merchant", "cardholder"] as const) {
				const sale = { ...wide, state: stateFrom(value)! };
				for (const line of slipOf(sale, longName, { copy, reprint: true, language })) {
					const columns = columnsOf(line.text) * (line.large === true ? 2 : 1);
					ok(columns <= 32, `${columns}: ${line.text}`);
				}
			}
});
