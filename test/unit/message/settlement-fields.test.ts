import { asciiBytes, asciiText } from "core/bytes";
import {
	batchDetailsOf,
	batchEndOf,
	DifferenceKind,
	differencesOf,
	field48Of,
	readBatchDetails,
	readBatchEnd,
	readDifferences,
	readField48,
	readTip,
	tipOf,
} from "message/settlement-fields";
import { equal, ok, test, throwsFault } from "test/harness";

test("field 48 of a settlement holds the totals of domestic and of foreign cards", () => {
	const domestic = {
		debitMinor: 123456,
		debitCount: 12,
		creditMinor: 100,
		creditCount: 1,
		result: 1,
	};
	const none = { debitMinor: 0, debitCount: 0, creditMinor: 0, creditCount: 0, result: 0 };
	const digits = field48Of(domestic, none);
	equal(digits, `0000001234560120000000001000011${"0".repeat(31)}`);
	equal(readField48(digits), { domestic, foreign: none });
	equal(readField48(digits.slice(1)), undefined);
	equal(readField48(`x${digits.slice(1)}`), undefined);
	throwsFault("message.value", () => field48Of({ ...domestic, debitCount: 1000 }, none));
});

const detail = { type: 22, stan: 74, amountMinor: 12345, credit: false };
const refund = { type: 25, stan: 75, amountMinor: 45, credit: true };
const detailText = "22" + "000074" + "000000012345" + "0";

test("field 48 of a batch upload holds their number and 21 digits for each transaction", () => {
	equal(batchDetailsOf([detail]), `01${detailText}`);
	const two = batchDetailsOf([detail, refund]);
	equal(two, `02${detailText}250000750000000000451`);
	equal(readBatchDetails(two), [detail, refund]);
	equal(batchDetailsOf(new Array(8).fill(detail)).length, 170);
});

test("a batch upload has 1 to 8 transactions, and what does not add up is not read", () => {
	throwsFault("message.value", () => batchDetailsOf([]));
	throwsFault("message.value", () => batchDetailsOf(new Array(9).fill(detail)));
	throwsFault("message.value", () => batchDetailsOf([{ ...detail, stan: 1_000_000 }]));
	ok(readBatchDetails(`01${detailText}`) !== undefined);
	for (const text of ["", "00", `02${detailText}`, `01${detailText}0`, `01${detailText.slice(1)}`])
		equal(readBatchDetails(text), undefined);
	equal(readBatchDetails(`01${detailText.slice(0, -1)}2`), undefined);
	equal(readBatchDetails(`01${detailText.slice(1)}x`), undefined);
});

test("field 62 of the last answer holds the host's differences", () => {
	const long = { kind: DifferenceKind.Long, stan: 74, amountMinor: 12345, credit: false };
	const amount = { kind: DifferenceKind.Amount, stan: 75, amountMinor: 45, credit: true };
	const block = differencesOf([long, amount]);
	equal(asciiText(block), "L0000740000000123450" + "A0000750000000000451");
	equal(readDifferences(block), [long, amount]);
	equal(readDifferences(new Uint8Array(0)), []);
	for (const text of ["L000074000000012345", "X0000740000000123450", "L0000740000000123452"])
		equal(readDifferences(asciiBytes(text)), undefined);
	equal(readDifferences(new Uint8Array(420).fill(0x30)), undefined);
	throwsFault("message.value", () => differencesOf(new Array(21).fill(long)));
	throwsFault("message.value", () => differencesOf([{ ...long, amountMinor: 1e12 }]));
});

test("the end of a batch upload says how many transactions it had, and a tip stands alone", () => {
	equal(batchEndOf(12), "0012");
	equal(readBatchEnd("0012"), 12);
	equal(readBatchEnd("012"), undefined);
	throwsFault("message.value", () => batchEndOf(10_000));
	equal(tipOf(150), "000000000150");
	equal(readTip("000000000150"), 150);
	equal(readTip("00000000015x"), undefined);
	throwsFault("message.value", () => tipOf(-1));
});
