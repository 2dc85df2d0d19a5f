import { formatAmount, parseAmount } from "core/money";
import { equal, test, throwsFault } from "test/harness";

test("an amount is read as a person types it", () => {
	equal(parseAmount("12", 2, 5000), 1200);
	equal(parseAmount("12.3", 2, 5000), 1230);
	equal(parseAmount("0.01", 2, 5000), 1);
	equal(parseAmount("500", 0, 5000), 500);
});

test("zero, too much and what is not a number are told apart", () => {
	throwsFault("amount.range", () => parseAmount("0", 2, 5000));
	throwsFault("amount.range", () => parseAmount("0.00", 2, 5000));
	throwsFault("amount.range", () => parseAmount("50.01", 2, 5000));
	throwsFault("amount.range", () => parseAmount("9".repeat(40), 2, 5000));
	for (const text of ["", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "1.234", "1.2.3", "a", " 1"])
		throwsFault("amount.syntax", () => parseAmount(text, 2, 5000));
});

test("an amount is shown with its decimals", () => {
	equal(formatAmount(1, 2), "0.01");
	equal(formatAmount(123_456, 2), "1234.56");
	equal(formatAmount(-5, 2), "-0.05");
	equal(formatAmount(7, 0), "7");
});
