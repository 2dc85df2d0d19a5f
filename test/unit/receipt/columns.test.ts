import { pair, wrap } from "receipt/columns";
import { equal, test } from "test/harness";

test("label and value share a line when a space fits between them", () => {
	equal(pair("卡号", "1"), [`卡号${" ".repeat(27)}1`]);
	equal(pair("a".repeat(16), "b".repeat(15)), [`${"a".repeat(16)} ${"b".repeat(15)}`]);
});

test("a value that does not fit goes to the right of the next line", () => {
	equal(pair("a".repeat(16), "b".repeat(16)), ["a".repeat(16), " ".repeat(16) + "b".repeat(16)]);
});

test("a value wider than the paper wraps", () => {
	equal(pair("商户", "银".repeat(20)), ["商户", "银".repeat(16), "银".repeat(4)]);
});

test("words stay whole and hanzi break anywhere", () => {
	equal(wrap("one two three four five six seven eight"), [
		"one two three four five six",
		"seven eight",
	]);
	equal(wrap(`x${"银".repeat(17)}`), [`x${"银".repeat(15)}`, "银银"]);
	equal(wrap("a".repeat(40)), ["a".repeat(32), "a".repeat(8)]);
	equal(wrap(`${"a".repeat(32)} b`), ["a".repeat(32), "b"]);
	equal(wrap(""), [""]);
});
