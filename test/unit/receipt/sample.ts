import { fromHex } from "core/bytes";
import { EntryMode } from "core/card";
import type { PrintLine } from "core/devices";
import { columnsOf } from "core/gbk";
import type { TerminalConfig } from "core/platform";
import { State } from "transaction/states";
import { Kind } from "transaction/kinds";
import { ReceiptState, type Transaction } from "transaction/transaction";

export const config: TerminalConfig = {
	terminalId: "12345678",
	merchantId: "898110000000001",
	merchantName: "鑫源饭店",
	currency: 156,
	currencyDigits: 2,
	utcOffsetMinutes: 480,
	mqttHost: "",
	mqttPort: 1883,
	mqttUser: "",
	mqttPassword: "",
	apn: "",
};

export const swipe: Transaction = {
	number: 7,
	kind: Kind.Sale,
	stan: 123,
	batch: 42,
	amountMinor: 1234,
	currency: 156,
	entryMode: EntryMode.Swipe,
	maskedPan: "621483******0001",
	panSequence: -1,
	chipData: new Uint8Array(0),
	// 2026-11-22 09:30:05 in UTC+8
	openedMs: 1_795_311_005_000,
	partialAllowed: false,
	original: undefined,
	state: State.Approved,
	reason: 0,
	responseCode: "00",
	rrn: "632609300123",
	authCode: "A1B2C3",
	approvedMinor: 0,
	attemptCount: 0,
	receiptState: ReceiptState.Due,
	reprintCount: 0,
};

export const chip: Transaction = {
	...swipe,
	entryMode: EntryMode.Chip,
	chipData: fromHex(
		"9f260811223344556677889f2701809f10070701039000000295050080046000" + "8408a000000333010101",
	)!,
};

/** A slip as it looks on paper: "*" bold, "#" bold and large, columns counted in GBK. */
export function render(lines: readonly PrintLine[]): string[] {
	return lines.map(({ text, align, bold, large }) => {
		const columns = large === true ? 16 : 32;
		const space = Math.max(columns - columnsOf(text), 0);
		const before = align === "right" ? space : align === "center" ? Math.floor(space / 2) : 0;
		const mark = large === true ? "#" : bold === true ? "*" : " ";
		return mark + " ".repeat(before) + text;
	});
}
