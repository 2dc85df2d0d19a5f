import { menuPages } from "terminal/menu";
import { settlementText, verdictText, waitText } from "terminal/settlement-texts";
import { kindText, refusalCode, refusalText, text } from "terminal/texts";
import { equal, ok, test } from "test/harness";

function columns(line: string): number {
	let width = 0;
	for (const char of line) width += char.codePointAt(0)! > 0x7f ? 2 : 1;
	return width;
}

test("every display text fits the 20 columns of the panel", () => {
	for (const line of [
		...Object.values(text),
		...Object.values(refusalText),
		...Object.values(kindText),
		...menuPages.flat(),
		...Object.values(settlementText),
		...Object.values(waitText),
		...Object.values(verdictText),
	])
		ok(columns(line) <= 20, `${line}: ${columns(line)} columns`);
});

test("each refusal has a code of its own for the log", () => {
	const codes = Object.values(refusalCode);
	equal(new Set(codes).size, codes.length);
	equal(Object.keys(refusalCode), Object.keys(refusalText));
});
